import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../environments";
import type { Environment } from "../environments/environment";
import { at } from "./support/blocks";
import { servingEnvironments, synthesizeProduction } from "./support/environments";
import { Permissions } from "./support/permissions";
import { type Resource, type Synthesized, synthesizePlatform } from "./support/synth";

type Purpose = "logs" | "secrets" | "custody" | "chunks" | "data" | "images";

const adopted: readonly Purpose[] = ["custody", "logs", "secrets"];
const all: readonly Purpose[] = ["chunks", "custody", "data", "images", "logs", "secrets"];
const purposes = { aws: [], adopted, "customer-managed": all };

/** By type: the arguments that name a key, and whose key it is. */
const keyed: Readonly<Record<string, Readonly<Record<string, (resource: Resource) => Purpose | undefined>>>> = {
  aws_cloudwatch_log_group: { kms_key_id: () => "logs" },
  aws_db_instance: {
    // A replica has its source's.
    kms_key_id: ({ config }) => (config.replicate_source_db ? undefined : "data"),
    performance_insights_kms_key_id: () => "data",
  },
  aws_ecr_repository: { "encryption_configuration.0.kms_key": () => "images" },
  aws_ecs_cluster: { "configuration.execute_command_configuration.kms_key_id": () => "logs" },
  aws_elasticache_replication_group: { kms_key_id: () => "data" },
  aws_elasticsearch_domain: { "encrypt_at_rest.kms_key_id": () => "data" },
  aws_kinesis_stream: { kms_key_id: () => "logs" },
  aws_s3_bucket_server_side_encryption_configuration: {
    "rule.0.apply_server_side_encryption_by_default.kms_master_key_id": ({ label }) =>
      ({ audit: "custody", chunks: "chunks", log_archive: "logs", log_snapshots: "logs" })[label] as
        | Purpose
        | undefined,
  },
  aws_scheduler_schedule: { kms_key_arn: () => "custody" },
  aws_secretsmanager_secret: { kms_key_id: () => "secrets" },
  aws_sqs_queue: { kms_master_key_id: () => "custody" },
};

/** Types with an argument for a key that none of theirs names, each with the reason. */
const without: Readonly<Record<string, string>> = {
  aws_db_instance_automated_backups_replication: "under the standby's key, in its region: replication.test.ts",
  aws_s3_bucket_replication_configuration: "under the standby's key, in its region: replication.test.ts",
  aws_athena_workgroup: "results go to the bucket of access logs, under S3's keys",
  aws_backup_vault: "under the key of the backups in every environment",
  aws_dynamodb_table: "positions in the log stream: numbers; readers and writers would need rights on the key",
  aws_ecs_service: "it has no volumes, and no TLS of Service Connect",
  aws_kinesis_firehose_delivery_stream: "records on their way, for a quarter of an hour, under a key of Firehose",
  aws_lambda_event_source_mapping: "it has no filter, which is what the key would encrypt",
  aws_lambda_function: "environment variables are names of buckets, no secrets",
  aws_s3_bucket: "a resource of its own says it",
  aws_sns_topic: "under the key of the alerts in every environment",
};

/** A bucket that takes no key of ours: load balancers and S3 deliver no logs to it. */
const underKeysOfS3 = ["access_logs"];

function expected(environment: Environment, resource: Resource, purpose: Purpose | undefined): string | undefined {
  const has = purpose !== undefined && (purposes[environment.encryption] as readonly Purpose[]).includes(purpose);
  const elsewhere = resource.label === "waf" && environment.region !== "us-east-1" ? "_us_east_1" : "";
  return has ? `\${aws_kms_key.${purpose}${elsewhere}.arn}` : undefined;
}

const differences = (environment: Environment, stack: Synthesized) =>
  stack.resources().flatMap((resource) =>
    Object.entries(keyed[resource.type] ?? {}).flatMap(([path, purposeOf]) => {
      const purpose = purposeOf(resource);
      const wanted = expected(environment, resource, purpose);
      const found = at(resource.config, path);
      const ofAws = resource.type === "aws_kinesis_stream" && wanted === undefined ? "alias/aws/kinesis" : undefined;
      return found === (wanted ?? ofAws) ? [] : [`${resource.address}.${path}: ${found} instead of ${wanted}`];
    }),
  );

