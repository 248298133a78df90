import { type ObjectVersion as ListedVersion, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { reconciliationPrefix } from "../../facts/custody-keys";
import { runbookLink } from "../../facts/runbook";
import { AuditBucket } from "../custody/audit-bucket";
import { canonicalJson, type ObjectVersion, parseRecord, recordKey, uriOf } from "../custody/chain";
import { decodeKey, type ReconciliationMessage, reconciliationSource } from "../custody/event";
import { readVerifiedPart } from "../custody/recorded-index";
import type { RecordedVersions } from "../custody/recorded-versions";
import { lastReport, readers, storedRecords } from "../custody/stored-chain";
import { type Tell, tellTopic } from "../parts/alert";
import { type Invocation, isOutOfTime } from "../parts/invocation";
import { required } from "../parts/settings";

export interface ReconcilerSettings {
  readonly chunksBucket: string;
  readonly auditBucket: string;
  /** Takes what the function that records is to record. */
  readonly queueUrl: string;
  /** A version this young may still wait in the queue. */
  readonly graceSeconds: number;
}

/** Versions that one run sends, at most: twenty a second are recorded, and none may wait for 15 minutes, which is an alarm. */
const mostInARun = 10_000;
/** Nothing is sent while more messages than this wait in the queue: new chunks come first. */
const mostWaiting = 1000;
/** Messages of one request (Amazon SQS API Reference, SendMessageBatch). */
const batchSize = 10;
/** Chunks that a message to the topic names; all are in the log. */
const mostNamed = 20;

/** How far a run came, as it is kept in the audit bucket. */
export interface ReconciliationReport {
  /** When the run ended: ISO 8601, UTC. */
  readonly at: string;
  /** When the first run of this pass through the bucket of chunks began: ISO 8601, UTC. Every day has a pass of its own. */
  readonly passStartedAt: string;
  /** Versions that the pass has listed so far. */
  readonly listed: number;
  /** Versions among them that no record named, and that were sent to be recorded. */
  readonly missing: number;
  /** Where the next run goes on; null where the pass is complete. */
  readonly marker: { readonly key: string; readonly versionId?: string } | null;
}

interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly tell: Tell;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

/**
 * Finds versions in the bucket of chunks that no record names, because their message was lost or because they are older than the
 * chain, and sends each to the queue of the function that records. That one records a version once, however often it is sent.
 *
 * One pass a day lists all versions, in as many runs as it takes; a run after it returns at once. What is recorded is read from the
 * indexes that verifications leave, and from the records behind them.
 * @throws Error where the records that no verification has read take all of the time
 */
export function createHandler({ s3, sqs, tell, now = Date.now }: Clients, settings: ReconcilerSettings) {
  const { chunksBucket, auditBucket, queueUrl, graceSeconds } = settings;
  const audit = new AuditBucket(s3, auditBucket);

  /** Messages that wait or are being worked on. */
  const waiting = async (): Promise<number> => {
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
    );
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };

  const readRecorded = async (invocation?: Invocation): Promise<RecordedVersions> => {
    const { recorded, last } = await readVerifiedPart(s3, auditBucket);
    for await (const { key, text } of storedRecords(s3, auditBucket, undefined, { first: last + 1 })) {
      if (isOutOfTime(invocation)) {
        throw new Error(
          `no time is left at ${key}: records behind ${last} are in no index until the chain was verified`,
        );
      }
      const record = parseRecord(text);
      recorded.add(record.object, record.sequence);
    }
    return recorded;
  };

  /**
   * When S3 took the first version that is recorded, and in which bucket. After a recovery in another region that is another one than
   * today's: its versions came here by replication, which keeps keys and version ids, and are recorded.
   */
  const beginning = async () => {
    const text = await audit.read(recordKey(1));
    const first = text === undefined ? undefined : parseRecord(text);
    return {
      time: first ? Date.parse(first.eventTime) : Number.POSITIVE_INFINITY,
      buckets: [...new Set([chunksBucket, first?.object.bucket ?? chunksBucket])],
    };
  };

  const send = async (messages: readonly ReconciliationMessage[]): Promise<void> => {
    for (let start = 0; start < messages.length; start += batchSize) {
      const Entries = messages
        .slice(start, start + batchSize)
        .map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0) {
        throw new Error(`${Failed.length} of ${Entries.length} messages were not taken: ${Failed[0]?.Message}`);
      }
    }
  };

  /** Those of a page that no record names, though they are old enough to have one. */
  const missingOf = (
    versions: readonly ListedVersion[],
    recorded: RecordedVersions,
    began: Awaited<ReturnType<typeof beginning>>,
  ) => {
    const foundAt = new Date(now()).toISOString();
    return versions.flatMap(({ Key: key = "", VersionId: versionId = "", LastModified }): ReconciliationMessage[] => {
      const object: ObjectVersion = { bucket: chunksBucket, key, versionId };
      const modified = LastModified?.getTime() ?? 0;
      const isRecorded = began.buckets.some((bucket) => recorded.find({ ...object, bucket }) !== undefined);
      if (modified > now() - graceSeconds * 1000 || isRecorded) {
        return [];
      }
      const reason = modified < began.time ? "older than the chain" : "its message was lost";
      const lastModified = new Date(modified).toISOString();
      return [{ source: reconciliationSource, object, lastModified, reconciled: { foundAt, reason } }];
    });
  };

  const tellOf = async (missing: readonly ReconciliationMessage[]) => {
    const details = {
      message: `no record named ${missing.length} chunks; they were sent to be recorded, and more of this pass are in the log`,
      chunks: missing
        .slice(0, mostNamed)
        .map(({ object, reconciled: { reason } }) => ({ chunk: uriOf(object), reason })),
      runbook: runbookLink("custody_reconciled"),
    };
    await tell({ subject: "Chunks that no record of custody named", details });
  };

  return async (_event?: unknown, invocation?: Invocation): Promise<ReconciliationReport | null> => {
    const earlier = await lastReport<ReconciliationReport>(s3, auditBucket, reconciliationPrefix, now());
    const started = new Date(now()).toISOString();
    if (earlier?.marker === null && earlier.passStartedAt.slice(0, 10) === started.slice(0, 10)) {
      return null;
    }
    if ((await waiting()) > mostWaiting) {
      console.info({ message: "the queue is not empty; the next run goes on" });
      return null;
    }
    const recorded = await readRecorded(invocation);
    const began = await beginning();
    const pass = earlier?.marker ? earlier : { passStartedAt: started, listed: 0, missing: 0, marker: null };
    let { listed, marker } = pass;
    const found: ReconciliationMessage[] = [];
    do {
      const page = await listVersions(s3, chunksBucket, marker);
      listed += page.versions.length;
      const missing = missingOf(page.versions, recorded, began);
      await send(missing);
      for (const { object, reconciled } of missing) {
        console.warn({ message: `no record named ${uriOf(object)}`, ...object, ...reconciled });
      }
      found.push(...missing);
      ({ marker } = page);
    } while (marker && found.length < mostInARun && !isOutOfTime(invocation));

    const at = new Date(now()).toISOString();
    const missing = pass.missing + found.length;
    const report: ReconciliationReport = { at, passStartedAt: pass.passStartedAt, listed, missing, marker };
    await audit.create(`${reconciliationPrefix}${at}.json`, canonicalJson(report));
    console.info({ message: `${listed} versions listed, ${missing} of them were in no record`, ...report });
    if (pass.missing === 0 && found.length > 0) {
      await tellOf(found);
    }
    return report;
  };
}

