import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { tlsOnly } from "./policy-document";

export interface S3Props {
  readonly namePrefix: string;
  /** The variable `environment`. */
  readonly environment: string;
  readonly bucketName: string;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with everything in it. */
  readonly forceDestroy: boolean;
}

/** Days that cover any seven years, two of which may be leap years. The guide's 2555 end one or two days early. */
const sevenYears = 2557;

/** s3.tf: the document chunks. Holds data. */
export class S3 extends Construct {
  readonly chunks: S3Bucket;

  constructor(scope: Construct, id: string, props: S3Props) {
    super(scope, id);

    this.chunks = new S3Bucket(this, "aws_s3_bucket.chunks", {
      bucket: props.bucketName,
      forceDestroy: props.forceDestroy,
      tags: { Name: `${props.namePrefix}-chunks`, Environment: props.environment },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    const bucket = this.chunks.id;

    const versioning = new S3BucketVersioningA(this, "aws_s3_bucket_versioning.chunks", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });

    // aws_s3_bucket_encryption in the documented file: the provider has no such resource.
    new S3BucketServerSideEncryptionConfigurationA(this, "aws_s3_bucket_server_side_encryption_configuration.chunks", {
      bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
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
          expiration: [{ days: sevenYears }],
          // Expiration only hides the current version; superseded ones are records for as long.
          noncurrentVersionExpiration: [{ noncurrentDays: sevenYears }],
        },
        {
          id: "clean_up",
          status: "Enabled",
          filter: [{}],
          expiration: [{ expiredObjectDeleteMarker: true }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
        },
      ],
      dependsOn: [versioning],
    });

    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "aws_s3_bucket_public_access_block.chunks", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketOwnershipControls(this, "aws_s3_bucket_ownership_controls.chunks", {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    new S3BucketPolicy(this, "aws_s3_bucket_policy.chunks", {
      bucket,
      policy: tlsOnly(this.chunks.arn),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccessBlock],
    });
  }
}
