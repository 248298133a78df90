import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { at } from "./support/blocks";
import { synthesizeProduction } from "./support/environments";
import { Synthesized } from "./support/synth";

/**
 * Arguments of documented resources that replace the object when they change: what provider 5.100.0 was seen to replace,
 * and what else names, places or encrypts it. Production must say of them what the documented files say, and leave out
 * what they leave out.
 */
const denied: Readonly<Record<string, readonly string[]>> = {
  "aws_vpc.skymanuals": ["cidr_block", "instance_tenancy"],
  "aws_subnet.private": ["vpc_id"],
  "aws_subnet.public": ["vpc_id"],
  "aws_db_subnet_group.skymanuals": ["name", "name_prefix"],
  "aws_db_instance.postgres": [
    "engine",
    "db_name",
    "username",
    "kms_key_id",
    "storage_encrypted",
    "availability_zone",
    "db_subnet_group_name",
    "snapshot_identifier",
    "character_set_name",
    "nchar_character_set_name",
    "timezone",
    "custom_iam_instance_profile",
  ],
  "aws_elasticache_subnet_group.skymanuals": ["name", "description"],
  "aws_elasticache_replication_group.redis": [
    "replication_group_id",
    "kms_key_id",
    "at_rest_encryption_enabled",
    "port",
    "subnet_group_name",
    "security_group_names",
    "snapshot_arns",
    "snapshot_name",
    "data_tiering_enabled",
    "global_replication_group_id",
    "preferred_cache_cluster_azs",
  ],
  "aws_s3_bucket.chunks": ["bucket", "bucket_prefix", "object_lock_enabled"],
  "aws_ecs_cluster.skymanuals": ["name"],
  "aws_ecs_service.api": [
    "name",
    "cluster",
    "launch_type",
    "capacity_provider_strategy",
    "deployment_controller",
    "scheduling_strategy",
    "iam_role",
  ],
  "aws_ecs_service.logstash": [
    "name",
    "cluster",
    "launch_type",
    "capacity_provider_strategy",
    "deployment_controller",
    "scheduling_strategy",
    "iam_role",
  ],
  "aws_elasticsearch_domain.skymanuals": [
    "domain_name",
    "encrypt_at_rest.enabled",
    "encrypt_at_rest.kms_key_id",
    "advanced_security_options",
    "node_to_node_encryption.enabled",
  ],
  "aws_security_group.rds": ["name", "name_prefix", "description", "vpc_id"],
  "aws_security_group.redis": ["name", "name_prefix", "description", "vpc_id"],
  "aws_security_group.elasticsearch": ["name", "name_prefix", "description", "vpc_id"],
  "aws_cloudwatch_log_group.api": ["name", "name_prefix", "log_group_class"],
  "aws_cloudwatch_log_group.ecs": ["name", "name_prefix", "log_group_class"],
  "aws_budgets_budget.monthly": ["name", "name_prefix", "account_id"],
};

/**
 * What the guide references without declaring it, so that an adopted state may have any value, which adoption keeps: the
 * values that a platform made from the guide's text has, and nothing beside them that would replace it.
 */
const undeclared: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "aws_lb.main": {
    name: "skymanuals-alb",
    name_prefix: undefined,
    internal: false,
    load_balancer_type: "application",
    customer_owned_ipv4_pool: undefined,
  },
  "aws_lb_target_group.api": {
    name: "skymanuals-api",
    name_prefix: undefined,
    port: 3001,
    protocol: "HTTP",
    protocol_version: undefined,
    target_type: "ip",
    ip_address_type: undefined,
    vpc_id: "${aws_vpc.skymanuals.id}",
  },
  "aws_lb_listener.api": { load_balancer_arn: "${aws_lb.main.arn}" },
  "aws_security_group.ecs": {
    name: undefined,
    name_prefix: "skymanuals-ecs-",
    description: "API tasks: from the load balancer",
    vpc_id: "${aws_vpc.skymanuals.id}",
  },
  "aws_iam_role.ecs_execution": { name: "skymanuals-ecs-execution", name_prefix: undefined, path: undefined },
  "aws_iam_role.ecs_task": { name: "skymanuals-ecs-task", name_prefix: undefined, path: undefined },
  "aws_cloudwatch_log_group.logstash": {
    name: "/ecs/skymanuals-logstash",
    name_prefix: undefined,
    log_group_class: undefined,
  },
};

const folder = join(__dirname, "fixtures/documented");
const documentedText = readdirSync(folder)
  .filter((file) => file.endsWith(".tf"))
  .map((file) => readFileSync(join(folder, file), "utf8"))
  .join("\n");

