import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { SQSEvent } from "aws-lambda";
import { recordPrefix } from "../../../facts/custody-keys";
import { createHandler } from "../../../functions/custody";
import {
  type CustodyRecord,
  canonicalJson,
  nextRecord,
  recordKey,
  sha256,
  verify,
} from "../../../functions/custody/chain";
import { storedRecords } from "../../../functions/custody/stored-chain";
import { MemoryS3, refused } from "../support/memory-s3";

const environment = {
  CHUNKS_BUCKET: "chunks",
  AUDIT_BUCKET: "audit",
  ALLOWED_CONTENT_TYPES: "application/json,application/pdf,text/plain",
  MAXIMUM_BYTES: "1000",
};

const emptyFacts = {
  verdict: "accepted",
  problems: [],
  size: 0,
  contentType: "text/plain",
  sha256: sha256(""),
  uploader: "AWS:AIDA",
  eventTime: "2026-01-01T00:00:00.000Z",
  recordedAt: "2026-01-01T00:00:00.000Z",
} as const;

let s3: MemoryS3;

beforeEach(() => {
  s3 = new MemoryS3();
  tell.mockReset().mockResolvedValue(undefined);
  for (const method of ["info", "warn", "error"] as const) {
    jest.spyOn(console, method).mockImplementation(() => {});
  }
});
afterEach(() => jest.restoreAllMocks());

/** A function's process of its own: it shares nothing with another but the buckets. */
const newHandler = () => createHandler(s3.client, environment, tell);
const tell = jest.fn();

function notification(key: string, versionId: string | undefined, bucket = "chunks"): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        eventTime: "2026-01-01T00:00:00.000Z",
        userIdentity: { principalId: "AWS:AIDA" },
        s3: { bucket: { name: bucket }, object: { key, versionId, sequencer: "1" } },
      },
    ],
  });
}

function event(...bodies: string[]): SQSEvent {
  return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) } as unknown as SQSEvent;
}

/** Puts an object, and gives the message that S3 sends. */
function put(key: string, body = `content of ${key}`, contentType = "text/plain"): string {
  return notification(encodeURIComponent(key).replaceAll("%20", "+"), s3.put("chunks", key, body, contentType));
}

function records(): CustodyRecord[] {
  return s3.keys("audit", recordPrefix).map((key) => JSON.parse(s3.text("audit", key)) as CustodyRecord);
}

async function expectWholeChain(length: number): Promise<void> {
  const { records: count, broken } = await verify(storedRecords(s3.client, "audit"));
  expect(broken).toBeUndefined();
  expect(count).toBe(length);
}

const recorded = () => records().map(({ object }) => object.key);

