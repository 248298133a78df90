import type { CloudfrontDistributionOrigin } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import type { Lb } from "@cdktf/provider-aws/lib/lb";
import type { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { apiPort } from "../facts/api";
import type { AccessLogs } from "./access-logs";
import type { Domain } from "./domain";
import { LoadBalancerAlarms } from "./load-balancer-alarms";
import type { Alerting } from "./parts/alarm";
import type { ApiBalancer } from "./parts/api-balancer";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { PublicOrigin } from "./public-origin";
import type { Vpc } from "./vpc";
import { VpcOrigin } from "./vpc-origin";

export interface LoadBalancerProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  /** Zone names of the subnets. */
  readonly zones: readonly string[];
  /** The load balancer that CloudFront sends to: in the private subnets (`vpc`), or in the public ones. */
  readonly origin: "vpc" | "public";
  /** The load balancer of the other kind stands beside it, with the API's tasks behind both. */
  readonly standby: boolean;
  /** Default: plain HTTP on port 80, for an environment without a domain. */
  readonly domain?: Domain;
  /** Raise it to rotate the public load balancer's secret header. */
  readonly originSecretVersion: number;
  /** The ephemeral variable `origin_header_secret`: what the current version writes, unless null when Terraform runs. */
  readonly originSecret: string;
  readonly accessLogs: AccessLogs;
  /** AWS refuses to delete the load balancer that is used. */
  readonly deletionProtection: boolean;
  readonly alerting: Alerting;
  /** Requests that take longer, in seconds, are slow. */
  readonly slowSeconds: number;
}

/** A load balancer with the API's tasks behind it, as CloudFront reaches it. */
export interface ApiOrigin {
  readonly balancer: ApiBalancer;
  /** The listener, and the rule where it has one: the last forwards the distribution's requests to the target group. */
  readonly forwards: readonly [ITerraformDependable, ...ITerraformDependable[]];
  readonly cloudfront: Omit<CloudfrontDistributionOrigin, "originId">;
}

/**
 * What stands between CloudFront and the API: one load balancer, or two while CloudFront moves from one to the other. It
 * answers nobody but the distribution. Both kinds share the security group, which admits CloudFront's addresses only.
 */
export class LoadBalancer extends Construct {
  readonly securityGroup: SecurityGroup;
  /** The one that CloudFront uses. */
  readonly loadBalancer: Lb;
  /** Where the API's tasks register: of the load balancer in use first, and of the other where there is one. */
  readonly targetGroups: readonly [LbTargetGroup, ...LbTargetGroup[]];
  /** What forwards to the target groups; until it exists, a group belongs to no load balancer. */
  readonly forwards: readonly ITerraformDependable[];
  /** What must exist before CloudFront sends requests: what forwards them, first, and the load balancer's name. */
  readonly reachable: readonly [ITerraformDependable, ...ITerraformDependable[]];
  /** Where CloudFront sends requests. */
  readonly origin: ApiOrigin["cloudfront"];
  readonly alarms: LoadBalancerAlarms;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { network, domain } = props;
    const { prefix } = props.deployment;
    const listenerPort = domain ? 443 : 80;

    const cloudfront = new DataAwsEc2ManagedPrefixList(this, "cloudfront", {
      name: "com.amazonaws.global.cloudfront.origin-facing",
    });
    this.securityGroup = new SecurityGroup(this, "aws_security_group.alb", {
      namePrefix: `${prefix}-alb-`,
      description: "Load balancer: from CloudFront, to the API",
      vpcId: network.vpc.id,
      // One port only: the prefix list counts as 55 of the group's 60 rules. Of VPC origins too: AWS admits the list for them, and
      // their own group, CloudFront-VPCOrigins-Service-SG, exists only once the load balancer has become an origin (Amazon
      // CloudFront Developer Guide, "Restrict access with VPC origins").
      ingress: [{ fromPort: listenerPort, toPort: listenerPort, protocol: "tcp", prefixListIds: [cloudfront.id] }],
      // By address: two groups whose inline rules name each other would be a cycle.
      egress: [{ fromPort: apiPort, toPort: apiPort, protocol: "tcp", cidrBlocks: [network.vpc.cidrBlock] }],
      tags: { Name: `${prefix}-alb` },
      lifecycle: { createBeforeDestroy: true },
    });

    const used = this.add(props.origin, props);
    const standby = props.standby ? this.add(props.origin === "vpc" ? "public" : "vpc", props) : undefined;
    this.loadBalancer = used.balancer.loadBalancer;
    this.targetGroups = [used.balancer.targetGroup, ...(standby ? [standby.balancer.targetGroup] : [])];
    this.forwards = [...used.forwards, ...(standby?.forwards ?? [])];
    this.origin = used.cloudfront;

    // The public one's name as long as there is one: CloudFront looks it up wherever an edge has not changed over yet.
    const named = standby instanceof PublicOrigin ? standby : used;
    const record = domain?.addAlias(
      "origin",
      domain.originName,
      { name: named.balancer.loadBalancer.dnsName, zoneId: named.balancer.loadBalancer.zoneId },
      ["A"],
    );
    this.reachable = [used.forwards.at(-1) as ITerraformDependable, ...(record ?? [])];
    this.alarms = new LoadBalancerAlarms(this, "alarms", { ...props, balancer: used.balancer });
    new Output(this, "target_group_arn", this.targetGroups[0].arn, "Target group of the API's tasks");
  }

  private add(kind: LoadBalancerProps["origin"], props: LoadBalancerProps): ApiOrigin {
    const { network, domain, accessLogs } = props;
    const common = {
      ...props,
      vpcId: network.vpc.id,
      securityGroup: this.securityGroup,
      certificateArn: domain?.originCertificateArn,
      originName: domain?.originName,
      accessLogs: { bucket: accessLogs.bucket.bucket, prefix: accessLogs.prefixes.loadBalancer },
      deletionProtection: props.deletionProtection && kind === props.origin,
      // AWS refuses an internet-facing load balancer, and a VPC origin, while the VPC has no gateway, and logs that it may not write.
      dependsOn: [network.internetGateway, accessLogs.policy],
      removedLast: props.standby,
    };
    return kind === "vpc"
      ? new VpcOrigin(this, "vpc-origin", { ...common, subnetIds: network.privateSubnetIds })
      : new PublicOrigin(this, "public-origin", { ...common, subnetIds: network.publicSubnetIds });
  }
}