/** At most 1000 versions behind the marker. Keys come as in a URL: XML has no form for some characters that they may have. */
async function listVersions(s3: S3Client, Bucket: string, marker: ReconciliationReport["marker"]) {
  const page = await s3.send(
    new ListObjectVersionsCommand({
      Bucket,
      EncodingType: "url",
      KeyMarker: marker?.key,
      VersionIdMarker: marker?.versionId,
    }),
  );
  const decode = (key = "") => (page.EncodingType === "url" ? decodeKey(key) : key);
  const { Versions = [], NextKeyMarker, NextVersionIdMarker: versionId } = page;
  return {
    versions: Versions.map(({ Key, ...version }) => ({ ...version, Key: decode(Key) })),
    marker: NextKeyMarker === undefined ? null : { key: decode(NextKeyMarker), ...(versionId && { versionId }) },
  };
}

let instance: ReturnType<typeof createHandler> | undefined;

export async function handler(event: unknown, invocation: Invocation) {
  const { env } = process;
  instance ??= createHandler(
    {
      s3: new S3Client({ requestHandler: { httpsAgent: { maxSockets: readers } } }),
      sqs: new SQSClient({}),
      tell: tellTopic(new SNSClient({}), required(env, "TOPIC_ARN")),
    },
    {
      chunksBucket: required(env, "CHUNKS_BUCKET"),
      auditBucket: required(env, "AUDIT_BUCKET"),
      queueUrl: required(env, "QUEUE_URL"),
      graceSeconds: Number(required(env, "GRACE_SECONDS")),
    },
  );
  return instance(event, invocation);
}
