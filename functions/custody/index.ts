import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runbookLink } from "../../facts/runbook";
import { type Tell, tellTopic } from "../parts/alert";
import { required } from "../parts/settings";
import { Chain } from "./append";
import { AuditBucket } from "./audit-bucket";
import { type CustodyRecord, claimKey, type Facts, uriOf } from "./chain";
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
  return {
    chunksBucket: required(environment, "CHUNKS_BUCKET"),
    auditBucket: required(environment, "AUDIT_BUCKET"),
    contentTypes: required(environment, "ALLOWED_CONTENT_TYPES").split(","),
    maximumBytes: Number(required(environment, "MAXIMUM_BYTES")),
  };
}

/** Milliseconds after which a function's process tells of rejected chunks again: there may be many a second. */
const tellEvery = 15 * 60_000;

/**
 * Records new objects of the bucket of chunks, which S3 or the reconciliation announces through the queue, in the chain of custody.
 * @param tell names rejected chunks; where it fails, the log says so, and the alarm goes off without their names.
 */
export function createHandler(s3: S3Client, environment: NodeJS.ProcessEnv, tell: Tell) {
  let told = Number.NEGATIVE_INFINITY;
  const { chunksBucket, auditBucket, ...rules } = settings(environment);
  const chain = new Chain(new AuditBucket(s3, auditBucket));

  const report = ({ sequence, digest, object, verdict, problems }: CustodyRecord) => {
    const line = { message: `${verdict} in record ${sequence}`, sequence, digest, ...object, verdict, problems };
    (verdict === "accepted" ? console.info : console.warn)(line);
  };

  const tellOf = async (rejected: readonly CustodyRecord[]) => {
    if (rejected.length === 0 || Date.now() - told < tellEvery) {
      return;
    }
    told = Date.now();
    const details = {
      message: `${rejected.length} rejected; the log names all that follow within a quarter of an hour`,
      chunks: rejected.map(({ object, problems, sequence }) => ({ chunk: uriOf(object), problems, record: sequence })),
      runbook: runbookLink("custody_rejected"),
    };
    const subject = `Chunks that break the rules: ${rejected.length}`;
    await tell({ subject, details }).catch((problem) => console.error("the topic was not told", problem));
  };

  /** The objects that a message names, as they are found. */
  const inspectAll = async (body: string): Promise<Facts[]> => {
    const facts: Facts[] = [];
    for (const source of newObjects(body, chunksBucket)) {
      const findings = await inspect(s3, source.object, rules);
      facts.push({ ...findings, ...source, recordedAt: new Date().toISOString() });
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
    await tellOf([...records.values()].filter(({ verdict }) => verdict === "rejected"));

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
  const { env } = process;
  instance ??= createHandler(new S3Client({}), env, tellTopic(new SNSClient({}), required(env, "TOPIC_ARN")));
  return instance(event);
}