describe("a new object", () => {
  test("is recorded with its version, digest, uploader and times", async () => {
    const message = put("manuals/a b+ü.txt", "abc");
    expect(await newHandler()(event(message))).toEqual({ batchItemFailures: [] });
    const versionId = JSON.parse(message).Records[0].s3.object.versionId;
    expect(records()).toEqual([
      {
        sequence: 1,
        object: { bucket: "chunks", key: "manuals/a b+ü.txt", versionId },
        verdict: "accepted",
        problems: [],
        size: 3,
        contentType: "text/plain",
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        uploader: "AWS:AIDA",
        eventTime: "2026-01-01T00:00:00.000Z",
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        previous: "0".repeat(64),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    await expectWholeChain(1);
  });

  test("is read by the version that the message names, not the newest", async () => {
    const first = put("a", "one");
    put("a", "two");
    await newHandler()(event(first));
    expect(records()[0]?.sha256).toBe(sha256("one"));
  });

  test.each([
    ["gzip of JSON", gzipSync("{}"), "gzip", []],
    ["gzip that was sent in chunks", gzipSync("{}"), "aws-chunked,gzip", []],
    ["JSON that is not encoded at all", Buffer.from("{}"), "identity", []],
    [
      "JSON that is said to be gzip",
      Buffer.from("{}"),
      "gzip",
      ["the content does not begin as application/gzip does"],
    ],
    ["an encoding whose beginning nobody knows", Buffer.from("?"), "br", []],
  ])(
    "is held against its encoding: %s; the digest is that of the stored bytes",
    async (_, body, encoding, problems) => {
      const versionId = s3.put("chunks", "a", body, "application/json", encoding);
      await newHandler()(event(notification("a", versionId)));
      expect(records()).toMatchObject([{ problems, sha256: createHash("sha256").update(body).digest("hex") }]);
    },
  );

  test.each([
    ["a type that is not allowed", "x", "image/gif", /^content type image\/gif; allowed: application\/json/],
    ["more bytes than allowed", "x".repeat(1001), "text/plain", /^1001 bytes; at most 1000$/],
    ["a PDF that is none", "no", "application/pdf", /^the content does not begin as application\/pdf does$/],
    ["JSON that is none", "<html>", "application/json; charset=utf-8", /does not begin as application\/json does$/],
    ["text with NUL bytes", "a\0b", "text/plain", /does not begin as text\/plain does$/],
  ])("is rejected, in the record, with %s", async (_, body, contentType, problem) => {
    expect(await newHandler()(event(put("a", body, contentType)))).toEqual({ batchItemFailures: [] });
    const [record] = records();
    expect(record).toMatchObject({ verdict: "rejected", contentType, size: body.length });
    expect(record?.problems).toEqual([expect.stringMatching(problem)]);
    expect(record?.sha256).toBe(body.length > 1000 ? null : sha256(body));
    await expectWholeChain(1);
  });

  test("is accepted as what its type says", async () => {
    const messages = [
      put("a.pdf", "\n%PDF-1.7", "application/pdf"),
      put("a.json", '\ufeff {"a":1}', "application/json;charset=utf-8"),
      put("a.txt", "", "text/plain"),
    ];
    await newHandler()(event(...messages));
    expect(records().map(({ verdict }) => verdict)).toEqual(["accepted", "accepted", "accepted"]);
  });

  test("that is gone is recorded as such", async () => {
    const message = put("a");
    s3.delete("chunks", "a");
    expect(await newHandler()(event(message))).toEqual({ batchItemFailures: [] });
    expect(records()[0]).toMatchObject({ verdict: "rejected", size: null, contentType: null, sha256: null });
  });
});

describe("a message that cannot be read", () => {
  test.each([
    ["no JSON", "poison"],
    ["null", "null"],
    ["JSON of another kind", '{"a":1}'],
    ["no records", '{"Records":[]}'],
    ["no version", notification("a", undefined)],
    ["another bucket", notification("a", "v", "other")],
    ["a key that is no URL encoding", notification("%zz", "v")],
    ["a deletion", notification("a", "v").replace("ObjectCreated:Put", "ObjectRemoved:Delete")],
  ])("fails alone, its neighbours succeed: %s", async (_, poison) => {
    const answer = await newHandler()(event(put("a"), poison, put("b")));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
    expect(recorded()).toEqual(["a", "b"]);
  });

  test("S3's test message is none of them", async () => {
    const answer = await newHandler()(event('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"chunks"}'));
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(records()).toEqual([]);
  });

  test("an error of S3 fails the message, which succeeds when it comes again", async () => {
    const message = put("a");
    s3.before = (command) => {
      if (command instanceof GetObjectCommand && command.input.Bucket === "chunks") {
        throw refused(503, "SlowDown");
      }
    };
    const handler = newHandler();
    expect(await handler(event(message))).toEqual({ batchItemFailures: [{ itemIdentifier: "m0" }] });
    s3.before = () => {};
    expect(await handler(event(message))).toEqual({ batchItemFailures: [] });
    await expectWholeChain(1);
  });
});

describe("a version is recorded once", () => {
  test("when it is announced twice: in one batch, later, to another process", async () => {
    const [a, b] = [put("a"), put("b")];
    await newHandler()(event(a, a));
    await newHandler()(event(b, a));
    await newHandler()(event(b));
    expect(recorded()).toEqual(["a", "b"]);
    await expectWholeChain(2);
  });

  test("when many processes get it at once", async () => {
    const message = put("a");
    const answers = await Promise.all(Array.from({ length: 12 }, () => newHandler()(event(message))));
    expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
    expect(recorded()).toEqual(["a"]);
  });

  test.each([
    ["before the claim", "before", "custody/objects/"],
    ["after the claim", "after", "custody/objects/"],
    ["before the record", "before", recordPrefix],
    ["after the record, before the queue knows", "after", recordPrefix],
  ] as const)("when the process died %s", async (_, when, prefix) => {
    await newHandler()(event(put("first")));
    const message = put("a");
    s3[when] = (command) => {
      if (command instanceof PutObjectCommand && command.input.Key?.startsWith(prefix)) {
        throw new Error("killed");
      }
    };
    expect((await newHandler()(event(message))).batchItemFailures).toHaveLength(1);
    s3[when] = () => {};
    await newHandler()(event(put("between")));
    await Promise.all([newHandler()(event(message)), newHandler()(event(message))]);
    expect(recorded().sort()).toEqual(["a", "between", "first"]);
    await expectWholeChain(3);
  });

  test("when forty others were recorded between the claim and the next attempt", async () => {
    const message = put("a");
    s3.before = (command) => {
      if (command instanceof PutObjectCommand && command.input.Key?.startsWith(recordPrefix)) {
        throw new Error("killed");
      }
    };
    await newHandler()(event(message));
    s3.before = () => {};
    await newHandler()(event(...Array.from({ length: 40 }, (_, index) => put(`${index}`))));
    await newHandler()(event(message));
    await newHandler()(event(message, message));
    expect(recorded().filter((key) => key === "a")).toEqual(["a"]);
    await expectWholeChain(41);
  });

  test("when its claim is old and its record missing: no attempt reads the whole chain, each goes on where one ended", async () => {
    const message = put("old");
    s3.before = (command) => {
      if (command instanceof PutObjectCommand && command.input.Key?.startsWith(recordPrefix)) {
        throw new Error("killed");
      }
    };
    await newHandler()(event(message));
    s3.before = () => {};
    let last: CustodyRecord | undefined;
    const other = { bucket: "chunks", versionId: "v" };
    for (let sequence = 1; sequence <= 17_000; sequence++) {
      const object = { ...other, key: String(sequence) };
      last = nextRecord(last, { ...emptyFacts, object });
      s3.put("audit", recordKey(sequence), canonicalJson(last));
    }
    s3.instant = true;
    const attempts: number[] = [];
    for (let failures = 1; failures > 0 && attempts.length < 5; ) {
      s3.sent.length = 0;
      const neighbour = put(`neighbour ${attempts.length}`);
      const answer = await newHandler()(event(message, neighbour));
      failures = answer.batchItemFailures.length;
      expect(answer.batchItemFailures).toEqual(failures === 0 ? [] : [{ itemIdentifier: "m0" }]);
      attempts.push(s3.sent.filter((name) => name === "GetObjectCommand").length);
    }
    expect(attempts).toHaveLength(3);
    for (const reads of attempts) {
      expect(reads).toBeLessThan(8_100);
    }
    expect(attempts.at(-1)).toBeLessThan(1_100);
    expect(recorded().filter((key) => key === "old")).toEqual(["old"]);
    await newHandler()(event(message));
    await expectWholeChain(17_004);
    expect(recorded().filter((key) => key === "old")).toEqual(["old"]);
  }, 60_000);

  test("when the answer to the write was lost and the SDK asked again", async () => {
    let lost = false;
    s3.after = (command) => {
      if (!lost && command instanceof PutObjectCommand && command.input.Key?.startsWith(recordPrefix)) {
        lost = true;
        throw refused(412, "PreconditionFailed");
      }
    };
    expect(await newHandler()(event(put("a")))).toEqual({ batchItemFailures: [] });
    expect(lost).toBe(true);
    await expectWholeChain(1);
  });

  test("versions of one object are objects of their own", async () => {
    await newHandler()(event(put("a", "1"), put("a", "2")));
    expect(records().map(({ sha256: digest }) => digest)).toEqual([sha256("1"), sha256("2")]);
  });
});

describe("the chain does not fork", () => {
  test("when twenty processes append at once", async () => {
    const batches = Array.from({ length: 20 }, (_, process) => [put(`${process}/a`), put(`${process}/b`)]);
    const answers = await Promise.all(batches.map((bodies) => newHandler()(event(...bodies))));
    expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
    await expectWholeChain(40);
    expect(new Set(recorded()).size).toBe(40);
  });

  test("when S3 refuses concurrent conditional writes with 409", async () => {
    let refusals = 0;
    s3.before = (command) => {
      if (command instanceof PutObjectCommand && refusals < 5 && refusals++ % 2 === 0) {
        throw refused(409, "ConditionalRequestConflict");
      }
    };
    await Promise.all([put("a"), put("b"), put("c")].map((message) => newHandler()(event(message))));
    await expectWholeChain(3);
  });

  test("when messages come in another order than the objects", async () => {
    const messages = ["a", "b", "c", "d"].map((key) => put(key));
    for (const message of [...messages].reverse()) {
      await newHandler()(event(message));
    }
    expect(recorded()).toEqual(["d", "c", "b", "a"]);
    await expectWholeChain(4);
  });

  test("when it is longer than a page of the list, whose end is found in few requests", async () => {
    const one = await newHandler()(event(put("a"))).then(() => s3.text("audit", recordKey(1)));
    const long = 5_000;
    let last = JSON.parse(one) as CustodyRecord;
    for (let sequence = 2; sequence <= long; sequence++) {
      last = nextRecord(last, { ...last, object: { ...last.object, key: String(sequence) } });
      s3.put("audit", recordKey(sequence), canonicalJson(last));
    }
    s3.sent.length = 0;
    await newHandler()(event(put("b")));
    expect(records().at(-1)).toMatchObject({ sequence: long + 1, previous: last.digest, object: { key: "b" } });
    expect(s3.sent.filter((name) => name === "ListObjectsV2Command").length).toBeLessThan(20);
    expect(s3.sent.length).toBeLessThan(25);
  });

  test("a process that knows the end asks for what follows only", async () => {
    const handler = newHandler();
    await handler(event(put("a")));
    s3.sent.length = 0;
    await handler(event(put("b")));
    expect(s3.sent).toEqual([
      "GetObjectCommand", // the object
      "ListObjectsV2Command",
      "PutObjectCommand", // the claim
      "PutObjectCommand", // the record
    ]);
  });

  test("a batch of ten is listed for once, whose claims are made at once", async () => {
    const handler = newHandler();
    s3.sent.length = 0;
    await handler(event(...Array.from({ length: 10 }, (_, index) => put(`${index}`))));
    const sent = (name: string) => s3.sent.filter((command) => command === name).length;
    expect([sent("GetObjectCommand"), sent("ListObjectsV2Command"), sent("PutObjectCommand")]).toEqual([10, 1, 20]);
    await expectWholeChain(10);
  });

  test("two processes with ten messages each spend few requests on each other's records", async () => {
    const batches = [0, 1].map((process) => Array.from({ length: 10 }, (_, index) => put(`${process}/${index}`)));
    s3.sent.length = 0;
    await Promise.all(batches.map((bodies) => newHandler()(event(...bodies))));
    await expectWholeChain(20);
    // 62 where they never meet. One that comes second lists, reads and writes again.
    expect(s3.sent.filter((name) => name !== "ListObjectVersionsCommand").length).toBeLessThan(62 + 20 * 4);
  });

  test("a missing record is never filled: appending fails instead", async () => {
    await newHandler()(event(put("a"), put("b"), put("c")));
    s3.delete("audit", recordKey(2));
    await newHandler()(event(put("d")));
    expect(s3.keys("audit", recordPrefix)).toEqual([1, 3, 4].map(recordKey));
    s3.delete("audit", recordKey(4));
    s3.put("audit", recordKey(9), "{}");
    const answer = await newHandler()(event(put("e")));
    expect(answer.batchItemFailures).toHaveLength(1);
  });
});
