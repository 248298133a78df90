import type * as acm from "@aws-sdk/client-acm";
import type * as cloudfront from "@aws-sdk/client-cloudfront";
import type * as cloudwatch from "@aws-sdk/client-cloudwatch";
import type * as logs from "@aws-sdk/client-cloudwatch-logs";
import type * as ec2 from "@aws-sdk/client-ec2";
import type * as ecr from "@aws-sdk/client-ecr";
import type * as ecs from "@aws-sdk/client-ecs";
import type * as elasticache from "@aws-sdk/client-elasticache";
import type * as es from "@aws-sdk/client-elasticsearch-service";
import type * as iam from "@aws-sdk/client-iam";
import type * as rds from "@aws-sdk/client-rds";
import type * as route53 from "@aws-sdk/client-route-53";
import type * as s3 from "@aws-sdk/client-s3";
import type * as secretsManager from "@aws-sdk/client-secrets-manager";
import type * as quotas from "@aws-sdk/client-service-quotas";
import type * as ssm from "@aws-sdk/client-ssm";
import type * as sts from "@aws-sdk/client-sts";

/** The operations that are asked, by service and name: what each takes, and what it answers. All of them read. */
export interface Operations {
  "acm.DescribeCertificate": [acm.DescribeCertificateRequest, acm.DescribeCertificateResponse];
  "cloudfront.ListVpcOrigins": [cloudfront.ListVpcOriginsRequest, cloudfront.ListVpcOriginsResult];
  "cloudwatch.GetDashboard": [cloudwatch.GetDashboardInput, cloudwatch.GetDashboardOutput];
  "cloudwatch.GetMetricData": [cloudwatch.GetMetricDataInput, cloudwatch.GetMetricDataOutput];
  "cloudwatch.GetMetricStatistics": [cloudwatch.GetMetricStatisticsInput, cloudwatch.GetMetricStatisticsOutput];
  "ec2.DescribeAddresses": [ec2.DescribeAddressesRequest, ec2.DescribeAddressesResult];
  "ec2.DescribeAvailabilityZones": [ec2.DescribeAvailabilityZonesRequest, ec2.DescribeAvailabilityZonesResult];
  "ec2.DescribeNatGateways": [ec2.DescribeNatGatewaysRequest, ec2.DescribeNatGatewaysResult];
  "ec2.DescribeSubnets": [ec2.DescribeSubnetsRequest, ec2.DescribeSubnetsResult];
  "ec2.DescribeVpcs": [ec2.DescribeVpcsRequest, ec2.DescribeVpcsResult];
  "ecr.DescribeImages": [ecr.DescribeImagesRequest, ecr.DescribeImagesResponse];
  "ecs.DescribeTasks": [ecs.DescribeTasksRequest, ecs.DescribeTasksResponse];
  "ecs.ListTasks": [ecs.ListTasksRequest, ecs.ListTasksResponse];
  "elasticache.DescribeReservedCacheNodesOfferings": [
    elasticache.DescribeReservedCacheNodesOfferingsMessage,
    elasticache.ReservedCacheNodesOfferingMessage,
  ];
  "es.DescribeElasticsearchInstanceTypeLimits": [
    es.DescribeElasticsearchInstanceTypeLimitsRequest,
    es.DescribeElasticsearchInstanceTypeLimitsResponse,
  ];
  "es.ListElasticsearchInstanceTypes": [
    es.ListElasticsearchInstanceTypesRequest,
    es.ListElasticsearchInstanceTypesResponse,
  ];
  "iam.GetRole": [iam.GetRoleRequest, iam.GetRoleResponse];
  "logs.DescribeResourcePolicies": [logs.DescribeResourcePoliciesRequest, logs.DescribeResourcePoliciesResponse];
  "rds.DescribeOrderableDBInstanceOptions": [
    rds.DescribeOrderableDBInstanceOptionsMessage,
    rds.OrderableDBInstanceOptionsMessage,
  ];
  "route53.GetHostedZone": [route53.GetHostedZoneRequest, route53.GetHostedZoneResponse];
  "route53.ListHostedZonesByName": [route53.ListHostedZonesByNameRequest, route53.ListHostedZonesByNameResponse];
  "s3.HeadBucket": [s3.HeadBucketRequest, s3.HeadBucketOutput];
  "s3.ListBuckets": [s3.ListBucketsRequest, s3.ListBucketsOutput];
  "secretsmanager.ListSecrets": [secretsManager.ListSecretsRequest, secretsManager.ListSecretsResponse];
  "servicequotas.GetAWSDefaultServiceQuota": [
    quotas.GetAWSDefaultServiceQuotaRequest,
    quotas.GetAWSDefaultServiceQuotaResponse,
  ];
  "servicequotas.GetServiceQuota": [quotas.GetServiceQuotaRequest, quotas.GetServiceQuotaResponse];
  "ssm.GetParameter": [ssm.GetParameterRequest, ssm.GetParameterResult];
  "sts.GetCallerIdentity": [sts.GetCallerIdentityRequest, sts.GetCallerIdentityResponse];
}

export type Operation = keyof Operations;
export type InputOf<O extends Operation> = Operations[O][0];
export type OutputOf<O extends Operation> = Operations[O][1];

/** Asks AWS one thing. `region`: by default the environment's. */
export type Ask = <O extends Operation>(operation: O, input: InputOf<O>, region?: string) => Promise<OutputOf<O>>;

/** Operations whose IAM permission has another name. Source: Service Authorization Reference, the services' own pages. */
const permissionsByAnotherName: Partial<Record<Operation, string>> = {
  "s3.HeadBucket": "s3:ListBucket",
  "s3.ListBuckets": "s3:ListAllMyBuckets",
};

