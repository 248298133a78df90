import { CloudfrontVpcOrigin } from "@cdktf/provider-aws/lib/cloudfront-vpc-origin";
import { Construct } from "constructs";
import { internalName } from "../facts/names";
import { vpcOriginName, vpcOriginRefusedZoneIds } from "../facts/vpc-origins";
import type { ApiOrigin } from "./load-balancer";
import { ApiBalancer, type ApiBalancerProps } from "./parts/api-balancer";

export interface VpcOriginProps extends ApiBalancerProps {
  /** Zone names of the subnets. */
  readonly zones: readonly string[];
  /** The name on the load balancer's certificate. Default: its own name, and plain HTTP inside the VPC. */
  readonly originName?: string;
}

/**
 * A load balancer in the private subnets, and what lets CloudFront into the VPC: requests arrive from network interfaces that
 * CloudFront keeps in these subnets, one address in each. Nothing of it is on the internet, so that no secret header is
 * needed: VPC origins are used by distributions of this account only. The load balancer passes on the trace header
 * X-Amzn-Trace-Id, or adds one. Costs 16.43 USD a month before traffic (us-east-1 list price: 0.0225 USD an hour, 730 hours);
 * the VPC origin costs nothing (Amazon CloudFront pricing).
 *
 * Source: Amazon CloudFront Developer Guide, "Restrict access with VPC origins". The VPC needs an internet gateway, through
 * which nothing of this passes; the load balancer must be active; HTTP and WebSocket pass (WebSocket since May 2026), gRPC does
 * not; an origin can be neither changed nor deleted while a distribution uses it.
 */
export class VpcOrigin extends Construct implements ApiOrigin {
  readonly balancer: ApiBalancer;
  readonly forwards: ApiOrigin["forwards"];
  readonly cloudfront: ApiOrigin["cloudfront"];

  constructor(scope: Construct, id: string, props: VpcOriginProps) {
    super(scope, id);
    const { prefix, environment } = props.deployment;
    const name = internalName(prefix);
    this.balancer = new ApiBalancer(this, "balancer", {
      ...props,
      labels: { loadBalancer: "internal", targetGroup: "internal", listener: "internal" },
      loadBalancerName: name,
      targetGroupName: name,
      internal: true,
      defaultAction: (targetGroupArn) => ({ type: "forward", targetGroupArn }),
    });
    const { listener, loadBalancer } = this.balancer;

    // By protocol: an origin in use cannot be changed, so that another protocol is another origin, made before this one goes.
    const protocol = props.certificateArn ? "https" : "http";
    const originName = vpcOriginName(prefix, protocol);
    const vpcOrigin = new CloudfrontVpcOrigin(this, `aws_cloudfront_vpc_origin.${protocol}`, {
      vpcOriginEndpointConfig: [
        {
          name: originName,
          arn: loadBalancer.arn,
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: `${protocol}-only`,
          originSslProtocols: [{ items: ["TLSv1.2"], quantity: 1 }],
        },
      ],
      tags: { Name: originName, Environment: environment },
      dependsOn: [listener],
      // AWS takes up to 15 minutes, as long as the provider waits.
      timeouts: { create: "30m", delete: "30m" },
      lifecycle: {
        createBeforeDestroy: true,
        precondition: [
          {
            condition: `\${alltrue([for index, name in data.aws_availability_zones.available.names : !contains(${JSON.stringify(props.zones)}, name) || !contains(${JSON.stringify(vpcOriginRefusedZoneIds)}, data.aws_availability_zones.available.zone_ids[index])])}`,
            errorMessage: `One of the zones ${props.zones.join(", ")} is, in this account, one that CloudFront VPC origins cannot be in (${vpcOriginRefusedZoneIds.join(", ")}): name other zones, or set edge.origin to public. See aws ec2 describe-availability-zones.`,
          },
        ],
      },
    });

    this.forwards = [listener];
    this.cloudfront = {
      // Where CloudFront connects, the VPC origin says; this is the name that the certificate must carry.
      domainName: props.originName ?? loadBalancer.dnsName,
      vpcOriginConfig: { vpcOriginId: vpcOrigin.id },
    };
  }
}
