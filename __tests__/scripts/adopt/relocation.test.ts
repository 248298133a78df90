import { findCounterparts } from "../../../scripts/adopt/counterparts";
import { relocate } from "../../../scripts/adopt/relocation";
import { object, root } from "./support";

const vpc = { id: "vpc-1", cidr_block: "10.0.0.0/16" };

function adopt(resources: Parameters<typeof root>[0], state: ReturnType<typeof object>[], destroyed: string[] = []) {
  const ours = root({ "aws_vpc.skymanuals": {}, ...resources });
  const objects = [object("aws_vpc.skymanuals", vpc), ...state];
  const counterparts = findCounterparts(ours, objects, "10.0.0.0/16");
  const found = Object.fromEntries(
    [...counterparts.byAddress].map(([address, { address: theirs }]) => [address, theirs]),
  );
  return { found, choices: counterparts.choices, ...relocate(ours, objects, counterparts, new Set(destroyed)) };
}

test("the load balancer is the one whose target group the API's service uses, whatever its address and name", () => {
  const { found, moved, removed } = adopt(
    {
      "aws_ecs_service.api": {},
      "aws_lb.main": { name: "skymanuals-alb" },
      "aws_lb_target_group.api": { name: "skymanuals-api" },
      "aws_lb_listener.api": { port: 443 },
      "aws_security_group.alb": { name_prefix: "skymanuals-alb-" },
    },
    [
      object("aws_ecs_service.api", { load_balancer: [{ target_group_arn: "tg-2" }] }),
      object("aws_lb_target_group.api", { arn: "tg-1" }),
      object("aws_lb_target_group.backend", { arn: "tg-2" }),
      object("aws_lb_listener.admin", {
        arn: "l-1",
        load_balancer_arn: "lb-1",
        default_action: [{ target_group_arn: "tg-1" }],
      }),
      object("aws_lb_listener.web", {
        arn: "l-2",
        load_balancer_arn: "lb-2",
        port: 80,
        default_action: [{ target_group_arn: "tg-2" }],
      }),
      object("aws_lb.main", { arn: "lb-1" }),
      object("aws_lb.public", { arn: "lb-2", security_groups: ["sg-2"] }),
      object("aws_security_group.web", { id: "sg-2" }),
    ],
  );
  expect(found).toMatchObject({
    "aws_lb.main": "aws_lb.public",
    "aws_lb_target_group.api": "aws_lb_target_group.backend",
    "aws_lb_listener.api": "aws_lb_listener.web",
    "aws_security_group.alb": "aws_security_group.web",
  });
  expect(moved).toContainEqual({ from: "aws_lb_listener.web", to: "aws_lb_listener.api" });
  expect(removed).toEqual(["aws_lb_target_group.api", "aws_lb_listener.admin", "aws_lb.main"]);
});

test("where an address of ours belongs to another object, ours takes its counterpart's and theirs is forgotten", () => {
  const { renamed, moved, removed } = adopt(
    { "aws_ecs_service.api": {}, "aws_security_group.ecs": {}, "aws_lb.main": {}, "aws_security_group.alb": {} },
    [
      object("aws_lb.main", { security_groups: ["sg-lb"] }),
      object("aws_security_group.alb", { id: "sg-other" }),
      object("aws_security_group.public", { id: "sg-lb" }),
    ],
  );
  expect(renamed).toEqual({ "aws_security_group.alb": "aws_security_group.public" });
  expect(moved).toEqual([]);
  expect(removed).toEqual(["aws_security_group.alb"]);
});

test("a role policy is the same one only under the same role and name", () => {
  const policies = { "aws_iam_role.ecs_task": {}, "aws_iam_role_policy.ecs_task": { name: "run" } };
  const role = object("aws_iam_role.ecs_task", { arn: "arn", name: "task" });
  const another = adopt(policies, [role, object("aws_iam_role_policy.ecs_task", { role: "task", name: "documents" })]);
  expect(another.renamed).toEqual({ "aws_iam_role_policy.ecs_task": "aws_iam_role_policy.ecs_task_platform" });
  expect(another.removed).toEqual(["aws_iam_role_policy.ecs_task"]);
  const same = adopt(policies, [role, object("aws_iam_role_policy.app", { role: "task", name: "run" })]);
  expect(same.moved).toEqual([{ from: "aws_iam_role_policy.app", to: "aws_iam_role_policy.ecs_task" }]);
});

