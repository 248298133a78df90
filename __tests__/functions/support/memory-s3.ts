import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";

interface Version {
  readonly versionId: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly contentEncoding?: string;
  readonly lastModified: Date;
}

/** S3 in memory, with versions and conditional writes, that answers out of order. */
export class MemoryS3 {
  private readonly buckets = new Map<string, Map<string, Version[]>>();
  private count = 0;
  /** Names of the commands that were sent. */
  readonly sent: string[] = [];
  /** Answers without the pause that changes the order. */
  instant = false;
  /** When S3 takes what is put. */
  now: () => number = Date.now;
  /** Called before a command has its effect, and may throw. */
  before: (command: object) => void = () => {};
  /** Called after a command had its effect, before the answer; what it throws is the answer. */
  after: (command: object) => void = () => {};

  get client(): S3Client {
    return this as unknown as S3Client;
  }

  put(
    bucket: string,
    key: string,
    body: string | Uint8Array,
    contentType = "application/json",
    contentEncoding?: string,
  ): string {
    const versionId = createHash("sha256")
      .update(String(this.count++))
      .digest("hex")
      .slice(0, 32);
    const lastModified = new Date(this.now());
    this.versions(bucket, key).push({ versionId, body: Buffer.from(body), contentType, contentEncoding, lastModified });
    return versionId;
  }

  /** Copies a bucket as S3's replication does: with version ids and times. */
  replicate(from: string, to: string): void {
    const copies = [...(this.buckets.get(from) ?? [])].map(
      ([key, versions]) => [key, [...versions]] as [string, Version[]],
    );
    this.buckets.set(to, new Map(copies));
  }

  delete(bucket: string, key: string): void {
    this.buckets.get(bucket)?.delete(key);
  }

  replace(bucket: string, key: string, body: string): void {
    this.delete(bucket, key);
    this.put(bucket, key, body);
  }

  keys(bucket: string, prefix = ""): string[] {
    return [...(this.buckets.get(bucket)?.keys() ?? [])].filter((key) => key.startsWith(prefix)).sort();
  }

  text(bucket: string, key: string): string {
    return this.versions(bucket, key).at(-1)?.body.toString() ?? "";
  }

  async send(command: object): Promise<unknown> {
    this.sent.push(command.constructor.name);
    await this.pause();
    this.before(command);
    const answer = this.answer(command);
    this.after(command);
    await this.pause();
    return answer;
  }

  private async pause(): Promise<void> {
    if (!this.instant) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    }
  }

  private answer(command: object): unknown {
    if (command instanceof PutObjectCommand) {
      const { Bucket = "", Key = "", Body, ContentType, IfNoneMatch } = command.input;
      if (IfNoneMatch === "*" && this.keys(Bucket).includes(Key)) {
        throw refused(412, "PreconditionFailed");
      }
      return { VersionId: this.put(Bucket, Key, Body as string | Uint8Array, ContentType) };
    }
    if (command instanceof GetObjectCommand) {
      const { Bucket = "", Key = "", VersionId } = command.input;
      const versions = this.buckets.get(Bucket)?.get(Key) ?? [];
      const version = VersionId ? versions.find(({ versionId }) => versionId === VersionId) : versions.at(-1);
      if (!version && VersionId) {
        throw refused(404, "NoSuchVersion");
      }
      if (!version) {
        throw new NoSuchKey({ message: Key, $metadata: { httpStatusCode: 404 } });
      }
      const Body = Object.assign(Readable.from([version.body]), {
        transformToString: () => Promise.resolve(version.body.toString()),
        transformToByteArray: () => Promise.resolve(new Uint8Array(version.body)),
      });
      const { contentType: ContentType, contentEncoding: ContentEncoding } = version;
      return { Body, ContentLength: version.body.length, ContentType, ContentEncoding };
    }
    if (command instanceof ListObjectsV2Command) {
      const { Bucket = "", Prefix, StartAfter = "", MaxKeys = 1000 } = command.input;
      const keys = this.keys(Bucket, Prefix).filter((key) => key > StartAfter);
      return { Contents: keys.slice(0, MaxKeys).map((Key) => ({ Key })) };
    }
    if (command instanceof ListObjectVersionsCommand) {
      const { Bucket = "", Prefix, KeyMarker = "", VersionIdMarker, MaxKeys = 1000, EncodingType } = command.input;
      const all = this.keys(Bucket, Prefix)
        .filter((key) => key > KeyMarker || (key === KeyMarker && VersionIdMarker !== undefined))
        .flatMap((Key) =>
          [...this.versions(Bucket, Key)].reverse().map(({ versionId: VersionId, lastModified: LastModified }) => ({
            Key,
            VersionId,
            LastModified,
          })),
        );
      const from = 1 + all.findIndex(({ Key, VersionId }) => Key === KeyMarker && VersionId === VersionIdMarker);
      const Versions = all.slice(from, from + MaxKeys);
      const last = all.length > from + MaxKeys ? Versions.at(-1) : undefined;
      const encode = (key: string) => (EncodingType === "url" ? encodeURIComponent(key).replaceAll("%20", "+") : key);
      return {
        EncodingType,
        Versions: Versions.map((version) => ({ ...version, Key: encode(version.Key) })),
        NextKeyMarker: last && encode(last.Key),
        NextVersionIdMarker: last?.VersionId,
      };
    }
    throw new Error(`no ${command.constructor.name} in memory`);
  }

  private versions(bucket: string, key: string): Version[] {
    const keys = this.buckets.get(bucket) ?? new Map<string, Version[]>();
    this.buckets.set(bucket, keys);
    const versions = keys.get(key) ?? [];
    keys.set(key, versions);
    return versions;
  }
}

/** An error as the SDK throws it. */
export function refused(status: number, name: string): S3ServiceException {
  return new S3ServiceException({ name, $fault: "client", $metadata: { httpStatusCode: status } });
}
