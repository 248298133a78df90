import { DataAwsKmsAlias } from "@cdktf/provider-aws/lib/data-aws-kms-alias";
import { DbInstanceAutomatedBackupsReplication } from "@cdktf/provider-aws/lib/db-instance-automated-backups-replication";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketReplicationConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-replication-configuration";
import { DataResource, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { batchReplicationRoleName, keyAlias, replicationRoleName } from "../facts/names";
import { alertTopicArns } from "./alert-topics";
import type { AuditRecords } from "./audit-records";
import { Alarm, type Alerting, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { assumedBy, policyDocument, type Statement } from "./parts/policy-document";
import type { Rds } from "./rds";
import type { S3 } from "./s3";

/** The environment that stands in: its stack, applied before, has made what this one names. */
export interface Standby {
  readonly region: string;
  /** Its keys are `alias/<prefix>-<purpose>`, its topics `<prefix>-<severity>-alerts`. */
  readonly prefix: string;
  readonly chunksBucket: string;
  readonly auditBucket: string;
}

export interface ReplicationProps {
  readonly deployment: Deployment;
  readonly standby: Standby;
  /** In the standby's region. */
  readonly provider: AwsProvider;
  /** S3 promises 15 minutes for 99.9 % of the objects, for 0.015 USD a GB. */
  readonly replicationTimeControl: boolean;
  readonly storage: S3;
  readonly records: AuditRecords;
  readonly database: Rds;
  /** Days, 1 to 35, that the copied backups are kept. */
  readonly backupRetentionDays: number;
  readonly alerting: Alerting;
}

/** A bucket that is copied. */
interface Source {
  readonly label: "chunks" | "audit";
  /** Of the key of the standby, where this bucket has one. */
  readonly purpose: "chunks" | "custody";
  readonly bucket: S3Bucket;
  readonly ready: ITerraformDependable;
  readonly destination: string;
  /** What reading it needs of a key; empty where S3 keeps the key. */
  readonly key: readonly Statement[];
}

const ruleId = "recovery";
const names = { chunks: "Chunks", audit: "Custody records" } as const;

/**
 * Copies what cannot be made again to the recovery region: chunks, custody records, and the database's automated backups. Not copied:
 * sessions in Redis, which are logged in again, and the index of the log store, which begins anew.
 *
 * New objects are copied. What was there before is copied once by S3 Batch Replication, by hand (docs/operations.md). Delete markers are
 * not copied: a chunk that is deleted by mistake, or by somebody who took over the account, stays in the copy. Nor are deletions of a
 * version (Amazon S3 User Guide, "What does Amazon S3 replicate?"), nor what lifecycle rules do: the copies have the rules of their
 * own bucket. A copied record is locked as long as the record (as above, "Object Lock considerations").
 *
 * Costs: each object's transfer (0.02 USD a GB from us-east-1 to us-west-2), its request and its storage there; with time control
 * 0.015 USD a GB more; 0.30 USD a month for each of eight metrics; the database's backups, 0.095 USD a GB and month (AWS list prices).
 */
export class Replication extends Construct {
  /** Region of the copies, and of the metrics of their lag. */
  readonly region: string;
  /** The metrics of each bucket's rule. */
  readonly sources: readonly { readonly name: string; readonly metrics: ReturnType<typeof metricsOf> }[];
  private readonly role: IamRole;
  /**
   * What the look-ups wait for: a plan from nothing, such as that of an adoption, needs no pilot light, and the apply does. It never
   * changes: a look-up that waits again would replace what it is for.
   */
  private readonly before: DataResource;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ReplicationProps,
  ) {
    super(scope, id);
    const { storage, records, standby } = props;
    const sources: readonly Source[] = [
      {
        label: "chunks",
        purpose: "chunks",
        bucket: storage.chunks,
        ready: storage.versioning,
        destination: standby.chunksBucket,
        key: storage.keyStatements("read"),
      },
      {
        label: "audit",
        purpose: "custody",
        bucket: records.bucket,
        ready: records.locked,
        destination: standby.auditBucket,
        key: records.keyStatements("read"),
      },
    ];
    this.role = this.addRole();
    this.before = new DataResource(this, "terraform_data.recovery", { input: { region: standby.region } });
    const keyArns = sources.map(({ key, purpose }) => (key.length > 0 ? this.keyArn(purpose) : undefined));
    const policy = this.addPolicy(sources, keyArns);
    for (const [index, source] of sources.entries()) {
      this.copy(source, policy, keyArns[index]);
      this.watch(source);
    }
    this.addBatchRole(sources);
    this.copyBackups();
    this.region = standby.region;
    this.sources = sources.map(({ label, bucket, destination }) => ({
      name: names[label],
      metrics: replicationMetrics(bucket, destination),
    }));
  }

  private addRole(): IamRole {
    const name = replicationRoleName(this.props.deployment.prefix);
    return new IamRole(this, "aws_iam_role.replication", {
      name,
      // No condition: AWS documents none (Amazon S3 User Guide, "Setting up permissions for live replication").
      assumeRolePolicy: assumedBy("s3.amazonaws.com"),
      tags: { Name: name },
    });
  }

  /**
   * Sources: Amazon S3 User Guide, "Setting up permissions for live replication", "Object Lock considerations" (retention and legal
   * hold) and "Replicating encrypted objects" (the two keys). Without ReplicateDelete: no delete marker is copied.
   */
  private addPolicy(sources: readonly Source[], keyArns: readonly (string | undefined)[]): IamRolePolicy {
    const { standby } = this.props;
    const objects = sources.map(({ bucket }) => `${bucket.arn}/*`);
    const replicaKeys = keyArns.filter((arn) => arn !== undefined);
    return new IamRolePolicy(this, "aws_iam_role_policy.replication", {
      name: "replicate",
      role: this.role.id,
      policy: policyDocument(
        {
          Sid: "Sources",
          Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
          Resource: sources.map(({ bucket }) => bucket.arn),
        },
        {
          Sid: "Objects",
          Action: ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
          Resource: objects,
        },
        {
          Sid: "Locks",
          Action: ["s3:GetObjectRetention", "s3:GetObjectLegalHold"],
          Resource: [`${this.props.records.bucket.arn}/*`],
        },
        {
          Sid: "Replicas",
          Action: ["s3:ReplicateObject", "s3:ReplicateTags"],
          Resource: sources.map(({ destination }) => `arn:aws:s3:::${destination}/*`),
        },
        ...sources.flatMap(({ key }) => key),
        ...(replicaKeys.length > 0
          ? [
              {
                Sid: "ReplicaKeys",
                Action: ["kms:Encrypt"],
                Resource: replicaKeys,
                Condition: { StringEquals: { "kms:ViaService": `s3.${standby.region}.amazonaws.com` } },
              },
            ]
          : []),
      ),
    });
  }

  /**
   * For the job that copies what was there before, or what failed: docs/operations.md. Source: Amazon S3 User Guide, "Configuring an IAM
   * role for S3 Batch Replication", with a manifest that S3 makes.
   */
  private addBatchRole(sources: readonly Source[]): void {
    const name = batchReplicationRoleName(this.props.deployment.prefix);
    const role = new IamRole(this, "aws_iam_role.batch_replication", {
      name,
      assumeRolePolicy: assumedBy("batchoperations.s3.amazonaws.com"),
      tags: { Name: name },
    });
    new IamRolePolicy(this, "aws_iam_role_policy.batch_replication", {
      name: "replicate",
      role: role.id,
      policy: policyDocument(
        {
          Sid: "Sources",
          Action: ["s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"],
          Resource: sources.map(({ bucket }) => bucket.arn),
        },
        {
          Sid: "Objects",
          Action: ["s3:InitiateReplication"],
          Resource: sources.map(({ bucket }) => `${bucket.arn}/*`),
        },
      ),
    });
  }

  private keyArn(purpose: string): string {
    const { provider, standby } = this.props;
    return new DataAwsKmsAlias(this, `data.aws_kms_alias.recovery_${purpose}`, {
      provider,
      name: keyAlias(standby.prefix, purpose),
      dependsOn: [this.before],
    }).targetKeyArn;
  }

  private copy(source: Source, policy: IamRolePolicy, replicaKmsKeyId?: string): void {
    const { replicationTimeControl } = this.props;
    const fifteenMinutes = { minutes: 15 };
    new S3BucketReplicationConfigurationA(this, `aws_s3_bucket_replication_configuration.${source.label}`, {
      bucket: source.bucket.id,
      role: this.role.arn,
      rule: [
        {
          id: ruleId,
          status: "Enabled",
          priority: 1,
          filter: { prefix: "" },
          deleteMarkerReplication: { status: "Disabled" },
          sourceSelectionCriteria: replicaKmsKeyId ? { sseKmsEncryptedObjects: { status: "Enabled" } } : undefined,
          destination: {
            bucket: `arn:aws:s3:::${source.destination}`,
            encryptionConfiguration: replicaKmsKeyId ? { replicaKmsKeyId } : undefined,
            metrics: {
              status: "Enabled",
              eventThreshold: replicationTimeControl ? fifteenMinutes : undefined,
            },
            replicationTime: replicationTimeControl ? { status: "Enabled", time: fifteenMinutes } : undefined,
          },
        },
      ],
      dependsOn: [source.ready, policy],
    });
  }

  /**
   * Lag is published in the region of the copy, failures in that of the source, where they are told of even if the copy's bucket is gone
   * (Amazon S3 User Guide, "Using S3 Replication metrics").
   */
  private watch({ label, bucket, destination }: Source): void {
    const { alerting, replicationTimeControl, standby, provider, deployment } = this.props;
    const what = names[label];
    const metrics = replicationMetrics(bucket, destination);
    new Alarm(this, `${label}_replication_lag`, {
      prefix: alerting.prefix,
      topics: alertTopicArns({ ...deployment, prefix: standby.prefix, region: standby.region }),
      provider,
      runbook: "replication_lag",
      severity: "page",
      description: `${what} in the recovery region are older than what is promised: a lost region would take more with it.`,
      watch: metrics("ReplicationLatency", "Maximum"),
      comparison: "above",
      // Without time control S3 promises nothing; with the recovery, we promise an hour.
      threshold: replicationTimeControl ? 15 * 60 : 60 * 60,
      evaluationPeriods: 5,
      missingData: "notBreaching",
    });
    new Alarm(this, `${label}_replication_failed`, {
      ...alerting,
      runbook: "replication_failed",
      severity: "ticket",
      description: `${what} could not be copied to the recovery region, and S3 does not try again.`,
      watch: replicationMetrics(bucket, destination, 300)("OperationsFailedReplication", "Sum"),
      comparison: "above",
      threshold: 0,
      missingData: "notBreaching",
    });
  }

  /**
   * RDS has neither a metric nor an event of how far the copied backups are; `aws rds describe-db-instance-automated-backups` says it.
   */
  private copyBackups(): void {
    const { provider, database, backupRetentionDays } = this.props;
    const replication = new DbInstanceAutomatedBackupsReplication(
      this,
      "aws_db_instance_automated_backups_replication.postgres",
      {
        provider,
        sourceDbInstanceArn: database.instance.arn,
        kmsKeyId: this.keyArn("data"),
        retentionPeriod: backupRetentionDays,
      },
    );
    new Output(
      this,
      "database_backup_arn",
      replication.id,
      "Automated backup of the database in the recovery region: recovery.backupArn of the environment that stands in",
    );
  }
}

/** Metrics of one rule of a bucket. Source: Amazon S3 User Guide, "S3 Replication dimensions in CloudWatch". */
function replicationMetrics(bucket: S3Bucket, destination: string, periodSeconds = 60): ReturnType<typeof metricsOf> {
  return metricsOf(
    "AWS/S3",
    { SourceBucket: bucket.bucket, DestinationBucket: destination, RuleId: ruleId },
    periodSeconds,
  );
}
