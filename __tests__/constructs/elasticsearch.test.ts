import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const domain = stack.resource("aws_elasticsearch_domain.skymanuals");

test("the documented domain", () => {
  expect(domain).toMatchObject({
    domain_name: "skymanuals-logs",
    elasticsearch_version: "7.10",
    ebs_options: { ebs_enabled: true, volume_type: "gp3", volume_size: "${var.elasticsearch_volume_size}" },
    encrypt_at_rest: { enabled: true },
    domain_endpoint_options: { enforce_https: true, tls_security_policy: "Policy-Min-TLS-1-2-PFS-2023-10" },
    node_to_node_encryption: { enabled: true },
    tags: { Name: "skymanuals-elasticsearch", Environment: "${var.environment}" },
  });
});

test("section 1: dedicated_master_type and dedicated_master_count", () => {
  expect(domain.cluster_config).toEqual({
    instance_type: "${var.elasticsearch_instance_type}",
    instance_count: "${var.elasticsearch_instance_count}",
    dedicated_master_enabled: true,
    dedicated_master_type: "${var.elasticsearch_master_instance_type}",
    dedicated_master_count: 3,
    zone_awareness_enabled: true,
    zone_awareness_config: { availability_zone_count: 3 },
  });
});

test("without dedicated masters neither their type nor their count is set", () => {
  expect(small.resource("aws_elasticsearch_domain.skymanuals").cluster_config).toEqual({
    instance_type: "${var.elasticsearch_instance_type}",
    instance_count: "${var.elasticsearch_instance_count}",
    dedicated_master_enabled: false,
    zone_awareness_enabled: true,
    zone_awareness_config: { availability_zone_count: 3 },
  });
});

test("AWS takes a snapshot each hour: the hour of a daily one is not set, because nothing would read it", () => {
  expect(domain).not.toHaveProperty("snapshot_options");
});

test("section 7: gp3 on 7.10 without iops and throughput", () => {
  expect(domain.ebs_options).not.toHaveProperty("iops");
  expect(domain.ebs_options).not.toHaveProperty("throughput");
});

test.each([2, 3])("A2: %i zones, as many subnets", (count) => {
  const zones = ["us-east-1a", "us-east-1b", "us-east-1c"].slice(0, count);
  const one = synthesizeProduction({ zones });
  const config = one.resource("aws_elasticsearch_domain.skymanuals");
  expect(at(config, "cluster_config.zone_awareness_config.availability_zone_count")).toBe(count);
  expect(at(config, "vpc_options.subnet_ids")).toBe("${aws_subnet.private[*].id}");
  expect(one.resource("aws_subnet.private").count).toBe(count);
});

describe("A1: who may read and write", () => {
  test("a named role, with the data operations only, and no address condition", () => {
    expect(stack.statements("aws_elasticsearch_domain.skymanuals", "access_policies")).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: ["${aws_iam_role.logstash_task.arn}"] },
        Action: ["es:ESHttp*"],
        Resource: [
          "arn:aws:es:${var.aws_region}:${data.aws_caller_identity.current.account_id}:domain/skymanuals-logs/*",
        ],
      },
    ]);
  });

  test("the environment may name roles of people and tools besides", () => {
    const operator = "arn:aws:iam::222222222222:role/operations";
    const one = synthesizeProduction({ elasticsearch: { operatorRoleArns: [operator] } });
    expect(one.statements("aws_elasticsearch_domain.skymanuals", "access_policies")[0]?.Principal).toEqual({
      AWS: ["${aws_iam_role.logstash_task.arn}", operator],
    });
  });

  test("allowed_ips restricts the security group instead", () => {
    const group = stack.resource("aws_security_group.elasticsearch");
    expect(group).toMatchObject({
      name_prefix: "skymanuals-elasticsearch-",
      vpc_id: "${aws_vpc.skymanuals.id}",
      tags: { Name: "skymanuals-elasticsearch-sg" },
    });
    expect(group.ingress).toMatchObject([
      {
        from_port: 443,
        to_port: 443,
        protocol: "tcp",
        security_groups: ["${aws_security_group.logstash.id}", "${aws_security_group.bootstrap_elasticsearch.id}"],
        cidr_blocks: "${var.allowed_ips}",
      },
    ]);
    expect(group.egress).toEqual([]);
    expect(at(domain, "vpc_options.security_group_ids")).toEqual(["${aws_security_group.elasticsearch.id}"]);
  });
});

test("what replaces the domain in an adopted state is not set: key, fine-grained access", () => {
  expect(domain.encrypt_at_rest).toEqual({ enabled: true });
  expect(domain).not.toHaveProperty("advanced_security_options");
});

test.each([
  ["ES_APPLICATION_LOGS", "application", "application"],
  ["INDEX_SLOW_LOGS", "index_slow", "index-slow"],
  ["SEARCH_SLOW_LOGS", "search_slow", "search-slow"],
])("C18: %s go to a group that the account's one resource policy covers", (type, label, name) => {
  expect(domain.log_publishing_options).toContainEqual({
    log_type: type,
    cloudwatch_log_group_arn: `\${aws_cloudwatch_log_group.elasticsearch_${label}.arn}`,
  });
  expect(stack.resource(`aws_cloudwatch_log_group.elasticsearch_${label}`)).toMatchObject({
    name: `/aws/aes/domains/skymanuals-logs/${name}`,
    retention_in_days: 30,
  });
  expect(stack.resources("aws_cloudwatch_log_resource_policy")).toEqual([]);
});

test("data is protected from destruction where the environment says so", () => {
  expect(domain.lifecycle).toEqual({ prevent_destroy: true });
  expect(at(small.resource("aws_elasticsearch_domain.skymanuals"), "lifecycle.prevent_destroy")).toBe(false);
});
