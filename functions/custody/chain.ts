import { createHash } from "node:crypto";
import { checkpointPrefix, claimPrefix, indexPrefix, recordPrefix } from "../../facts/custody-keys";
import { canonicalJson } from "./canonical-json";
import { RecordedVersions } from "./recorded-versions";

export { canonicalJson };

/**
 * The chain of custody: one record for each version of an object in the bucket of chunks, numbered from 1 without a gap.
 * Every record carries the digest of the one before it, so that no record can be changed, left out or moved without
 * breaking a link.
 */

/** A version of an object, which never changes. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** A version as people write it. */
export function uriOf({ bucket, key, versionId }: ObjectVersion): string {
  return `s3://${bucket}/${key}?versionId=${versionId}`;
}

/** What is recorded about a version. */
export interface Facts {
  readonly object: ObjectVersion;
  /** `rejected`: it is in the bucket, and breaks the rules that `problems` names. */
  readonly verdict: "accepted" | "rejected";
  readonly problems: readonly string[];
  /** Bytes; null where the version was gone before it could be read, as with the next two. */
  readonly size: number | null;
  readonly contentType: string | null;
  /** Of the content, in hexadecimal; null also where it is too large to be read. */
  readonly sha256: string | null;
  /** S3's name of who put it there: `userIdentity.principalId` of the event; `unknown` where the reconciliation found it. */
  readonly uploader: string;
  /** When S3 took it: ISO 8601, UTC. */
  readonly eventTime: string;
  /** When the record was made: ISO 8601, UTC. The order of the chain is the order of recording. */
  readonly recordedAt: string;
  /** Only in the record of a version that no message of S3 led to. */
  readonly reconciled?: Reconciled;
}

/** How a version came to its record without a message of S3. */
export interface Reconciled {
  /** When the reconciliation found it: ISO 8601, UTC. */
  readonly foundAt: string;
  /** `older than the chain`: S3 took it before the first version that is recorded; else `its message was lost`. */
  readonly reason: "older than the chain" | "its message was lost";
}

export interface CustodyRecord extends Facts {
  readonly sequence: number;
  /** The digest of the record with the preceding number; 64 zeros in the first. */
  readonly previous: string;
  /** SHA-256, in hexadecimal, of the canonical JSON of all other members. */
  readonly digest: string;
}

/** `previous` of the first record. */
export const genesis = "0".repeat(64);

/** Digits of a number in a key: they sort as the numbers do. */
const digits = 12;

export function recordKey(sequence: number): string {
  return `${recordPrefix}${String(sequence).padStart(digits, "0")}.json`;
}

export function checkpointKey(sequence: number): string {
  return `${checkpointPrefix}${String(sequence).padStart(digits, "0")}.json`;
}

/** Where the index of consecutive records lies. */
export function indexKey(first: number, last: number): string {
  return `${indexPrefix}${[first, last].map((number) => String(number).padStart(digits, "0")).join("-")}.bin`;
}

/** The numbers in the key of an index; undefined where it is none. */
export function rangeOf(key: string): Required<Range> | undefined {
  const [, first, last] = /^custody\/index\/(\d{12})-(\d{12})\.bin$/.exec(key) ?? [];
  return first === undefined ? undefined : { first: Number(first), last: Number(last) };
}

