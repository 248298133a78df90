import { DataAwsEc2ManagedPrefixList } from "@cdktf/provider-aws/lib/data-aws-ec2-managed-prefix-list";
import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Construct } from "constructs";
import { apiHealthPath, apiPort } from "../facts/api";
import { apiName } from "../facts/names";
import type { AccessLogs } from "./access-logs";
import type { Domain } from "./domain";
import type { Deployment } from "./parts/deployment";
import { GeneratedSecret } from "./parts/secret";
import type { Vpc } from "./vpc";

export interface LoadBalancerProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  /** Default: plain HTTP on port 80, for an environment without a domain. */
  readonly domain?: Domain;
  /** Raise it to rotate the secret header. */
  readonly originSecretVersion: number;
  /** The ephemeral variable `origin_header_secret`: what the current version writes, unless null when Terraform runs. */
  readonly originSecret: string;
  readonly accessLogs: AccessLogs;
  /** AWS refuses to delete the load balancer. */
  readonly deletionProtection: boolean;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly secretRecoveryDays: number;
}

/** The header by which the listener recognises the distribution. */
const originHeaderName = "X-SkyManuals-Origin";

/**
 * The load balancer, target group and listener that the guide references without declaring. It answers nobody but the
 * CloudFront distribution: its security group admits CloudFront's addresses only, and its listener requests that carry a
 * secret header. It passes on the trace header X-Amzn-Trace-Id, or adds one. Costs 16.43 USD a month before traffic, and 3.65
 * USD for each public IPv4 address: one in each zone, more while AWS scales it out (us-east-1 list prices: 0.0225 and 0.005 USD
 * an hour, 730 hours; AWS has charged for every public IPv4 address since February 2024, Amazon VPC pricing).
 *
 * The header's values are the secrets `<prefix>/origin-header-odd` and `-even`, generated unless given. Neither listener
 * rules nor distributions have a write-only argument for them, so they are in the state, marked sensitive.
 */
export class LoadBalancer extends Construct {
  readonly securityGroup: SecurityGroup;
  readonly loadBalancer: Lb;
  readonly targetGroup: LbTargetGroup;
  readonly listener: LbListener;
  /** Admits what carries the header; until it exists, the target group belongs to no load balancer. */
  readonly rule: LbListenerRule;
  readonly originHeader: { readonly name: string; readonly value: string };

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    const { network, domain } = props;
    const { prefix, environment } = props.deployment;
    const listenerPort = domain ? 443 : 80;

    const cloudfront = new DataAwsEc2ManagedPrefixList(this, "cloudfront", {
      name: "com.amazonaws.global.cloudfront.origin-facing",
    });
    this.securityGroup = new SecurityGroup(this, "aws_security_group.alb", {
      namePrefix: `${prefix}-alb-`,
      description: "Load balancer: from CloudFront, to the API",
      vpcId: network.vpc.id,
      // One port only: the prefix list counts as 55 of the group's 60 rules.
      ingress: [{ fromPort: listenerPort, toPort: listenerPort, protocol: "tcp", prefixListIds: [cloudfront.id] }],
      // By address: two groups whose inline rules name each other would be a cycle.
      egress: [{ fromPort: apiPort, toPort: apiPort, protocol: "tcp", cidrBlocks: [network.vpc.cidrBlock] }],
      tags: { Name: `${prefix}-alb` },
      lifecycle: { createBeforeDestroy: true },
    });

    this.loadBalancer = new Lb(this, "main", {
      name: `${prefix}-alb`,
      internal: false,
      loadBalancerType: "application",
      securityGroups: [this.securityGroup.id],
      subnets: network.publicSubnetIds,
      // AWS refuses an internet-facing load balancer while the VPC has no gateway, and logs that it may not write.
      dependsOn: [network.internetGateway, props.accessLogs.policy],
      accessLogs: {
        bucket: props.accessLogs.bucket.bucket,
        prefix: props.accessLogs.prefixes.loadBalancer,
        enabled: true,
      },
      dropInvalidHeaderFields: true,
      enableDeletionProtection: props.deletionProtection,
      tags: { Name: `${prefix}-alb`, Environment: environment },
    });

    this.targetGroup = new LbTargetGroup(this, "aws_lb_target_group.api", {
      name: apiName(prefix),
      port: apiPort,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: network.vpc.id,
      deregistrationDelay: "30",
      healthCheck: {
        path: apiHealthPath,
        matcher: "200",
        interval: 15,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
      },
      tags: { Name: `${prefix}-api`, Environment: environment },
    });

    this.listener = new LbListener(this, "aws_lb_listener.api", {
      loadBalancerArn: this.loadBalancer.arn,
      port: listenerPort,
      ...(domain
        ? {
            protocol: "HTTPS",
            certificateArn: domain.originCertificateArn,
            sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
          }
        : { protocol: "HTTP" }),
      defaultAction: [
        {
          type: "fixed-response",
          fixedResponse: { contentType: "text/plain", messageBody: "Forbidden", statusCode: "403" },
        },
      ],
      tags: { Name: `${prefix}-api` },
    });

    const [sent, accepted] = this.originHeaderValues(props);
    this.originHeader = { name: originHeaderName, value: sent };
    this.rule = new LbListenerRule(this, "aws_lb_listener_rule.cloudfront", {
      listenerArn: this.listener.arn,
      priority: 1,
      condition: [{ httpHeader: { httpHeaderName: originHeaderName, values: [sent, accepted] } }],
      action: [{ type: "forward", targetGroupArn: this.targetGroup.arn }],
      tags: { Name: `${prefix}-cloudfront` },
    });

    domain?.addAlias(
      "origin",
      domain.originName,
      { name: this.loadBalancer.dnsName, zoneId: this.loadBalancer.zoneId },
      ["A"],
    );
  }

  /**
   * Two values, of which the distribution sends one and the listener accepts both. Each version renews the one that was not
   * sent and sends it then, so that a rotation refuses no request while CloudFront deploys it.
   */
  private originHeaderValues(props: LoadBalancerProps): [sent: string, accepted: string] {
    const current = props.originSecretVersion;
    const value = (parity: "odd" | "even", version: number, given?: string) =>
      new GeneratedSecret(this, `origin_header_${parity}`, {
        name: `${props.deployment.prefix}/origin-header-${parity}`,
        description: `${originHeaderName}: one of the two values that the load balancer accepts from CloudFront`,
        recoveryDays: props.secretRecoveryDays,
        version,
        length: 32,
        given,
      }).readIntoState();
    const previous = Math.max(current - 1, 1);
    return current % 2 === 1
      ? [value("odd", current, props.originSecret), value("even", previous)]
      : [value("even", current, props.originSecret), value("odd", previous)];
  }
}
