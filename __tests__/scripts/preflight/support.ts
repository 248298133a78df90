import { accounts, environments } from "../../../environments";
import type { Environment } from "../../../environments/environment";
import { production } from "../../../environments/production";
import { type Ask, type InputOf, NotAnswered, type Operation, type OutputOf } from "../../../scripts/preflight/aws";
import type { Finding } from "../../../scripts/preflight/finding";
import type { SynthesizedPlatform } from "../../../scripts/preflight/platform";
import { type PreflightOptions, preflight } from "../../../scripts/preflight/preflight";
import { type Changes, changed } from "../../support/environments";

/** What AWS answers to each operation. */
export type Answers = { readonly [O in Operation]: (input: InputOf<O>) => OutputOf<O> };

/** AWS's error to an operation. */
export function refuse(operation: Operation, code: string, message = "message of AWS"): never {
  throw new NotAnswered(operation, code, new Error(message));
}

const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];

/** Of every quota, by code. */
export const ample: Readonly<Record<string, number>> = {
  "L-3032A538": 256,
  "L-36FBB829": 256,
  "L-0263D0A3": 5,
  "L-FE5A380F": 5,
  "L-F678F1CE": 5,
  "L-0EA8095F": 60,
  "L-29B6F2EB": 50,
};

/** Service Quotas with these values. */
export function quotas(values: Readonly<Record<string, number>> = {}): Partial<Answers> {
  return {
    "servicequotas.GetServiceQuota": ({ QuotaCode = "" }) => ({ Quota: { Value: { ...ample, ...values }[QuotaCode] } }),
  };
}

export const orderable = (engineVersion: string, instanceClass: string, inZones: readonly string[] = zones) => ({
  EngineVersion: engineVersion,
  DBInstanceClass: instanceClass,
  StorageType: "gp3",
  MultiAZCapable: true,
  SupportsStorageEncryption: true,
  AvailabilityZones: inZones.map((Name) => ({ Name })),
});

/** The account's VPC origins, by name. */
export const vpcOrigins = (names: readonly string[]): OutputOf<"cloudfront.ListVpcOrigins"> => ({
  VpcOriginList: {
    Marker: "",
    MaxItems: 100,
    IsTruncated: false,
    Quantity: names.length,
    Items: names.map((Name) => ({
      Id: `vo_${Name}`,
      Name,
      Status: "Deployed",
      CreatedTime: new Date(0),
      LastModifiedTime: new Date(0),
      Arn: `arn:aws:cloudfront::222222222222:vpcorigin/vo_${Name}`,
      OriginEndpointArn: "arn:aws:elasticloadbalancing:us-east-1:222222222222:loadbalancer/app/internal/1",
    })),
  },
});

export const nameServers = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net"];

