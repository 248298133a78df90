import {
  bootstrap,
  type Content,
  type Request,
  type Result,
} from "../../../functions/bootstrap-elasticsearch/bootstrap";
import {
  type Answer,
  type Domain,
  HttpDomain,
  Refusal,
  signer,
  Unavailable,
} from "../../../functions/bootstrap-elasticsearch/domain";
import { TestDomain } from "../support/domain";

const template = { index_patterns: ["logs-*"], mappings: { properties: { level: { type: "keyword" } } } };
const pattern = { type: "index-pattern", id: "p", attributes: { title: "logs-*" }, references: [] };
const search = {
  type: "search",
  id: "s",
  attributes: { title: "all" },
  references: [{ name: "index", type: "index-pattern", id: "p" }],
};
const content: Content = {
  name: "logs",
  template,
  savedObjects: [pattern, search, { exportedCount: 2 }].map((line) => `${JSON.stringify(line)}\n`).join(""),
};
const request: Request = {
  dataNodes: 3,
  volumeGiB: 50,
  retentionDays: 7,
  snapshots: { bucket: "b", region: "us-east-1", roleArn: "arn:aws:iam::111111111111:role/r" },
};
const unchanged: Result = {
  template: "unchanged",
  policy: "unchanged",
  repository: "unchanged",
  indices: [],
  savedObjects: [],
};
const patience = { seconds: 0.3, intervalSeconds: 0.01 };

/** The domain, with what is sent to it, and answers that come before its own. */
class Watched implements Domain {
  readonly writes: string[] = [];
  constructor(
    private readonly domain: Domain,
    private readonly before: (method: string, path: string) => Answer | Error | undefined = () => undefined,
  ) {}

  async send(
    method: string,
    path: string,
    ...rest: [body?: object, headers?: Record<string, string>]
  ): Promise<Answer> {
    const answer = this.before(method, path);
    if (answer instanceof Error) {
      throw answer;
    }
    if (method !== "GET" && !path.endsWith("/_bulk_get")) {
      this.writes.push(`${method} ${path.split("?")[0]}`);
    }
    return answer ?? this.domain.send(method, path, ...rest);
  }
}

let server: TestDomain;
const run = (part: Partial<Request> = {}, other: Partial<Content> = {}, domain: Domain = server.domain) =>
  bootstrap({ ...request, ...part }, { ...content, ...other }, domain, patience);
const get = async (path: string) => (await server.domain.send("GET", path)).body;

beforeAll(async () => {
  // The stand-in, whatever ELASTICSEARCH_URL says: these tests write under the platform's names.
  server = await TestDomain.start("");
}, 180_000);

afterAll(() => server.stop());

test("a new domain gets all of it, then nothing is written", async () => {
  await server.domain.send("PUT", "/logs-2026.11.24");
  const first = new Watched(server.domain);
  expect(await run({}, {}, first)).toEqual({
    template: "created",
    policy: "created",
    repository: "created",
    indices: ["logs-2026.11.24"],
    savedObjects: ["index-pattern/p", "search/s"],
  });
  expect(first.writes).toEqual([
    "PUT /_template/logs",
    "PUT /_opendistro/_ism/policies/logs",
    "POST /_opendistro/_ism/add/logs-2026.11.24",
    "PUT /_snapshot/logs",
    "POST /_plugin/kibana/api/saved_objects/_import",
  ]);
  const second = new Watched(server.domain);
  expect(await run({}, {}, second)).toEqual(unchanged);
  expect(second.writes).toEqual([]);
});

test("an index that comes later has shards, compression, slow logs and the policy", async () => {
  await server.domain.send("PUT", "/logs-2026.11.25");
  expect(await get("/logs-2026.11.25/_settings")).toMatchObject({
    "logs-2026.11.25": {
      settings: {
        index: {
          number_of_shards: "1",
          number_of_replicas: "1",
          codec: "best_compression",
          search: { slowlog: { threshold: { query: { warn: "5s", info: "2s" } } } },
          indexing: { slowlog: { threshold: { index: { warn: "5s", info: "2s" } } } },
        },
      },
    },
  });
  expect(await get("/_opendistro/_ism/explain/logs-2026.11.25")).toMatchObject({
    "logs-2026.11.25": { policy_id: "logs" },
  });
});

test("another retention changes the policy, and the indices that have it take its new version", async () => {
  expect(await run({ retentionDays: 14 })).toEqual({
    ...unchanged,
    policy: "updated",
    indices: ["logs-2026.11.24", "logs-2026.11.25"],
  });
  expect(await get("/_opendistro/_ism/policies/logs")).toMatchObject({
    policy: {
      states: [
        { transitions: [{ conditions: { min_index_age: "2d" } }] },
        {
          // Writes are let in again: an event that is blocked would stop Logstash.
          actions: [{ force_merge: { max_num_segments: 1 } }, { read_write: {} }],
          transitions: [{ conditions: { min_index_age: "14d" } }],
        },
        { actions: [{ delete: {} }] },
      ],
      ism_template: [{ index_patterns: ["logs-*"] }],
    },
  });
  expect(await run({ retentionDays: 14 })).toEqual(unchanged);
});