/** The number in a key of a record or checkpoint; undefined where it is none. */
export function sequenceOf(key: string): number | undefined {
  const number = /^custody\/(?:records|checkpoints)\/(\d{12})\.json$/.exec(key)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Where the claim of a version lies; see `append`. */
export function claimKey(object: ObjectVersion): string {
  return `${claimPrefix}${sha256(canonicalJson(object))}.json`;
}

/** What the keys of a version's bookmarks begin with: how far behind its claim there is no record of it. */
export function claimBookmarks(object: ObjectVersion): string {
  return claimKey(object).replace(/\.json$/, "-");
}

export function claimBookmarkKey(object: ObjectVersion, sequence: number): string {
  return `${claimBookmarks(object)}${String(sequence).padStart(digits, "0")}.json`;
}

export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The record that follows `previous`, or the first. */
export function nextRecord(previous: CustodyRecord | undefined, facts: Facts): CustodyRecord {
  const record = { ...facts, sequence: (previous?.sequence ?? 0) + 1, previous: previous?.digest ?? genesis };
  return { ...record, digest: sha256(canonicalJson(record)) };
}

/** The digest that the record should carry. */
export function digestOf({ digest: _, ...record }: CustodyRecord): string {
  return sha256(canonicalJson(record));
}

/** Members of every record. That of a version which the reconciliation found has `reconciled`, too. */
const members = [
  "contentType",
  "digest",
  "eventTime",
  "object",
  "previous",
  "problems",
  "recordedAt",
  "sequence",
  "sha256",
  "size",
  "uploader",
  "verdict",
];
const membersOfRecords: readonly string[] = [members.join(), [...members, "reconciled"].sort().join()];

/**
 * @throws Error that says why the text is no record
 */
export function parseRecord(text: string): CustodyRecord {
  const record = JSON.parse(text) as CustodyRecord;
  if (record === null || typeof record !== "object" || !membersOfRecords.includes(Object.keys(record).sort().join())) {
    throw new Error(`the members of a record are ${members.join()}, and at most reconciled`);
  }
  const { object } = record;
  if (object === null || typeof object !== "object" || Object.keys(object).sort().join() !== "bucket,key,versionId") {
    throw new Error("the members of `object` are bucket,key,versionId");
  }
  return record;
}

/** What lies in the audit bucket under a record's key. */
export interface StoredRecord {
  readonly key: string;
  readonly text: string;
  /** Versions and delete markers under the key. Object Lock keeps each version, but a newer one would hide it. */
  readonly versions: number;
}

/** A head of the chain that was verified earlier; without one, records cut off the end would not be missed. */
export interface Checkpoint {
  readonly sequence: number;
  readonly digest: string;
}

/** Where the chain breaks first. */
export interface BrokenLink {
  /** The number that the record should have, counted from 1. */
  readonly sequence: number;
  readonly key: string;
  readonly problem:
    | "missing record"
    | "more than one version"
    | "not a record"
    | "not canonical"
    | "wrong sequence"
    | "wrong digest"
    | "wrong previous digest"
    | "object recorded twice"
    | "differs from a checkpoint"
    | "differs from the object";
  readonly expected: string;
  readonly found: string;
  /**
   * The version that the record is about; where it cannot be read, that of the record before. Undefined where neither was read.
   */
  readonly object?: ObjectVersion;
}

/** A part of the chain, by the numbers of its records. */
export interface Range {
  readonly first: number;
  /** Default: the end of the chain, wherever that is. */
  readonly last?: number;
}

export interface Verification {
  /** Records whose links hold, from the first on. */
  readonly records: number;
  /** The last of them; undefined where there is none. */
  readonly head: CustodyRecord | undefined;
  readonly broken: BrokenLink | undefined;
}

/** Something that is to be known about each good record; see `verify`. */
export type RecordCheck = (record: CustodyRecord) => Promise<{ expected: string; found: string } | undefined>;

/**
 * Reads the chain from its first record and stops at the first broken link. Of a range the first record's link to the one before
 * it is not looked at, nor whether it reaches its end (`missingRecord`).
 * @param records what is stored, in the order of the keys.
 * @param checkpoints of the chain, or of the range.
 * @param recorded the versions of records that were read earlier, to which those of this call are added; each has one record.
 */
export async function verify(
  records: AsyncIterable<StoredRecord> | Iterable<StoredRecord>,
  checkpoints: readonly Checkpoint[] = [],
  check?: RecordCheck,
  recorded: RecordedVersions = new RecordedVersions(),
  range?: Range,
): Promise<Verification> {
  const first = range?.first ?? 1;
  const expectedDigests = new Map(checkpoints.map(({ sequence, digest }) => [sequence, digest]));
  let head: CustodyRecord | undefined;
  const end = () => head?.sequence ?? first - 1;
  const verification = (broken?: BrokenLink): Verification => ({ records: end(), head, broken });

  for await (const stored of records) {
    const sequence: number = end() + 1;
    const key = recordKey(sequence);
    let object: ObjectVersion | undefined = head?.object;
    const broken = (problem: BrokenLink["problem"], expected: unknown, found: unknown) =>
      verification({ sequence, key, problem, expected: String(expected), found: String(found), object });

    if (stored.key !== key) {
      return broken("missing record", key, stored.key);
    }
    let record: CustodyRecord;
    try {
      record = parseRecord(stored.text);
      object = record.object;
    } catch (problem) {
      return stored.versions === 1
        ? broken("not a record", "a record", (problem as Error).message)
        : broken("more than one version", 1, stored.versions);
    }
    if (stored.versions !== 1) {
      return broken("more than one version", 1, stored.versions);
    }
    if (record.sequence !== sequence) {
      return broken("wrong sequence", sequence, record.sequence);
    }
    const digest = digestOf(record);
    if (record.digest !== digest) {
      return broken("wrong digest", digest, record.digest);
    }
    const canonical = canonicalJson(record);
    if (stored.text !== canonical) {
      return broken("not canonical", canonical, stored.text);
    }
    const previous = head?.digest ?? (first === 1 ? genesis : record.previous);
    if (record.previous !== previous) {
      return broken("wrong previous digest", previous, record.previous);
    }
    const earlier = recorded.add(record.object, sequence);
    if (earlier !== sequence) {
      return broken("object recorded twice", "once", `first in record ${earlier}`);
    }
    const checkpoint = expectedDigests.get(sequence) ?? digest;
    if (digest !== checkpoint) {
      return broken("differs from a checkpoint", checkpoint, digest);
    }
    const difference = await check?.(record);
    if (difference) {
      return broken("differs from the object", difference.expected, difference.found);
    }
    head = record;
  }

  const beyond = Math.max(0, ...expectedDigests.keys());
  return beyond > end() && range === undefined ? verification(missingRecord(end(), beyond, head)) : verification();
}

/** What is broken where the chain, or what was to be read of it, ends too early. */
export function missingRecord(end: number, beyond: number, head?: CustodyRecord): BrokenLink {
  return {
    sequence: end + 1,
    key: recordKey(end + 1),
    problem: "missing record",
    expected: `the chain reached record ${beyond} when it was verified`,
    found: `its last record is ${end}`,
    object: head?.object,
  };
}
