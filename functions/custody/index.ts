import { S3Client } from "@aws-sdk/client-s3";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { Chain } from "./append";
import { AuditBucket } from "./audit-bucket";
import { type CustodyRecord, claimKey, type Facts } from "./chain";
import { newObjects } from "./event";
import { inspect } from "./inspect";

/** Variables of the function's environment. */
interface Settings {
  readonly chunksBucket: string;
  readonly auditBucket: string;
  readonly contentTypes: readonly string[];
  readonly maximumBytes: number;
}

function settings(environment: NodeJS.ProcessEnv): Settings {
  const required = (name: string) => {
    const value = environment[name];
    if (!value) {
      throw new Error(`the variable ${name} is not set`);
    }
    return value;
  };
  return {
    chunksBucket: required("CHUNKS_BUCKET"),
    auditBucket: required("AUDIT_BUCKET"),
    contentTypes: required("ALLOWED_CONTENT_TYPES").split(","),
    maximumBytes: Number(required("MAXIMUM_BYTES")),
  };
}

/** Records new objects of the bucket of chunks, which S3 announces through the queue, in the chain of custody. */
export function createHandler(s3: S3Client, environment: NodeJS.ProcessEnv) {
  const { chunksBucket, auditBucket, ...rules } = settings(environment);
  const chain = new Chain(new AuditBucket(s3, auditBucket));

  const report = ({ sequence, digest, object, verdict, problems }: CustodyRecord) => {
    const line = { message: `${verdict} in record ${sequence}`, sequence, digest, ...object, verdict, problems };
    (verdict === "accepted" ? console.info : console.warn)(line);
  };

  /** The objects that a message names, as they are found. */
  const inspectAll = async (body: string): Promise<Facts[]> => {
    const facts: Facts[] = [];
    for (const { object, uploader, eventTime } of newObjects(body, chunksBucket)) {
      const findings = await inspect(s3, object, rules);
      facts.push({ ...findings, object, uploader, eventTime, recordedAt: new Date().toISOString() });
    }
    return facts;
  };

  /** Read at once, and appended in one go: they come to one chain. What fails is received again, and ends in the dead-letter queue. */
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const inspected = await Promise.allSettled(Records.map(({ body }) => inspectAll(body)));
    const facts = inspected.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
    const { records, errors } = await chain.append(facts);
    for (const record of records.values()) {
      report(record);
    }

    const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
    Records.forEach(({ messageId }, index) => {
      const result = inspected[index];
      const problems =
        result?.status === "fulfilled"
          ? result.value.flatMap(({ object }) => errors.get(claimKey(object)) ?? [])
          : [result?.reason];
      if (problems.length === 0) {
        return;
      }
      console.error(`message ${messageId} failed`, ...problems);
      batchItemFailures.push({ itemIdentifier: messageId });
    });
    return { batchItemFailures };
  };
}

let instance: ReturnType<typeof createHandler> | undefined;

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  instance ??= createHandler(new S3Client({}), process.env);
  return instance(event);
}
