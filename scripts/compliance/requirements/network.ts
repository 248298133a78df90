import { attribute, type Planned, type PlannedResources, withoutIndex } from "../planned";
import {
  each,
  equals,
  type Finding,
  isDisposable,
  missing,
  needs,
  type Requirement,
  refersTo,
  some,
  states,
} from "../requirement";

const source = "Setup guide, Security Considerations, Network Security";

export const network: readonly Requirement[] = [
  {
    id: "network.private-subnets",
    title: "Database and cache lie in private subnets",
    source,
    promise: "Private subnets för databas och cache",
    serves: ["AC 120-78B"],
    inAccount: "That nobody has added a route, a peering or a public address by hand.",
    checks: ["rds_instance_no_public_access", "vpc_subnet_no_public_ip_by_default"],
    judge: (planned) => ({
      findings: [
        ...each(planned.of("aws_db_instance"), "aws_db_instance", "a database", (one) => [
          equals(one, "publicly_accessible", false),
        ]),
        ...each(
          planned.of("aws_db_subnet_group"),
          "aws_db_subnet_group",
          "a group of private subnets",
          inPrivateSubnets,
        ),
        ...each(
          planned.of("aws_elasticache_subnet_group"),
          "aws_elasticache_subnet_group",
          "a group of private subnets",
          inPrivateSubnets,
        ),
        ...each(planned.at("aws_subnet.private"), "aws_subnet.private", "private subnets", (one) => [
          equals(one, "map_public_ip_on_launch", false),
        ]),
        ...each(planned.at("aws_route_table.private"), "aws_route_table.private", "a route table of these", (one) => {
          const { references, text } = attribute(one, "route");
          const outward = references.filter((address) => address.startsWith("aws_internet_gateway."));
          return [
            states(
              one,
              "route",
              references.length > 0 ? references.join(", ") : text,
              "no internet gateway",
              outward.length === 0,
            ),
          ];
        }),
      ],
    }),
  },
  {
    id: "network.security-groups",
    title: "Security groups admit what is needed, and nobody from everywhere",
    source,
    promise: "Security groups med minimal required access",
    serves: ["AC 120-78B"],
    inAccount: "That no rule was added by hand, and that each admitted client is still in use.",
    checks: [
      "ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
      "ec2_securitygroup_default_restrict_traffic",
    ],
    judge: (planned) => ({
      findings: [
        ...each(planned.of("aws_security_group"), "aws_security_group", "security groups", (one) => [
          needs(one, "ingress", "none from 0.0.0.0/0 or ::/0, none of all ports", admitsNotEverybody),
        ]),
        ...planned
          .of("aws_vpc_security_group_ingress_rule")
          .flatMap((one) => [
            needs(one, "cidr_ipv4", "not 0.0.0.0/0", (value) => value !== everywhere[0]),
            needs(one, "cidr_ipv6", "not ::/0", (value) => value !== everywhere[1]),
          ]),
        ...each(
          planned.of("aws_default_security_group"),
          "aws_default_security_group",
          "the VPC's default group, emptied",
          (one) => [needs(one, "ingress", "none", isEmpty), needs(one, "egress", "none", isEmpty)],
        ),
      ],
    }),
  },
  {
    id: "network.endpoints",
    title: "AWS's services are reached through endpoints in the VPC",
    source,
    promise: "VPC endpoints för AWS services",
    serves: [],
    inAccount: "That requests do take these ways: the endpoints' metrics, and flow logs of the NAT gateways.",
    checks: ["vpc_endpoint_for_ec2_enabled"],
    judge: (planned) => {
      const endpoint = (service: string) =>
        some(
          planned.of("aws_vpc_endpoint").filter(({ values }) => String(values.service_name).endsWith(`.${service}`)),
          `aws_vpc_endpoint (${service})`,
          `an endpoint of ${service}`,
          (one) => [
            needs(one, "service_name", `an endpoint of ${service}`, () => true),
            service === "s3"
              ? refersTo(one, "route_table_ids", "the private route tables", (to) => to === "aws_route_table.private")
              : equals(one, "private_dns_enabled", true),
          ],
        );
      const disposable = isDisposable(planned);
      const interfaces = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"].flatMap(endpoint);
      return {
        findings: [...endpoint("s3"), ...(disposable === undefined ? interfaces : interfaces.filter(({ ok }) => ok))],
        ...(disposable === undefined
          ? {}
          : {
              meaning:
                "Data goes to S3 through the endpoint. Other services are reached through the NAT gateway, with TLS: interface endpoints cost by the hour.",
            }),
      };
    },
  },
  {
    id: "network.waf",
    title: "A web ACL stands in front of the API",
    source,
    promise: "WAF rules för API protection",
    serves: [],
    inAccount: "What it blocks and counts: the web ACL's metrics and its log.",
    checks: ["cloudfront_distributions_using_waf", "wafv2_webacl_logging_enabled", "wafv2_webacl_with_rules"],
    judge: (planned) => ({
      findings: [
        ...each(planned.of("aws_cloudfront_distribution"), "aws_cloudfront_distribution", "a distribution", (one) => [
          refersTo(one, "web_acl_id", "a web ACL", (to) => to.startsWith("aws_wafv2_web_acl.")),
        ]),
        ...each(planned.of("aws_wafv2_web_acl"), "aws_wafv2_web_acl", "a web ACL", (one) => [
          blockingRules(one, "managed_rule_group_statement", "AWS's managed rules, blocking"),
          blockingRules(one, "rate_based_statement", "a limit of requests, blocking"),
        ]),
        ...each(
          planned.of("aws_wafv2_web_acl_logging_configuration"),
          "aws_wafv2_web_acl_logging_configuration",
          "a log of what is blocked",
          (one) => [refersTo(one, "log_destination_configs", "a log group or bucket", () => true)],
        ),
      ],
    }),
  },
];

