import { privateSubnetCidrBlocks, publicSubnetCidrBlocks } from "../../environments/subnets";
import { edgeRegion } from "../../facts/regions";
import { documentedAddresses } from "./documented";
import { instanceAddresses, type OurResource } from "./root";
import { resourceAddress, type StateObject } from "./state-file";

/** Which object of the state each of our addresses continues. */
export interface Counterparts {
  /** By our instance address: `aws_subnet.private[0]`. */
  readonly byAddress: ReadonlyMap<string, StateObject>;
  /** Choices between several objects of the state, in words. */
  readonly choices: readonly string[];
}

/** What a rule sees: the state, and what was found so far. */
interface Context {
  /** Objects of a type, without those that are taken. */
  of(type: string): StateObject[];
  /** The object that one of our addresses continues. */
  ours(address: string): StateObject | undefined;
  readonly vpcCidrBlock: string;
}

/** Finds the objects of the state that one instance of a resource may continue; the first is the likeliest. */
type Rule = (context: Context, resource: OurResource, index: number) => StateObject[];

/**
 * Finds the counterparts by type and relation: what the API's service uses is the API's target group, whatever its name
 * and address. Each object is taken once.
 */
export function findCounterparts(
  root: ReadonlyMap<string, OurResource>,
  state: readonly StateObject[],
  vpcCidrBlock: string,
): Counterparts {
  const byAddress = new Map<string, StateObject>();
  const taken = new Set<StateObject>();
  const choices: string[] = [];
  const context: Context = {
    of: (type) => state.filter((object) => object.type === type && !taken.has(object)),
    ours: (address) => byAddress.get(address),
    vpcCidrBlock,
  };

  for (const address of inOrderOfEvidence(root)) {
    const resource = root.get(address);
    if (!resource) {
      continue;
    }
    instanceAddresses(resource).forEach((instance, index) => {
      if (byAddress.has(instance)) {
        return;
      }
      const candidates = candidatesFor(context, resource, index);
      const found = candidates.find((object) => isAt(object, resource, index)) ?? candidates[0];
      if (!found) {
        return;
      }
      byAddress.set(instance, found);
      taken.add(found);
      if (candidates.length > 1) {
        const others = candidates.filter((object) => object !== found).map((object) => object.address);
        choices.push(`${instance} continues ${found.address}; ${others.join(", ")} would also have answered to it`);
      }
    });
  }
  return { byAddress, choices };
}

/** Rules read what earlier ones found; what has no rule is identified by its name in AWS, last. */
function inOrderOfEvidence(root: ReadonlyMap<string, OurResource>): string[] {
  const documentedWithoutRule = [...documentedAddresses].filter((address) => !rules[address]);
  return [...new Set([...documentedWithoutRule, ...Object.keys(rules), ...root.keys()])];
}

function candidatesFor(context: Context, resource: OurResource, index: number): StateObject[] {
  const byRelation = rules[resource.address]?.(context, resource, index) ?? [];
  if (byRelation.length > 0) {
    return unique(byRelation);
  }
  const atAddress = documentedAddresses.has(resource.address)
    ? context.of(resource.type).filter((object) => isDocumented(object, resource, index))
    : [];
  return unique(atAddress.length > 0 ? atAddress : withSameName(context, resource));
}

/** At our own address; Terraform itself takes an object without index for `[0]`, and the reverse. */
function isAt(object: StateObject, resource: OurResource, index: number): boolean {
  return resourceAddress(object) === resource.address && hasIndex(object, index);
}

/** At our own address, or at the same one in a module. */
function isDocumented(object: StateObject, { label }: OurResource, index: number): boolean {
  return object.label === label && hasIndex(object, index);
}

function hasIndex({ key }: StateObject, index: number): boolean {
  return key === index || (key === undefined && index === 0);
}

/** Arguments that AWS allows once in an account and region, beside `name`. */
const nameArguments: Readonly<Record<string, string>> = {
  aws_db_instance: "identifier",
  aws_elasticache_replication_group: "replication_group_id",
  aws_s3_bucket: "bucket",
  aws_elasticsearch_domain: "domain_name",
  aws_ecs_task_definition: "family",
  aws_cloudwatch_metric_alarm: "alarm_name",
};

