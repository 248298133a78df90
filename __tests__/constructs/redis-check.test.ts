import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";

const stack = synthesizeProduction();
const invocation = stack.resource("aws_lambda_invocation.check_redis");

test("the function runs on apply, and again when the token, its strategy, the cache or its code has changed", () => {
  expect(invocation).toMatchObject({
    function_name: "${aws_lambda_function.check_redis.function_name}",
    lifecycle_scope: "CREATE_ONLY",
    triggers: { code: "${aws_lambda_function.check_redis.source_code_hash}" },
  });
  const version = (label: string) => ({
    arn: `\${aws_secretsmanager_secret.${label}.arn}`,
    versionId: `\${aws_secretsmanager_secret_version.${label}.version_id}`,
  });
  expect(parseJsonencode(String(invocation.input))).toEqual({
    replicationGroupId: "${aws_elasticache_replication_group.redis.replication_group_id}",
    address: "${aws_elasticache_replication_group.redis.primary_endpoint_address}",
    port: "${aws_elasticache_replication_group.redis.port}",
    token: version("redis_auth_token"),
    url: version("redis_url"),
    strategy: "SET",
  });
});

test("it reaches the cache's port in the VPC and HTTPS, and nobody reaches it", () => {
  expect(stack.resource("aws_lambda_function.check_redis").vpc_config).toEqual({
    subnet_ids: "${aws_subnet.private[*].id}",
    security_group_ids: ["${aws_security_group.check_redis.id}"],
  });
  const group = stack.resource("aws_security_group.check_redis");
  expect(group).not.toHaveProperty("ingress");
  expect(group.egress).toMatchObject([
    { from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] },
    { from_port: 6379, to_port: 6379, protocol: "tcp", cidr_blocks: ["${aws_vpc.skymanuals.cidr_block}"] },
  ]);
});

test("the API waits for it", () => {
  expect(at(stack.resource("aws_ecs_service.api"), "depends_on")).toContain("aws_lambda_invocation.check_redis");
});

test("what the cache accepts besides is an output", () => {
  expect(stack.output("redis_accepts_besides").value).toBe(
    '${join(", ", lookup(jsondecode(aws_lambda_invocation.check_redis.result), "besides", []))}',
  );
});
