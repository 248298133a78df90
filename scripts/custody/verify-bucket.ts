import { createHash } from "node:crypto";
import { GetObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { type BrokenLink, type CustodyRecord, verify } from "../../functions/custody/chain";
import { storedCheckpoints, storedRecords } from "../../functions/custody/stored-chain";

export interface CustodyReport {
  readonly bucket: string;
  readonly ok: boolean;
  /** Records whose links hold, from the first on; the next one is broken where `broken` says so. */
  readonly records: number;
  /** Records among them whose object broke the rules. */
  readonly rejected: number;
  /** Digest of the last of them: to be kept elsewhere, it proves all of them. */
  readonly digest: string | null;
  /** Earlier verifications that the chain was compared with. */
  readonly checkpoints: number;
  /** Objects whose content was compared with their record; null unless that was asked for. */
  readonly objects: number | null;
  readonly broken: BrokenLink | null;
  /** The last good records, at most five. */
  readonly latest: readonly CustodyRecord[];
}

export interface VerifyOptions {
  /** Read every recorded version again, and compare its digest. */
  readonly objects: boolean;
  /** Records read so far. */
  readonly onRead?: (count: number) => void;
}

/**
 * Verifies the chain of custody in a bucket.
 * @throws S3ServiceException where the bucket cannot be read
 */
export async function verifyBucket(
  s3: S3Client,
  bucket: string,
  { objects, onRead }: VerifyOptions,
): Promise<CustodyReport> {
  const latest: CustodyRecord[] = [];
  let rejected = 0;
  let compared = 0;
  const checkpoints = await storedCheckpoints(s3, bucket);
  const { records, head, broken } = await verify(storedRecords(s3, bucket, onRead), checkpoints, async (record) => {
    const difference = objects ? await compareObject(s3, record) : undefined;
    if (difference) {
      return difference;
    }
    if (objects && record.sha256 !== null) {
      compared += 1;
    }
    if (record.verdict === "rejected") {
      rejected += 1;
    }
    latest.push(record);
    if (latest.length > 5) {
      latest.shift();
    }
    return undefined;
  });
  return {
    bucket,
    ok: broken === undefined,
    records,
    rejected,
    digest: head?.digest ?? null,
    checkpoints: checkpoints.length,
    objects: objects ? compared : null,
    broken: broken ?? null,
    latest,
  };
}

/** How the recorded version differs from its record now; a version without a digest was never read. */
async function compareObject(
  s3: S3Client,
  { object, sha256 }: CustodyRecord,
): Promise<{ expected: string; found: string } | undefined> {
  if (sha256 === null) {
    return undefined;
  }
  const found = await digestOfObject(s3, object);
  return found === sha256 ? undefined : { expected: sha256, found };
}

async function digestOfObject(s3: S3Client, { bucket, key, versionId }: CustodyRecord["object"]): Promise<string> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    const hash = createHash("sha256");
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
    }
    return hash.digest("hex");
  } catch (problem) {
    if (
      problem instanceof S3ServiceException &&
      ["NoSuchKey", "NoSuchVersion", "NoSuchBucket"].includes(problem.name)
    ) {
      return `no version ${versionId} of s3://${bucket}/${key}`;
    }
    throw problem;
  }
}
