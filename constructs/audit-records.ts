import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type CustodyWriter, writtenBy } from "../facts/custody-keys";
import type { Deployment } from "./parts/deployment";
import { type Key, keyStatements } from "./parts/key";
import { Output } from "./parts/output";
import { denyDeletion, denyOthers, objectsBelow, type Statement } from "./parts/policy-document";
import { PrivateBucket } from "./parts/private-bucket";

export interface AuditRecordsProps {
  readonly deployment: Deployment;
  readonly bucketName: string;
  /** ARNs of the roles that may create what facts/custody-keys.ts says; nobody else may, however wide its own permissions are. */
  readonly writers: Readonly<Record<CustodyWriter, string>>;
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
      policy: (bucketArn) => ({ deny: denials(bucketArn, props) }),
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

function denials(bucketArn: string, { writers, replicator, forceDestroy }: AuditRecordsProps): Statement[] {
  const leaveTo = (writer: CustodyWriter, Sid: string) =>
    denyOthers(Sid, writers[writer], ["s3:PutObject"], objectsBelow(bucketArn, writtenBy[writer]));
  return [
    denyWritingOver(bucketArn),
    // A record that somebody else put at the end of the chain could not be removed, and would end it.
    leaveTo("records", "DenyOtherRecorders"),
    leaveTo("checkpoints", "DenyOtherVerifiers"),
    leaveTo("reconciliations", "DenyOtherReconcilers"),
    // S3 asks for these actions, and not for PutObject, when it copies into the bucket (Amazon S3 User Guide, "Setting up permissions
    // for live replication").
    ...(replicator
      ? [
          denyOthers(
            "DenyOtherReplicas",
            replicator,
            ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
            [`${bucketArn}/*`],
          ),
        ]
      : []),
    ...(forceDestroy ? [] : [denyDeletion(bucketArn)]),
  ];
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