describe.each(servingEnvironments)("$name", (environment) => {
  const stack = synthesizePlatform(environment);

  test("what takes a key has that of its purpose, or one of AWS where the environment says so", () => {
    expect(differences(environment, stack)).toEqual([]);
  });

  test("every type that takes a key is looked at, or has a reason", () => {
    const types = [...new Set(stack.resources().map(({ type }) => type))].filter(takesKey);
    expect(types.filter((type) => !(type in keyed) && !(type in without))).toEqual([]);
  });

  test("topics and vaults have keys of their own, whatever the environment says", () => {
    const named = (type: string, argument: string) => [
      ...new Set(stack.resources(type).map(({ config }) => config[argument])),
    ];
    const inEdgeRegion = environment.region === "us-east-1" ? [] : ["${aws_kms_key.alerts_us_east_1.id}"];
    expect(named("aws_sns_topic", "kms_master_key_id")).toEqual(["${aws_kms_key.alerts.id}", ...inEdgeRegion]);
    const vaults = stack.resources("aws_backup_vault").map(() => "${aws_kms_key.backups.arn}");
    expect(named("aws_backup_vault", "kms_key_arn")).toEqual([...new Set(vaults)]);
  });

  test("there are no other keys than those of the purposes", () => {
    const own = stack
      .resources("aws_kms_key")
      .map(({ label }) => label)
      .filter((label) => !/^alerts|_us_east_1$|backup|vault/.test(label));
    expect(own).toEqual([...purposes[environment.encryption]]);
  });

  test("a bucket is under S3's keys where nothing else is possible, or the environment says so", () => {
    const wanted = (purposes[environment.encryption] as readonly Purpose[]).includes("chunks")
      ? underKeysOfS3
      : environment.encryption === "aws"
        ? undefined
        : [...underKeysOfS3, "chunks"];
    const found = stack
      .resources("aws_s3_bucket_server_side_encryption_configuration")
      .filter(({ config }) => at(config, "rule.0.apply_server_side_encryption_by_default.sse_algorithm") !== "aws:kms")
      .map(({ label }) => label);
    expect(found).toEqual(wanted ?? found);
  });
});

const lib = join(__dirname, "../node_modules/@cdktf/provider-aws/lib");

/** Whether the provider's resource, or one of its blocks, has an argument for a KMS key. */
function takesKey(type: string): boolean {
  const file = join(lib, type.replace(/^aws_/, "").replaceAll("_", "-"), "index.d.ts");
  return (
    type.startsWith("aws_") &&
    !type.startsWith("aws_kms_") &&
    /^ +readonly \w*kms\w*\?: /im.test(readFileSync(file, "utf8"))
  );
}

test("the provider's types are read", () => {
  expect(["aws_cloudwatch_log_group", "aws_lambda_function", "aws_vpc", "aws_kms_key"].map(takesKey)).toEqual([
    true,
    true,
    false,
    false,
  ]);
  for (const type of Object.keys(without)) {
    expect([type, takesKey(type)]).toEqual([type, true]);
  }
});

test("development and staging are under keys of our own, and production where it can be without being replaced", () => {
  const choice = Object.fromEntries(environments.map(({ name, encryption }) => [name, encryption]));
  expect(choice).toMatchObject({
    development: "customer-managed",
    staging: "customer-managed",
    production: "adopted",
    "production-dr": "customer-managed",
  });
});

test("the rules see a resource without its key, and one with another's", () => {
  const environment = environments.find(({ name }) => name === "development") as Environment;
  const stack = synthesizePlatform(environment);
  const api = stack.resource("aws_cloudwatch_log_group.api") as Record<string, unknown>;
  const secret = stack.resource("aws_secretsmanager_secret.jwt_secret") as Record<string, unknown>;
  delete api.kms_key_id;
  secret.kms_key_id = "${aws_kms_key.logs.arn}";
  expect(differences(environment, stack)).toEqual([
    "aws_cloudwatch_log_group.api.kms_key_id: undefined instead of ${aws_kms_key.logs.arn}",
    "aws_secretsmanager_secret.jwt_secret.kms_key_id: ${aws_kms_key.logs.arn} instead of ${aws_kms_key.secrets.arn}",
  ]);
});

