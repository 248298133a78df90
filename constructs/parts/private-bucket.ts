import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketObjectLockConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-object-lock-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { denyInsecureTransport, policyDocument, type Statement } from "./policy-document";

/** A rule that is enabled, in the provider's terms. */
export interface LifecycleRule extends Omit<S3BucketLifecycleConfigurationRule, "filter" | "status"> {
  /** Beginning of the keys that it is for. Default: every object. */
  readonly prefix?: string;
}

export interface PrivateBucketProps {
  readonly bucketName: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with everything in it. Default: S3 refuses to delete one that is not empty. */
  readonly forceDestroy?: boolean;
  /** ARN of the KMS key that encrypts objects, with a bucket key: one request to KMS for many objects. Default: S3's own keys. */
  readonly kmsKeyArn?: string;
  /** Keep what is written over or deleted. Object Lock needs it. */
  readonly versioned: boolean;
  /** Lock every new version for so many days. Default: none is locked. It cannot be switched off afterwards. */
  readonly objectLock?: { readonly mode: "COMPLIANCE" | "GOVERNANCE"; readonly days: number };
  /** Default: nothing is moved, and nothing expires. */
  readonly lifecycle?: {
    readonly rules: readonly LifecycleRule[];
    /** Default: AWS's own, `all_storage_classes_128K`. */
    readonly transitionDefaultMinimumObjectSize?: "all_storage_classes_128K" | "varies_by_storage_class";
  };
  /** What the bucket policy says besides that it refuses requests without TLS. Default: nothing. */
  readonly policy?: (bucketArn: string) => {
    readonly allow?: readonly Statement[];
    readonly deny?: readonly Statement[];
  };
  /** Takes the server access logs. Default: none are written. */
  readonly accessLogs?: {
    readonly bucket: string;
    readonly prefix: string;
    /** The policy that admits S3's log delivery: S3 asks whether it may when logging is switched on. */
    readonly policy: ITerraformDependable;
  };
}

/**
 * A bucket that is complete: encrypted, without ACLs, closed to the public, for TLS only, and with the versions, locks, rules and
 * logs that it is given. Label: the construct's id; `chunks` makes `aws_s3_bucket.chunks`, `aws_s3_bucket_policy.chunks` and so on.
 *
 * Order of changes: rules and locks follow the versions that they are about; the policy follows the public access block, because
 * S3 refuses two changes of a bucket's access at once.
 */
export class PrivateBucket extends Construct {
  readonly bucket: S3Bucket;
  /** What has to be there before the first object is: without it that object would have no version, or no lock. */
  readonly ready: ITerraformDependable;
  readonly policy: S3BucketPolicy;

  /**
   * @throws Error where Object Lock is asked for without versions
   */
  constructor(
    scope: Construct,
    private readonly label: string,
    props: PrivateBucketProps,
  ) {
    super(scope, label);
    if (props.objectLock && !props.versioned) {
      throw new Error(`${this.node.path}: objectLock locks versions; got versioned: false; set versioned: true`);
    }

    this.bucket = new S3Bucket(this, `aws_s3_bucket.${label}`, {
      bucket: props.bucketName,
      objectLockEnabled: props.objectLock ? true : undefined,
      forceDestroy: props.forceDestroy,
      tags: props.tags,
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    const versioning = props.versioned ? this.keepVersions() : undefined;
    const objectLock = props.objectLock && this.lock(props.objectLock, versioning);
    this.ready = objectLock ?? versioning ?? this.bucket;
    this.encrypt(props.kmsKeyArn);
    if (props.lifecycle) {
      this.addLifecycle(props.lifecycle, versioning);
    }
    this.policy = this.close(props.policy?.(this.bucket.arn) ?? {});
    if (props.accessLogs) {
      this.log(props.accessLogs);
    }
  }

  private keepVersions(): S3BucketVersioningA {
    return new S3BucketVersioningA(this, `aws_s3_bucket_versioning.${this.label}`, {
      bucket: this.bucket.id,
      versioningConfiguration: { status: "Enabled" },
    });
  }

  private lock(
    { mode, days }: NonNullable<PrivateBucketProps["objectLock"]>,
    versioning?: S3BucketVersioningA,
  ): S3BucketObjectLockConfigurationA {
    return new S3BucketObjectLockConfigurationA(this, `aws_s3_bucket_object_lock_configuration.${this.label}`, {
      bucket: this.bucket.id,
      rule: { defaultRetention: { mode, days } },
      dependsOn: versioning && [versioning],
    });
  }

  private encrypt(kmsKeyArn?: string): void {
    new S3BucketServerSideEncryptionConfigurationA(
      this,
      `aws_s3_bucket_server_side_encryption_configuration.${this.label}`,
      {
        bucket: this.bucket.id,
        rule: [
          kmsKeyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
            : {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
                bucketKeyEnabled: true,
              },
        ],
      },
    );
  }

  private addLifecycle(
    { rules, transitionDefaultMinimumObjectSize }: NonNullable<PrivateBucketProps["lifecycle"]>,
    versioning?: S3BucketVersioningA,
  ): void {
    new S3BucketLifecycleConfiguration(this, `aws_s3_bucket_lifecycle_configuration.${this.label}`, {
      bucket: this.bucket.id,
      transitionDefaultMinimumObjectSize,
      rule: rules.map(({ prefix, ...rule }) => ({
        ...rule,
        status: "Enabled",
        filter: [prefix === undefined ? {} : { prefix }],
      })),
      dependsOn: versioning && [versioning],
    });
  }

  /** Keeps the public out, switches ACLs off, and says who else may do what. */
  private close({ allow = [], deny = [] }: ReturnType<NonNullable<PrivateBucketProps["policy"]>>): S3BucketPolicy {
    const { id: bucket, arn } = this.bucket;
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, `aws_s3_bucket_public_access_block.${this.label}`, {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const ownership = new S3BucketOwnershipControls(this, `aws_s3_bucket_ownership_controls.${this.label}`, {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    return new S3BucketPolicy(this, `aws_s3_bucket_policy.${this.label}`, {
      bucket,
      policy: policyDocument(...allow, denyInsecureTransport("s3", arn, `${arn}/*`), ...deny),
      // What waits for the policy, because it admits it, must find the ACLs off too.
      dependsOn: allow.length > 0 ? [publicAccessBlock, ownership] : [publicAccessBlock],
    });
  }

  private log({ bucket, prefix, policy }: NonNullable<PrivateBucketProps["accessLogs"]>): void {
    new S3BucketLoggingA(this, `aws_s3_bucket_logging.${this.label}`, {
      bucket: this.bucket.id,
      targetBucket: bucket,
      targetPrefix: prefix,
      dependsOn: [policy],
    });
  }
}
