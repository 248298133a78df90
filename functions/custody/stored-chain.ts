import { GetObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkpointPrefix, recordPrefix } from "../../facts/custody-keys";
import { type Checkpoint, type Range, recordKey, type StoredRecord, sequenceOf } from "./chain";

/** Objects that are read at once. An S3 client opens 50 connections unless it is told otherwise. */
export const readers = 128;
/** Objects after which `onRead` is called. */
const reportEvery = 32;

/**
 * Every record of an audit bucket in the order of the keys, with the number of its versions, each read by its version.
 * @param onRead called after each 32 objects with the number of objects read so far, and at the end.
 * @param range default: the whole chain.
 */
export async function* storedRecords(
  s3: S3Client,
  bucket: string,
  onRead?: (count: number) => void,
  range?: Range,
): AsyncGenerator<StoredRecord> {
  yield* storedObjects(s3, bucket, recordPrefix, onRead, range);
}

/** The heads that were verified earlier. */
export async function storedCheckpoints(s3: S3Client, bucket: string, range?: Range): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for await (const { text } of storedObjects(s3, bucket, checkpointPrefix, undefined, range)) {
    checkpoints.push(JSON.parse(text) as Checkpoint);
  }
  return checkpoints;
}

/** All keys that begin with this, 1000 a request. */
export async function* storedKeys(s3: S3Client, Bucket: string, Prefix: string, StartAfter?: string) {
  for (;;) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, StartAfter }));
    const keys = Contents.map(({ Key = "" }) => Key);
    yield* keys;
    StartAfter = keys.at(-1);
    if (StartAfter === undefined || keys.length < 1000) {
      return;
    }
  }
}

/** Milliseconds after which a report is not looked for: whoever wrote it begins anew. */
const newerThan = 60 * 86_400_000;

/** The newest of the reports of the last 60 days, whose keys are their times; undefined where there is none. */
export async function lastReport<T>(s3: S3Client, Bucket: string, prefix: string, now: number): Promise<T | undefined> {
  let Key: string | undefined;
  const from = `${prefix}${new Date(now - newerThan).toISOString()}`;
  for await (const key of storedKeys(s3, Bucket, prefix, from)) {
    Key = key;
  }
  if (Key === undefined) {
    return undefined;
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return JSON.parse((await Body?.transformToString()) ?? "") as T;
}

async function* storedObjects(
  s3: S3Client,
  Bucket: string,
  Prefix: string,
  onRead: (count: number) => void = () => {},
  range?: Range,
): AsyncGenerator<StoredRecord> {
  let count = 0;
  const objects = inOrder(versionsByKey(s3, Bucket, Prefix, range), async ({ key, versionIds, markers }) => ({
    key,
    // The first version is the one that was recorded.
    text: await read(s3, Bucket, key, versionIds.at(-1)),
    versions: versionIds.length + markers,
  }));
  for await (const object of objects) {
    yield object;
    if (++count % reportEvery === 0) {
      onRead(count);
    }
  }
  if (count % reportEvery !== 0) {
    onRead(count);
  }
}

/** What `work` makes of each item, in the order of the items, with so many at work at once. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<R>,
  atOnce = readers,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // It is awaited below, in its turn; until then nobody listens.
    result.catch(() => {});
    pending.push(result);
    if (pending.length === atOnce) {
      yield await (pending.shift() as Promise<R>);
    }
  }
  for (const result of pending) {
    yield await result;
  }
}

interface KeyVersions {
  readonly key: string;
  /** Newest first. */
  readonly versionIds: string[];
  markers: number;
}

async function* versionsByKey(
  s3: S3Client,
  Bucket: string,
  Prefix: string,
  range?: Range,
): AsyncGenerator<KeyVersions> {
  let current: KeyVersions | undefined;
  const before =
    range && range.first > 1 ? `${Prefix}${recordKey(range.first - 1).slice(recordPrefix.length)}` : undefined;
  let KeyMarker = before;
  let VersionIdMarker: string | undefined;
  do {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }));
    const versions = (page.Versions ?? []).map(({ Key = "", VersionId = "" }) => ({ key: Key, versionId: VersionId }));
    const markers = (page.DeleteMarkers ?? []).map(({ Key = "" }) => ({ key: Key, versionId: undefined }));
    for (const { key, versionId } of [...versions, ...markers].sort((a, b) =>
      a.key < b.key ? -1 : Number(a.key > b.key),
    )) {
      if (before !== undefined && key <= before) {
        continue;
      }
      if (current?.key !== key) {
        if (current) {
          yield current;
        }
        if (range?.last !== undefined && (sequenceOf(key) ?? 0) > range.last) {
          return;
        }
        current = { key, versionIds: [], markers: 0 };
      }
      if (versionId === undefined) {
        current.markers += 1;
      } else {
        current.versionIds.push(versionId);
      }
    }
    ({ NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page);
  } while (KeyMarker !== undefined);
  if (current) {
    yield current;
  }
}

async function read(s3: S3Client, Bucket: string, Key: string, VersionId: string | undefined): Promise<string> {
  if (VersionId === undefined) {
    return "";
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? "";
}