/** Types whose `name` is unique only inside something else, or not at all. */
const scopedNames = new Set(["aws_iam_role_policy", "aws_route53_record", "aws_appautoscaling_policy"]);

function withSameName(context: Context, { type, arguments: args }: OurResource): StateObject[] {
  const argument = nameArguments[type] ?? "name";
  const name = args[argument];
  if (typeof name !== "string" || name.includes("${") || scopedNames.has(type)) {
    return [];
  }
  return context.of(type).filter(({ values }) => values[argument] === name);
}

const rules: Readonly<Record<string, Rule>> = {
  "aws_vpc.skymanuals": documentedOr((context) => context.of("aws_vpc").slice(0, 1)),
  "aws_subnet.private": documentedOr(
    inVpc("aws_subnet", (context, { values }, index) => {
      return values.cidr_block === privateSubnetCidrBlocks(context.vpcCidrBlock, index + 1)[index];
    }),
  ),
  "aws_subnet.public": documentedOr(
    inVpc("aws_subnet", (context, { values }, index) => {
      return values.cidr_block === publicSubnetCidrBlocks(context.vpcCidrBlock, index + 1)[index];
    }),
  ),

  "aws_lb_target_group.api": (context) => {
    const arns = blocks(context.ours("aws_ecs_service.api"), "load_balancer").map((block) => block.target_group_arn);
    return context.of("aws_lb_target_group").filter(({ values }) => arns.includes(values.arn));
  },
  "aws_lb_listener.api": (context, { arguments: args }) => {
    const listeners = listenersOf(context, context.ours("aws_lb_target_group.api"));
    const onOurPort = listeners.filter(({ values }) => values.port === args.port);
    // Two listeners of a load balancer cannot have one port: whichever has ours is ours.
    return onOurPort.length > 0 ? onOurPort : listeners;
  },
  "aws_lb.main": (context) => {
    const listener = context.ours("aws_lb_listener.api")?.values.load_balancer_arn;
    const attached = list(context.ours("aws_lb_target_group.api")?.values.load_balancer_arns);
    return context.of("aws_lb").filter(({ values }) => values.arn === listener || attached.includes(values.arn));
  },
  "aws_lb_listener_rule.cloudfront": (context) => {
    const listener = context.ours("aws_lb_listener.api")?.values.arn;
    return context
      .of("aws_lb_listener_rule")
      .filter(
        (rule) =>
          rule.values.listener_arn === listener &&
          blocks(rule, "condition").some((condition) =>
            list(condition.http_header).some(
              (header) =>
                String((header as { http_header_name?: string }).http_header_name).toLowerCase() ===
                "x-skymanuals-origin",
            ),
          ),
      );
  },
  "aws_security_group.alb": groupsIn((context) => list(context.ours("aws_lb.main")?.values.security_groups)),
  "aws_security_group.ecs": groupsIn((context) => serviceGroups(context, "aws_ecs_service.api")),
  "aws_security_group.logstash": groupsIn((context) => serviceGroups(context, "aws_ecs_service.logstash")),

  "aws_iam_role.ecs_execution": role("aws_ecs_task_definition.api", "execution_role_arn"),
  "aws_iam_role.ecs_task": role("aws_ecs_task_definition.api", "task_role_arn"),
  "aws_iam_role.logstash_execution": role("aws_ecs_task_definition.logstash", "execution_role_arn"),
  "aws_iam_role.logstash_task": role("aws_ecs_task_definition.logstash", "task_role_arn"),
  "aws_cloudwatch_log_group.logstash": (context) => {
    const names = logGroupNames(context.ours("aws_ecs_task_definition.logstash"));
    return context.of("aws_cloudwatch_log_group").filter(({ values }) => names.includes(values.name));
  },

  "aws_internet_gateway.skymanuals": inVpc("aws_internet_gateway"),
  "aws_nat_gateway.skymanuals": (context, { count = 1 }, index) => {
    const subnets = Array.from({ length: 10 }, (_, zone) => idOf(context, `aws_subnet.public[${zone}]`)).filter(
      Boolean,
    );
    const inPublicSubnets = context.of("aws_nat_gateway").filter(({ values }) => subnets.includes(values.subnet_id));
    const inSameZone = inPublicSubnets.filter(({ values }) => values.subnet_id === subnets[index]);
    return inSameZone.length > 0 || count > 1 ? inSameZone : inPublicSubnets;
  },
  "aws_eip.nat": (context, _, index) => {
    const allocation = context.ours(`aws_nat_gateway.skymanuals[${index}]`)?.values.allocation_id;
    return context
      .of("aws_eip")
      .filter(({ values }) => allocation && [values.allocation_id, values.id].includes(allocation));
  },
  "aws_route_table_association.public": bySubnet("public"),
  "aws_route_table_association.private": bySubnet("private"),
  "aws_route_table.public": (context) => tablesOf(context, "public", [0, 1, 2]),
  "aws_route_table.private": (context, _, index) => tablesOf(context, "private", [index]),
  "aws_default_security_group.skymanuals": inVpc("aws_default_security_group"),
  "aws_flow_log.skymanuals": inVpc("aws_flow_log"),
  "aws_cloudwatch_log_group.flow_logs": (context) => {
    const destination = context.ours("aws_flow_log.skymanuals")?.values.log_destination;
    return context
      .of("aws_cloudwatch_log_group")
      .filter(({ values }) => values.arn === String(destination).replace(/:\*$/, ""));
  },
  "aws_iam_role.flow_logs": role("aws_flow_log.skymanuals", "iam_role_arn"),
  "aws_vpc_endpoint.s3": endpoint("s3", "Gateway"),
  "aws_vpc_endpoint.ecr_api": endpoint("ecr.api"),
  "aws_vpc_endpoint.ecr_dkr": endpoint("ecr.dkr"),
  "aws_vpc_endpoint.logs": endpoint("logs"),
  "aws_vpc_endpoint.secretsmanager": endpoint("secretsmanager"),
  "aws_vpc_endpoint.ssmmessages": endpoint("ssmmessages"),
  "aws_security_group.endpoints": groupsIn((context) =>
    ["ecr_api", "ecr_dkr", "logs", "secretsmanager", "ssmmessages"].flatMap((label) =>
      list(context.ours(`aws_vpc_endpoint.${label}`)?.values.security_group_ids),
    ),
  ),

  "aws_iam_role_policy.ecs_execution": policyOf("aws_iam_role.ecs_execution"),
  "aws_iam_role_policy.ecs_task": policyOf("aws_iam_role.ecs_task"),
  "aws_iam_role_policy.logstash_execution": policyOf("aws_iam_role.logstash_execution"),
  "aws_iam_role_policy.logstash_task": policyOf("aws_iam_role.logstash_task"),
  "aws_iam_role_policy.flow_logs": policyOf("aws_iam_role.flow_logs"),

  "aws_db_parameter_group.skymanuals": (context) => {
    const name = context.ours("aws_db_instance.postgres")?.values.parameter_group_name;
    return context.of("aws_db_parameter_group").filter(({ values }) => values.name === name);
  },
  "aws_s3_bucket_versioning.chunks": ofBucket(),
  "aws_s3_bucket_server_side_encryption_configuration.chunks": ofBucket(),
  "aws_s3_bucket_lifecycle_configuration.chunks": ofBucket(),
  "aws_s3_bucket_public_access_block.chunks": ofBucket(),
  "aws_s3_bucket_ownership_controls.chunks": ofBucket(),
  "aws_s3_bucket_policy.chunks": ofBucket(),
  "aws_s3_bucket_logging.chunks": ofBucket(),

  "aws_appautoscaling_target.api": scaledService(),
  "aws_appautoscaling_policy.api_cpu": scaledService("ECSServiceAverageCPUUtilization"),
  "aws_appautoscaling_policy.api_memory": scaledService("ECSServiceAverageMemoryUtilization"),
  "aws_wafv2_web_acl.skymanuals": (context) => {
    const acl = context.ours("aws_cloudfront_distribution.skymanuals")?.values.web_acl_id;
    return context.of("aws_wafv2_web_acl").filter(({ values }) => acl && values.arn === acl);
  },
  // A web ACL has one.
  "aws_wafv2_web_acl_logging_configuration.skymanuals": (context) => {
    const acl = context.ours("aws_wafv2_web_acl.skymanuals")?.values.arn;
    return context
      .of("aws_wafv2_web_acl_logging_configuration")
      .filter(({ values }) => acl && values.resource_arn === acl);
  },
  "aws_acm_certificate.viewer": certificate(edgeRegion),
  "aws_acm_certificate.origin": certificate(),
  "aws_acm_certificate_validation.viewer": validationOf("aws_acm_certificate.viewer"),
  "aws_acm_certificate_validation.origin": validationOf("aws_acm_certificate.origin"),
  "aws_route53_record.api_validation": validationRecord("aws_acm_certificate.viewer"),
  "aws_route53_record.origin_validation": validationRecord("aws_acm_certificate.origin"),
  "aws_route53_record.api": record(),
  "aws_route53_record.api_ipv6": record(),
  "aws_route53_record.origin": record(),
  "aws_sns_topic_subscription.compliance_email": (context, { arguments: args }) => {
    const topic = context.ours("aws_sns_topic.compliance_alerts")?.values.arn;
    return context
      .of("aws_sns_topic_subscription")
      .filter(({ values }) => topic && values.topic_arn === topic && values.endpoint === args.endpoint);
  },
};

