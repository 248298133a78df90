import { S3Client } from "@aws-sdk/client-s3";
import { AuditBucket } from "../custody/audit-bucket";
import { canonicalJson, checkpointKey, verify } from "../custody/chain";
import { storedCheckpoints, storedRecords } from "../custody/stored-chain";

/**
 * Verifies the whole chain of custody, and keeps its head as a checkpoint for the next time.
 * @throws Error that names the first broken link, which sets off the alarm
 */
export function createHandler(s3: S3Client, auditBucket: string) {
  const bucket = new AuditBucket(s3, auditBucket);
  return async () => {
    const checkpoints = await storedCheckpoints(s3, auditBucket);
    const { records, head, broken } = await verify(storedRecords(s3, auditBucket), checkpoints);
    if (broken) {
      const { key, problem, expected, found } = broken;
      throw new Error(`the chain of custody breaks at ${key}: ${problem}: expected ${expected}, found ${found}`);
    }
    if (head) {
      const { sequence, digest } = head;
      const verifiedAt = new Date().toISOString();
      await bucket.create(checkpointKey(sequence), canonicalJson({ sequence, digest, verifiedAt }));
    }
    const result = { records, digest: head?.digest ?? null };
    console.info({ message: `${records} records, every link holds`, ...result });
    return result;
  };
}

let instance: ReturnType<typeof createHandler> | undefined;

export async function handler() {
  const bucket = process.env.AUDIT_BUCKET;
  if (!bucket) {
    throw new Error("the variable AUDIT_BUCKET is not set");
  }
  instance ??= createHandler(new S3Client({}), bucket);
  return instance();
}
