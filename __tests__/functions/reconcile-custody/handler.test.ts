import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { reconciliationPrefix, recordPrefix } from "../../../facts/custody-keys";
import { createHandler as createRecorder } from "../../../functions/custody";
import { type CustodyRecord, canonicalJson, claimKey, recordKey, verify } from "../../../functions/custody/chain";
import type { ReconciliationMessage } from "../../../functions/custody/event";
import { storedRecords } from "../../../functions/custody/stored-chain";
import { createHandler } from "../../../functions/reconcile-custody";
import { createHandler as createVerifier } from "../../../functions/verify-custody";
import { MemoryS3 } from "../support/memory-s3";
import { appendRecords } from "../support/recorded-chain";

const hour = 3_600_000;
let s3: MemoryS3;
let now: number;
const tell = jest.fn();
/** Bodies in the queue. */
let queue: string[];
let waiting: number;

const sqs = {
  send: async (command: object) => {
    if (command instanceof GetQueueAttributesCommand) {
      return {
        Attributes: { ApproximateNumberOfMessages: String(waiting), ApproximateNumberOfMessagesNotVisible: "0" },
      };
    }
    const { Entries = [] } = (command as SendMessageBatchCommand).input;
    expect(command).toBeInstanceOf(SendMessageBatchCommand);
    expect(Entries.length).toBeLessThanOrEqual(10);
    queue.push(...Entries.map(({ MessageBody = "" }) => MessageBody));
    return {};
  },
} as unknown as SQSClient;

const settings = { chunksBucket: "chunks", auditBucket: "audit", queueUrl: "queue", graceSeconds: 3600 };
const newReconciler = () => createHandler({ s3: s3.client, sqs, tell, now: () => now }, settings);
const messages = () => queue.map((body) => JSON.parse(body) as ReconciliationMessage);
const keys = () => messages().map(({ object }) => object.key);
const verifyNow = () => createVerifier(s3.client, "audit", { tell, now: () => now })();

/** The function that records takes all that waits. */
async function record(): Promise<void> {
  const recorder = createRecorder(
    s3.client,
    { CHUNKS_BUCKET: "chunks", AUDIT_BUCKET: "audit", ALLOWED_CONTENT_TYPES: "text/plain", MAXIMUM_BYTES: "1000" },
    tell,
  );
  const Records = queue.splice(0).map((body, index) => ({ messageId: String(index), body }));
  expect(await recorder({ Records } as unknown as SQSEvent)).toEqual({ batchItemFailures: [] });
}

beforeEach(() => {
  s3 = new MemoryS3();
  s3.instant = true;
  now = Date.parse("2026-03-01T02:00:00.000Z");
  s3.now = () => now;
  tell.mockReset().mockResolvedValue(undefined);
  queue = [];
  waiting = 0;
  for (const method of ["info", "warn", "error"] as const) {
    jest.spyOn(console, method).mockImplementation(() => {});
  }
});
afterEach(() => jest.restoreAllMocks());

test("a chunk whose message was lost, and one from before the chain, are sent, told of, and recorded with the reason", async () => {
  const old = s3.put("chunks", "before/ü a+b%.txt", "old", "text/plain");
  now += hour;
  appendRecords(s3, 3);
  const lost = s3.put("chunks", "manuals/lost.txt", "lost", "text/plain");
  now += 2 * hour;
  const report = await newReconciler()();
  const at = new Date(now).toISOString();
  expect(report).toEqual({ at, passStartedAt: at, listed: 5, missing: 2, marker: null });
  expect(s3.text("audit", `${reconciliationPrefix}${at}.json`)).toBe(canonicalJson(report));
  expect(tell.mock.calls).toEqual([
    [
      {
        subject: "Chunks that no record of custody named",
        details: {
          message: expect.stringContaining("no record named 2 chunks"),
          chunks: [
            { chunk: `s3://chunks/before/ü a+b%.txt?versionId=${old}`, reason: "older than the chain" },
            { chunk: `s3://chunks/manuals/lost.txt?versionId=${lost}`, reason: "its message was lost" },
          ],
          runbook: "Runbook: docs/operations.md#custody-reconciled",
        },
      },
    ],
  ]);
  await record();
  const records = s3.keys("audit", recordPrefix).map((key) => JSON.parse(s3.text("audit", key)) as CustodyRecord);
  expect(records.slice(3)).toMatchObject([
    {
      sequence: 4,
      object: { bucket: "chunks", key: "before/ü a+b%.txt", versionId: old },
      uploader: "unknown",
      eventTime: "2026-03-01T02:00:00.000Z",
      verdict: "accepted",
      reconciled: { foundAt: at, reason: "older than the chain" },
    },
    { sequence: 5, eventTime: "2026-03-01T03:00:00.000Z", reconciled: { foundAt: at, reason: "its message was lost" } },
  ]);
  expect((await verify(storedRecords(s3.client, "audit"))).broken).toBeUndefined();
});