/** Subnets and the VPC: at the documented address, else by `rule`. */
function documentedOr(rule: Rule): Rule {
  return (context, resource, index) => {
    const documented = context.of(resource.type).filter((object) => isDocumented(object, resource, index));
    return documented.length > 0 ? documented : rule(context, resource, index);
  };
}

function inVpc(
  type: string,
  also: (context: Context, object: StateObject, index: number) => boolean = () => true,
): Rule {
  return (context, _, index) => {
    const vpc = idOf(context, "aws_vpc.skymanuals");
    return context.of(type).filter((object) => vpc && object.values.vpc_id === vpc && also(context, object, index));
  };
}

function groupsIn(ids: (context: Context) => unknown[]): Rule {
  return (context) => {
    const used = ids(context);
    return context.of("aws_security_group").filter(({ values }) => used.includes(values.id));
  };
}

function serviceGroups(context: Context, service: string): unknown[] {
  return blocks(context.ours(service), "network_configuration").flatMap((block) => list(block.security_groups));
}

function role(user: string, argument: string): Rule {
  return (context) => {
    const arn = context.ours(user)?.values[argument];
    return context.of("aws_iam_role").filter(({ values }) => arn && values.arn === arn);
  };
}

/** The same policy of the same role; another policy of it is another object. */
function policyOf(roleAddress: string): Rule {
  return (context, { arguments: args }) => {
    const roleName = context.ours(roleAddress)?.values.name;
    return context
      .of("aws_iam_role_policy")
      .filter(({ values }) => roleName && values.role === roleName && values.name === args.name);
  };
}