/** What IAM calls the permission for an operation. */
export function permissionFor(operation: Operation): string {
  return permissionsByAnotherName[operation] ?? operation.replace(".", ":");
}

/** AWS did not answer, or not what was asked. */
export class NotAnswered extends Error {
  override readonly name = "NotAnswered";

  constructor(
    readonly operation: Operation,
    /** AWS's code, such as `AccessDenied`. */
    readonly code: string,
    override readonly cause: unknown,
  ) {
    super(`${operation}: ${code}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }

  /** The credentials may not ask this. */
  get isDenied(): boolean {
    return /^(AccessDenied|UnauthorizedOperation|AuthorizationError|403$|Forbidden)/.test(this.code);
  }
}

interface Client {
  send(command: object): Promise<unknown>;
}

interface Sdk {
  readonly client: (config: object) => Client;
  readonly commands: Readonly<Record<string, unknown>>;
}

/** Each service's part of AWS's SDK, which is loaded when the service is first asked: that of EC2 alone takes a tenth of a second. */
const services: Readonly<Record<string, () => Promise<Sdk>>> = {
  acm: async () => sdk(await import("@aws-sdk/client-acm"), "ACMClient"),
  cloudfront: async () => sdk(await import("@aws-sdk/client-cloudfront"), "CloudFrontClient"),
  cloudwatch: async () => sdk(await import("@aws-sdk/client-cloudwatch"), "CloudWatchClient"),
  ec2: async () => sdk(await import("@aws-sdk/client-ec2"), "EC2Client"),
  ecr: async () => sdk(await import("@aws-sdk/client-ecr"), "ECRClient"),
  ecs: async () => sdk(await import("@aws-sdk/client-ecs"), "ECSClient"),
  elasticache: async () => sdk(await import("@aws-sdk/client-elasticache"), "ElastiCacheClient"),
  es: async () => sdk(await import("@aws-sdk/client-elasticsearch-service"), "ElasticsearchServiceClient"),
  iam: async () => sdk(await import("@aws-sdk/client-iam"), "IAMClient"),
  logs: async () => sdk(await import("@aws-sdk/client-cloudwatch-logs"), "CloudWatchLogsClient"),
  rds: async () => sdk(await import("@aws-sdk/client-rds"), "RDSClient"),
  route53: async () => sdk(await import("@aws-sdk/client-route-53"), "Route53Client"),
  s3: async () => sdk(await import("@aws-sdk/client-s3"), "S3Client"),
  secretsmanager: async () => sdk(await import("@aws-sdk/client-secrets-manager"), "SecretsManagerClient"),
  servicequotas: async () => sdk(await import("@aws-sdk/client-service-quotas"), "ServiceQuotasClient"),
  ssm: async () => sdk(await import("@aws-sdk/client-ssm"), "SSMClient"),
  sts: async () => sdk(await import("@aws-sdk/client-sts"), "STSClient"),
};

function sdk(module: object, clientName: string): Sdk {
  const commands = module as Readonly<Record<string, unknown>>;
  const Constructor = commands[clientName] as new (config: object) => Client;
  return { client: (config) => new Constructor(config), commands };
}

/**
 * Asks through AWS's SDK. `config`: what every client is made with besides its region; without it, the credentials of the
 * process's environment.
 *
 * What it returns throws NotAnswered, with AWS's own code.
 */
export function askAws(region: string, config: object = {}): Ask {
  const clients = new Map<string, Promise<Sdk & { readonly ready: Client }>>();
  const clientOf = (service: string, inRegion: string) => {
    const key = `${service} ${inRegion}`;
    const known = clients.get(key);
    if (known) {
      return known;
    }
    const load = services[service] as () => Promise<Sdk>;
    const made = load().then((loaded) => ({
      ...loaded,
      ready: loaded.client({
        region: inRegion,
        // The SDK itself waits for an answer without an end.
        requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
        ...config,
      }),
    }));
    clients.set(key, made);
    return made;
  };
  return async <O extends Operation>(operation: O, input: InputOf<O>, inRegion = region) => {
    const [service = "", name = ""] = operation.split(".");
    const { ready, commands } = await clientOf(service, inRegion);
    const Command = commands[`${name}Command`] as new (input: object) => object;
    try {
      return (await ready.send(new Command(input))) as OutputOf<O>;
    } catch (error) {
      throw new NotAnswered(operation, codeOf(error), error);
    }
  };
}

/** HeadBucket's errors have no body, and so no code but their status. */
function codeOf(error: unknown): string {
  const { name = "Error", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return ["Unknown", "UnknownError", "Error"].includes(name) && $metadata?.httpStatusCode
    ? String($metadata.httpStatusCode)
    : name;
}

/** What `ask` answers, or undefined where AWS says with one of these codes that there is none. */
export async function unlessMissing<T>(answer: Promise<T>, ...codes: readonly string[]): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotAnswered && codes.includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

/** All pages of a list. `next` is the member in which both the answer and the next request have the place to go on. */
export async function allPages<O extends Operation, T>(
  ask: Ask,
  operation: O,
  input: InputOf<O>,
  next: keyof InputOf<O> & keyof OutputOf<O>,
  items: (page: OutputOf<O>) => readonly T[] | undefined,
): Promise<T[]> {
  const found: T[] = [];
  let place: unknown;
  do {
    const page: OutputOf<O> = await ask(operation, place === undefined ? input : { ...input, [next]: place });
    found.push(...(items(page) ?? []));
    place = page[next] || undefined;
  } while (place !== undefined);
  return found;
}
