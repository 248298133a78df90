import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const tags = (name: string) => ({ Name: name, Environment: "${var.environment}" });

test("the documented VPC", () => {
  expect(stack.resource("aws_vpc.skymanuals")).toEqual({
    cidr_block: "10.0.0.0/16",
    enable_dns_hostnames: true,
    enable_dns_support: true,
    tags: tags("skymanuals-vpc"),
  });
});

test("A2: three private subnets, numbered 1 to 3 of the VPC as documented, in the environment's zones", () => {
  expect(stack.resource("aws_subnet.private")).toEqual({
    count: 3,
    vpc_id: "${aws_vpc.skymanuals.id}",
    cidr_block: '${cidrsubnet("10.0.0.0/16", 8, (count.index + 1))}',
    availability_zone: '${element(["us-east-1a", "us-east-1b", "us-east-1c"], count.index)}',
    tags: tags("skymanuals-private-${(count.index + 1)}"),
    timeouts: { delete: "60m" },
  });
});

test("public subnets, numbered 10 and up of the VPC as documented, whose instances have public addresses", () => {
  expect(stack.resource("aws_subnet.public")).toEqual({
    count: 3,
    vpc_id: "${aws_vpc.skymanuals.id}",
    cidr_block: '${cidrsubnet("10.0.0.0/16", 8, (count.index + 10))}',
    availability_zone: '${element(["us-east-1a", "us-east-1b", "us-east-1c"], count.index)}',
    map_public_ip_on_launch: true,
    tags: tags("skymanuals-public-${(count.index + 1)}"),
  });
});

test("the data source of the zones refuses to plan where the account lacks one", () => {
  const [postcondition] = at(stack.resource("data.aws_availability_zones.available"), "lifecycle.postcondition") as [
    Record<string, string>,
  ];
  expect(postcondition?.condition).toBe(
    '${length(setsubtract(["us-east-1a","us-east-1b","us-east-1c"], self.names)) == 0}',
  );
  expect(postcondition?.error_message).toContain("us-east-1a, us-east-1b, us-east-1c");
});

test("two zones make two subnets, route tables and NAT gateways", () => {
  const two = synthesizeProduction({ zones: ["us-east-1a", "us-east-1b"] });
  for (const address of [
    "aws_subnet.private",
    "aws_subnet.public",
    "aws_route_table.private",
    "aws_route_table_association.private",
    "aws_route_table_association.public",
    "aws_nat_gateway.skymanuals",
    "aws_eip.nat",
  ]) {
    expect(two.resource(address)).toHaveProperty("count", 2);
  }
});

