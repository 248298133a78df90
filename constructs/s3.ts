import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { sevenYearsInDays } from "../facts/retention";
import type { AccessLogs } from "./access-logs";
import type { Deployment } from "./parts/deployment";
import { type Statement, tlsOnly } from "./parts/policy-document";
import { makePrivate } from "./parts/private-bucket";

export interface S3Props {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /** `aws:kms`: with a key of our own (1 USD a month, AWS list price), which readers and writers must be granted. */
  readonly encryption: "AES256" | "aws:kms";
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
  readonly versioning: S3BucketVersioningA;
  private readonly key?: KmsKey;

  constructor(scope: Construct, id: string, props: S3Props) {
    super(scope, id);

    this.chunks = new S3Bucket(this, "aws_s3_bucket.chunks", {
      bucket: props.bucketName,
      forceDestroy: props.forceDestroy,
      tags: { Name: `${props.deployment.prefix}-chunks`, Environment: props.deployment.environment },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    const bucket = this.chunks.id;

    this.versioning = new S3BucketVersioningA(this, "aws_s3_bucket_versioning.chunks", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });

    if (props.encryption === "aws:kms") {
      this.key = new KmsKey(this, "aws_kms_key.chunks", {
        description: "Document chunks",
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        tags: { Name: `${props.deployment.prefix}-chunks` },
        lifecycle: { preventDestroy: props.preventDestroy },
      });
      new KmsAlias(this, "aws_kms_alias.chunks", {
        name: `alias/${props.deployment.prefix}-chunks`,
        targetKeyId: this.key.id,
      });
    }

    // aws_s3_bucket_encryption in the documented file: the provider has no such resource.
    new S3BucketServerSideEncryptionConfigurationA(this, "aws_s3_bucket_server_side_encryption_configuration.chunks", {
      bucket,
      rule: [
        this.key
          ? {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: this.key.arn },
              // One request to KMS for many objects.
              bucketKeyEnabled: true,
            }
          : { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
      ],
    });

    new S3BucketLifecycleConfiguration(this, "aws_s3_bucket_lifecycle_configuration.chunks", {
      bucket,
      // AWS's own default, stated: below 128 KiB the transition costs more than the storage saves.
      transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
      rule: [
        {
          id: "transition_to_ia",
          status: "Enabled",
          filter: [{}],
          transition: [
            { days: 30, storageClass: "STANDARD_IA" },
            // GLACIER in the documented file: a chunk could not be read for hours.
            { days: 90, storageClass: "GLACIER_IR" },
          ],
          expiration: [{ days: sevenYearsInDays }],
          // Expiration only hides the current version; superseded ones are records for as long.
          noncurrentVersionExpiration: [{ noncurrentDays: sevenYearsInDays }],
        },
        ...props.coldPrefixes.map((prefix) => ({
          id: `archive ${prefix}`,
          status: "Enabled",
          filter: [{ prefix }],
          transition: [{ days: 365, storageClass: "DEEP_ARCHIVE" }],
        })),
        {
          id: "clean_up",
          status: "Enabled",
          filter: [{}],
          expiration: [{ expiredObjectDeleteMarker: true }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [this.versioning],
    });

    const { publicAccessBlock } = makePrivate(this, "chunks", bucket);
    new S3BucketPolicy(this, "aws_s3_bucket_policy.chunks", {
      bucket,
      policy: tlsOnly(this.chunks.arn),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccessBlock],
    });

    if (props.accessLogs) {
      new S3BucketLoggingA(this, "aws_s3_bucket_logging.chunks", {
        bucket,
        targetBucket: props.accessLogs.bucket.id,
        targetPrefix: props.accessLogs.prefixes.chunks,
        // S3 asks whether it may.
        dependsOn: [props.accessLogs.policy],
      });
    }
  }

  /** What whoever reads or writes chunks needs besides the rights on the bucket: none where S3 keeps the key. */
  keyStatements(use: "read" | "read and write"): Statement[] {
    if (!this.key) return [];
    const Action = use === "read" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"];
    return [{ Sid: "ChunksKey", Action, Resource: [this.key.arn] }];
  }
}
