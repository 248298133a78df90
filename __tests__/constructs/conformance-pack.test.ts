import { readFileSync } from "node:fs";
import { accounts, environments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { changed } from "../support/environments";
import { type Synthesized, synthesizeAccount, synthesizePlatform } from "../support/synth";

interface Rule {
  readonly ConfigRuleName: string;
  readonly Source: { readonly Owner: string; readonly SourceIdentifier: string };
  readonly InputParameters?: Readonly<Record<string, string>>;
  readonly Scope?: Readonly<Record<string, unknown>>;
}

function rulesOf(stack: Synthesized): Rule[] {
  const { Resources: resources } = JSON.parse(
    String(stack.resource("aws_config_conformance_pack.skymanuals").template_body),
  ) as { Resources: Record<string, { Type: string; Properties: Rule }> };
  for (const [logicalId, { Type: type }] of Object.entries(resources)) {
    // CloudFormation takes nothing else.
    expect(logicalId).toMatch(/^[A-Za-z0-9]{1,255}$/);
    expect(type).toBe("AWS::Config::ConfigRule");
  }
  return Object.values(resources).map(({ Properties: rule }) => rule);
}

type Account = (typeof accounts)[number];

const accountNamed = (name: string) => accounts.find((account) => account.name === name) as Account;
const nonprod = rulesOf(synthesizeAccount(accountNamed("nonprod")));
const production = environments.find(({ name }) => name === "production") as Environment;

const parametersOf = (rules: readonly Rule[]) =>
  Object.fromEntries(
    rules.flatMap(({ ConfigRuleName: name, InputParameters: parameters }) => (parameters ? [[name, parameters]] : [])),
  );

test("the rules of development's and staging's account, with their parameters", () => {
  expect(nonprod.map(({ ConfigRuleName: name }) => name)).toEqual([
    "cloud-trail-enabled",
    "multi-region-cloud-trail-enabled",
    "cloud-trail-log-file-validation-enabled",
    "cloudtrail-s3-dataevents-enabled",
    "s3-bucket-ssl-requests-only",
    "vpc-flow-logs-enabled",
    "rds-storage-encrypted",
    "elasticsearch-encrypted-at-rest",
    "elasticsearch-in-vpc-only",
    "elasticsearch-node-to-node-encryption-check",
    "elasticsearch-logs-to-cloudwatch",
    "ecs-no-environment-secrets",
    "cloudfront-associated-with-waf",
    "cloudfront-viewer-policy-https",
    "root-account-mfa-enabled",
    "iam-root-access-key-check",
    "cw-loggroup-retention-period-check",
    "elasticache-redis-cluster-automatic-backup-check",
    ...["development", "staging"].flatMap((name) => [
      `s3-bucket-versioning-enabled-${name}-chunks`,
      `s3-bucket-versioning-enabled-${name}-audit`,
      `s3-bucket-default-lock-enabled-${name}`,
      `db-instance-backup-enabled-${name}`,
    ]),
  ]);
  expect(parametersOf(nonprod)).toMatchObject({
    "cloudtrail-s3-dataevents-enabled": {
      S3BucketNames:
        "development-skymanuals-chunks,development-skymanuals-audit,staging-skymanuals-chunks,staging-skymanuals-audit",
    },
    "elasticsearch-logs-to-cloudwatch": { logTypes: "search,index,error" },
    "elasticache-redis-cluster-automatic-backup-check": { snapshotRetentionPeriod: "1" },
    "s3-bucket-default-lock-enabled-development": { mode: "GOVERNANCE" },
  });
});

test("a rule of one environment asks for its resources only", () => {
  const scopes = Object.fromEntries(nonprod.map(({ ConfigRuleName: name, Scope: scope }) => [name, scope]));
  expect(scopes).toMatchObject({
    "s3-bucket-versioning-enabled-staging-chunks": {
      ComplianceResourceTypes: ["AWS::S3::Bucket"],
      ComplianceResourceId: "staging-skymanuals-chunks",
    },
    "s3-bucket-default-lock-enabled-staging": { ComplianceResourceId: "staging-skymanuals-audit" },
    "db-instance-backup-enabled-staging": { TagKey: "Environment", TagValue: "staging" },
  });
  expect(scopes["rds-storage-encrypted"]).toBeUndefined();
});

/** Rules on what the environment does not give, with what the rule asks and what the code gives. */
function asksForMore(
  rules: readonly Rule[],
  environment: Environment,
  platform = synthesizePlatform(environment),
): string[] {
  const numbers = (type: string, argument: string) =>
    platform.resources(type).flatMap(({ config }) => (argument in config ? [Number(config[argument])] : []));
  const of = (identifier: string) =>
    rules.filter(
      ({ Source: { SourceIdentifier: found }, Scope: scope }) =>
        found === identifier &&
        // What is scoped to another environment's resources does not ask this one.
        (scope?.TagValue === undefined || scope.TagValue === environment.name) &&
        (scope?.ComplianceResourceId === undefined ||
          [environment.names.chunksBucket, environment.audit.bucket].includes(String(scope.ComplianceResourceId))),
    );
  const asked = (identifier: string, parameter: string) =>
    of(identifier).map((rule) => rule.InputParameters?.[parameter]);
  const broken = (what: string, ask: unknown, gives: unknown, fits: boolean) =>
    fits ? [] : [`${environment.name}: ${what} asks for ${ask}, the code gives ${gives}`];
  const least = (what: string, asks: readonly (string | undefined)[], gives: number) =>
    asks.flatMap((ask) => broken(what, ask, gives, Number(ask) <= gives));
  const locks = platform.resource("aws_s3_bucket_object_lock_configuration.audit").rule as {
    readonly default_retention: { readonly mode: string };
  };
  const logs = Math.min(...numbers("aws_cloudwatch_log_group", "retention_in_days"));
  const backups = Math.min(
    ...platform
      .resources("aws_db_instance")
      .filter(({ config }) => !config.replicate_source_db)
      .map(({ config }) => Number(config.backup_retention_period)),
  );
  const snapshots = Math.min(...numbers("aws_elasticache_replication_group", "snapshot_retention_limit"));
  return [
    ...least(
      "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
      asked("CW_LOGGROUP_RETENTION_PERIOD_CHECK", "MinRetentionTime"),
      logs,
    ),
    ...least("DB_INSTANCE_BACKUP_ENABLED", asked("DB_INSTANCE_BACKUP_ENABLED", "backupRetentionMinimum"), backups),
    ...least(
      "ELASTICACHE_REDIS_CLUSTER_AUTOMATIC_BACKUP_CHECK",
      asked("ELASTICACHE_REDIS_CLUSTER_AUTOMATIC_BACKUP_CHECK", "snapshotRetentionPeriod"),
      snapshots,
    ),
    ...asked("S3_BUCKET_DEFAULT_LOCK_ENABLED", "mode").flatMap((mode) =>
      broken(
        "S3_BUCKET_DEFAULT_LOCK_ENABLED",
        mode,
        locks.default_retention.mode,
        mode === locks.default_retention.mode,
      ),
    ),
    ...of("S3_BUCKET_VERSIONING_ENABLED").flatMap(({ Scope: scope }) =>
      broken(
        "S3_BUCKET_VERSIONING_ENABLED",
        scope?.ComplianceResourceId,
        "none",
        platform
          .resources("aws_s3_bucket")
          .some(
            ({ label, config }) =>
              config.bucket === scope?.ComplianceResourceId && platform.has(`aws_s3_bucket_versioning.${label}`),
          ),
      ),
    ),
    ...of("RDS_MULTI_AZ_SUPPORT").flatMap(() =>
      broken("RDS_MULTI_AZ_SUPPORT", true, false, numbers("aws_db_instance", "multi_az").every(Boolean)),
    ),
    ...of("VPC_FLOW_LOGS_ENABLED").flatMap(() =>
      broken(
        "VPC_FLOW_LOGS_ENABLED",
        true,
        false,
        // A pilot light has no network yet.
        platform.resources("aws_flow_log").length > 0 || platform.resources("aws_vpc").length === 0,
      ),
    ),
  ];
}

describe("no rule asks for another retention than the code gives", () => {
  const governed = environments.map((environment) => {
    const account = accounts.find(
      ({ accountId, region }) => accountId === environment.accountId && region === environment.region,
    ) as Account;
    return { name: environment.name, environment, account };
  });

  test.each(governed)("$name", ({ environment, account }) => {
    expect(asksForMore(rulesOf(synthesizeAccount(account)), environment)).toEqual([]);
  });

  test("and each follows the environment's own value", () => {
    const account = accountNamed("production");
    const shorter = changed(production, {
      network: { flowLogRetentionDays: 14 },
      edge: { logRetentionDays: 14, loadBalancerLogRetentionDays: 14 },
      database: { backupRetentionDays: 5 },
      redis: { snapshotRetentionDays: 3 },
      audit: { lockMode: "GOVERNANCE" },
    });
    const platform = synthesizePlatform(shorter);
    const rules = rulesOf(synthesizeAccount(account, [shorter]));
    expect(parametersOf(rules)).toMatchObject({
      "cw-loggroup-retention-period-check": { MinRetentionTime: "14" },
      "db-instance-backup-enabled-production": { backupRetentionMinimum: "5" },
      "elasticache-redis-cluster-automatic-backup-check": { snapshotRetentionPeriod: "3" },
      "s3-bucket-default-lock-enabled-production": { mode: "GOVERNANCE" },
    });
    expect(asksForMore(rules, shorter, platform)).toEqual([]);
    expect(asksForMore(rulesOf(synthesizeAccount(account, [production])), shorter, platform)).toEqual([
      "production: CW_LOGGROUP_RETENTION_PERIOD_CHECK asks for 30, the code gives 14",
      "production: DB_INSTANCE_BACKUP_ENABLED asks for 7, the code gives 5",
      "production: ELASTICACHE_REDIS_CLUSTER_AUTOMATIC_BACKUP_CHECK asks for 7, the code gives 3",
      "production: S3_BUCKET_DEFAULT_LOCK_ENABLED asks for COMPLIANCE, the code gives GOVERNANCE",
    ]);
  });
});

test("rules of CloudFront and of the root user stand in one region, and without an environment nothing of one is asked", () => {
  const names = rulesOf(synthesizeAccount(accountNamed("production-dr"), [])).map(({ ConfigRuleName: name }) => name);
  expect(names).toEqual([
    "cloud-trail-enabled",
    "multi-region-cloud-trail-enabled",
    "cloud-trail-log-file-validation-enabled",
    "s3-bucket-ssl-requests-only",
    "vpc-flow-logs-enabled",
    "rds-storage-encrypted",
    "elasticsearch-encrypted-at-rest",
    "elasticsearch-in-vpc-only",
    "elasticsearch-node-to-node-encryption-check",
    "elasticsearch-logs-to-cloudwatch",
    "ecs-no-environment-secrets",
  ]);
});

test("Multi-AZ is asked of an environment that has it, and whose database has no read replica", () => {
  const asked = (environment: Environment) =>
    rulesOf(synthesizeAccount(accountNamed("production"), [environment]))
      .map(({ ConfigRuleName: name }) => name)
      .filter((name) => name.startsWith("rds-multi-az"));
  expect(asked(production)).toEqual(["rds-multi-az-support-production"]);
  expect(asked(changed(production, { size: { databaseReadReplicas: 1 } }))).toEqual([]);
  expect(asked(changed(production, { size: { databaseMultiAz: false } }))).toEqual([]);
});

test("every rule is one of AWS's, with parameters that it has, and the template has no more than AWS takes", () => {
  const known = JSON.parse(readFileSync(`${__dirname}/../fixtures/config-managed-rules.json`, "utf8")) as Record<
    string,
    readonly string[]
  >;
  for (const account of accounts) {
    const stack = synthesizeAccount(account);
    const rules = rulesOf(stack);
    for (const { Source: source, InputParameters: parameters = {}, ConfigRuleName: name } of rules) {
      expect(source.Owner).toBe("AWS");
      expect(Object.keys(known)).toContain(source.SourceIdentifier);
      expect(known[source.SourceIdentifier]).toEqual(expect.arrayContaining(Object.keys(parameters)));
      expect(name.length).toBeLessThanOrEqual(100);
    }
    expect(new Set(rules.map(({ ConfigRuleName: name }) => name)).size).toBe(rules.length);
    expect(rules.length).toBeLessThanOrEqual(130);
    const template = String(stack.resource("aws_config_conformance_pack.skymanuals").template_body);
    expect(template.length).toBeLessThan(51_200);
  }
});
