import { development } from "../../environments/development";
import { primaryShards } from "../../facts/elasticsearch";
import { at } from "../support/blocks";
import { synthesizeProduction, synthesizeServing } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const invocation = stack.resource("aws_lambda_invocation.bootstrap_elasticsearch");

test("the function runs on apply, and again when the domain, its size, the retention, or its code with the content has changed", () => {
  expect(invocation).toMatchObject({
    function_name: "${aws_lambda_function.bootstrap_elasticsearch.function_name}",
    lifecycle_scope: "CREATE_ONLY",
    triggers: {
      code: "${aws_lambda_function.bootstrap_elasticsearch.source_code_hash}",
      domain: "${aws_elasticsearch_domain.skymanuals.domain_id}",
    },
  });
  expect(parseJsonencode(String(invocation.input))).toEqual({
    endpoint: "${aws_elasticsearch_domain.skymanuals.endpoint}",
    dataNodes: "${var.elasticsearch_instance_count}",
    volumeGiB: "${var.elasticsearch_volume_size}",
    retentionDays: 90,
    snapshots: {
      bucket: "${aws_s3_bucket.log_snapshots.bucket}",
      region: "${var.aws_region}",
      roleArn: "${aws_iam_role.log_snapshots.arn}",
    },
  });
});

test("it begins when the role reaches the bucket, and Logstash's service waits for it", () => {
  expect(invocation.depends_on).toEqual(
    expect.arrayContaining(["aws_iam_role_policy.log_snapshots", "aws_s3_bucket_policy.log_snapshots"]),
  );
  for (const each of synthesizeServing()) {
    expect(at(each.resource("aws_ecs_service.logstash"), "depends_on")).toContain(
      "aws_lambda_invocation.bootstrap_elasticsearch",
    );
  }
});

test("it reaches HTTPS from the VPC, and nobody reaches it", () => {
  expect(stack.resource("aws_lambda_function.bootstrap_elasticsearch").vpc_config).toEqual({
    subnet_ids: "${aws_subnet.private[*].id}",
    security_group_ids: ["${aws_security_group.bootstrap_elasticsearch.id}"],
  });
  const group = stack.resource("aws_security_group.bootstrap_elasticsearch");
  expect(group).not.toHaveProperty("ingress");
  expect(group.egress).toMatchObject([{ from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["0.0.0.0/0"] }]);
});

test("the function and its role do not wait for the domain, which takes half an hour", () => {
  for (const address of ["aws_iam_role_policy.bootstrap_elasticsearch", "aws_iam_role.log_snapshots"]) {
    expect(JSON.stringify(stack.resource(address))).not.toContain("aws_elasticsearch_domain");
  }
});

test("the bucket of snapshots is versioned, and what nobody wrote over does not expire", () => {
  expect(stack.resource("aws_s3_bucket.log_snapshots")).toMatchObject({
    bucket: "production-skymanuals-log-snapshots",
    lifecycle: { prevent_destroy: true },
  });
  expect(small.resource("aws_s3_bucket.log_snapshots")).toMatchObject({ force_destroy: true });
  expect(at(stack.resource("aws_s3_bucket_versioning.log_snapshots"), "versioning_configuration.status")).toBe(
    "Enabled",
  );
  const rules = stack.resource("aws_s3_bucket_lifecycle_configuration.log_snapshots").rule as object[];
  expect(rules).toHaveLength(1);
  expect(rules[0]).not.toHaveProperty("expiration");
  expect(rules[0]).not.toHaveProperty("transition");
});

test("Session Manager reaches Logstash's task, from which a port is forwarded to Kibana", () => {
  expect(stack.resource("aws_ecs_service.logstash")).toMatchObject({ enable_execute_command: true });
});

test.each([
  // The documented sizes, with the retention of their environments.
  [{ dataNodes: 3, volumeGiB: 50, retentionDays: 7 }, 1],
  [{ dataNodes: 3, volumeGiB: 200, retentionDays: 90 }, 1],
  [{ dataNodes: 3, volumeGiB: 500, retentionDays: 30 }, 1],
  [{ dataNodes: 6, volumeGiB: 1000, retentionDays: 90 }, 1],
  // 6000 / 2 / 1.45 / 7 = 296 GiB a day.
  [{ dataNodes: 6, volumeGiB: 1000, retentionDays: 7 }, 6],
])("%j: %i primary shards a day", (storage, shards) => {
  expect(primaryShards(storage)).toBe(shards);
});
