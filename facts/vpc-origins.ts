/**
 * Regions in which CloudFront VPC origins can be, and the zones of them in which they cannot, by id: which name an id has differs
 * between accounts. Source: Amazon CloudFront Developer Guide, "Restrict access with VPC origins", supported AWS Regions, in its
 * order.
 */
export const vpcOriginRegions: Readonly<Record<string, readonly string[]>> = {
  "us-east-2": [],
  "us-east-1": ["use1-az3"],
  "us-west-1": ["usw1-az2"],
  "us-west-2": [],
  "af-south-1": [],
  "ap-east-1": [],
  "ap-south-1": [],
  "ap-south-2": [],
  "ap-southeast-3": [],
  "ap-southeast-4": [],
  "ap-northeast-3": [],
  "ap-southeast-1": [],
  "ap-southeast-2": [],
  "ap-northeast-1": ["apne1-az3"],
  "ap-northeast-2": ["apne2-az1"],
  "ap-southeast-7": [],
  "ap-southeast-5": [],
  "ap-east-2": [],
  "ca-central-1": ["cac1-az3"],
  "ca-west-1": [],
  "eu-central-1": [],
  "eu-west-1": [],
  "eu-west-2": [],
  "eu-south-1": [],
  "eu-west-3": [],
  "eu-south-2": [],
  "eu-north-1": [],
  "eu-central-2": [],
  "il-central-1": [],
  "me-south-1": [],
  "me-central-1": [],
  "sa-east-1": [],
  "mx-central-1": [],
};

/** The zones of all regions. */
export const vpcOriginRefusedZoneIds = Object.values(vpcOriginRegions).flat();

/**
 * VPC origins of an account, unless AWS raised it, which is asked for by a support case.
 * Source: Amazon CloudFront Developer Guide, "Quotas", general quotas on distributions, "VPC origins per AWS account".
 */
export const vpcOriginQuota = 25;

/** The name of an environment's VPC origin, by the protocol of its load balancer's listener. */
export function vpcOriginName(prefix: string, protocol: "http" | "https"): string {
  return `${prefix}-${protocol}`;
}
