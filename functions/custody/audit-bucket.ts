import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { recordPrefix } from "../../facts/custody-keys";
import type { ChainStore } from "./append";
import { recordKey, sequenceOf } from "./chain";

/** The chain's records in a bucket. */
export class AuditBucket implements ChainStore {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  async read(key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
      return await Body?.transformToString();
    } catch (problem) {
      if (problem instanceof NoSuchKey) {
        return undefined;
      }
      throw problem;
    }
  }

  async create(key: string, content: string | Uint8Array): Promise<boolean> {
    try {
      await this.s3.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: content,
          ContentType: typeof content === "string" ? "application/json" : "application/octet-stream",
          IfNoneMatch: "*",
        }),
      );
      return true;
    } catch (problem) {
      // 412: there is one. 409: another request is creating it, and may yet fail (S3 User Guide, "Conditional requests").
      const status = problem instanceof S3ServiceException ? problem.$metadata.httpStatusCode : undefined;
      if (status !== 412 && status !== 409) {
        throw problem;
      }
      return false;
    }
  }

  async keys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }));
    return Contents.map(({ Key = "" }) => Key);
  }

  async sequencesAfter(sequence: number, limit: number): Promise<number[]> {
    const { Contents = [] } = await this.s3.send(
      new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: recordPrefix,
        StartAfter: recordKey(sequence),
        MaxKeys: limit,
      }),
    );
    return Contents.map(({ Key }) => sequenceOf(Key ?? "")).filter((number) => number !== undefined);
  }
}
