import type { Environment } from "../../../environments/environment";
import { clusterName } from "../../../facts/names";
import { type Ask, allPages, unlessMissing } from "../aws";
import type { Check, Subject } from "../check";
import { type Finding, nothingFound, type Outcome } from "../finding";
import { cloudfrontPrefixListWeight, fargateNeed, natGateways } from "../platform";

/** A quota of Service Quotas, by its codes. Source: Service Quotas, "AWS default quotas" of the service. */
interface Quota {
  readonly service: string;
  readonly code: string;
  readonly name: string;
}

/** Regular accounts have hundreds or thousands; a new one may begin with 6 (AWS Fargate quotas in the AWS General Reference). */
const fargateOnDemand: Quota = { service: "fargate", code: "L-3032A538", name: "Fargate On-Demand vCPU" };
const fargateSpot: Quota = { service: "fargate", code: "L-36FBB829", name: "Fargate Spot vCPU" };
const elasticIps: Quota = { service: "ec2", code: "L-0263D0A3", name: "elastic IP addresses" };
const gatewaysPerZone: Quota = { service: "vpc", code: "L-FE5A380F", name: "NAT gateways in a zone" };
const vpcsPerRegion: Quota = { service: "vpc", code: "L-F678F1CE", name: "VPCs" };
const rulesPerGroup: Quota = { service: "vpc", code: "L-0EA8095F", name: "rules of a security group in one direction" };
const endpointsPerVpc: Quota = { service: "vpc", code: "L-29B6F2EB", name: "interface endpoints of a VPC" };

/** Resource policies of CloudWatch Logs in a region; not adjustable. Source: CloudWatch Logs API, PutResourcePolicy. */
const logResourcePolicies = 10;
/** As constructs/account/elasticsearch-log-policy.ts names it. */
const ourLogPolicy = "skymanuals-elasticsearch-logs";

const asksForQuotas = ["servicequotas.GetServiceQuota", "servicequotas.GetAWSDefaultServiceQuota"] as const;

/** The account's own quota, or AWS's default where it never had another. */
async function quotaValue(ask: Ask, { service, code }: Quota): Promise<number> {
  const asked = { ServiceCode: service, QuotaCode: code };
  const applied = await unlessMissing(ask("servicequotas.GetServiceQuota", asked), "NoSuchResourceException");
  const { Quota } = applied ?? (await ask("servicequotas.GetAWSDefaultServiceQuota", asked));
  return Quota?.Value ?? 0;
}

