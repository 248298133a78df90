import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { sevenYearsInDays } from "../facts/retention";
import type { AccessLogs } from "./access-logs";
import type { Deployment } from "./parts/deployment";
import { type Key, keyStatements } from "./parts/key";
import { Output } from "./parts/output";
import type { Statement } from "./parts/policy-document";
import { type LifecycleRule, PrivateBucket } from "./parts/private-bucket";

export interface S3Props {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /** `expire`: S3 hides a chunk seven years after it was written, however much it is in use. */
  readonly currentChunks: "keep" | "expire";
  /** Beginnings of keys that the application never reads: after a year it would take hours. */
  readonly coldPrefixes: readonly string[];
  /** Takes the server access logs; its policy admits S3's log delivery. Default: none are written. */
  readonly accessLogs?: Pick<AccessLogs, "bucket" | "policy" | "prefixes">;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with everything in it. */
  readonly forceDestroy: boolean;
}

/** s3.tf: the document chunks. Holds data. */
export class S3 extends Construct {
  readonly chunks: S3Bucket;
  /** What has to be there before the first chunk is: without it that chunk would have no version. */
  readonly versioning: ITerraformDependable;
  private readonly key?: Key;

  constructor(scope: Construct, id: string, props: S3Props) {
    super(scope, id);

    const { prefix, environment, keys } = props.deployment;
    this.key = keys?.chunks;

    const chunks = new PrivateBucket(this, "chunks", {
      bucketName: props.bucketName,
      tags: { Name: `${prefix}-chunks`, Environment: environment },
      preventDestroy: props.preventDestroy,
      forceDestroy: props.forceDestroy,
      versioned: true,
      // aws_s3_bucket_encryption in the documented file: the provider has no such resource.
      kmsKeyArn: this.key?.arn,
      lifecycle: {
        // AWS's own default, stated: below 128 KiB the transition costs more than the storage saves.
        transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
        rules: lifecycleRules(props),
      },
      accessLogs: props.accessLogs && {
        bucket: props.accessLogs.bucket.id,
        prefix: props.accessLogs.prefixes.chunks,
        policy: props.accessLogs.policy,
      },
    });
    this.chunks = chunks.bucket;
    this.versioning = chunks.ready;
    new Output(this, "chunks_bucket", this.chunks.bucket, "Bucket of the document chunks");
  }

  /** What whoever reads or writes chunks needs besides the rights on the bucket: none under S3's own keys. */
  keyStatements(use: "read" | "read and write"): Statement[] {
    return keyStatements(this.key, use, "ChunksKey", "s3");
  }
}

function lifecycleRules({ currentChunks, coldPrefixes }: S3Props): LifecycleRule[] {
  return [
    {
      id: "transition_to_ia",
      transition: [
        { days: 30, storageClass: "STANDARD_IA" },
        // GLACIER in the documented file: a chunk could not be read for hours.
        { days: 90, storageClass: "GLACIER_IR" },
      ],
      // On a versioned bucket, expiration puts a delete marker over the current version and so begins the time of a superseded one.
      expiration: currentChunks === "expire" ? [{ days: sevenYearsInDays }] : undefined,
      noncurrentVersionExpiration: [{ noncurrentDays: sevenYearsInDays }],
    },
    ...coldPrefixes.map((prefix) => ({
      id: `archive ${prefix}`,
      prefix,
      transition: [{ days: 365, storageClass: "DEEP_ARCHIVE" }],
    })),
    {
      id: "clean_up",
      expiration: [{ expiredObjectDeleteMarker: true }],
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
    },
  ];
}
