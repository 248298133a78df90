import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import {
  checkpointPrefix,
  claimPrefix,
  indexPrefix,
  reconciliationPrefix,
  recordPrefix,
  verificationPrefix,
} from "../facts/custody-keys";
import type { Deployment } from "./parts/deployment";
import { type Key, keyStatements } from "./parts/key";
import { Output } from "./parts/output";
import type { Statement } from "./parts/policy-document";
import { PrivateBucket } from "./parts/private-bucket";

export interface AuditRecordsProps {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /**
   * ARNs of the roles that may create records, what verifications leave, and what reconciliations leave; nobody else may, however
   * wide its own permissions are.
   */
  readonly writers: { readonly records: string; readonly checkpoints: string; readonly reconciliations: string };
  /** ARN of the role that copies records into this bucket. Default: nobody does. */
  readonly replicator?: string;
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
  private readonly key?: Key;

  constructor(scope: Construct, id: string, props: AuditRecordsProps) {
    super(scope, id);
    this.key = props.deployment.keys?.custody;

    const audit = new PrivateBucket(this, "audit", {
      ...props,
      tags: { Name: `${props.deployment.prefix}-audit` },
      versioned: true,
      kmsKeyArn: this.key?.arn,
      objectLock: { mode: props.lockMode, days: props.retentionDays },
      policy: (bucketArn) => ({
        deny: [
          denyWritingOver(bucketArn),
          // A record that somebody else put at the end of the chain could not be removed, and would end it.
          denyOthers("DenyOtherRecorders", props.writers.records, [
            `${bucketArn}/${claimPrefix}*`,
            `${bucketArn}/${recordPrefix}*`,
          ]),
          denyOthers("DenyOtherVerifiers", props.writers.checkpoints, [
            `${bucketArn}/${checkpointPrefix}*`,
            `${bucketArn}/${indexPrefix}*`,
            `${bucketArn}/${verificationPrefix}*`,
          ]),
          denyOthers("DenyOtherReconcilers", props.writers.reconciliations, [`${bucketArn}/${reconciliationPrefix}*`]),
          ...(props.replicator ? [denyOtherReplicas(bucketArn, props.replicator)] : []),
          ...(props.forceDestroy ? [] : [denyDeletion(bucketArn)]),
        ],
      }),
    });
    this.bucket = audit.bucket;
    this.locked = audit.ready;
    new Output(this, "audit_bucket", this.bucket.bucket, "Bucket of the chain of custody");
  }

  /** What whoever reads or writes records needs besides the rights on the bucket: none under S3's own keys. */
  keyStatements(use: "read" | "read and write"): Statement[] {
    return keyStatements(this.key, use, "RecordsKey", "s3");
  }
}

/** The lock keeps a version, but a newer one would hide it. */
function denyWritingOver(bucketArn: string): Statement {
  return {
    Sid: "DenyWritingOver",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:PutObject"],
    Resource: [`${bucketArn}/*`],
    Condition: { Null: { "s3:if-none-match": "true" } },
  };
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

/**
 * S3 asks for these actions, and not for PutObject, when it copies into the bucket (Amazon S3 User Guide, "Setting up permissions for
 * live replication").
 */
function denyOtherReplicas(bucketArn: string, roleArn: string): Statement {
  return {
    Sid: "DenyOtherReplicas",
    Effect: "Deny",
    Principal: "*",
    Action: ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
    Resource: [`${bucketArn}/*`],
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
