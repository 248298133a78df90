import { logStreamRetentionHours } from "./log-stream";
import { sevenYearsInDays } from "./retention";

/**
 * How long: days, for ever (`kept`), the last so many, or what a field of the environment's file says, where `values` says what its
 * words mean.
 */
export type Period =
  | number
  | "kept"
  | { readonly last: number }
  | { readonly field: string; readonly values?: Readonly<Record<string, number | "kept">> };

/** What ends a record's time, in the resource that holds it. */
export type Expiry =
  /** The rules of a bucket, for what lies in the folder; `superseded` for what was written over, deleted or hidden. */
  | { readonly by: "rules"; readonly of: "current" | "superseded"; readonly folder?: string }
  /** An argument of the resource. */
  | { readonly by: "argument"; readonly argument: string; readonly unit: "days" | "hours" | "seconds" }
  /** A member of the input of a function that is run when the stack is applied. */
  | { readonly by: "input"; readonly address: string; readonly member: string }
  /** The policy of a repository of images. */
  | { readonly by: "images"; readonly address: string; readonly tagged: boolean }
  /** The rules of a plan of AWS Backup, and their copies in another region. */
  | { readonly by: "plan" }
  /** AWS, which takes no argument. */
  | { readonly by: "AWS" };

/** A kind of record. */
export interface Kept {
  readonly record: string;
  /** In which kind of stack: of an environment, of an account, of the bucket of the states. */
  readonly stack: "environment" | "account" | "state";
  /** Terraform's address of what holds it. `aws_cloudwatch_log_group.*`: every log group without a row of its own. */
  readonly where: string;
  readonly expiry: Expiry;
  readonly period: Period;
  /** Object Lock of the bucket, or the lock of a vault, by fields of the environment's file. Default: none. */
  readonly lock?: { readonly mode: string; readonly days: string; readonly vaultLock?: string };
  /** When the time begins. */
  readonly clock: string;
  /** Which policy or rule asks for it. */
  readonly askedBy: string;
  /** Environments have none where this field is, or is not, null. Default: all have it. */
  readonly absentWhere?: { readonly field: string; readonly isNull: boolean };
  /** SkyManuals' own policy: at least any seven years, in an environment that is to stay. */
  readonly sevenYears?: true;
}

const policy = "SkyManuals' policy: seven years";
const securityEvents = "IS.D.OR.245(a)(4) of Delegated Regulation (EU) 2022/1645: 5 years";
const operations = "operations";
const guide = "the guide";

const logGroup = (label: string) =>
  ({
    stack: "environment",
    where: `aws_cloudwatch_log_group.${label}`,
    expiry: { by: "argument", argument: "retention_in_days", unit: "days" },
    clock: "when the event comes in",
  }) as const;

/**
 * Every kind of record that the stacks keep, where, how long, under which lock, and who asks for it. docs/retention.md is made of it, and
 * `__tests__/retention.test.ts` holds every synthesized stack to it: nothing may expire earlier, and a lock may not be shorter.
 */
