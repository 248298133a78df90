import { GetObjectCommand } from "@aws-sdk/client-s3";
import { checkpointPrefix, indexPrefix, recordPrefix, verificationPrefix } from "../../../facts/custody-keys";
import {
  type CustodyRecord,
  canonicalJson,
  checkpointKey,
  indexKey,
  nextRecord,
  recordKey,
} from "../../../functions/custody/chain";
import { storedCheckpoints } from "../../../functions/custody/stored-chain";
import { createHandler } from "../../../functions/verify-custody";
import { MemoryS3 } from "../support/memory-s3";
import { appendRecords } from "../support/recorded-chain";

const day = 86_400_000;

let s3: MemoryS3;
let now: number;
const tell = jest.fn();
/** Numbers of the records that were read. */
let read: number[];

const newVerifier = () => createHandler(s3.client, "audit", { tell, rereadAtLeast: 500, now: () => now });
const uri = ({ object: { bucket, key, versionId } }: CustodyRecord) => `s3://${bucket}/${key}?versionId=${versionId}`;

const factsOf = ({ sequence: _, previous: __, digest: ___, ...facts }: CustodyRecord) => facts;

function forge(record: CustodyRecord): void {
  const key = recordKey(record.sequence);
  s3.replace("audit", key, s3.text("audit", key).replace("AWS:AIDA", "AWS:EVIL"));
}

beforeEach(() => {
  s3 = new MemoryS3();
  s3.instant = true;
  now = Date.parse("2026-03-01T01:30:00.000Z");
  s3.now = () => now;
  tell.mockReset().mockResolvedValue(undefined);
  read = [];
  s3.before = (command) => {
    const { Key = "" } = command instanceof GetObjectCommand ? command.input : {};
    if (Key.startsWith(recordPrefix)) {
      read.push(Number(Key.slice(recordPrefix.length, -".json".length)));
    }
  };
  for (const method of ["info", "error"] as const) {
    jest.spyOn(console, method).mockImplementation(() => {});
  }
});
afterEach(() => jest.restoreAllMocks());

test("keeps the end as a checkpoint, an index of what was new, and a report", async () => {
  const records = appendRecords(s3, 3);
  const digest = records.at(-1)?.digest;
  const verifiedAt = new Date(now).toISOString();
  const report = {
    verifiedAt,
    records: 3,
    digest,
    added: { first: 1, last: 3 },
    reread: null,
    passStartedAt: verifiedAt,
    complete: true,
  };
  expect(await newVerifier()()).toEqual(report);
  expect(await storedCheckpoints(s3.client, "audit")).toEqual([{ sequence: 3, digest, verifiedAt }]);
  expect(s3.keys("audit", indexPrefix)).toEqual([indexKey(1, 3)]);
  const key = `${verificationPrefix}${verifiedAt}.json`;
  expect(s3.text("audit", key)).toBe(canonicalJson(report));
  expect(tell).not.toHaveBeenCalled();
});

test("nothing new: the whole of a short chain is read again, and no checkpoint is added", async () => {
  appendRecords(s3, 3);
  await newVerifier()();
  now += day;
  expect(await newVerifier()()).toMatchObject({ records: 3, added: null, reread: { first: 1, last: 3 } });
  expect(s3.keys("audit", checkpointPrefix)).toEqual([checkpointKey(3)]);
  expect(s3.keys("audit", verificationPrefix)).toHaveLength(2);
});

test("an empty chain passes, and leaves only the report", async () => {
  expect(await newVerifier()()).toMatchObject({ records: 0, digest: null, added: null, reread: null, complete: true });
  expect(s3.keys("audit")).toEqual([expect.stringContaining(verificationPrefix)]);
});

test("a chain that was verified before there were indexes is read from its beginning", async () => {
  const records = appendRecords(s3, 5);
  const { digest } = records[3] as CustodyRecord;
  s3.put("audit", checkpointKey(4), canonicalJson({ sequence: 4, digest, verifiedAt: "2026-01-02T01:30:00.000Z" }));
  expect(await newVerifier()()).toMatchObject({ records: 5, added: { first: 1, last: 5 } });
});

