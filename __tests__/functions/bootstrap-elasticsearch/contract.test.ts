/**
 * What the log store's bootstrap, Logstash and Kibana ask of a domain, as a contract: it runs against the emulator's stand-in, and
 * unchanged against a domain of AWS or a container that ELASTICSEARCH_URL names (CONTRIBUTING.md, "Check the emulator's domain
 * against a real one"). It writes under names of its own, and removes what it wrote.
 */
import { bootstrap, type Content, type Request } from "../../../functions/bootstrap-elasticsearch/bootstrap";
import type { Answer } from "../../../functions/bootstrap-elasticsearch/domain";
import { lifecyclePolicy } from "../../../functions/bootstrap-elasticsearch/policy";
import { imported, type SavedObject } from "../../../functions/bootstrap-elasticsearch/saved-objects";
import { TestDomain } from "../support/domain";

const name = "skymanuals-contract";
const pattern = `${name}-*`;
const kibana = "/_plugin/kibana/api/saved_objects";
const xsrf = { "kbn-xsrf": "true" };

let server: TestDomain;

const send = (method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer> =>
  server.domain.send(method, path, body, headers);

const template = {
  index_patterns: [pattern],
  mappings: {
    properties: {
      "@timestamp": { type: "date" },
      level: { type: "keyword" },
      status: { type: "keyword" },
      responseTime: { type: "long" },
      compliance: { properties: { requiresReporting: { type: "boolean" } } },
    },
  },
};

const indexPattern: SavedObject = {
  type: "index-pattern",
  id: name,
  attributes: { title: pattern, timeFieldName: "@timestamp" },
  references: [],
};

async function clean(): Promise<void> {
  await send("DELETE", `/${name}-1,${name}-2?ignore_unavailable=true`);
  await send("DELETE", `/_template/${name}`);
  await send("DELETE", `/_opendistro/_ism/policies/${name}`);
  await send("DELETE", `/_snapshot/${name}`);
  await send("DELETE", `${kibana}/index-pattern/${name}`, undefined, xsrf);
}

function bulk(...lines: object[]): { contentType: string; text: string } {
  return { contentType: "application/x-ndjson", text: lines.map((line) => `${JSON.stringify(line)}\n`).join("") };
}

function reason(answer: Answer): string {
  return JSON.stringify(answer.body);
}

beforeAll(async () => {
  server = await TestDomain.start();
  await clean();
}, 180_000);

afterAll(async () => {
  await clean();
  await server.stop();
});

test("it is Elasticsearch 7.10", async () => {
  const { status, body } = await send("GET", "/");
  expect(status).toBe(200);
  expect(body).toMatchObject({ version: { number: expect.stringMatching(/^7\.10\./) } });
});

describe("index templates", () => {
  test("one that is not there is 404, one that is there is returned with its settings as nested text", async () => {
    expect((await send("GET", `/_template/${name}`)).status).toBe(404);
    const settings = { index: { number_of_shards: 1, codec: "best_compression" } };
    expect(await send("PUT", `/_template/${name}`, { ...template, settings })).toEqual({
      status: 200,
      body: { acknowledged: true },
    });
    expect((await send("GET", `/_template/${name}`)).body).toEqual({
      [name]: {
        order: 0,
        index_patterns: [pattern],
        settings: { index: { number_of_shards: "1", codec: "best_compression" } },
        mappings: template.mappings,
        aliases: {},
      },
    });
  });

  test.each([
    ["a type that there is not", { mappings: { properties: { level: { type: "keywords" } } } }],
    ["a setting that there is not", { settings: { index: { codecs: "x" } } }],
  ])("%s is refused", async (_, part) => {
    const answer = await send("PUT", `/_template/${name}`, { ...template, ...part });
    expect(answer.status).toBe(400);
  });
});

describe("documents", () => {
  test("Logstash's bulk with the type _doc: the same id written again is one document, and a wrong type is refused alone", async () => {
    const index = { _index: `${name}-1`, _type: "_doc" };
    const event = { "@timestamp": "2026-11-25T10:00:00.000Z", level: "info", responseTime: 12 };
    const answer = await send(
      "POST",
      "/_bulk?refresh=true",
      bulk(
        { index: { ...index, _id: "1" } },
        event,
        { index: { ...index, _id: "1" } },
        event,
        { index: { ...index, _id: "2" } },
        { ...event, responseTime: "slow" },
      ),
    );
    expect(answer).toMatchObject({
      status: 200,
      body: {
        errors: true,
        items: [
          { index: { status: 201 } },
          { index: { status: 200 } },
          { index: { status: 400, error: { type: "mapper_parsing_exception" } } },
        ],
      },
    });
    expect((await send("GET", `/${pattern}/_count`)).body).toMatchObject({ count: 1 });
  });

  test("the settings of the template are the index's", async () => {
    const { body } = await send("GET", `/${name}-1/_settings`);
    expect(body).toMatchObject({ [`${name}-1`]: { settings: { index: { codec: "best_compression" } } } });
  });

  test("an object where there was a value, and a value where there was an object, are refused", async () => {
    for (const part of [{ level: { a: 1 } }, { compliance: "none" }]) {
      const answer = await send("PUT", `/${name}-1/_doc/3`, part);
      expect(answer.status).toBe(400);
      expect(reason(answer)).toContain("mapper_parsing_exception");
    }
  });

  test("the aggregations of the panels: averages by minute, and the most frequent values", async () => {
    const { status, body } = await send("POST", `/${pattern}/_search`, {
      size: 0,
      query: { bool: { filter: [{ term: { level: "info" } }, { range: { "@timestamp": { gte: "2026-11-25" } } }] } },
      aggs: {
        minutes: {
          date_histogram: { field: "@timestamp", calendar_interval: "1m", min_doc_count: 1 },
          aggs: { average: { avg: { field: "responseTime" } } },
        },
        levels: { terms: { field: "level", size: 10 } },
      },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      aggregations: {
        minutes: { buckets: [{ key_as_string: "2026-11-25T10:00:00.000Z", average: { value: 12 } }] },
        levels: { buckets: [{ key: "info", doc_count: 1 }] },
      },
    });
  });
});

describe("ISM policies", () => {
  const path = `/_opendistro/_ism/policies/${name}`;
  const policy = lifecyclePolicy(pattern, 30);

  test("a policy is created once, and changed by who knows its sequence number", async () => {
    expect((await send("GET", path)).status).toBe(404);
    expect((await send("PUT", path, { policy })).status).toBe(201);
    expect((await send("PUT", path, { policy })).status).toBe(409);
    const { body } = await send("GET", path);
    expect(body).toMatchObject({ _id: name, policy });
    const { _seq_no: number, _primary_term: term } = body as Record<string, number>;
    const changed = { policy: lifecyclePolicy(pattern, 40) };
    expect((await send("PUT", `${path}?if_seq_no=${number}&if_primary_term=${term}`, changed)).status).toBe(200);
    expect((await send("PUT", `${path}?if_seq_no=${number}&if_primary_term=${term}`, changed)).status).toBe(409);
  });

  test.each([
    ["an unknown field", { ...policy, retention: "30d" }, "retention"],
    ["an unknown action", { ...policy, states: [{ name: "written", actions: [{ compress: {} }] }] }, "compress"],
    ["a state that there is not", { ...policy, default_state: "hot" }, "default state"],
  ])("%s is refused with its name", async (_, wrong, word) => {
    const answer = await send("PUT", `${path}-wrong`, { policy: wrong });
    expect(answer.status).toBe(400);
    expect(reason(answer)).toContain(word);
  });

  test("an index from before the policy has none until it is given it, and then not twice", async () => {
    const setting = "index.opendistro.index_state_management.policy_id";
    const explained = await send("GET", `/_opendistro/_ism/explain/${pattern}`);
    expect(explained.body).toMatchObject({ [`${name}-1`]: { [setting]: null } });
    const add = () => send("POST", `/_opendistro/_ism/add/${name}-1`, { policy_id: name });
    expect((await add()).body).toMatchObject({ updated_indices: 1, failures: false, failed_indices: [] });
    expect((await add()).body).toMatchObject({ updated_indices: 0, failures: true });
    const change = await send("POST", `/_opendistro/_ism/change_policy/${name}-1`, { policy_id: name });
    expect(change.body).toMatchObject({ failures: false });
  });
});

describe("Kibana's saved objects", () => {
  const upload = (object: SavedObject, query = "") =>
    send("POST", `${kibana}/_import${query}`, imported([object]), xsrf);

  test("an object is imported once, and written over where that is asked for", async () => {
    expect((await upload(indexPattern)).body).toMatchObject({ success: true, successCount: 1 });
    expect((await upload(indexPattern)).body).toMatchObject({
      success: false,
      errors: [{ error: { type: "conflict" } }],
    });
    expect((await upload(indexPattern, "?overwrite=true")).body).toMatchObject({ success: true });
  });

  test("objects are found by type and id, with 404 for one that there is not", async () => {
    const ids = [
      { type: "index-pattern", id: name },
      { type: "search", id: `${name}-none` },
    ];
    const { body } = await send("POST", `${kibana}/_bulk_get`, ids, xsrf);
    expect(body).toMatchObject({
      saved_objects: [{ id: name, attributes: indexPattern.attributes }, { error: { statusCode: 404 } }],
    });
  });

  test("a reference to nothing, and a request without kbn-xsrf, are refused", async () => {
    const search: SavedObject = {
      type: "search",
      id: `${name}-none`,
      attributes: { title: "t" },
      references: [{ name: "index", type: "index-pattern", id: `${name}-none` }],
    };
    expect((await upload(search)).body).toMatchObject({
      success: false,
      errors: [{ error: { type: "missing_references" } }],
    });
    expect((await send("POST", `${kibana}/_import`, imported([indexPattern]))).status).toBe(400);
  });
});

test("what Elasticsearch 7.10 has not is refused", async () => {
  expect((await send("GET", "/_plugins/_ism/policies")).status).toBe(400);
});

// A bucket and a role are needed: the stand-in believes in any.
const { ELASTICSEARCH_SNAPSHOT_BUCKET: bucket = "b", ELASTICSEARCH_SNAPSHOT_ROLE_ARN: roleArn = "r" } = process.env;
if (!process.env.ELASTICSEARCH_URL || bucket !== "b") {
  describe("with a bucket for snapshots", () => {
    const request: Request = {
      dataNodes: 3,
      volumeGiB: 50,
      retentionDays: 7,
      snapshots: { bucket, region: process.env.AWS_REGION ?? "us-east-1", roleArn },
    };
    const content: Content = {
      name,
      template,
      savedObjects: `${JSON.stringify({ ...indexPattern, attributes: { title: pattern, timeFieldName: "@timestamp" } })}\n`,
    };

    test("a repository is missing, registered, and returned", async () => {
      expect((await send("GET", `/_snapshot/${name}`)).status).toBe(404);
      const settings = { bucket, region: request.snapshots.region, role_arn: roleArn };
      const registered = await send("PUT", `/_snapshot/${name}`, { type: "s3", settings });
      expect(registered).toEqual({ status: 200, body: { acknowledged: true } });
      const { body } = await send("GET", `/_snapshot/${name}`);
      expect(body).toMatchObject({ [name]: { type: "s3", settings } });
    });

    test("the bootstrap creates everything, and the second time nothing", async () => {
      await clean();
      const patience = { seconds: 60, intervalSeconds: 1 };
      const first = await bootstrap(request, content, server.domain, patience);
      expect(first).toEqual({
        template: "created",
        policy: "created",
        repository: "created",
        indices: [],
        savedObjects: [`index-pattern/${name}`],
      });
      const second = await bootstrap(request, content, server.domain, patience);
      expect(second).toEqual({
        template: "unchanged",
        policy: "unchanged",
        repository: "unchanged",
        indices: [],
        savedObjects: [],
      });
    });
  });
}
