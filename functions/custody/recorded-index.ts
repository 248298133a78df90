import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkpointPrefix, indexPrefix } from "../../facts/custody-keys";
import { indexKey, type Range, rangeOf, sequenceOf } from "./chain";
import { RecordedVersions } from "./recorded-versions";
import { inOrder, storedKeys } from "./stored-chain";

/** The part of the chain that was verified, from the first record on, and the versions that it records. */
export interface VerifiedPart {
  readonly recorded: RecordedVersions;
  /** Number of its last record, which has a checkpoint; 0 where nothing was verified. */
  readonly last: number;
  /** The greatest number of a checkpoint; greater than `last` where the index does not reach it. */
  readonly newestCheckpoint: number;
}

/**
 * Reads the indexes that the verifications left, 12 bytes a record. They join: each begins behind the one before. One without a
 * checkpoint at its end is of a verification that did not come to its end, and does not count.
 * @throws Error where an index is not of the records that its key names, or two of its versions are the same
 */
export async function readVerifiedPart(s3: S3Client, bucket: string): Promise<VerifiedPart> {
  const checkpoints = new Set<number>();
  for await (const key of storedKeys(s3, bucket, checkpointPrefix)) {
    checkpoints.add(sequenceOf(key) ?? 0);
  }
  const lastByFirst = new Map<number, number>();
  for await (const key of storedKeys(s3, bucket, indexPrefix)) {
    const range = rangeOf(key);
    if (range && checkpoints.has(range.last)) {
      lastByFirst.set(range.first, Math.max(range.last, lastByFirst.get(range.first) ?? 0));
    }
  }
  const ranges: Required<Range>[] = [];
  let last = 0;
  for (let next = lastByFirst.get(1); next !== undefined; next = lastByFirst.get(last + 1)) {
    ranges.push({ first: last + 1, last: next });
    last = next;
  }
  const recorded = new RecordedVersions();
  for await (const { range, content } of inOrder(ranges, (range) => readIndex(s3, bucket, range), indexesAtOnce)) {
    recorded.addIndex(content, range.first);
    const { size } = recorded;
    if (size !== range.last) {
      throw new Error(`${indexKey(range.first, range.last)} ends at record ${size}`);
    }
  }
  return { recorded, last, newestCheckpoint: Math.max(0, ...checkpoints) };
}

/** The largest has 12 MB, of a million records. */
const indexesAtOnce = 4;

async function readIndex(s3: S3Client, Bucket: string, range: Required<Range>) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: indexKey(range.first, range.last) }));
  return { range, content: Buffer.from((await Body?.transformToByteArray()) ?? []) };
}
