import { canonicalJson, checkpointKey, nextRecord, recordKey, sha256 } from "../../../functions/custody/chain";
import { formatCustodyReport } from "../../../scripts/custody/report";
import { verifyBucket } from "../../../scripts/custody/verify-bucket";
import { MemoryS3 } from "../../functions/support/memory-s3";

let s3: MemoryS3;

/** Records objects `1` to `count`; every third is too large to have a digest. */
function record(count: number): void {
  let last: ReturnType<typeof nextRecord> | undefined;
  for (let number = 1; number <= count; number++) {
    const key = String(number);
    const versionId = s3.put("chunks", key, `content ${key}`, "text/plain");
    const isTooLarge = number % 3 === 0;
    last = nextRecord(last, {
      object: { bucket: "chunks", key, versionId },
      verdict: isTooLarge ? "rejected" : "accepted",
      problems: isTooLarge ? ["9 bytes; at most 8"] : [],
      size: 9,
      contentType: "text/plain",
      sha256: isTooLarge ? null : sha256(`content ${key}`),
      uploader: "AWS:AIDA",
      eventTime: "2026-01-01T00:00:00.000Z",
      recordedAt: "2026-01-01T00:00:01.000Z",
    });
    s3.put("audit", recordKey(number), canonicalJson(last));
  }
}

beforeEach(() => {
  s3 = new MemoryS3();
});

test("a chain that holds: its length, end, rejected objects and last five records", async () => {
  record(70);
  const counts: number[] = [];
  const report = await verifyBucket(s3.client, "audit", { objects: false, onRead: (count) => counts.push(count) });
  expect(report).toMatchObject({ ok: true, records: 70, rejected: 23, objects: null, broken: null, checkpoints: 0 });
  expect(report.latest.map(({ sequence }) => sequence)).toEqual([66, 67, 68, 69, 70]);
  expect(report.digest).toBe(report.latest[4]?.digest);
  expect(counts).toEqual([32, 64, 70]);
  expect(s3.sent).not.toContain("PutObjectCommand");
});

test("--objects reads every object that has a digest", async () => {
  record(4);
  expect(await verifyBucket(s3.client, "audit", { objects: true })).toMatchObject({ ok: true, objects: 3 });
});

test("--objects names the first object whose content is another one, or gone", async () => {
  record(4);
  const { object } = JSON.parse(s3.text("audit", recordKey(2)));
  s3.delete("chunks", "2");
  expect((await verifyBucket(s3.client, "audit", { objects: true })).broken).toEqual({
    sequence: 2,
    key: recordKey(2),
    problem: "differs from the object",
    expected: sha256("content 2"),
    found: `no version ${object.versionId} of s3://chunks/2`,
    object,
  });
});

test("checkpoints of the daily verification are compared", async () => {
  record(3);
  const { digest } = JSON.parse(s3.text("audit", recordKey(3)));
  s3.put("audit", checkpointKey(3), canonicalJson({ sequence: 3, digest, verifiedAt: "2026-01-02T01:30:00.000Z" }));
  expect(await verifyBucket(s3.client, "audit", { objects: false })).toMatchObject({ ok: true, checkpoints: 1 });
  s3.delete("audit", recordKey(3));
  expect((await verifyBucket(s3.client, "audit", { objects: false })).broken).toMatchObject({
    sequence: 3,
    problem: "missing record",
  });
});

test("for people: the last records, and that every link holds", async () => {
  record(3);
  const text = formatCustodyReport(await verifyBucket(s3.client, "audit", { objects: true }));
  expect(text).toMatch(
    /│ 1\s+│ 1\s+│ [0-9a-f]{16} │ 2026-01-01T00:00:01.000Z │\n│\s+│ [0-9a-f]{8}\s+│ AWS:AIDA\s+│ accepted\s+│/,
  );
  expect(text).toContain("rejected: 9 bytes; at most 8");
  expect(text).toContain("Every link of 3 records in s3://audit holds.");
  expect(text).toContain("1 of the objects broke the rules; their records say which.");
  expect(text).toContain("The content of 2 objects is what was recorded.");
  expect(text).toMatch(/Digest of the last record: [0-9a-f]{64}$/);
});

test("for people: the broken link, and what was expected", async () => {
  record(3);
  s3.replace("audit", recordKey(2), s3.text("audit", recordKey(2)).replace("AWS:AIDA", "AWS:EVIL"));
  const text = formatCustodyReport(await verifyBucket(s3.client, "audit", { objects: false }));
  expect(text).toMatch(
    /BROKEN at record 2, s3:\/\/audit\/custody\/records\/000000000002\.json: wrong digest\n {2}expected: [0-9a-f]{64}\n {2}found: {4}[0-9a-f]{64}\n {2}chunk: {4}s3:\/\/chunks\/2\?versionId=[0-9a-f]{32}\n1 record before it holds\.$/,
  );
});

test("for people: nothing yet", async () => {
  expect(formatCustodyReport(await verifyBucket(s3.client, "audit", { objects: false }))).toBe(
    "s3://audit has no record yet.",
  );
});
