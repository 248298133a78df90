import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketObjectLockConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-object-lock-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { checkpointPrefix, claimPrefix, recordPrefix } from "../facts/custody-keys";
import type { Deployment } from "./parts/deployment";
import { denyInsecureTransport, policyDocument, type Statement } from "./parts/policy-document";
import { makePrivate } from "./parts/private-bucket";

export interface AuditRecordsProps {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /** ARNs of the roles that may create records, and checkpoints; nobody else may, however wide its own permissions are. */
  readonly writers: { readonly records: string; readonly checkpoints: string };
  readonly lockMode: "COMPLIANCE" | "GOVERNANCE";
  /** Days that each record is locked. */
  readonly retentionDays: number;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with every record in it, past their lock. */
  readonly forceDestroy: boolean;
}

/**
 * The bucket of the chain of custody. Holds data that nobody changes: every record is locked, none is written over, and but for
 * an environment that may be destroyed none is deleted. Records have no expiry: a chain that lost its beginning could not be
 * verified. A record takes about 700 bytes, so a million chunks cost 0.02 USD a month (S3 Standard, 0.023 USD per GB).
 */
export class AuditRecords extends Construct {
  readonly bucket: S3Bucket;
  /** What has to be there before the first record is written: without it that record would not be locked. */
  readonly locked: ITerraformDependable;

  constructor(scope: Construct, id: string, props: AuditRecordsProps) {
    super(scope, id);

    this.bucket = new S3Bucket(this, "aws_s3_bucket.audit", {
      bucket: props.bucketName,
      objectLockEnabled: true,
      forceDestroy: props.forceDestroy,
      tags: { Name: `${props.deployment.prefix}-audit` },
      lifecycle: { preventDestroy: props.preventDestroy },
    });
    const bucket = this.bucket.id;

    const versioning = new S3BucketVersioningA(this, "aws_s3_bucket_versioning.audit", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    this.locked = new S3BucketObjectLockConfigurationA(this, "aws_s3_bucket_object_lock_configuration.audit", {
      bucket,
      rule: { defaultRetention: { mode: props.lockMode, days: props.retentionDays } },
      dependsOn: [versioning],
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "aws_s3_bucket_server_side_encryption_configuration.audit", {
      bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    const { publicAccessBlock } = makePrivate(this, "audit", bucket);
    new S3BucketPolicy(this, "aws_s3_bucket_policy.audit", {
      bucket,
      policy: policyDocument(
        denyInsecureTransport("s3", this.bucket.arn, `${this.bucket.arn}/*`),
        {
          // The lock keeps a version, but a newer one would hide it.
          Sid: "DenyWritingOver",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:PutObject"],
          Resource: [`${this.bucket.arn}/*`],
          Condition: { Null: { "s3:if-none-match": "true" } },
        },
        // A record that somebody else put at the end of the chain could not be removed, and would end it.
        denyOthers("DenyOtherRecorders", props.writers.records, [
          `${this.bucket.arn}/${claimPrefix}*`,
          `${this.bucket.arn}/${recordPrefix}*`,
        ]),
        denyOthers("DenyOtherVerifiers", props.writers.checkpoints, [`${this.bucket.arn}/${checkpointPrefix}*`]),
        ...(props.forceDestroy ? [] : [denyDeletion(this.bucket.arn)]),
      ),
      // S3 refuses two changes of a bucket's access at once.
      dependsOn: [publicAccessBlock],
    });
  }
}

function denyOthers(Sid: string, roleArn: string, Resource: readonly string[]): Statement {
  return {
    Sid,
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:PutObject"],
    Resource,
    Condition: { ArnNotEquals: { "aws:PrincipalArn": roleArn } },
  };
}

/** The lock lets a delete marker hide a record, and GOVERNANCE can be bypassed. */
function denyDeletion(bucketArn: string): Statement {
  return {
    Sid: "DenyDeletion",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"],
    Resource: [`${bucketArn}/*`],
  };
}