test("what was changed by hand is set right, and nothing else is written", async () => {
  await server.domain.send("PUT", "/_template/logs", { ...template, order: 7 });
  await server.domain.send("PUT", "/_snapshot/logs", {
    type: "s3",
    settings: { bucket: "another", region: "us-east-1", role_arn: "arn:aws:iam::111111111111:role/r" },
  });
  const watched = new Watched(server.domain);
  expect(await run({ retentionDays: 14 }, {}, watched)).toEqual({
    ...unchanged,
    template: "updated",
    repository: "updated",
  });
  expect(watched.writes).toEqual(["PUT /_template/logs", "PUT /_snapshot/logs"]);
});

test("of the saved objects, those that differ are imported", async () => {
  const changed = { ...search, attributes: { title: "every" } };
  const savedObjects = [pattern, changed].map((line) => `${JSON.stringify(line)}\n`).join("");
  expect(await run({ retentionDays: 14 }, { savedObjects })).toEqual({ ...unchanged, savedObjects: ["search/s"] });
  expect(await run({ retentionDays: 14 }, { savedObjects })).toEqual(unchanged);
});

test("large volumes and a short retention make more shards", async () => {
  expect(await run({ dataNodes: 6, volumeGiB: 1000, retentionDays: 14 })).toMatchObject({ template: "updated" });
  expect(await get("/_template/logs")).toMatchObject({ logs: { settings: { index: { number_of_shards: "3" } } } });
});

describe("a refusal fails the apply with the domain's answer", () => {
  test("a template with a type that there is not", async () => {
    const wrong = { ...template, mappings: { properties: { level: { type: "keywords" } } } };
    await expect(run({}, { template: wrong })).rejects.toThrow(
      /^PUT \/_template\/logs: the domain answers 400 .*keywords/,
    );
  });

  test("a saved object that Kibana does not take", async () => {
    const orphan = { ...search, id: "orphan", references: [{ name: "index", type: "index-pattern", id: "none" }] };
    await expect(run({}, { savedObjects: `${JSON.stringify(orphan)}\n` })).rejects.toThrow(
      /_import.*missing_references/,
    );
  });

  test("a policy that does not let the function in is waited for, then reported", async () => {
    let asked = 0;
    const denied = { status: 403, body: { Message: "User: r is not authorized" } };
    const domain = new Watched(server.domain, () => {
      asked += 1;
      return denied;
    });
    const refusal = run({}, {}, domain);
    await expect(refusal).rejects.toThrow('GET /: the domain answers 403 {"Message":"User: r is not authorized"}');
    await expect(refusal).rejects.toBeInstanceOf(Refusal);
    expect(asked).toBeGreaterThan(3);
  });
});

test("a domain that does not answer yet, or whose policy does not hold yet, is waited for", async () => {
  const answers: (Answer | Error)[] = [
    new Unavailable("not yet"),
    { status: 403, body: {} },
    { status: 503, body: "Kibana server is not ready yet" },
  ];
  const domain = new Watched(server.domain, () => answers.shift());
  expect(await run({}, {}, domain)).toMatchObject({ template: "unchanged" });
  expect(answers).toEqual([]);
});

test("another version is refused", async () => {
  const opensearch = { status: 200, body: { version: { number: "1.3.0" } } };
  const domain = new Watched(server.domain, (_, path) => (path === "/" ? opensearch : undefined));
  await expect(run({}, {}, domain)).rejects.toThrow("The domain is version 1.3.0; this prepares Elasticsearch 7.10.");
});

test("a host where nobody listens is Unavailable", async () => {
  await expect(new HttpDomain("http://127.0.0.1:1").send("GET", "/")).rejects.toThrow(Unavailable);
});

// AWS's own example has no request to Elasticsearch: the emulator verifies signatures of real requests (test_domains.py).
test("a signature names service, region and session, and signs host and body", async () => {
  const sign = signer({
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
  });
  const headers = await sign(
    "PUT",
    new URL("https://d.es.amazonaws.com/_template/x?a=b"),
    { "kbn-xsrf": "true" },
    "{}",
  );
  expect(headers).toMatchObject({
    "kbn-xsrf": "true",
    "x-amz-security-token": "token",
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/es\/aws4_request, SignedHeaders=host;kbn-xsrf;x-amz-/,
    ),
  });
  expect(headers).not.toHaveProperty("host");
});
