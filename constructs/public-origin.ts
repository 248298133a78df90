import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Construct } from "constructs";
import { apiName } from "../facts/names";
import type { ApiOrigin } from "./load-balancer";
import { ApiBalancer, type ApiBalancerProps } from "./parts/api-balancer";
import { GeneratedSecret } from "./parts/secret";

export interface PublicOriginProps extends ApiBalancerProps {
  /** The name by which CloudFront reaches the load balancer over HTTPS. Default: its own name, and plain HTTP. */
  readonly originName?: string;
  /** Raise it to rotate the secret header. */
  readonly originSecretVersion: number;
  /** The ephemeral variable `origin_header_secret`: what the current version writes, unless null when Terraform runs. */
  readonly originSecret: string;
}

/** The header by which the listener recognises the distribution. */
const originHeaderName = "X-SkyManuals-Origin";

/**
 * The load balancer, target group and listener that the guide references without declaring, in the public subnets. The
 * listener refuses what lacks a secret header. It passes on the trace header X-Amzn-Trace-Id, or adds one. Costs 16.43 USD a
 * month before traffic, and 3.65 USD for each public IPv4 address: one in each zone, more while AWS scales it out (us-east-1
 * list prices: 0.0225 and 0.005 USD an hour, 730 hours; AWS has charged for every public IPv4 address since February 2024,
 * Amazon VPC pricing).
 *
 * The header's values are the secrets `<prefix>/origin-header-odd` and `-even`, generated unless given. Neither listener
 * rules nor distributions have a write-only argument for them, so they are in the state, marked sensitive.
 */
export class PublicOrigin extends Construct implements ApiOrigin {
  readonly balancer: ApiBalancer;
  readonly forwards: ApiOrigin["forwards"];
  readonly cloudfront: ApiOrigin["cloudfront"];

  constructor(scope: Construct, id: string, props: PublicOriginProps) {
    super(scope, id);
    const { prefix } = props.deployment;
    this.balancer = new ApiBalancer(this, "balancer", {
      ...props,
      labels: { loadBalancer: "main", targetGroup: "api", listener: "api" },
      loadBalancerName: `${prefix}-alb`,
      targetGroupName: apiName(prefix),
      internal: false,
      defaultAction: () => ({
        type: "fixed-response",
        fixedResponse: { contentType: "text/plain", messageBody: "Forbidden", statusCode: "403" },
      }),
    });
    const { listener, targetGroup, loadBalancer, lifecycle } = this.balancer;

    const [sent, accepted] = this.originHeaderValues(props);
    const rule = new LbListenerRule(this, "aws_lb_listener_rule.cloudfront", {
      listenerArn: listener.arn,
      priority: 1,
      condition: [{ httpHeader: { httpHeaderName: originHeaderName, values: [sent, accepted] } }],
      action: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags: { Name: `${prefix}-cloudfront` },
      lifecycle,
    });

    this.forwards = [listener, rule];
    this.cloudfront = {
      // The load balancer's certificate carries origin.<domain>, not its AWS name.
      domainName: props.originName ?? loadBalancer.dnsName,
      customHeader: [{ name: originHeaderName, value: sent }],
      customOriginConfig: {
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: props.originName ? "https-only" : "http-only",
        originSslProtocols: ["TLSv1.2"],
      },
    };
  }

  /**
   * Two values, of which the distribution sends one and the listener accepts both. Each version renews the one that was not
   * sent and sends it then, so that a rotation refuses no request while CloudFront deploys it.
   */
  private originHeaderValues(props: PublicOriginProps): [sent: string, accepted: string] {
    const current = props.originSecretVersion;
    const value = (parity: "odd" | "even", version: number, given?: string) =>
      new GeneratedSecret(this, `origin_header_${parity}`, {
        name: `${props.deployment.prefix}/origin-header-${parity}`,
        description: `${originHeaderName}: one of the two values that the load balancer accepts from CloudFront`,
        // Nothing is lost with a value that is made anew, and one that waits to be deleted keeps its name: for as long, CloudFront
        // could not go back to a public load balancer.
        recoveryDays: 0,
        key: props.deployment.keys?.secrets,
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
