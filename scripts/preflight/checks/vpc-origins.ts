import { vpcOriginName, vpcOriginQuota, vpcOriginRegions } from "../../../facts/vpc-origins";
import { constrainedZoneIds } from "../../../facts/zones";
import { unlessMissing } from "../aws";
import type { Check, Subject } from "../check";
import type { Finding } from "../finding";

const role = "AWSServiceRoleForCloudFrontVPCOrigin";

type Found = Omit<Finding, "check">;

/**
 * CloudFront can have a VPC origin in the region and the zones, and one more of them. What else AWS requires, the stack has: an
 * internet gateway in the VPC, IPv4 subnets, an internal load balancer with a security group.
 * Source: Amazon CloudFront Developer Guide, "Restrict access with VPC origins".
 */
export const vpcOrigins: Check = {
  name: "VPC origins",
  asks: ["cloudfront.ListVpcOrigins", "ec2.DescribeAvailabilityZones", "iam.GetRole"],
  run: async (subject) => {
    const { edge, region, name } = subject.environment;
    if (edge.origin === "public" && !edge.standby) {
      return { findings: [], skipped: 'edge.origin is "public"' };
    }
    const refusedZoneIds = vpcOriginRegions[region];
    if (refusedZoneIds === undefined) {
      const finding: Found = {
        severity: "error",
        what: `VPC origin in ${region}`,
        got: "CloudFront has none in this region",
        needed: "one of the regions that the Amazon CloudFront Developer Guide lists for VPC origins",
        fix: `set edge.origin of environments/${name}.ts to "public", and edge.standby to false`,
      };
      return { findings: [finding] };
    }
    const [zones, quota, unknown] = await Promise.all([
      refusedZones(subject, refusedZoneIds),
      tooMany(subject),
      missingRole(subject),
    ]);
    return { findings: [...zones, ...quota], ...(unknown === undefined ? {} : { unknown }) };
  },
};

/** Those that `zones` does not report already. */
async function refusedZones({ ask, environment }: Subject, refused: readonly string[]): Promise<Found[]> {
  const { AvailabilityZones = [] } = await ask("ec2.DescribeAvailabilityZones", {
    Filters: [{ Name: "zone-type", Values: ["availability-zone"] }],
  });
  const isRefused = (id = "") => refused.includes(id) && !(constrainedZoneIds as readonly string[]).includes(id);
  return AvailabilityZones.filter(
    ({ ZoneName = "", ZoneId }) => environment.zones.includes(ZoneName) && isRefused(ZoneId),
  ).map(({ ZoneName, ZoneId }) => ({
    severity: "error",
    what: `VPC origin in zone ${ZoneName}`,
    got: `it is ${ZoneId} in this account, where CloudFront has no VPC origins`,
    needed: "subnets of the load balancer in other zones",
    fix: `choose another zone for environments/${environment.name}.ts, or set edge.origin to "public"`,
  }));
}

/** The first page holds a hundred, four times the quota. */
async function tooMany({ ask, environment }: Subject): Promise<Found[]> {
  const { names, domain } = environment;
  const { VpcOriginList } = await ask("cloudfront.ListVpcOrigins", {}, "us-east-1");
  const all = (VpcOriginList?.Items ?? []).map(({ Name = "" }) => Name);
  const ours = (["http", "https"] as const).map((protocol) => vpcOriginName(names.prefix, protocol));
  const others = all.filter((name) => !ours.includes(name)).length;
  // Another protocol is another origin, which is there before the old one goes.
  const wanted = vpcOriginName(names.prefix, domain ? "https" : "http");
  const own = new Set([wanted, ...ours.filter((name) => all.includes(name))]).size;
  return others + own <= vpcOriginQuota
    ? []
    : [
        {
          severity: "warning",
          what: "VPC origins of the account",
          got: `${vpcOriginQuota} by default; whether AWS raised it, no operation tells`,
          needed: `${others + own}: ${own} beside ${others} of others`,
          fix: 'delete one that is not used (aws cloudfront list-vpc-origins), or have AWS raise "VPC origins per AWS account" by a support case',
        },
      ];
}

/** Source: Amazon CloudFront Developer Guide, "Use service-linked roles for CloudFront". */
async function missingRole({ ask }: Subject): Promise<string | undefined> {
  const found = await unlessMissing(ask("iam.GetRole", { RoleName: role }), "NoSuchEntity", "NoSuchEntityException");
  return found
    ? undefined
    : `the account has no role ${role} yet: CloudFront creates it with the first VPC origin, where the credentials of the apply have iam:CreateServiceLinkedRole for vpcorigin.cloudfront.amazonaws.com`;
}