async function compare(
  { ask, environment: { region } }: Subject,
  quota: Quota,
  needed: number,
  because: string,
  severity: Finding["severity"] = "error",
): Promise<Outcome> {
  const value = await quotaValue(ask, quota);
  if (value >= needed) {
    return nothingFound;
  }
  const { service, code, name } = quota;
  const request = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code}`;
  const fix = `${request} --desired-value ${Math.ceil(needed)} --region ${region}`;
  return {
    findings: [{ severity, what: `${name} in ${region}`, got: String(value), needed: `${needed}: ${because}`, fix }],
  };
}

/** What runs on Fargate now, in vCPUs. */
type Running = Readonly<Record<"onDemand" | "spot", number>>;

/**
 * vCPUs that the account and region use now, on ECS and EKS together, or undefined where CloudWatch has no such metric.
 * Source: Amazon ECS Developer Guide, "AWS Fargate usage metrics".
 */
async function fargateUsage({ ask, now }: Subject, capacity: "OnDemand" | "Spot"): Promise<number | undefined> {
  const { Datapoints = [] } = await ask("cloudwatch.GetMetricStatistics", {
    Namespace: "AWS/Usage",
    MetricName: "ResourceCount",
    Dimensions: [
      { Name: "Service", Value: "Fargate" },
      { Name: "Type", Value: "Resource" },
      { Name: "Resource", Value: "vCPU" },
      { Name: "Class", Value: `Standard/${capacity}` },
    ],
    StartTime: new Date(now.getTime() - 15 * 60_000),
    EndTime: now,
    Period: 300,
    Statistics: ["Maximum"],
  });
  const [latest] = [...Datapoints].sort((one, other) => Number(other.Timestamp) - Number(one.Timestamp));
  return latest?.Maximum;
}

/** vCPUs of an environment's own tasks: none where its cluster is not there yet. */
async function runningTasks(ask: Ask, { names }: Environment): Promise<Running> {
  const cluster = clusterName(names.prefix);
  const listed = allPages(ask, "ecs.ListTasks", { cluster }, "nextToken", ({ taskArns }) => taskArns);
  const arns = (await unlessMissing(listed, "ClusterNotFoundException")) ?? [];
  const running = { onDemand: 0, spot: 0 };
  for (let start = 0; start < arns.length; start += describedTasks) {
    const { tasks = [] } = await ask("ecs.DescribeTasks", {
      cluster,
      tasks: arns.slice(start, start + describedTasks),
    });
    for (const { launchType, capacityProviderName, cpu } of tasks) {
      if (launchType === "FARGATE") {
        running[capacityProviderName === "FARGATE_SPOT" ? "spot" : "onDemand"] += Number(cpu) / 1024;
      }
    }
  }
  return running;
}

/** Most tasks of one request. Source: Amazon ECS API Reference, DescribeTasks. */
const describedTasks = 100;

/**
 * Fargate has room for the platform at its largest, a release included, beside what other workloads of the account use now; and
 * for the account's other environments at their largest.
 */
export const fargate: Check = {
  name: "Fargate quota",
  asks: ["cloudwatch.GetMetricStatistics", "ecs.ListTasks", "ecs.DescribeTasks", ...asksForQuotas],
  run: async (subject) => {
    const { ask, environment, neighbours } = subject;
    const all = [environment, ...neighbours];
    const needs = all.map((each) => ({ name: each.name, ...fargateNeed(each) }));
    const own = fargateNeed(environment);
    const spot = needs.reduce((sum, need) => sum + need.spot, 0);
    const [used, usedSpot, [ours, ...theirs]] = await Promise.all([
      fargateUsage(subject, "OnDemand"),
      spot > 0 ? fargateUsage(subject, "Spot") : undefined,
      Promise.all(all.map((each) => runningTasks(ask, each))),
    ]);
    const beside = (usage: number | undefined, capacity: keyof Running, known: readonly Running[]) =>
      usage === undefined ? 0 : Math.max(0, usage - known.reduce((sum, running) => sum + running[capacity], 0));
    const known = [ours as Running, ...theirs];

    const alone = await compareBeside(subject, fargateOnDemand, {
      needed: own.onDemand,
      because: own.because,
      inUse: beside(used, "onDemand", known.slice(0, 1)),
    });
    const shares = needs.map(({ name, onDemand }) => `${name} ${onDemand}`).join(", ");
    const together =
      alone.findings.length > 0 || neighbours.length === 0
        ? nothingFound
        : await compareBeside(
            subject,
            fargateOnDemand,
            {
              needed: needs.reduce((sum, need) => sum + need.onDemand, 0),
              because: `every environment of the account at its largest (${shares})`,
              inUse: beside(used, "onDemand", known),
            },
            "warning",
          );
    const onSpot =
      spot > 0
        ? await compareBeside(subject, fargateSpot, {
            needed: spot,
            because: "Logstash's tasks on Spot",
            inUse: beside(usedSpot, "spot", known),
          })
        : nothingFound;
    const unknown = [
      ...(used === undefined ? ["on demand"] : []),
      ...(spot > 0 && usedSpot === undefined ? ["on Spot"] : []),
    ];
    return {
      findings: [...alone.findings, ...together.findings, ...onSpot.findings],
      ...(unknown.length > 0
        ? {
            unknown: `what other workloads of the account use now, ${unknown.join(" and ")}: CloudWatch has no ResourceCount of Fargate's vCPUs in AWS/Usage for the last 15 minutes`,
          }
        : {}),
    };
  },
};

/** Compares with the quota what is needed beside `inUse`, which others use now. */
function compareBeside(
  subject: Subject,
  quota: Quota,
  { needed, because, inUse }: { readonly needed: number; readonly because: string; readonly inUse: number },
  severity?: Finding["severity"],
): Promise<Outcome> {
  return inUse === 0
    ? compare(subject, quota, needed, because, severity)
    : compare(
        subject,
        quota,
        needed + inUse,
        `${needed} beside ${inUse} that other workloads use now; ${because}`,
        severity,
      );
}

type Tagged = { readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[] };

function nameOf({ Tags = [] }: Tagged): string {
  return Tags.find(({ Key }) => Key === "Name")?.Value ?? "";
}

/** Elastic IP addresses for the NAT gateways, beside those that something else has. */
export const addresses: Check = {
  name: "elastic IP quota",
  asks: ["ec2.DescribeAddresses", ...asksForQuotas],
  run: async (subject) => {
    const { ask, environment } = subject;
    const { Addresses = [] } = await ask("ec2.DescribeAddresses", {});
    const others = Addresses.filter((address) => !isOurNat(nameOf(address), environment.names.prefix)).length;
    const own = natGateways(environment);
    return compare(subject, elasticIps, own + others, `${own} for NAT gateways beside ${others} of others`);
  },
};

