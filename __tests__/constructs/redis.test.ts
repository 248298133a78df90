import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const group = stack.resource("aws_elasticache_replication_group.redis");

test("the documented subnet group, without tags of its own", () => {
  expect(stack.resource("aws_elasticache_subnet_group.skymanuals")).toEqual({
    name: "skymanuals-cache-subnet",
    subnet_ids: "${aws_subnet.private[*].id}",
  });
});

test("the documented security group: Redis from the API and from what checks the token, and no way out", () => {
  const securityGroup = stack.resource("aws_security_group.redis");
  expect(securityGroup).toMatchObject({ name_prefix: "skymanuals-redis-", vpc_id: "${aws_vpc.skymanuals.id}" });
  expect(securityGroup.ingress).toMatchObject([
    {
      from_port: 6379,
      to_port: 6379,
      protocol: "tcp",
      security_groups: ["${aws_security_group.ecs.id}", "${aws_security_group.check_redis.id}"],
      cidr_blocks: null,
    },
  ]);
  expect(securityGroup).not.toHaveProperty("egress");
});

test("the documented replication group", () => {
  expect(group).toMatchObject({
    replication_group_id: "skymanuals-redis",
    description: "Redis cluster for SkyManuals",
    node_type: "${var.redis_node_type}",
    port: 6379,
    parameter_group_name: "default.redis7",
    num_cache_clusters: 2,
    automatic_failover_enabled: true,
    multi_az_enabled: true,
    subnet_group_name: "${aws_elasticache_subnet_group.skymanuals.name}",
    security_group_ids: ["${aws_security_group.redis.id}"],
    at_rest_encryption_enabled: "true",
    transit_encryption_enabled: true,
    tags: { Name: "skymanuals-redis", Environment: "${var.environment}" },
  });
});

test("what replaces the group in an adopted state is not set: its key", () => {
  expect(group).not.toHaveProperty("kms_key_id");
});

test("B2: REDIS_URL is rediss:// with the token", () => {
  expect(stack.resource("aws_secretsmanager_secret_version.redis_url")).toEqual({
    secret_id: "${aws_secretsmanager_secret.redis_url.id}",
    secret_string_wo:
      "rediss://:${ephemeral.aws_secretsmanager_secret_version.redis_auth_token.secret_string}@${aws_elasticache_replication_group.redis.primary_endpoint_address}:6379",
    secret_string_wo_version:
      '${parseint(substr(sha256(jsonencode({"version" = 1, "address" = aws_elasticache_replication_group.redis.primary_endpoint_address})), 0, 12), 16)}',
  });
});

describe("C7", () => {
  test("the token is generated without characters that a URL would escape, and read back from its one home", () => {
    expect(stack.resource("ephemeral.aws_secretsmanager_random_password.redis_auth_token")).toEqual({
      password_length: 64,
      exclude_punctuation: true,
    });
    expect(group.auth_token).toBe("${data.aws_secretsmanager_secret_version.redis_auth_token.secret_string}");
    for (const reader of ["data", "ephemeral"]) {
      expect(stack.resource(`${reader}.aws_secretsmanager_secret_version.redis_auth_token`)).toEqual({
        secret_id: "${aws_secretsmanager_secret.redis_auth_token.id}",
        version_id: "${aws_secretsmanager_secret_version.redis_auth_token.version_id}",
      });
    }
  });

  test("the token is required; ROTATE, which leaves password-less access open, is the environment's choice", () => {
    expect(group.auth_token_update_strategy).toBe("SET");
    const rotating = synthesizeProduction({ redis: { authTokenUpdateStrategy: "ROTATE" } });
    expect(rotating.resource("aws_elasticache_replication_group.redis")).toHaveProperty(
      "auth_token_update_strategy",
      "ROTATE",
    );
  });

  test("a raised version writes token and URL anew", () => {
    const raised = synthesizeProduction({ redis: { authTokenVersion: 2 } });
    const version = (label: string) =>
      raised.resource(`aws_secretsmanager_secret_version.${label}`).secret_string_wo_version;
    expect(version("redis_auth_token")).toBe(2);
    expect(version("redis_url")).toContain('"version" = 2,');
  });

  test("daily snapshots, and the version that the parameter group goes with", () => {
    expect(group).toMatchObject({ snapshot_retention_limit: 7, snapshot_window: "02:00-03:00", engine_version: "7.1" });
    expect(small.resource("aws_elasticache_replication_group.redis")).toHaveProperty("snapshot_retention_limit", 1);
  });
});

describe("a raised version under SET", () => {
  const raised = (authTokenUpdateStrategy: "SET" | "ROTATE") =>
    synthesizeProduction({ redis: { authTokenUpdateStrategy, authTokenVersion: 2 } });

  test("is refused when Terraform plans: a parameter holds the version that the group has", () => {
    const refused = raised("SET");
    expect(refused.resource("aws_ssm_parameter.redis_auth_token_version")).toMatchObject({
      name: "/skymanuals/redis/auth-token/version",
      insecure_value: "2",
      depends_on: ["aws_elasticache_replication_group.redis"],
    });
    // Without a reference to a resource: Terraform would read it after the plan.
    expect(refused.resource("data.aws_ssm_parameters_by_path.redis_auth_token")).toEqual({
      path: "/skymanuals/redis/auth-token",
    });
    const applied = 'join("", nonsensitive(data.aws_ssm_parameters_by_path.redis_auth_token.values))';
    const precondition = at(refused.resource("aws_elasticache_replication_group.redis"), "lifecycle.precondition");
    expect(precondition).toEqual([
      {
        condition: `\${contains(["", "2"], ${applied})}`,
        error_message: expect.stringContaining(
          `redis.authTokenVersion goes from \${${applied}} to 2 while redis.authTokenUpdateStrategy is SET`,
        ),
      },
    ]);
  });

  test("is what ROTATE is for", () => {
    const group = raised("ROTATE").resource("aws_elasticache_replication_group.redis");
    expect(at(group, "lifecycle.precondition")).toBeUndefined();
    expect(raised("ROTATE").resource("aws_ssm_parameter.redis_auth_token_version").insecure_value).toBe("2");
  });
});

test("data is protected from destruction where the environment says so", () => {
  expect(group.lifecycle).toEqual({
    prevent_destroy: true,
    precondition: [
      {
        condition:
          '${contains(["", "1"], join("", nonsensitive(data.aws_ssm_parameters_by_path.redis_auth_token.values)))}',
        error_message: expect.stringContaining("redis.authTokenVersion goes from"),
      },
    ],
  });
  expect(at(small.resource("aws_elasticache_replication_group.redis"), "lifecycle.prevent_destroy")).toBe(false);
});
