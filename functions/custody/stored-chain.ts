import { GetObjectCommand, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkpointPrefix, recordPrefix } from "../../facts/custody-keys";
import type { Checkpoint, StoredRecord } from "./chain";

/** Objects that are read at once. */
const readers = 32;

interface StoredObject extends StoredRecord {
  readonly text: string;
}

/**
 * Every record of an audit bucket in the order of the keys, with the number of its versions, each read by its version.
 * @param onRead called after each batch with the number of objects read so far.
 */
export async function* storedRecords(
  s3: S3Client,
  bucket: string,
  onRead?: (count: number) => void,
): AsyncGenerator<StoredRecord> {
  yield* storedObjects(s3, bucket, recordPrefix, onRead);
}

/** The heads that were verified earlier. */
export async function storedCheckpoints(s3: S3Client, bucket: string): Promise<Checkpoint[]> {
  const checkpoints: Checkpoint[] = [];
  for await (const { text } of storedObjects(s3, bucket, checkpointPrefix)) {
    checkpoints.push(JSON.parse(text) as Checkpoint);
  }
  return checkpoints;
}

async function* storedObjects(
  s3: S3Client,
  Bucket: string,
  Prefix: string,
  onRead?: (count: number) => void,
): AsyncGenerator<StoredObject> {
  let count = 0;
  for await (const batch of batches(versionsByKey(s3, Bucket, Prefix), readers)) {
    const objects = batch.map(async ({ key, versionIds, markers }) => ({
      key,
      // The first version is the one that was recorded.
      text: await read(s3, Bucket, key, versionIds.at(-1)),
      versions: versionIds.length + markers,
    }));
    yield* await Promise.all(objects);
    count += batch.length;
    onRead?.(count);
  }
}

interface KeyVersions {
  readonly key: string;
  /** Newest first. */
  readonly versionIds: string[];
  markers: number;
}

async function* versionsByKey(s3: S3Client, Bucket: string, Prefix: string): AsyncGenerator<KeyVersions> {
  let current: KeyVersions | undefined;
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  do {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }));
    const versions = (page.Versions ?? []).map(({ Key = "", VersionId = "" }) => ({ key: Key, versionId: VersionId }));
    const markers = (page.DeleteMarkers ?? []).map(({ Key = "" }) => ({ key: Key, versionId: undefined }));
    for (const { key, versionId } of [...versions, ...markers].sort((a, b) =>
      a.key < b.key ? -1 : Number(a.key > b.key),
    )) {
      if (current?.key !== key) {
        if (current) {
          yield current;
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

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

async function read(s3: S3Client, Bucket: string, Key: string, VersionId: string | undefined): Promise<string> {
  if (VersionId === undefined) {
    return "";
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? "";
}
