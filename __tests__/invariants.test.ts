import { environments } from "../environments";
import type { Environment } from "../environments/environment";
import { changed, servingEnvironments, synthesizeAccounts, synthesizeEnvironments } from "./support/environments";
import { dataHolders, invariants } from "./support/invariants";
import { type Block, Synthesized, synthesizePlatform } from "./support/synth";

const platforms = synthesizeEnvironments();
const stacks = [...platforms, ...synthesizeAccounts()];

describe.each(stacks)("$name", (stack) => {
  test.each(Object.entries(invariants))("%s", (_, broken) => {
    expect(broken(stack)).toEqual([]);
  });
});

describe("prevent_destroy stands on everything that holds data, and on nothing else, where the environment says so", () => {
  const isProtected = (stack: Synthesized) =>
    stack
      .resources()
      .filter(({ config }) => (config.lifecycle as Block | undefined)?.prevent_destroy === true)
      .map(({ address }) => address)
      .sort();
  const holders = (stack: Synthesized) =>
    stack
      .resources()
      .filter(({ type }) => dataHolders.includes(type))
      .map(({ address }) => address)
      .sort();

  const keysOf = ({ encryption }: Environment) => [
    "aws_kms_key.alerts",
    "aws_kms_key.backups",
    ...{
      aws: [],
      adopted: ["aws_kms_key.custody", "aws_kms_key.logs", "aws_kms_key.secrets"],
      "customer-managed": ["chunks", "custody", "data", "images", "logs", "secrets"].map(
        (purpose) => `aws_kms_key.${purpose}`,
      ),
    }[encryption],
  ];

  test.each(servingEnvironments)("$name", (environment) => {
    for (const preventDestroy of [true, false]) {
      const stack = synthesizePlatform(changed(environment, { protection: { preventDestroy } }));
      expect(holders(stack)).toEqual([
        "aws_backup_vault.backups",
        "aws_db_instance.postgres",
        "aws_elasticache_replication_group.redis",
        "aws_elasticsearch_domain.skymanuals",
        ...keysOf(environment),
        "aws_s3_bucket.access_logs",
        "aws_s3_bucket.audit",
        "aws_s3_bucket.chunks",
        "aws_s3_bucket.log_archive",
        "aws_s3_bucket.log_snapshots",
      ]);
      expect(isProtected(stack)).toEqual(preventDestroy ? holders(stack) : []);
    }
  });

  test("production says so, and the stacks that hold states need not be told", () => {
    expect(environments.find(({ name }) => name === "production")?.protection).toEqual({
      preventDestroy: true,
      deletionProtection: true,
      finalSnapshot: true,
      forceDestroy: false,
      secretRecoveryDays: 30,
    });
    const states = stacks.filter(({ name }) => name.startsWith("skymanuals-state-"));
    for (const stack of states) {
      expect(isProtected(stack)).toEqual(["aws_kms_key.state", "aws_s3_bucket.state"]);
    }
  });
});