function isOurNat(name: string, prefix: string): boolean {
  return name.startsWith(`${prefix}-nat-`) && /^\d+$/.test(name.slice(`${prefix}-nat-`.length));
}

/** A NAT gateway in each zone that gets one, beside those that something else has there. */
export const gateways: Check = {
  name: "NAT gateway quota",
  asks: ["ec2.DescribeNatGateways", "ec2.DescribeSubnets", ...asksForQuotas],
  run: async (subject) => {
    const { ask, environment } = subject;
    const found = await allPages(
      ask,
      "ec2.DescribeNatGateways",
      { Filter: [{ Name: "state", Values: ["pending", "available"] }] },
      "NextToken",
      ({ NatGateways }) => NatGateways,
    );
    const others = found.filter((gateway) => !isOurNat(nameOf(gateway), environment.names.prefix));
    const subnetIds = [...new Set(others.flatMap(({ SubnetId }) => SubnetId ?? []))];
    const { Subnets = [] } = subnetIds.length > 0 ? await ask("ec2.DescribeSubnets", { SubnetIds: subnetIds }) : {};
    const zoneOf = new Map(Subnets.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]));
    const counts = environment.zones
      .slice(0, natGateways(environment))
      .map((zone) => ({ zone, others: others.filter(({ SubnetId }) => zoneOf.get(SubnetId) === zone).length }))
      .sort((one, other) => other.others - one.others);
    const [fullest = { zone: "", others: 0 }] = counts;
    return compare(
      subject,
      gatewaysPerZone,
      fullest.others + 1,
      `one beside ${fullest.others} of others in ${fullest.zone}`,
    );
  },
};

/** One more VPC, unless the environment has its own already. */
export const vpcs: Check = {
  name: "VPC quota",
  asks: ["ec2.DescribeVpcs", ...asksForQuotas],
  run: async (subject) => {
    const { ask, environment } = subject;
    const found = await allPages(ask, "ec2.DescribeVpcs", {}, "NextToken", ({ Vpcs }) => Vpcs);
    const others = found.filter((vpc) => nameOf(vpc) !== `${environment.names.prefix}-vpc`).length;
    return compare(subject, vpcsPerRegion, others + 1, `one beside ${others} of others`);
  },
};

/** The group with the most rules, CloudFront's prefix list and `allowed_ips` counted as AWS counts them. */
export const rules: Check = {
  name: "security group quota",
  asks: asksForQuotas,
  run: (subject) => {
    const { name, rules } = subject.platform.largestGroup;
    const list = `CloudFront's prefix list counts as ${cloudfrontPrefixListWeight}`;
    const because = `aws_security_group.${name} has as many${rules >= cloudfrontPrefixListWeight ? `; ${list}` : ""}`;
    return compare(subject, rulesPerGroup, rules, because);
  },
};

export const endpoints: Check = {
  name: "endpoint quota",
  asks: asksForQuotas,
  run: (subject) => {
    const count = subject.environment.network.interfaceEndpoints.length;
    return count === 0
      ? Promise.resolve({ findings: [], skipped: "network.interfaceEndpoints is empty" })
      : compare(subject, endpointsPerVpc, count, "network.interfaceEndpoints");
  },
};

/** The account's one policy for Elasticsearch's logs has room, or is there. */
export const logPolicies: Check = {
  name: "log policy quota",
  asks: ["logs.DescribeResourcePolicies"],
  run: async ({ ask, environment: { region } }) => {
    const policies = await allPages(
      ask,
      "logs.DescribeResourcePolicies",
      {},
      "nextToken",
      ({ resourcePolicies }) => resourcePolicies,
    );
    const names = policies.map(({ policyName = "" }) => policyName);
    if (names.includes(ourLogPolicy) || names.length < logResourcePolicies) {
      return nothingFound;
    }
    return {
      findings: [
        {
          severity: "error",
          what: `resource policies of CloudWatch Logs in ${region}`,
          got: `${names.length}: ${names.join(", ")}`,
          needed: `at most ${logResourcePolicies - 1} beside ${ourLogPolicy}; AWS raises this quota for nobody`,
          fix: `put two of them into one, then aws logs delete-resource-policy --policy-name <name> --region ${region}`,
        },
      ],
    };
  },
};