/** An account in which production can be applied. */
const sound: Answers = {
  "acm.DescribeCertificate": ({ CertificateArn }) => ({
    Certificate: {
      CertificateArn,
      Status: "ISSUED",
      DomainName: "api.skymanuals.com",
      SubjectAlternativeNames: ["*.skymanuals.com"],
    },
  }),
  "cloudfront.ListVpcOrigins": () => vpcOrigins([]),
  "cloudwatch.GetDashboard": () => refuse("cloudwatch.GetDashboard", "ResourceNotFound"),
  "cloudwatch.GetMetricData": () => ({}),
  "cloudwatch.GetMetricStatistics": () => ({ Datapoints: [{ Timestamp: new Date(0), Maximum: 0 }] }),
  "ec2.DescribeAddresses": () => ({ Addresses: [] }),
  "ec2.DescribeAvailabilityZones": () => ({
    AvailabilityZones: [
      ["us-east-1a", "use1-az6"],
      ["us-east-1b", "use1-az1"],
      ["us-east-1c", "use1-az2"],
      ["us-east-1e", "use1-az3"],
    ].map(([ZoneName, ZoneId]) => ({ ZoneName, ZoneId, State: "available" as const })),
  }),
  "ec2.DescribeNatGateways": () => ({ NatGateways: [] }),
  "ec2.DescribeSubnets": () => ({ Subnets: [] }),
  "ec2.DescribeVpcs": () => ({ Vpcs: [] }),
  "ecr.DescribeImages": () => ({ imageDetails: [{}] }),
  "ecs.DescribeTasks": () => ({ tasks: [] }),
  "ecs.ListTasks": () => refuse("ecs.ListTasks", "ClusterNotFoundException"),
  "elasticache.DescribeReservedCacheNodesOfferings": ({ CacheNodeType }) => ({
    ReservedCacheNodesOfferings: ["cache.r5.large", "cache.r6g.large", "cache.t3.micro"]
      .filter((type) => CacheNodeType === undefined || CacheNodeType === type)
      .map((type) => ({ CacheNodeType: type, ProductDescription: "redis" })),
  }),
  "es.DescribeElasticsearchInstanceTypeLimits": ({ InstanceType }) =>
    ["r5.large.elasticsearch", "t3.medium.elasticsearch"].includes(String(InstanceType))
      ? { LimitsByRole: {} }
      : refuse("es.DescribeElasticsearchInstanceTypeLimits", "InvalidTypeException"),
  "es.ListElasticsearchInstanceTypes": () => ({
    ElasticsearchInstanceTypes: ["r5.large.elasticsearch", "m5.large.elasticsearch", "i3.large.elasticsearch"],
  }),
  "iam.GetRole": ({ RoleName }) =>
    RoleName === "AWSServiceRoleForAmazonElasticsearchService"
      ? ({ Role: { RoleName, Tags: [{ Key: "ManagedBy", Value: "terraform" }] } } as OutputOf<"iam.GetRole">)
      : refuse("iam.GetRole", "NoSuchEntityException"),
  "logs.DescribeResourcePolicies": () => ({ resourcePolicies: [] }),
  "rds.DescribeOrderableDBInstanceOptions": ({ DBInstanceClass, EngineVersion }) => ({
    OrderableDBInstanceOptions: [
      orderable("15.13", "db.r5.large"),
      orderable("15.14", "db.r5.large"),
      orderable("15.14", "db.m5.large"),
      orderable("15.14", "db.t3.medium"),
      orderable("16.10", "db.r5.large"),
    ].filter(
      (option) =>
        (DBInstanceClass === undefined || option.DBInstanceClass === DBInstanceClass) &&
        (EngineVersion === undefined || option.EngineVersion === EngineVersion),
    ),
  }),
  "route53.GetHostedZone": ({ Id }) => ({
    HostedZone: { Id, Name: "skymanuals.com.", CallerReference: "x" },
    DelegationSet: { NameServers: nameServers },
  }),
  "route53.ListHostedZonesByName": () => ({
    HostedZones: [{ Id: "/hostedzone/Z1", Name: "skymanuals.com.", CallerReference: "x" }],
    IsTruncated: false,
    MaxItems: 100,
  }),
  "s3.HeadBucket": () => refuse("s3.HeadBucket", "NotFound"),
  "s3.ListBuckets": () => ({ Buckets: [{ Name: "skymanuals-terraform-state-222222222222" }] }),
  "secretsmanager.ListSecrets": () => ({ SecretList: [] }),
  "servicequotas.GetAWSDefaultServiceQuota": ({ QuotaCode = "" }) => ({ Quota: { Value: ample[QuotaCode] } }),
  "servicequotas.GetServiceQuota": () => refuse("servicequotas.GetServiceQuota", "NoSuchResourceException"),
  "ssm.GetParameter": () => refuse("ssm.GetParameter", "ParameterNotFound"),
  "sts.GetCallerIdentity": () => ({ Account: "222222222222", Arn: "arn:aws:iam::222222222222:user/engineer" }),
};

export const platform: SynthesizedPlatform = {
  secrets: ["skymanuals/database-password"],
  largestGroup: { name: "alb", rules: 55 },
};

export interface World {
  /** What AWS answers otherwise than in an account in which production can be applied. */
  readonly answers?: Partial<Answers>;
  readonly production?: Changes<Environment>;
  readonly options?: Partial<PreflightOptions>;
}

/** The preflight of production, and every operation that it asked. */
export async function run({ answers = {}, production: changes = {}, options = {} }: World = {}) {
  const asked: { operation: Operation; input: unknown; region: string | undefined }[] = [];
  const ask: Ask = async (operation, input, region) => {
    asked.push({ operation, input, region });
    const answer = { ...sound, ...answers }[operation] as (given: typeof input) => OutputOf<typeof operation>;
    return answer(input);
  };
  const environment = changed(production as Environment, changes);
  const report = await preflight({
    environments: environments.map((each) => (each.name === "production" ? environment : each)),
    accounts,
    environment,
    platform,
    ask,
    nameServers: async () => [...nameServers],
    ...options,
  });
  return { ...report, asked };
}

/** The one finding there is. */
export async function onlyFinding(world: World): Promise<Finding> {
  const { findings } = await run(world);
  expect(findings).toHaveLength(1);
  return findings[0] as Finding;
}