export const retentionTable: readonly Kept[] = [
  {
    record: "Chunks in use",
    stack: "environment",
    where: "aws_s3_bucket.chunks",
    expiry: { by: "rules", of: "current" },
    period: { field: "storage.currentChunks", values: { keep: "kept", expire: sevenYearsInDays } },
    clock: "when the version is written, however long it is in use",
    askedBy: policy,
    sevenYears: true,
  },
  {
    record: "Chunks that were superseded, deleted or hidden",
    stack: "environment",
    where: "aws_s3_bucket.chunks",
    expiry: { by: "rules", of: "superseded" },
    period: sevenYearsInDays,
    clock: "when the version stops being the current one",
    askedBy: policy,
    sevenYears: true,
  },
  {
    record: "Records of the chain of custody",
    stack: "environment",
    where: "aws_s3_bucket.audit",
    expiry: { by: "rules", of: "current" },
    period: "kept",
    lock: { mode: "audit.lockMode", days: "audit.retentionDays" },
    clock: "when the chunk is recorded",
    askedBy: `${policy}; ${securityEvents}`,
    sevenYears: true,
  },
  {
    record: "Archived logs",
    stack: "environment",
    where: "aws_s3_bucket.log_archive",
    expiry: { by: "rules", of: "current" },
    period: { field: "archive.retentionDays" },
    lock: { mode: "archive.lockMode", days: "archive.lockDays" },
    clock: "when the object is written, a quarter of an hour after the event as a rule",
    askedBy: `${policy}; ${securityEvents}`,
    sevenYears: true,
  },
  {
    ...logGroup("api"),
    record: "Application logs in CloudWatch",
    period: 30,
    askedBy: `${guide}; the archive has them for longer`,
  },
  {
    ...logGroup("ecs"),
    record: "Commands in containers, in CloudWatch",
    period: 30,
    askedBy: `${guide}; the archive has them for longer`,
  },
  { ...logGroup("*"), record: "All other logs in CloudWatch", period: 30, askedBy: operations },
  {
    ...logGroup("flow_logs"),
    record: "Flow logs",
    period: { field: "network.flowLogRetentionDays" },
    askedBy: operations,
    absentWhere: { field: "network.flowLogRetentionDays", isNull: true },
  },
  {
    ...logGroup("waf"),
    record: "The web ACL's log",
    period: { field: "edge.logRetentionDays" },
    askedBy: operations,
  },
  ...(
    [
      ["Access logs of the load balancer", "alb/", "edge.loadBalancerLogRetentionDays"],
      ["Access logs of CloudFront", "cloudfront/", "edge.logRetentionDays"],
      ["Access logs of the chunks' bucket", "s3/chunks/", "edge.logRetentionDays"],
    ] as const
  ).map(
    ([record, folder, field]): Kept => ({
      record,
      stack: "environment",
      where: "aws_s3_bucket.access_logs",
      expiry: { by: "rules", of: "current", folder },
      period: { field },
      clock: "when the log is delivered",
      askedBy: operations,
    }),
  ),
  {
    record: "Answers of Athena about archived logs",
    stack: "environment",
    where: "aws_s3_bucket.access_logs",
    expiry: { by: "rules", of: "current", folder: "athena/" },
    period: 7,
    clock: "when the query ends",
    askedBy: "nobody: copies",
  },
  {
    record: "Log lines on the way to Logstash",
    stack: "environment",
    where: "aws_kinesis_stream.logs",
    expiry: { by: "argument", argument: "retention_period", unit: "hours" },
    period: logStreamRetentionHours / 24,
    clock: "when the record comes in",
    askedBy: operations,
  },
  {
    record: "The index of log lines",
    stack: "environment",
    where: "aws_elasticsearch_domain.skymanuals",
    expiry: { by: "input", address: "aws_lambda_invocation.bootstrap_elasticsearch", member: "retentionDays" },
    period: { field: "elasticsearch.retentionDays" },
    clock: "when the index of the day is created",
    askedBy: operations,
  },
  {
    record: "Hourly snapshots of the index",
    stack: "environment",
    where: "aws_elasticsearch_domain.skymanuals",
    expiry: { by: "AWS" },
    period: 14,
    clock: "when the snapshot is made",
    askedBy: operations,
  },
  {
    record: "Snapshots of the index of your own",
    stack: "environment",
    where: "aws_s3_bucket.log_snapshots",
    expiry: { by: "rules", of: "current" },
    period: "kept",
    clock: "when the snapshot is made",
    askedBy: operations,
  },
  {
    record: "Point-in-time backups of the database",
    stack: "environment",
    where: "aws_db_instance.postgres",
    expiry: { by: "argument", argument: "backup_retention_period", unit: "days" },
    period: { field: "database.backupRetentionDays" },
    clock: "when the change is made",
    askedBy: `${guide}: recovery`,
  },
  {
    record: "Monthly backups of the database, with their copies in the recovery region",
    stack: "environment",
    where: "aws_backup_plan.monthly",
    expiry: { by: "plan" },
    period: { field: "backup.monthlyRetentionDays" },
    lock: {
      mode: "backup.vaultLock.mode",
      days: "backup.vaultLock.minimumRetentionDays",
      vaultLock: "aws_backup_vault_lock_configuration.backups",
    },
    clock: "when the backup is made",
    askedBy: policy,
    sevenYears: true,
  },
  {
    record: "Point-in-time backups in the recovery region",
    stack: "environment",
    where: "aws_db_instance_automated_backups_replication.postgres",
    expiry: { by: "argument", argument: "retention_period", unit: "days" },
    period: { field: "database.backupRetentionDays" },
    clock: "when the change is made",
    askedBy: `${guide}: recovery; AMC1 21.B.55(a), CAMO.B.220(a), BOP.ADD.205, by analogy`,
    absentWhere: { field: "recovery", isNull: true },
  },
  {
    record: "Snapshots of the cache",
    stack: "environment",
    where: "aws_elasticache_replication_group.redis",
    expiry: { by: "argument", argument: "snapshot_retention_limit", unit: "days" },
    period: { field: "redis.snapshotRetentionDays" },
    clock: "when the snapshot is made",
    askedBy: operations,
  },
  {
    record: "Notifications of new chunks that were not recorded yet",
    stack: "environment",
    where: "aws_sqs_queue.custody",
    expiry: { by: "argument", argument: "message_retention_seconds", unit: "seconds" },
    period: 4,
    clock: "when the chunk is written",
    askedBy: operations,
  },
  {
    record: "Notifications that nobody could record",
    stack: "environment",
    where: "aws_sqs_queue.custody_dead_letters",
    expiry: { by: "argument", argument: "message_retention_seconds", unit: "seconds" },
    period: 14,
    clock: "when the chunk was written",
    askedBy: operations,
  },
  {
    record: "Released images of the API",
    stack: "environment",
    where: "aws_ecr_repository.api",
    expiry: { by: "images", address: "aws_ecr_lifecycle_policy.api", tagged: true },
    period: { last: 100 },
    clock: "by the time of the push",
    askedBy: operations,
    absentWhere: { field: "api.ecrRepositoryUrl", isNull: false },
  },
  {
    record: "Images of the API without a tag",
    stack: "environment",
    where: "aws_ecr_repository.api",
    expiry: { by: "images", address: "aws_ecr_lifecycle_policy.api", tagged: false },
    period: 14,
    clock: "when the image is pushed",
    askedBy: operations,
    absentWhere: { field: "api.ecrRepositoryUrl", isNull: false },
  },
  {
    record: "Log files of CloudTrail",
    stack: "account",
    where: "aws_s3_bucket.trail",
    expiry: { by: "rules", of: "current" },
    period: "kept",
    lock: { mode: "governance.trail.lockMode", days: "governance.trail.retentionDays" },
    clock: "when the file is delivered, minutes after the call",
    askedBy: `${policy}; ${securityEvents}`,
    sevenYears: true,
    absentWhere: { field: "governance.trail", isNull: true },
  },
  {
    record: "Configuration history in AWS Config",
    stack: "account",
    where: "aws_config_retention_configuration.skymanuals",
    expiry: { by: "argument", argument: "retention_period_in_days", unit: "days" },
    period: { field: "governance.config.retentionDays" },
    clock: "when the configuration changes",
    askedBy: policy,
    sevenYears: true,
  },
  {
    record: "Configuration history and snapshots in their bucket",
    stack: "account",
    where: "aws_s3_bucket.config",
    expiry: { by: "rules", of: "current" },
    period: "kept",
    clock: "when the file is delivered",
    askedBy: policy,
    sevenYears: true,
  },
  {
    record: "Terraform's states",
    stack: "state",
    where: "aws_s3_bucket.state",
    expiry: { by: "rules", of: "current" },
    period: "kept",
    clock: "when the state is written",
    askedBy: operations,
  },
  {
    record: "Superseded states",
    stack: "state",
    where: "aws_s3_bucket.state",
    expiry: { by: "rules", of: "superseded" },
    period: 365,
    clock: "when the next apply writes",
    askedBy: operations,
  },
];