describe("the keys", () => {
  const account = "${data.aws_caller_identity.current.account_id}";
  const stack = synthesizeProduction({ encryption: "customer-managed" });
  const owner = {
    Sid: "Account",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: ["kms:*"],
    Resource: ["*"],
  };
  const logGroups = (region: string) => ({
    Sid: "LogGroups",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    Resource: ["*"],
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${account}:*` } },
  });

  test.each(all)("%s is renewed every year, has an alias, and can be restored for 30 days", (purpose) => {
    expect(stack.resource(`aws_kms_key.${purpose}`)).toMatchObject({
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      tags: { Name: `skymanuals-${purpose}` },
      lifecycle: { prevent_destroy: true },
    });
    expect(stack.resource(`aws_kms_alias.${purpose}`)).toEqual({
      name: `alias/skymanuals-${purpose}`,
      target_key_id: `\${aws_kms_key.${purpose}.id}`,
    });
  });

  test("the account decides who uses them; services may do what AWS documents, and nothing with the others", () => {
    expect(stack.statements("aws_kms_key.logs")).toEqual([owner, logGroups("${var.aws_region}")]);
    expect(stack.statements("aws_kms_key.custody")).toEqual([
      owner,
      {
        Sid: "Notifications",
        Effect: "Allow",
        Principal: { Service: "s3.amazonaws.com" },
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: ["*"],
      },
    ]);
    for (const purpose of ["chunks", "data", "images", "secrets"]) {
      expect(stack.statements(`aws_kms_key.${purpose}`)).toEqual([owner]);
    }
  });

  test("outside of us-east-1 the firewall's log has a key of its own region", () => {
    const abroad = synthesizePlatform({
      ...(environments.find(({ name }) => name === "development") as Environment),
      region: "eu-central-1",
      zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    });
    expect(abroad.resource("aws_cloudwatch_log_group.waf")).toMatchObject({
      kms_key_id: "${aws_kms_key.logs_us_east_1.arn}",
      provider: "aws.us_east_1",
    });
    expect(abroad.resource("aws_kms_key.logs_us_east_1").provider).toBe("aws.us_east_1");
    expect(abroad.resource("aws_kms_alias.logs_us_east_1")).toMatchObject({
      name: "alias/skymanuals-development-logs",
      provider: "aws.us_east_1",
    });
    expect(abroad.statements("aws_kms_key.logs_us_east_1")).toEqual([owner, logGroups("us-east-1")]);
    expect(synthesizeProduction().has("aws_kms_key.logs_us_east_1")).toBe(false);
  });
});

describe("who may use them", () => {
  const permissions = new Permissions(synthesizeProduction({ encryption: "customer-managed" }));
  const may = (role: string, action: string, purpose: Purpose, service: string) =>
    permissions.allows(`aws_iam_role.${role}`, {
      action,
      resource: permissions.evaluator.arn(`aws_kms_key.${purpose}`),
      context: { "kms:ViaService": `${service}.us-east-1.amazonaws.com` },
    });

  test.each<[string, Purpose, string, boolean, boolean]>([
    // Role, key, service; reads, writes.
    ["ecs_execution", "secrets", "secretsmanager", true, false],
    ["migrations_execution", "secrets", "secretsmanager", true, false],
    ["bootstrap_database", "secrets", "secretsmanager", true, false],
    ["check_redis", "secrets", "secretsmanager", true, false],
    ["ecs_task", "chunks", "s3", true, true],
    ["custody", "chunks", "s3", true, false],
    ["custody", "custody", "s3", true, true],
    ["custody", "custody", "sqs", true, false],
    ["verify_custody", "custody", "s3", true, true],
    ["log_stream", "logs", "kinesis", false, true],
    ["logstash_task", "logs", "kinesis", true, false],
    ["log_snapshots", "logs", "s3", true, true],
    ["ecs_task", "secrets", "secretsmanager", false, false],
    ["ecs_task", "custody", "s3", false, false],
    ["logstash_execution", "secrets", "secretsmanager", false, false],
    ["verify_custody", "chunks", "s3", false, false],
    ["bootstrap_elasticsearch", "data", "es", false, false],
  ])("%s with %s by way of %s", async (role, purpose, service, reads, writes) => {
    expect(await may(role, "kms:Decrypt", purpose, service)).toBe(reads);
    expect(await may(role, "kms:GenerateDataKey", purpose, service)).toBe(writes);
    // In its own name, or by way of another service.
    expect(await may(role, "kms:GenerateDataKey", purpose, "dynamodb")).toBe(false);
    expect(await may(role, "kms:ScheduleKeyDeletion", purpose, service)).toBe(false);
  });
});