const network = {
  "aws_subnet.public": { count: 3 },
  "aws_subnet.private": { count: 3 },
  "aws_route_table.public": {},
  "aws_route_table.private": { count: 3 },
  "aws_route_table_association.public": { count: 3 },
  "aws_route_table_association.private": { count: 3 },
  "aws_internet_gateway.skymanuals": {},
  "aws_nat_gateway.skymanuals": { count: 3 },
  "aws_eip.nat": { count: 3 },
  "aws_vpc_endpoint.s3": {},
};

test("gateways, tables and endpoints are found by VPC, subnet and service, and get our indexes", () => {
  const { moved, removed, renamed } = adopt(network, [
    object("aws_subnet.public[0]", { id: "pub-0" }),
    object("aws_subnet.public[1]", { id: "pub-1" }),
    object("aws_subnet.private[0]", { id: "prv-0" }),
    object("aws_subnet.private[1]", { id: "prv-1" }),
    object("aws_internet_gateway.main", { vpc_id: "vpc-1" }),
    object("aws_internet_gateway.other_vpc", { vpc_id: "vpc-2" }),
    object("aws_nat_gateway.b", { subnet_id: "pub-1", allocation_id: "eip-b" }),
    object("aws_eip.b", { id: "eip-b" }),
    object("aws_route_table.private", { id: "rt-1" }),
    object('aws_route_table_association.all["x"]', { subnet_id: "prv-1", route_table_id: "rt-1" }),
    object('aws_route_table_association.all["y"]', { subnet_id: "elsewhere", route_table_id: "rt-9" }),
    object("aws_vpc_endpoint.storage", {
      vpc_id: "vpc-1",
      service_name: "com.amazonaws.us-east-1.s3",
      vpc_endpoint_type: "Gateway",
    }),
  ]);
  expect(renamed).toEqual({});
  expect(moved).toEqual(
    expect.arrayContaining([
      { from: "aws_internet_gateway.main", to: "aws_internet_gateway.skymanuals" },
      { from: "aws_nat_gateway.b", to: "aws_nat_gateway.skymanuals[1]" },
      { from: "aws_eip.b", to: "aws_eip.nat[1]" },
      { from: "aws_route_table.private", to: "aws_route_table.private[1]" },
      { from: 'aws_route_table_association.all["x"]', to: "aws_route_table_association.private[1]" },
      { from: "aws_vpc_endpoint.storage", to: "aws_vpc_endpoint.s3" },
      // One instance of several is forgotten by way of an address of its own.
      { from: 'aws_route_table_association.all["y"]', to: "aws_route_table_association.all_y" },
    ]),
  );
  expect(removed).toEqual(["aws_internet_gateway.other_vpc", "aws_route_table_association.all_y"]);
});

test("a subnet under another address is ours if it has our CIDR block, which no other subnet can have", () => {
  const { moved } = adopt(network, [
    object("aws_subnet.third", { id: "s", vpc_id: "vpc-1", cidr_block: "10.0.3.0/24" }),
  ]);
  expect(moved).toEqual([{ from: "aws_subnet.third", to: "aws_subnet.private[2]" }]);
});

