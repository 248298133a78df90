/** Names that are assembled in one place and read, or taken apart, in another. */

import { logArchiveName } from "./log-archive";

/** What the names of stacks begin with, and of what an account has once. */
export const project = "skymanuals";

/** The stack, and root module, of an environment. */
export function environmentStack(environment: string): string {
  return `${project}-${environment}`;
}

/** The environment of a stack's name; any other name is returned as it is. */
export function environmentOfStack(stack: string): string {
  return stack.startsWith(`${project}-`) ? stack.slice(project.length + 1) : stack;
}

/** The stack of what exists once in an account and region. */
export function accountStack(account: string): string {
  return `${project}-account-${account}`;
}

/** The stack of the bucket and key of an account's states. */
export function stateStack(account: string): string {
  return `${project}-state-${account}`;
}

/** Beginnings of environments' names that would make their stacks look like an account's. */
export const accountStackBeginnings = ["account-", "state-"] as const;

/** The SSM parameter that says which image the API runs: a tag, or `sha256:<digest>`. */
export function apiImageParameter(prefix: string): string {
  return `/${prefix}/api/image`;
}

/** The SSM parameter that says where the migrations run: `{"subnets": [...], "securityGroups": [...]}`, by id. */
export function migrationsNetworkParameter(prefix: string): string {
  return `/${prefix}/migrations/network`;
}

/** The ECS cluster of all services. */
export function clusterName(prefix: string): string {
  return prefix;
}

/** The API's ECS service, the family of its tasks, its target group, its own repository and its name in traces. */
export function apiName(prefix: string): string {
  return `${prefix}-api`;
}

/** The load balancer in the private subnets, and its target group. */
export function internalName(prefix: string): string {
  return `${prefix}-internal`;
}

/** The family of the task that migrates the database. */
export function migrationsName(prefix: string): string {
  return `${prefix}-migrations`;
}

/** Logstash's ECS service, the family of its tasks and its repository. */
export function logstashName(prefix: string): string {
  return `${prefix}-logstash`;
}

/** The role by which S3 copies an environment's buckets to another region. */
export function replicationRoleName(prefix: string): string {
  return `${prefix}-replication`;
}

/** The role by which S3 copies what was there before, in a job. */
export function batchReplicationRoleName(prefix: string): string {
  return `${prefix}-batch-replication`;
}

/** The alias of a KMS key of our own. */
export function keyAlias(prefix: string, purpose: string): string {
  return `alias/${prefix}-${purpose}`;
}

/** The topic of a severity. */
export function alertTopicName(prefix: string, severity: string): string {
  return `${prefix}-${severity}-alerts`;
}

/** The identifier of the primary database. */
export function databaseName(prefix: string): string {
  return `${prefix}-postgres`;
}

/** What a database is restored from. */
export interface DatabaseBackup {
  readonly region: string;
  readonly accountId: string;
  readonly kind: "auto-backup" | "snapshot";
  /** Of an automated backup: `ab-<id>`. Of a snapshot: its identifier; those of AWS Backup are `awsbackup:job-<id>` and the like. */
  readonly name: string;
}

/**
 * Takes the ARN of an automated backup or a snapshot apart; undefined where it is another one. Source: Amazon RDS User Guide, "Amazon
 * Resource Names (ARNs) in Amazon RDS".
 */
export function parseDatabaseBackup(arn: string): DatabaseBackup | undefined {
  const form =
    /^arn:aws:rds:(?<region>[a-z0-9-]+):(?<accountId>\d{12}):(?<kind>auto-backup|snapshot):(?<name>[A-Za-z][A-Za-z0-9:-]*)$/;
  return form.exec(arn)?.groups as DatabaseBackup | undefined;
}

/** The backup vault, and its key. */
export function backupVaultName(prefix: string): string {
  return `${prefix}-backups`;
}

/** The backup plan. */
export function backupPlanName(prefix: string): string {
  return `${prefix}-monthly`;
}

/** The restore testing plan, whose name has no hyphens (AWS Backup API, RestoreTestingPlanForCreate). */
export function restoreTestName(prefix: string): string {
  return `${prefix.replaceAll("-", "_")}_restore_test`;
}

/** A Lambda function and its role. `source` is its folder in `functions/`. */
export function functionName(prefix: string, source: string): string {
  return `${prefix}-${source}`;
}

/**
 * The longest names of resources that carry the prefix, with AWS's limits in characters.
 * Sources: the API's CreateElasticsearchDomain, CreateLoadBalancer, CreateTargetGroup, CreateReplicationGroup, CreateDBInstance,
 * CreateFunction, CreateRepository, CreateDeliveryStream, PutDeliverySource, CreateSamplingRule, CreateBackupVault and
 * CreateRestoreTestingPlan.
 */
export const derivedNames = [
  { suffix: "-logs", what: "Elasticsearch domain", maximum: 28 },
  { suffix: "-alb", what: "load balancer", maximum: 32 },
  { suffix: internalName(""), what: "load balancer", maximum: 32 },
  { suffix: apiName(""), what: "target group", maximum: 32 },
  { suffix: "-redis", what: "replication group", maximum: 40 },
  { suffix: databaseName(""), what: "database instance", maximum: 63 },
  { suffix: functionName("", "bootstrap-elasticsearch"), what: "Lambda function", maximum: 64 },
  { suffix: `${databaseName("")}-reader-15`, what: "database instance", maximum: 63 },
  { suffix: "-health", what: "X-Ray sampling rule", maximum: 32 },
  { suffix: logstashName(""), what: "ECR repository", maximum: 256 },
  { suffix: "-cloudfront", what: "log delivery source and destination", maximum: 60 },
  { suffix: logArchiveName(""), what: "delivery stream", maximum: 64 },
  { suffix: functionName("", "reconcile-custody"), what: "Lambda function", maximum: 64 },
  { suffix: functionName("", "verify-custody"), what: "Lambda function", maximum: 64 },
  { suffix: backupVaultName(""), what: "backup vault", maximum: 50 },
  { suffix: restoreTestName(""), what: "restore testing plan", maximum: 50 },
] as const;