describe("A8, B4: a way out", () => {
  test("what has a public address waits for the internet gateway", () => {
    for (const address of ["aws_eip.nat", "aws_nat_gateway.skymanuals", "aws_lb.main"]) {
      expect(stack.resource(address).depends_on).toContain("aws_internet_gateway.skymanuals");
    }
  });

  test("public subnets route to the internet gateway", () => {
    expect(stack.resource("aws_internet_gateway.skymanuals")).toHaveProperty("vpc_id", "${aws_vpc.skymanuals.id}");
    expect(stack.resource("aws_route_table.public").route).toMatchObject([
      { cidr_block: "0.0.0.0/0", gateway_id: "${aws_internet_gateway.skymanuals.id}", nat_gateway_id: null },
    ]);
    expect(stack.resource("aws_route_table_association.public")).toEqual({
      count: 3,
      subnet_id: "${aws_subnet.public[count.index].id}",
      route_table_id: "${aws_route_table.public.id}",
    });
  });

  test("private subnets route to the NAT gateway of their own zone", () => {
    expect(stack.resource("aws_nat_gateway.skymanuals")).toMatchObject({
      count: 3,
      allocation_id: "${aws_eip.nat[count.index].id}",
      subnet_id: "${aws_subnet.public[count.index].id}",
      depends_on: ["aws_internet_gateway.skymanuals"],
    });
    expect(stack.resource("aws_eip.nat")).toMatchObject({ count: 3, domain: "vpc" });
    expect(stack.resource("aws_route_table.private")).toMatchObject({
      count: 3,
      route: [
        {
          cidr_block: "0.0.0.0/0",
          gateway_id: null,
          nat_gateway_id: "${aws_nat_gateway.skymanuals[count.index].id}",
        },
      ],
    });
    expect(stack.resource("aws_route_table_association.private")).toEqual({
      count: 3,
      subnet_id: "${aws_subnet.private[count.index].id}",
      route_table_id: "${aws_route_table.private[count.index].id}",
    });
  });

  test("or, with one NAT gateway for all, to that one", () => {
    expect(small.resource("aws_nat_gateway.skymanuals")).toHaveProperty("count", 1);
    expect(small.resource("aws_route_table.private")).toMatchObject({
      count: 3,
      route: [{ nat_gateway_id: "${element(aws_nat_gateway.skymanuals[*].id, 0)}" }],
    });
  });

  test("S3 is reached through a gateway endpoint from every private subnet", () => {
    for (const { resource } of [stack, small].map((one) => ({ resource: one.resource("aws_vpc_endpoint.s3") }))) {
      expect(resource).toMatchObject({
        vpc_endpoint_type: "Gateway",
        service_name: "com.amazonaws.${var.aws_region}.s3",
        route_table_ids: "${aws_route_table.private[*].id}",
      });
    }
  });

  test.each([
    ["ecr_api", "ecr.api"],
    ["ecr_dkr", "ecr.dkr"],
    ["logs", "logs"],
    ["secretsmanager", "secretsmanager"],
    ["ssmmessages", "ssmmessages"],
  ])("interface endpoint %s, with private DNS and a group of its own", (label, service) => {
    expect(stack.resource(`aws_vpc_endpoint.${label}`)).toEqual({
      vpc_id: "${aws_vpc.skymanuals.id}",
      vpc_endpoint_type: "Interface",
      service_name: `com.amazonaws.\${var.aws_region}.${service}`,
      subnet_ids: "${aws_subnet.private[*].id}",
      security_group_ids: ["${aws_security_group.endpoints.id}"],
      private_dns_enabled: true,
      tags: { Name: `skymanuals-${service}` },
    });
  });

  test("the endpoints take HTTPS from inside the VPC", () => {
    expect(stack.resource("aws_security_group.endpoints").ingress).toMatchObject([
      { from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["${aws_vpc.skymanuals.cidr_block}"] },
    ]);
  });

  test("an environment without interface endpoints has no group for them", () => {
    expect(small.resources("aws_vpc_endpoint").map(({ address }) => address)).toEqual(["aws_vpc_endpoint.s3"]);
    expect(small.has("aws_security_group.endpoints")).toBe(false);
  });
});

describe("C16", () => {
  test.each([stack, small])("the default security group of $name has no rule", (one) => {
    const group = one.resource("aws_default_security_group.skymanuals");
    expect(group.vpc_id).toBe("${aws_vpc.skymanuals.id}");
    expect(group).not.toHaveProperty("ingress");
    expect(group).not.toHaveProperty("egress");
  });

  test("flow logs of all traffic, kept as long as the environment says", () => {
    expect(stack.resource("aws_flow_log.skymanuals")).toMatchObject({
      vpc_id: "${aws_vpc.skymanuals.id}",
      traffic_type: "ALL",
      log_destination: "${aws_cloudwatch_log_group.flow_logs.arn}",
      iam_role_arn: "${aws_iam_role.flow_logs.arn}",
      depends_on: ["aws_iam_role_policy.flow_logs"],
    });
    expect(stack.resource("aws_cloudwatch_log_group.flow_logs")).toMatchObject({
      name: "/vpc/skymanuals",
      retention_in_days: 30,
    });
    const account = "${data.aws_caller_identity.current.account_id}";
    expect(stack.statements("aws_iam_role.flow_logs", "assume_role_policy")[0]).toMatchObject({
      Principal: { Service: "vpc-flow-logs.amazonaws.com" },
      Condition: {
        StringEquals: { "aws:SourceAccount": account },
        ArnLike: { "aws:SourceArn": `arn:aws:ec2:\${var.aws_region}:${account}:vpc-flow-log/*` },
      },
    });
    expect(stack.statements("aws_iam_role_policy.flow_logs")).toEqual([
      {
        Sid: "WriteLog",
        Effect: "Allow",
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: ["${aws_cloudwatch_log_group.flow_logs.arn}", "${aws_cloudwatch_log_group.flow_logs.arn}:*"],
      },
      { Sid: "FindLog", Effect: "Allow", Action: ["logs:DescribeLogGroups"], Resource: ["*"] },
    ]);
  });

  test("no flow logs where the environment wants none", () => {
    const without = synthesizeProduction({ network: { flowLogRetentionDays: null } });
    expect(without.resources("aws_flow_log")).toEqual([]);
    expect(without.has("aws_cloudwatch_log_group.flow_logs")).toBe(false);
    expect(without.has("aws_iam_role.flow_logs")).toBe(false);
  });
});