/** What the documented files say of an argument, in Terraform JSON; undefined where they leave it out. */
function documented(address: string, path: string): unknown {
  const [type, label] = address.split(".");
  const start = documentedText.indexOf(`resource "${type}" "${label}" {`);
  if (start === -1) {
    throw new Error(`${address} is not in the documented files`);
  }
  const lines = documentedText.slice(start, documentedText.indexOf("\n}", start)).split("\n").slice(1);
  const block = path.split(".").reduce((within, key, depth, keys) => {
    const indent = "  ".repeat(depth + 1);
    const last = depth === keys.length - 1;
    const first = within.findIndex((line) =>
      last ? new RegExp(`^${indent}${key}(\\s*=|\\s*\\{)`).test(line) : line.startsWith(`${indent}${key} {`),
    );
    if (first === -1) {
      return [];
    }
    if (last) {
      return [within[first] as string];
    }
    const length = within.slice(first).indexOf(`${indent}}`);
    return within.slice(first + 1, first + length);
  }, lines);
  const expression = /=\s*(.*?)\s*(#.*)?$/.exec(block[0] ?? "")?.[1];
  return expression === undefined ? (block.length > 0 ? block[0] : undefined) : asJson(expression);
}

function asJson(expression: string): unknown {
  if (/^(".*"|\d+|true|false)$/.test(expression)) {
    const value: unknown = JSON.parse(expression);
    // The environment is production's: the stack knows it when it is synthesized.
    return typeof value === "string" ? value.replace("${var.environment}", "production") : value;
  }
  return `\${${expression}}`;
}

const differences = (stack: Synthesized) => [
  ...Object.entries(denied).flatMap(([address, paths]) =>
    paths.flatMap((path) => differs(stack, address, path, documented(address, path))),
  ),
  ...Object.entries(undeclared).flatMap(([address, values]) =>
    Object.entries(values).flatMap(([path, value]) => differs(stack, address, path, value)),
  ),
];

function differs(stack: Synthesized, address: string, path: string, expected: unknown): string[] {
  const ours = at(stack.resource(address), path);
  return ours === expected || (typeof expected === "boolean" && String(ours) === String(expected))
    ? []
    : [`${address}.${path}: ${JSON.stringify(ours)} instead of ${JSON.stringify(expected)}`];
}

const production = synthesizeProduction();

test("the documented values are read from the documented files", () => {
  expect(documented("aws_db_instance.postgres", "engine")).toBe("postgres");
  expect(documented("aws_db_instance.postgres", "username")).toBe("${var.database_username}");
  expect(documented("aws_db_instance.postgres", "kms_key_id")).toBeUndefined();
  expect(documented("aws_elasticache_replication_group.redis", "port")).toBe(6379);
  expect(documented("aws_s3_bucket.chunks", "bucket")).toBe("production-skymanuals-chunks");
  expect(documented("aws_elasticsearch_domain.skymanuals", "encrypt_at_rest.enabled")).toBe(true);
  expect(documented("aws_elasticsearch_domain.skymanuals", "encrypt_at_rest.kms_key_id")).toBeUndefined();
});

test("production differs from the documented platform in nothing that would replace an object", () => {
  expect(differences(production)).toEqual([]);
});

test.each([
  ["aws_db_instance.postgres", "kms_key_id", "${aws_kms_key.data.arn}"],
  ["aws_db_instance.postgres", "username", "admin"],
  ["aws_db_instance.postgres", "availability_zone", "us-east-1a"],
  ["aws_elasticache_replication_group.redis", "kms_key_id", "${aws_kms_key.data.arn}"],
  ["aws_elasticsearch_domain.skymanuals", "encrypt_at_rest", { enabled: true, kms_key_id: "alias/x" }],
  ["aws_elasticsearch_domain.skymanuals", "advanced_security_options", { enabled: true }],
  ["aws_ecs_service.logstash", "launch_type", undefined],
  ["aws_ecs_service.logstash", "capacity_provider_strategy", [{ capacity_provider: "FARGATE_SPOT" }]],
  ["aws_ecs_service.api", "deployment_controller", { type: "CODE_DEPLOY" }],
  ["aws_lb_target_group.api", "protocol_version", "HTTP2"],
  ["aws_lb.main", "internal", true],
  ["aws_security_group.rds", "description", "PostgreSQL"],
  ["aws_iam_role.ecs_task", "path", "/skymanuals/"],
  ["aws_db_subnet_group.skymanuals", "name", "skymanuals-database"],
  ["aws_s3_bucket.chunks", "object_lock_enabled", true],
])("it would be seen: %s with another %s", (address, argument, value) => {
  const json = structuredClone(production.json) as {
    resource: Record<string, Record<string, Record<string, unknown>>>;
  };
  const [type, label] = address.split(".") as [string, string];
  const config = json.resource[type]?.[label] as Record<string, unknown>;
  if (value === undefined) {
    delete config[argument];
  } else {
    config[argument] = value;
  }
  expect(differences(new Synthesized("changed", json))).toEqual([expect.stringContaining(`${address}.${argument}`)]);
});
