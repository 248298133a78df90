import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { verificationPrefix } from "../../facts/custody-keys";
import { runbookLink } from "../../facts/runbook";
import { AuditBucket } from "../custody/audit-bucket";
import {
  type BrokenLink,
  canonicalJson,
  checkpointKey,
  indexKey,
  missingRecord,
  type Range,
  type StoredRecord,
  uriOf,
  type Verification,
  verify,
} from "../custody/chain";
import { readVerifiedPart, type VerifiedPart } from "../custody/recorded-index";
import { lastReport, readers, storedCheckpoints, storedRecords } from "../custody/stored-chain";
import { type Tell, tellTopic } from "../parts/alert";
import { type Invocation, isOutOfTime } from "../parts/invocation";
import { required } from "../parts/settings";

/** Days in which every record is read again. */
const passDays = 28;
const day = 86_400_000;

/** What a verification read, as it is kept in the audit bucket. */
export interface VerificationReport {
  /** ISO 8601, UTC. */
  readonly verifiedAt: string;
  /** Number of the last record whose link holds. */
  readonly records: number;
  /** Of that record. */
  readonly digest: string | null;
  /** Records that no earlier verification had read; null where there were none. */
  readonly added: Range | null;
  /** Records that were read again. */
  readonly reread: Range | null;
  /** When reading the chain again began at its first record: ISO 8601, UTC. */
  readonly passStartedAt: string;
  /** Whether the end of the chain was reached; if not, the next verification goes on. */
  readonly complete: boolean;
}

export interface VerifierOptions {
  readonly tell: Tell;
  /** Records that are read again at least: a chain of this length is verified as a whole every time. Default: 50,000. */
  readonly rereadAtLeast?: number;
  /** Milliseconds since 1970. Default: the clock. */
  readonly now?: () => number;
}

/**
 * Verifies the chain of custody: first all that was recorded since the last checkpoint, whose record must be there unchanged; then a
 * part of the older records, so that each is read again within 28 days. It keeps the end as a checkpoint, an index of the new
 * records' versions, and a report of what it read.
 *
 * It stops a minute before its time is over; the next verification goes on where it stopped.
 * @throws Error that names the first broken link, after the topic was told; it sets off the alarm
 */
export function createHandler(
  s3: S3Client,
  auditBucket: string,
  { tell, rereadAtLeast = 50_000, now = Date.now }: VerifierOptions,
) {
  const bucket = new AuditBucket(s3, auditBucket);

  const fail = async (link: BrokenLink): Promise<never> => {
    const { key, problem, expected, found, object } = link;
    const message = `the chain of custody breaks at ${key}: ${problem}: expected ${expected}, found ${found}`;
    const details = {
      message,
      record: `s3://${auditBucket}/${key}`,
      chunk: object ? uriOf(object) : null,
      chunkIs:
        link.problem === "missing record"
          ? "what the record before the missing one is about"
          : "what the record is about",
      runbook: runbookLink("verify_custody_errors"),
    };
    const subject = `The chain of custody breaks at record ${link.sequence}`;
    await tell({ subject, details }).catch((problem) => console.error("the topic was not told", problem));
    throw new Error(object ? `${message}; chunk ${uriOf(object)}` : message);
  };

  /** Reads a part of the chain as far as there is time. */
  const read = async (
    range: Range,
    part: VerifiedPart,
    invocation: Invocation | undefined,
  ): Promise<Verification & { readonly stopped: boolean }> => {
    let stopped = false;
    async function* inTime(records: AsyncIterable<StoredRecord>) {
      for await (const record of records) {
        if (isOutOfTime(invocation)) {
          stopped = true;
          return;
        }
        yield record;
      }
    }
    const verification = await verify(
      inTime(storedRecords(s3, auditBucket, undefined, range)),
      await storedCheckpoints(s3, auditBucket, range),
      undefined,
      part.recorded,
      range,
    );
    const { records, head, broken } = verification;
    const beyond = range.last ?? part.newestCheckpoint;
    if (broken) {
      return fail(broken);
    }
    return !stopped && beyond > records ? fail(missingRecord(records, beyond, head)) : { ...verification, stopped };
  };

  const readNew = async (part: VerifiedPart, invocation?: Invocation) => {
    // With the last that was verified: its digest is in the checkpoint, and the next record's link leads to it.
    const verification = await read({ first: Math.max(1, part.last) }, part, invocation);
    const { head } = verification;
    if (head && head.sequence > part.last) {
      const { sequence, digest } = head;
      await bucket.create(indexKey(part.last + 1, sequence), part.recorded.index(part.last + 1, sequence));
      const verifiedAt = new Date(now()).toISOString();
      await bucket.create(checkpointKey(sequence), canonicalJson({ sequence, digest, verifiedAt }));
    }
    return verification;
  };

  const readAgain = async (part: VerifiedPart, earlier: VerificationReport | undefined, invocation?: Invocation) => {
    const position = earlier?.reread?.last ?? 0;
    const goesOn = earlier !== undefined && position < part.last;
    const passStartedAt = goesOn ? earlier.passStartedAt : new Date(now()).toISOString();
    if (part.last === 0) {
      return { passStartedAt, reread: null };
    }
    // With the last that was read before, to which the next record's link leads.
    const first = goesOn ? Math.max(1, position) : 1;
    const due = Math.ceil((part.last * (now() - Date.parse(passStartedAt) + day)) / (passDays * day));
    const last = Math.min(part.last, Math.max(due, first - 1 + rereadAtLeast));
    const { records } = await read({ first, last }, part, invocation);
    return { passStartedAt, reread: { first, last: records } };
  };

  return async (_event?: unknown, invocation?: Invocation): Promise<VerificationReport> => {
    const part = await readVerifiedPart(s3, auditBucket);
    const earlier = await lastReport<VerificationReport>(s3, auditBucket, verificationPrefix, now());
    const { records, head, stopped } = await readNew(part, invocation);
    const again = await readAgain(part, earlier, invocation);
    const report: VerificationReport = {
      verifiedAt: new Date(now()).toISOString(),
      records,
      digest: head?.digest ?? null,
      added: records > part.last ? { first: part.last + 1, last: records } : null,
      ...again,
      complete: !stopped,
    };
    await bucket.create(`${verificationPrefix}${report.verifiedAt}.json`, canonicalJson(report));
    console.info({ message: `${records} records, every link that was read holds`, ...report });
    return report;
  };
}

let instance: ReturnType<typeof createHandler> | undefined;

export async function handler(event: unknown, invocation: Invocation) {
  const { env } = process;
  instance ??= createHandler(
    // The default is 50 connections.
    new S3Client({ requestHandler: { httpsAgent: { maxSockets: readers } } }),
    required(env, "AUDIT_BUCKET"),
    { tell: tellTopic(new SNSClient({}), required(env, "TOPIC_ARN")) },
  );
  return instance(event, invocation);
}
