import { type CustodyRecord, canonicalJson, nextRecord, recordKey, sha256 } from "../../../functions/custody/chain";
import type { MemoryS3 } from "./memory-s3";

/** Puts chunks `1` to `count` and their records, behind those that are there; the records. */
export function appendRecords(s3: MemoryS3, count: number, before: readonly CustodyRecord[] = []): CustodyRecord[] {
  const records = [...before];
  for (let number = before.length + 1; number <= before.length + count; number++) {
    const key = `manuals/${number}`;
    const versionId = s3.put("chunks", key, `content ${number}`, "text/plain");
    const eventTime = new Date(s3.now()).toISOString();
    const record = nextRecord(records.at(-1), {
      object: { bucket: "chunks", key, versionId },
      verdict: "accepted",
      problems: [],
      size: 9,
      contentType: "text/plain",
      sha256: sha256(`content ${number}`),
      uploader: "AWS:AIDA",
      eventTime,
      recordedAt: eventTime,
    });
    records.push(record);
    s3.put("audit", recordKey(number), canonicalJson(record));
  }
  return records;
}