function listenersOf(context: Context, targetGroup: StateObject | undefined): StateObject[] {
  const arn = targetGroup?.values.arn;
  if (!arn) {
    return [];
  }
  const forwards = (object: StateObject, block: string) =>
    JSON.stringify(object.values[block] ?? "").includes(JSON.stringify(arn));
  const throughRules = context
    .of("aws_lb_listener_rule")
    .filter((rule) => forwards(rule, "action"))
    .map(({ values }) => values.listener_arn);
  return context
    .of("aws_lb_listener")
    .filter((listener) => forwards(listener, "default_action") || throughRules.includes(listener.values.arn));
}

/** Names in `awslogs-group` of the containers. */
function logGroupNames(taskDefinition: StateObject | undefined): unknown[] {
  return containers(taskDefinition).map(({ logConfiguration }) => logConfiguration?.options?.["awslogs-group"]);
}

interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly logConfiguration?: { readonly options?: Readonly<Record<string, string>> };
}

/** The containers of a task definition; none where it cannot be read. */
export function containers(taskDefinition: StateObject | undefined): Container[] {
  try {
    return list(JSON.parse(String(taskDefinition?.values.container_definitions))) as Container[];
  } catch {
    return [];
  }
}

function bySubnet(kind: "public" | "private"): Rule {
  return (context, _, index) => {
    const subnet = idOf(context, `aws_subnet.${kind}[${index}]`);
    return context.of("aws_route_table_association").filter(({ values }) => subnet && values.subnet_id === subnet);
  };
}

