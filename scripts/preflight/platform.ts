import type { Environment } from "../../environments/environment";

/** Entries of a security group that CloudFront's prefix list counts as. Source: Amazon VPC User Guide, "AWS-managed prefix lists". */
export const cloudfrontPrefixListWeight = 55;

/** What the synthesized stack says where the environment's literal does not. */
export interface SynthesizedPlatform {
  /** Names of the secrets that it creates. */
  readonly secrets: readonly string[];
  /** The security group with the most rules in one direction, as AWS counts them. */
  readonly largestGroup: { readonly name: string; readonly rules: number };
}

interface Rule {
  readonly cidr_blocks?: readonly string[] | string;
  readonly ipv6_cidr_blocks?: readonly string[];
  readonly security_groups?: readonly string[];
  readonly prefix_list_ids?: readonly string[];
}

interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** Reads cdk.tf.json, parsed. The environment has the value of the variable `allowed_ips`. */
export function readPlatform(json: unknown, { network }: Environment): SynthesizedPlatform {
  const allowedIps = network.allowedIps.length;
  const { resource = {} } = json as StackJson;
  const secrets = Object.values(resource.aws_secretsmanager_secret ?? {}).map(({ name }) => String(name));
  const groups = Object.entries(resource.aws_security_group ?? {}).flatMap(([name, { ingress, egress }]) =>
    [ingress, egress].map((rules) => ({ name, rules: countRules(rules, allowedIps) })),
  );
  const [largestGroup = { name: "none", rules: 0 }] = groups.sort((one, other) => other.rules - one.rules);
  return { secrets, largestGroup };
}

/** Each address, group or prefix list of a rule counts by itself. Source: Amazon VPC quotas, "Inbound or outbound rules per security group". */
function countRules(rules: unknown, allowedIps: number): number {
  return (Array.isArray(rules) ? (rules as Rule[]) : []).reduce((sum, rule) => {
    // An expression is the variable allowed_ips, the one list of addresses that is not literal.
    const addresses = Array.isArray(rule.cidr_blocks) ? rule.cidr_blocks.length : rule.cidr_blocks ? allowedIps : 0;
    const groups = (rule.ipv6_cidr_blocks ?? []).length + (rule.security_groups ?? []).length;
    return sum + addresses + groups + (rule.prefix_list_ids ?? []).length * cloudfrontPrefixListWeight;
  }, 0);
}

/** Virtual CPUs that Fargate must have for an environment at its largest. */
export interface FargateNeed {
  /** On demand. */
  readonly onDemand: number;
  readonly spot: number;
  /** How `onDemand` comes about. */
  readonly because: string;
}

/**
 * The API at autoscaling's highest bound, its windows included, twice: a release starts as many tasks again before it ends the
 * old ones (ECS's default, `maximumPercent` 200). A migration runs before that, and Logstash's one task waits for room.
 * Source: Amazon ECS API Reference, DeploymentConfiguration.
 */
export function fargateNeed({ size, api, logstash }: Environment): FargateNeed {
  const tasks = Math.max(size.apiMaximumCount, ...api.scheduledScaling.map(({ maximum }) => maximum));
  const perTask = api.cpu / 1024;
  const logs = logstash.cpu / 1024;
  const spot = logstash.capacity === "FARGATE_SPOT" ? logs : 0;
  const onDemand = 2 * tasks * perTask + logs - spot;
  const released = `${tasks} API tasks of ${perTask} vCPU, twice while a release replaces them`;
  return { onDemand, spot, because: spot > 0 ? released : `${released}, and Logstash's ${logs}` };
}

/** NAT gateways, each with an elastic IP address. */
export function natGateways({ network, zones }: Environment): number {
  return network.natGateways === "one" ? 1 : zones.length;
}
