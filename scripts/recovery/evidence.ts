import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import type { Connect } from "../../functions/bootstrap-database/connect";
import { parseUrl } from "../../functions/bootstrap-database/connect";
import { storedRecords } from "../../functions/custody/stored-chain";
import type { Stop } from "../command/stop";
import type { Place } from "./place";

/** A version of an object that a drill wrote. */
export interface Chunk {
  readonly key: string;
  readonly versionId: string;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
}

/** Something that was not as it must be. `check` is the step's name. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

const table = "recovery_drill";
/** Milliseconds between two looks at something that others do. */
const pollMs = 500;

/** Runs `work` with a connection of the master user, which ends with it. */
export async function withDatabase<T>(
  place: Place,
  connect: Connect,
  work: (client: Awaited<ReturnType<Connect>>) => Promise<T>,
): Promise<T> {
  const { SecretString } = await place.clients.secrets.send(
    new GetSecretValueCommand({ SecretId: place.databaseUrlSecret }),
  );
  const client = await connect(parseUrl(SecretString ?? ""));
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Writes the drill's row. The table stays: it shows every drill that was ever made. */
export function writeRow(place: Place, connect: Connect, id: string): Promise<void> {
  return withDatabase(place, connect, async (client) => {
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${table} (id text PRIMARY KEY, written_at timestamptz NOT NULL DEFAULT now())`,
    );
    await client.query(`INSERT INTO ${table} (id) VALUES ($1)`, [id]);
  });
}

/**
 * When the drill's row was written.
 *
 * @throws CheckFailed where it is not there
 */
export function findRow(place: Place, connect: Connect, id: string): Promise<Date> {
  return withDatabase(place, connect, async (client) => {
    const there = await client.query("SELECT to_regclass($1) AS name", [table]);
    const found = there.rows[0]?.name
      ? await client.query(`SELECT written_at FROM ${table} WHERE id = $1`, [id])
      : { rows: [] };
    if (found.rows.length === 0) {
      throw new CheckFailed(`the database ${place.database} in ${place.region} has no row of this drill`);
    }
    return found.rows[0].written_at as Date;
  });
}

/** Writes documents as a publisher does. */
export async function writeChunks(place: Place, id: string, count: number): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let index = 1; index <= count; index += 1) {
    const content = `Chunk ${index} of recovery drill ${id}\n`;
    const key = `recovery-drill/${id}/${index}.txt`;
    const { VersionId = "" } = await place.clients.s3.send(
      new PutObjectCommand({ Bucket: place.chunksBucket, Key: key, Body: content, ContentType: "text/plain" }),
    );
    chunks.push({ key, versionId: VersionId, sha256: digest(content) });
  }
  return chunks;
}

/**
 * Asks until the answer is empty.
 *
 * @throws CheckFailed with the last one when the time is over
 */
async function until(
  what: string,
  seconds: number,
  stop: Stop,
  missing: () => Promise<readonly string[]>,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const left = await missing();
    if (left.length === 0) {
      return;
    }
    if (Date.now() > deadline) {
      throw new CheckFailed(`${what}: after ${seconds} s still ${left.join(", ")}`);
    }
    stop.throwIfRequested();
    await sleep(pollMs);
  }
}

/** Waits until each chunk has its record in the chain of custody; the records' keys. */
export async function recorded(place: Place, chunks: readonly Chunk[], seconds: number, stop: Stop): Promise<string[]> {
  let keys: string[] = [];
  await until("chunks without a record", seconds, stop, async () => {
    const found = new Map<string, string>();
    for await (const { key, text } of recordsOf(place.clients.s3, place.auditBucket)) {
      const { object } = JSON.parse(text) as { object: { key: string; versionId: string } };
      found.set(`${object.key} ${object.versionId}`, key);
    }
    const names = chunks.map(({ key, versionId }) => `${key} ${versionId}`);
    keys = names.flatMap((name) => found.get(name) ?? []);
    return names.filter((name) => !found.has(name));
  });
  return keys;
}

function recordsOf(s3: S3Client, bucket: string) {
  return storedRecords(s3, bucket) as AsyncGenerator<{ readonly key: string; readonly text: string }>;
}

/** Waits until S3 says that each object was copied; `x-amz-replication-status` has COMPLETED or FAILED. */
export async function copied(
  place: Place,
  objects: readonly { readonly bucket: string; readonly key: string }[],
  seconds: number,
  stop: Stop,
): Promise<void> {
  await until("not copied", seconds, stop, async () => {
    const states = await Promise.all(
      objects.map(async ({ bucket, key }) => {
        const { ReplicationStatus = "no status" } = await place.clients.s3.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key }),
        );
        if (ReplicationStatus === "FAILED") {
          throw new CheckFailed(`S3 could not copy s3://${bucket}/${key}: its replication status is FAILED`);
        }
        return { name: `s3://${bucket}/${key} (${ReplicationStatus})`, done: ReplicationStatus === "COMPLETED" };
      }),
    );
    return states.filter(({ done }) => !done).map(({ name }) => name);
  });
}

/**
 * Reads each chunk's version from the bucket of copies.
 *
 * @throws CheckFailed where one is missing or has another content
 */
export async function findChunks(place: Place, chunks: readonly Chunk[]): Promise<void> {
  for (const { key, versionId, sha256 } of chunks) {
    const name = `s3://${place.chunksBucket}/${key}, version ${versionId}`;
    const { Body } = await place.clients.s3
      .send(new GetObjectCommand({ Bucket: place.chunksBucket, Key: key, VersionId: versionId }))
      .catch((error: Error) => {
        throw new CheckFailed(`${name} is not there: ${error.name}`);
      });
    const found = digest(await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray());
    if (found !== sha256) {
      throw new CheckFailed(`${name} has SHA-256 ${found}, and ${sha256} was written`);
    }
  }
}

function digest(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