function tablesOf(context: Context, kind: "public" | "private", indexes: readonly number[]): StateObject[] {
  const used = indexes.map(
    (index) => context.ours(`aws_route_table_association.${kind}[${index}]`)?.values.route_table_id,
  );
  return context.of("aws_route_table").filter(({ values }) => used.includes(values.id));
}

function endpoint(service: string, type?: "Gateway"): Rule {
  return inVpc("aws_vpc_endpoint", (_, { values }) => {
    const sameType = type === undefined ? values.vpc_endpoint_type !== "Gateway" : values.vpc_endpoint_type === type;
    return (
      sameType &&
      new RegExp(`^com[.]amazonaws[.][a-z0-9-]+[.]${service.replace(".", "[.]")}$`).test(String(values.service_name))
    );
  });
}

function ofBucket(): Rule {
  return (context, { type }) => {
    const bucket = idOf(context, "aws_s3_bucket.chunks");
    return context.of(type).filter(({ values }) => bucket && values.bucket === bucket);
  };
}

function scaledService(metric?: string): Rule {
  return (context, { type }) => {
    const cluster = context.ours("aws_ecs_cluster.skymanuals")?.values.name;
    const service = context.ours("aws_ecs_service.api")?.values.name;
    return context
      .of(type)
      .filter(
        (object) =>
          object.values.resource_id === `service/${cluster}/${service}` &&
          object.values.scalable_dimension === "ecs:service:DesiredCount" &&
          (metric === undefined || JSON.stringify(object.values).includes(`"${metric}"`)),
      );
  };
}

function certificate(region?: string): Rule {
  return (context, { arguments: args }) =>
    context
      .of("aws_acm_certificate")
      .filter(
        ({ values }) =>
          values.domain_name === args.domain_name && (!region || String(values.arn).split(":")[3] === region),
      );
}

function validationOf(certificateAddress: string): Rule {
  return (context) => {
    const arn = context.ours(certificateAddress)?.values.arn;
    return context.of("aws_acm_certificate_validation").filter(({ values }) => arn && values.certificate_arn === arn);
  };
}

/** The record that proves the certificate's first name. */
function validationRecord(certificateAddress: string): Rule {
  return (context) => {
    const certificate = context.ours(certificateAddress);
    const option = blocks(certificate, "domain_validation_options").find(
      ({ domain_name }) => domain_name === certificate?.values.domain_name,
    );
    return context
      .of("aws_route53_record")
      .filter(({ values }) => option && dnsName(values.name) === dnsName(option.resource_record_name));
  };
}

function record(): Rule {
  return (context, { arguments: args }) =>
    context
      .of("aws_route53_record")
      .filter(({ values }) => dnsName(values.fqdn ?? values.name) === dnsName(args.name) && values.type === args.type);
}

function dnsName(name: unknown): string {
  return String(name).toLowerCase().replace(/\.$/, "");
}

function idOf(context: Context, address: string): unknown {
  return context.ours(address)?.values.id;
}

function blocks(object: StateObject | undefined, name: string): Record<string, unknown>[] {
  return list(object?.values[name]) as Record<string, unknown>[];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function unique(objects: readonly StateObject[]): StateObject[] {
  return [...new Set(objects)];
}