describe("a chain of 1200 records", () => {
  const long = 1200;

  beforeEach(async () => {
    const records = appendRecords(s3, long);
    await newVerifier()();
    appendRecords(s3, 10, records);
    now += day;
    read = [];
  });

  test("is read on from its checkpoint, and every record again within 28 days", async () => {
    expect(await newVerifier()()).toMatchObject({
      records: long + 10,
      added: { first: long + 1, last: long + 10 },
      reread: { first: 1, last: 500 },
    });
    expect(read.filter((number) => number >= long)).toHaveLength(11);
    expect(read).toHaveLength(511);
    const rest = [];
    for (let run = 0; run < 2; run++) {
      now += day;
      rest.push((await newVerifier()()).reread);
    }
    expect(rest).toEqual([
      { first: 500, last: 999 },
      { first: 999, last: 1210 },
    ]);
    now += day;
    expect((await newVerifier()()).reread).toEqual({ first: 1, last: 500 });
  });

  test("stops a minute before its time is over, and the next one goes on there", async () => {
    let left = 60_004;
    const invocation = { getRemainingTimeInMillis: () => left-- };
    const report = await newVerifier()({}, invocation);
    expect(report).toMatchObject({ records: long + 4, complete: false, reread: { first: 1, last: 0 } });
    now += day;
    expect(await newVerifier()()).toMatchObject({
      added: { first: long + 5, last: long + 10 },
      reread: { first: 1, last: 500 },
      complete: true,
    });
  });

  test("one that missed days reads what fell due meanwhile", async () => {
    await newVerifier()();
    now += 25 * day;
    expect((await newVerifier()()).reread).toEqual({ first: 500, last: Math.ceil((1210 * 27) / 28) });
  });
});

describe("a broken link", () => {
  test("is thrown, and the topic is told the record and the chunk", async () => {
    const records = appendRecords(s3, 3);
    const second = records[1] as CustodyRecord;
    forge(second);
    await expect(newVerifier()()).rejects.toThrow(
      /^the chain of custody breaks at custody\/records\/000000000002\.json: wrong digest: expected [0-9a-f]{64}, found [0-9a-f]{64}; chunk s3:\/\/chunks\/manuals\/2\?versionId=/,
    );
    expect(tell).toHaveBeenCalledTimes(1);
    expect(tell.mock.calls[0][0]).toEqual({
      subject: "The chain of custody breaks at record 2",
      details: {
        message: expect.stringContaining("wrong digest"),
        record: `s3://audit/${recordKey(2)}`,
        chunk: uri(second),
        chunkIs: "what the record is about",
        runbook: "Runbook: docs/operations.md#verify-custody-errors",
      },
    });
  });

  test("is thrown also where the topic cannot be told", async () => {
    forge(appendRecords(s3, 2)[0] as CustodyRecord);
    tell.mockRejectedValue(new Error("no topic"));
    await expect(newVerifier()()).rejects.toThrow("wrong digest");
  });

  test("in an old record is found when that is read again", async () => {
    const records = appendRecords(s3, 5);
    await newVerifier()();
    forge(records[1] as CustodyRecord);
    await expect(newVerifier()()).rejects.toThrow("breaks at custody/records/000000000002.json: wrong digest");
  });

  test("a record that was written over, or whose end was cut off", async () => {
    appendRecords(s3, 3);
    await newVerifier()();
    const third = s3.text("audit", recordKey(3));
    s3.put("audit", recordKey(3), third);
    await expect(newVerifier()()).rejects.toThrow("more than one version: expected 1, found 2");
    s3.delete("audit", recordKey(3));
    await expect(newVerifier()()).rejects.toThrow(
      "the chain reached record 3 when it was verified, found its last record",
    );
    s3.put("audit", recordKey(3), third);
    now += 1;
    await expect(newVerifier()()).resolves.toMatchObject({ records: 3 });
  });

  test("a middle that is gone names the chunk before it", async () => {
    const records = appendRecords(s3, 5);
    await newVerifier()();
    s3.delete("audit", recordKey(3));
    await expect(newVerifier()()).rejects.toThrow("missing record");
    expect(tell.mock.calls[0][0].details).toMatchObject({
      chunk: uri(records[1] as CustodyRecord),
      chunkIs: "what the record before the missing one is about",
    });
  });

  test("a chain that was written anew behind the checkpoint's record differs from it", async () => {
    const records = appendRecords(s3, 3);
    await newVerifier()();
    const [first, second, third] = records as [CustodyRecord, CustodyRecord, CustodyRecord];
    const forged = nextRecord(first, { ...factsOf(second), uploader: "AWS:EVIL" });
    s3.replace("audit", recordKey(2), canonicalJson(forged));
    s3.replace("audit", recordKey(3), canonicalJson(nextRecord(forged, factsOf(third))));
    await expect(newVerifier()()).rejects.toThrow("differs from a checkpoint");
  });

  test("a chunk that is recorded twice, the first time long before the checkpoint", async () => {
    const records = appendRecords(s3, 4);
    await newVerifier()();
    s3.put("audit", recordKey(5), canonicalJson(nextRecord(records[3], factsOf(records[0] as CustodyRecord))));
    await expect(newVerifier()()).rejects.toThrow("object recorded twice: expected once, found first in record 1");
  });

  test("an index that is not of its records", async () => {
    appendRecords(s3, 4);
    await newVerifier()();
    s3.replace("audit", indexKey(1, 4), "x".repeat(36));
    await expect(newVerifier()()).rejects.toThrow("the version of record 2 is that of record 1");
    s3.replace("audit", indexKey(1, 4), "0123456789abcdefghijklmnopqrstuvwxyz");
    await expect(newVerifier()()).rejects.toThrow("000000000001-000000000004.bin ends at record 3");
  });
});