test("the web ACL's log and the certificates' records are what belongs to the web ACL and the certificates", () => {
  const option = (name: string) => ({ domain_name: name, resource_record_name: `_x.${name}.` });
  const { moved } = adopt(
    {
      "aws_cloudfront_distribution.skymanuals": {},
      "aws_wafv2_web_acl.skymanuals": { name: "skymanuals-waf" },
      "aws_wafv2_web_acl_logging_configuration.skymanuals": {},
      "aws_acm_certificate.viewer": { domain_name: "api.example.com", provider: "aws.us_east_1" },
      "aws_acm_certificate.origin": { domain_name: "origin.example.com" },
      "aws_route53_record.api_validation": {},
      "aws_route53_record.origin_validation": {},
    },
    [
      object("aws_cloudfront_distribution.skymanuals", { web_acl_id: "acl-2" }),
      object("aws_wafv2_web_acl.office", { arn: "acl-1" }),
      object("aws_wafv2_web_acl.edge", { arn: "acl-2" }),
      object("aws_wafv2_web_acl_logging_configuration.office", { resource_arn: "acl-1" }),
      object("aws_wafv2_web_acl_logging_configuration.edge", { resource_arn: "acl-2" }),
      object("aws_acm_certificate.viewer", {
        arn: "arn:aws:acm:us-east-1:1:certificate/v",
        domain_name: "api.example.com",
        domain_validation_options: [option("api.example.com")],
      }),
      object("aws_acm_certificate.origin", {
        arn: "arn:aws:acm:eu-west-1:1:certificate/o",
        domain_name: "origin.example.com",
        domain_validation_options: [option("api.example.com"), option("origin.example.com")],
      }),
      object("aws_route53_record.proof_of_api", { name: "_x.api.example.com" }),
      object("aws_route53_record.proof_of_origin", { name: "_x.origin.example.com" }),
    ],
  );
  expect(moved).toEqual(
    expect.arrayContaining([
      {
        from: "aws_wafv2_web_acl_logging_configuration.edge",
        to: "aws_wafv2_web_acl_logging_configuration.skymanuals",
      },
      { from: "aws_route53_record.proof_of_api", to: "aws_route53_record.api_validation" },
      { from: "aws_route53_record.proof_of_origin", to: "aws_route53_record.origin_validation" },
    ]),
  );
});

test("objects in modules are continued, and forgotten, under their module's address", () => {
  const { moved, removed } = adopt({ "aws_db_instance.postgres": { identifier: "skymanuals-postgres" } }, [
    object("module.data.aws_db_instance.postgres", { identifier: "skymanuals-postgres" }),
    object("module.data.aws_kms_key.backup", {}),
  ]);
  expect(moved).toEqual([{ from: "module.data.aws_db_instance.postgres", to: "aws_db_instance.postgres" }]);
  expect(removed).toEqual(["module.data.aws_kms_key.backup"]);
});

test("instances beyond our count are forgotten one by one, and those within it stay", () => {
  const { moved, removed, renamed } = adopt(
    { "aws_subnet.private": { count: 2 } },
    [0, 1, 2].map((index) => object(`aws_subnet.private[${index}]`, { id: `s-${index}` })),
  );
  expect(renamed).toEqual({});
  expect(moved).toEqual([{ from: "aws_subnet.private[2]", to: "aws_subnet.private_2" }]);
  expect(removed).toEqual(["aws_subnet.private_2"]);
});

test("what has a name that AWS allows once is found by it", () => {
  const { moved } = adopt({ "aws_sns_topic.compliance_alerts": { name: "skymanuals-compliance-alerts" } }, [
    object("aws_sns_topic.compliance", { name: "skymanuals-compliance-alerts" }),
  ]);
  expect(moved).toEqual([{ from: "aws_sns_topic.compliance", to: "aws_sns_topic.compliance_alerts" }]);
});

test("a choice between several is told", () => {
  const { found, choices } = adopt({ "aws_internet_gateway.skymanuals": {} }, [
    object("aws_internet_gateway.a", { vpc_id: "vpc-1" }),
    object("aws_internet_gateway.b", { vpc_id: "vpc-1" }),
  ]);
  expect(found["aws_internet_gateway.skymanuals"]).toBe("aws_internet_gateway.a");
  expect(choices).toEqual([
    "aws_internet_gateway.skymanuals continues aws_internet_gateway.a; aws_internet_gateway.b would also have answered to it",
  ]);
});

test("what may be destroyed is not forgotten", () => {
  const { removed } = adopt({}, [object("aws_sns_topic.old"), object("aws_sns_topic.older")], ["aws_sns_topic.old"]);
  expect(removed).toEqual(["aws_sns_topic.older"]);
});