describe("the rules see what breaks them", () => {
  const [stack] = platforms as [Synthesized];

  /** A copy of the stack in which one resource has other arguments; undefined removes one. */
  function broken(address: string, change: (config: Record<string, unknown>) => void): Synthesized {
    const json = structuredClone(stack.json) as { resource: Record<string, Record<string, Record<string, unknown>>> };
    const [type, label] = address.split(".") as [string, string];
    json.resource[type] ??= {};
    json.resource[type][label] ??= {};
    change(json.resource[type][label]);
    return new Synthesized(stack.name, json);
  }
  const set = (argument: string, value: unknown) => (config: Record<string, unknown>) => {
    config[argument] = value;
  };
  const policy = (statement: object) =>
    `\${jsonencode(${JSON.stringify({ Statement: [{ Effect: "Allow", ...statement }] }).replace(/":/g, '" = ')})}`;

  test.each<[keyof typeof invariants, string, (config: Record<string, unknown>) => void]>([
    ["data is encrypted at rest", "aws_db_instance.postgres", set("storage_encrypted", false)],
    ["data is encrypted at rest", "aws_s3_bucket.second", set("bucket", "second")],
    ["data is encrypted at rest", "aws_sns_topic.page_alerts", set("kms_master_key_id", "alias/aws/sns")],
    ["data is encrypted at rest", "aws_efs_file_system.files", set("tags", { Name: "files" })],
    ["data is encrypted in transit", "aws_elasticache_replication_group.redis", set("auth_token", undefined)],
    ["data is encrypted in transit", "aws_db_parameter_group.skymanuals", set("parameter", [])],
    ["everything is tagged", "aws_vpc.skymanuals", set("tags", { Environment: "x" })],
    ["no bucket is public", "aws_s3_bucket_public_access_block.chunks", set("block_public_policy", false)],
    ["no bucket is public", "aws_s3_bucket.second", set("bucket", "second")],
    [
      "nothing but the load balancer is open, and that to CloudFront",
      "aws_security_group.redis",
      set("ingress", [{ from_port: 6379, to_port: 6379, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] }]),
    ],
    [
      "nothing but the load balancer is open, and that to CloudFront",
      "aws_security_group.ecs",
      set("ingress", [{ from_port: 3001, to_port: 3001, protocol: "tcp", ipv6_cidr_blocks: ["::/0"] }]),
    ],
    [
      "nothing but the load balancer is open, and that to CloudFront",
      "aws_db_instance.postgres",
      set("publicly_accessible", true),
    ],
    ["no secret is in the output", "aws_lb.main", set("name", "AKIAIOSFODNN7EXAMPLE")],
    ["no secret is in the output", "aws_db_instance.postgres", set("password", "hunter2")],
    ["no secret is in the output", "aws_lb.main", set("x", "postgresql://admin:hunter2@db:5432/x")],
    ["no secret is in the output", "aws_lb.main", set("x", "9fQz2LxW7tYb4RkVnE1mHsUa")],
    [
      "no secret is in the output",
      "aws_lb.main",
      set("x", '"name" = "public.ecr.aws/a@sha256:d2bdfff2c377c3d71d78bd5d9ce9862fd535b12134a5739d87a07801297cf9fd"'),
    ],
    [
      "ephemeral values stand in write-only arguments",
      "aws_db_instance.postgres",
      set("password", "${ephemeral.aws_secretsmanager_secret_version.database_password.secret_string}"),
    ],
    [
      "the Redis token and the origin headers reach the state, and no other secret",
      "aws_lb.main",
      set("x", "${data.aws_secretsmanager_secret_version.redis_auth_token.secret_string}"),
    ],
    [
      "containers get secrets by reference",
      "aws_ecs_task_definition.logstash",
      set(
        "container_definitions",
        '${jsonencode([{"environment" = [{"name" = "AWS_ACCESS_KEY_ID", "value" = "x"}], "secrets" = []}])}',
      ),
    ],
    ["data is encrypted at rest", "aws_kinesis_stream.logs", set("encryption_type", "NONE")],
    ["policies grant the least", "aws_iam_role_policy.ecs_task", set("policy", policy({ Action: ["s3:*"] }))],
    [
      "policies grant the least",
      "aws_iam_role_policy.ecs_task",
      set("policy", policy({ Action: ["s3:GetObject"], Resource: ["*"] })),
    ],
    [
      "policies grant the least",
      "aws_elasticsearch_domain.skymanuals",
      set("access_policies", policy({ Action: ["es:ESHttpGet"], Principal: { AWS: "*" } })),
    ],
    [
      "C16: what has a name prefix is replaced before it is destroyed",
      "aws_security_group.rds",
      set("lifecycle", undefined),
    ],
    ["databases are backed up", "aws_db_instance.postgres", set("backup_retention_period", 0)],
    [
      "messages are hidden until their function has had its time",
      "aws_lambda_event_source_mapping.custody",
      set("maximum_batching_window_in_seconds", 2),
    ],
    [
      "the public entrance is CloudFront, with a web ACL",
      "aws_lb_listener.api",
      set("default_action", [{ type: "forward" }]),
    ],
    ["logs are kept for a stated time", "aws_cloudwatch_log_group.api", set("retention_in_days", 0)],
    ["every reference resolves", "aws_lb.main", set("subnets", "${aws_subnet.missing[*].id}")],
  ])("%s: %s", (name, address, change) => {
    expect(invariants[name]?.(broken(address, change))).toEqual([expect.stringContaining(`.${address.split(".")[1]}`)]);
  });
});