const everywhere = ["0.0.0.0/0", "::/0"] as const;

interface Rule {
  readonly cidr_blocks?: readonly string[];
  readonly ipv6_cidr_blocks?: readonly string[];
  readonly protocol?: string;
}

function rulesOf(value: unknown): readonly Rule[] {
  return Array.isArray(value) ? (value as Rule[]) : [];
}

function admitsNotEverybody(value: unknown, isUnknown: boolean): boolean {
  return (
    !isUnknown &&
    rulesOf(value).every(
      ({ cidr_blocks, ipv6_cidr_blocks, protocol }) =>
        cidr_blocks !== undefined &&
        ipv6_cidr_blocks !== undefined &&
        protocol !== "-1" &&
        ![...(cidr_blocks ?? []), ...(ipv6_cidr_blocks ?? [])].some((block) => everywhere.some((all) => all === block)),
    )
  );
}

function isEmpty(value: unknown, isUnknown: boolean): boolean {
  return !isUnknown && rulesOf(value).length === 0;
}

function inPrivateSubnets(group: Planned): Finding[] {
  return [refersTo(group, "subnet_ids", "aws_subnet.private", (to) => to === "aws_subnet.private")];
}

/** Only clients of named groups reach it. */
export function admitsGroupsOnly(planned: PlannedResources, address: string): Finding[] {
  return each(planned.at(address), address, "its security group", (one) => {
    const { references } = attribute(one, "ingress");
    const clients = references.filter((to) => to.startsWith("aws_security_group."));
    return [
      states(
        one,
        "ingress",
        clients.length > 0 ? clients.map(withoutIndex).join(", ") : attribute(one, "ingress").text,
        "security groups, and no address range",
        (clients.length > 0 || hasGroups(one)) &&
          rulesOf(one.values.ingress).every(
            (rule) => (rule.cidr_blocks ?? []).length === 0 && (rule.ipv6_cidr_blocks ?? []).length === 0,
          ),
      ),
    ];
  });
}

function hasGroups({ values }: Planned): boolean {
  const rules = rulesOf(values.ingress) as readonly { readonly security_groups?: readonly string[] }[];
  return rules.length > 0 && rules.every(({ security_groups }) => (security_groups ?? []).length > 0);
}

function blockingRules(acl: Planned, statement: string, needed: string): Finding {
  const rules = (acl.values.rule ?? []) as readonly {
    readonly name: string;
    readonly action?: readonly { readonly block?: readonly unknown[] }[];
    readonly override_action?: readonly { readonly count?: readonly unknown[] }[];
    readonly statement?: readonly Readonly<Record<string, readonly unknown[] | undefined>>[];
  }[];
  const blocking = rules.filter(
    (rule) =>
      (rule.statement?.[0]?.[statement] ?? []).length > 0 &&
      (rule.override_action?.[0]?.count ?? []).length === 0 &&
      ((rule.override_action ?? []).length > 0 || (rule.action?.[0]?.block ?? []).length > 0),
  );
  const names = blocking.map(({ name }) => name).join(", ");
  return names === ""
    ? { ...missing(acl.address, needed), plan: acl.plan, attribute: "rule", value: "none" }
    : states(acl, "rule", names, needed, true);
}