test("what was recorded meanwhile is not recorded twice", async () => {
  s3.put("chunks", "lost", "lost", "text/plain");
  now += 2 * hour;
  await newReconciler()();
  queue.push(queue[0] as string);
  await record();
  expect(s3.keys("audit", recordPrefix)).toHaveLength(1);
  now += 24 * hour;
  expect(await newReconciler()()).toMatchObject({ listed: 1, missing: 0 });
  expect(queue).toEqual([]);
});

test("a claim without a record is no record", async () => {
  const versionId = s3.put("chunks", "claimed", "x", "text/plain");
  const object = { bucket: "chunks", key: "claimed", versionId };
  s3.put("audit", claimKey(object), canonicalJson({ object, after: 0 }));
  now += 2 * hour;
  await newReconciler()();
  expect(keys()).toEqual(["claimed"]);
  await record();
  expect(s3.keys("audit", recordPrefix)).toHaveLength(1);
});

test("every version is looked for, and none that is younger than an hour", async () => {
  appendRecords(s3, 1);
  const second = s3.put("chunks", "manuals/1", "changed", "text/plain");
  now += hour + 1;
  s3.put("chunks", "manuals/young", "x", "text/plain");
  await newReconciler()();
  expect(messages().map(({ object }) => object.versionId)).toEqual([second]);
});

test("in the replica of the bucket, after a recovery, what the chain names by the first bucket's name is recorded", async () => {
  appendRecords(s3, 3);
  now += 2 * hour;
  const replica = createHandler({ s3: s3.client, sqs, tell, now: () => now }, { ...settings, chunksBucket: "replica" });
  s3.replicate("chunks", "replica");
  const added = s3.put("replica", "manuals/2", "of the recovery", "text/plain");
  now += 2 * hour;
  expect(await replica()).toMatchObject({ listed: 4, missing: 1 });
  expect(messages().map(({ object }) => object)).toEqual([{ bucket: "replica", key: "manuals/2", versionId: added }]);
});

test("one pass a day: a run after it lists nothing", async () => {
  appendRecords(s3, 1);
  expect(await newReconciler()()).toMatchObject({ listed: 1 });
  s3.sent.length = 0;
  now += hour;
  expect(await newReconciler()()).toBeNull();
  expect(s3.sent).toEqual(["ListObjectsV2Command", "GetObjectCommand"]);
  now += 24 * hour;
  expect(await newReconciler()()).toMatchObject({ listed: 1 });
});

test("it waits where new chunks wait", async () => {
  s3.put("chunks", "lost", "lost", "text/plain");
  now += 2 * hour;
  waiting = 1001;
  expect(await newReconciler()()).toBeNull();
  expect(queue).toEqual([]);
  waiting = 1000;
  expect(await newReconciler()()).toMatchObject({ missing: 1 });
});

test("a bucket of 25,000 old chunks is sent in runs of 10,000, each of which goes on where the last one ended", async () => {
  for (let number = 0; number < 25_000; number++) {
    s3.put("chunks", `old/${String(number).padStart(5, "0")}`, "x", "text/plain");
  }
  now += 2 * hour;
  const sent: number[] = [];
  for (let run = 0; run < 4; run++) {
    now += 15 * 60_000;
    await newReconciler()();
    sent.push(queue.length);
  }
  expect(sent).toEqual([10_000, 20_000, 25_000, 25_000]);
  expect(new Set(keys()).size).toBe(25_000);
  expect(tell).toHaveBeenCalledTimes(1);
}, 60_000);

test("what a verification has indexed is not read again", async () => {
  const records = appendRecords(s3, 40);
  await verifyNow();
  appendRecords(s3, 2, records);
  s3.sent.length = 0;
  expect(await newReconciler()()).toMatchObject({ listed: 42, missing: 0 });
  // The index, the two records behind it, and the first for its time.
  expect(s3.sent.filter((name) => name === "GetObjectCommand")).toHaveLength(4);
});

test("out of time: it says where the verification is behind, or goes on later", async () => {
  appendRecords(s3, 3);
  const over = { getRemainingTimeInMillis: () => 59_999 };
  await expect(newReconciler()({}, over)).rejects.toThrow(
    `no time is left at ${recordKey(1)}: records behind 0 are in no index until the chain was verified`,
  );
  await verifyNow();
  for (let number = 0; number < 1500; number++) {
    s3.put("chunks", `new/${number}`, "x", "text/plain");
  }
  expect(await newReconciler()({}, over)).toMatchObject({ listed: 1000, marker: { key: expect.any(String) } });
  now += 1;
  expect(await newReconciler()({}, over)).toMatchObject({ listed: 1503, marker: null });
});

test("a message that the queue does not take fails the run, and the next one sends it", async () => {
  s3.put("chunks", "lost", "lost", "text/plain");
  now += 2 * hour;
  const refusing = {
    send: async (command: object) =>
      command instanceof GetQueueAttributesCommand
        ? { Attributes: {} }
        : { Failed: [{ Id: "0", Message: "InternalError" }] },
  } as unknown as SQSClient;
  const reconciler = createHandler({ s3: s3.client, sqs: refusing, tell, now: () => now }, settings);
  await expect(reconciler()).rejects.toThrow("1 of 1 messages were not taken: InternalError");
  await newReconciler()();
  expect(keys()).toEqual(["lost"]);
});
