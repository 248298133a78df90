import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { CloudwatchLogDelivery } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery";
import { CloudwatchLogDeliveryDestination } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-destination";
import { CloudwatchLogDeliverySource } from "@cdktf/provider-aws/lib/cloudwatch-log-delivery-source";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Construct } from "constructs";
import type { AccessLogs } from "./access-logs";
import type { Domain } from "./domain";
import type { LoadBalancer } from "./load-balancer";
import { Alarm, type Alerting, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";

export interface CloudfrontProps {
  readonly deployment: Deployment;
  readonly loadBalancer: LoadBalancer;
  /** Default: CloudFront's own name and certificate, and plain HTTP to the load balancer. */
  readonly domain?: Domain;
  readonly webAclArn: string;
  /** Logs of distributions are delivered from us-east-1 only. */
  readonly usEast1: AwsProvider;
  readonly accessLogs: AccessLogs;
  /** Path patterns whose every answer is public and the same for everybody. */
  readonly publicPaths: readonly string[];
  /** `PriceClass_100`, `PriceClass_200` or `PriceClass_All`: which edge locations answer. */
  readonly priceClass: string;
  /** The web ACL lets in nobody but `allowed_ips`, which are IPv4: viewers reach the distribution over IPv4 only. */
  readonly restrictToAllowedIps: boolean;
  /** In us-east-1, where the metrics of distributions are. */
  readonly alerting: Alerting;
}

/**
 * AWS's managed policies, the same ids in every account (Amazon CloudFront Developer Guide, "Use managed cache policies",
 * "... origin request policies", "... response headers policies").
 */
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
/**
 * HSTS for a year, nosniff, frames of the same origin only, a referrer policy. Each but nosniff gives way to the API's own
 * header, so that the application can be stricter; a policy of ours would add nothing but upkeep.
 */
const securityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/**
 * Errors that CloudFront keeps for ten seconds whatever the cache policy, unless a time is set for each: one viewer's answer
 * would be everybody's at that edge. Source: Amazon CloudFront Developer Guide, "How CloudFront processes HTTP 4xx and 5xx
 * status codes from your origin"; the codes: CloudFront API, CustomErrorResponse.
 */
const errors = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

/**
 * What the access log records of a request. Not among them: Cookie, the headers (Authorization), and the query and
 * Referer, which may hold tokens.
 * Names: Amazon CloudFront Developer Guide, "Standard log file fields".
 */
const recordFields = [
  "date",
  "time",
  "x-edge-location",
  "sc-bytes",
  "c-ip",
  "cs-method",
  "cs(Host)",
  "cs-uri-stem",
  "sc-status",
  "cs(User-Agent)",
  "x-edge-result-type",
  "x-edge-request-id",
  "x-host-header",
  "cs-protocol",
  "cs-bytes",
  "time-taken",
  "x-forwarded-for",
  "ssl-protocol",
  "ssl-cipher",
  "x-edge-response-result-type",
  "cs-protocol-version",
  "c-port",
  "time-to-first-byte",
  "x-edge-detailed-result-type",
  "sc-content-type",
  "sc-content-len",
];

/** cloudfront.tf: the public entrance, and its access log. */
export class Cloudfront extends Construct {
  readonly distribution: CloudfrontDistribution;
  /** Where the API answers: `https://api.skymanuals.com`, or CloudFront's own name. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: CloudfrontProps) {
    super(scope, id);
    const { loadBalancer, domain } = props;
    // A viewer with both would be refused over IPv6.
    const ipv6 = !props.restrictToAllowedIps;

    // The documented behaviours cached answers for an hour whoever asked, and kept cookies and Host from the API.
    const behavior = {
      allowedMethods: ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
      cachedMethods: ["GET", "HEAD"],
      targetOriginId: "skymanuals-api",
      cachePolicyId: cachingDisabled,
      originRequestPolicyId: allViewer,
      responseHeadersPolicyId: securityHeaders,
      viewerProtocolPolicy: "redirect-to-https",
    };
    const publicBehavior = {
      allowedMethods: ["GET", "HEAD", "OPTIONS"],
      cachedMethods: ["GET", "HEAD"],
      targetOriginId: "skymanuals-api",
      cachePolicyId: cachingOptimized,
      // No origin request policy: what the API does not get cannot change an answer that everybody gets.
      responseHeadersPolicyId: securityHeaders,
      viewerProtocolPolicy: "redirect-to-https",
      compress: true,
    };

    this.distribution = new CloudfrontDistribution(this, "skymanuals", {
      origin: [{ ...loadBalancer.origin, originId: "skymanuals-api" }],
      enabled: true,
      isIpv6Enabled: ipv6,
      // EFB devices change networks in flight preparation; HTTP/3 keeps their connections.
      httpVersion: "http2and3",
      comment: "SkyManuals Aviation Platform CDN",
      aliases: domain ? [domain.apiName] : undefined,
      webAclId: props.webAclArn,
      // The listener answers, and its name leads to it, before the distribution sends anything there.
      dependsOn: [...loadBalancer.reachable],
      // No default_root_object: an API has no index.html.
      defaultCacheBehavior: behavior,
      orderedCacheBehavior: [
        { pathPattern: "/api/*", ...behavior },
        ...props.publicPaths.map((pathPattern) => ({ pathPattern, ...publicBehavior })),
      ],
      customErrorResponse: errors.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
      priceClass: props.priceClass,
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: domain
        ? {
            acmCertificateArn: domain.viewerCertificateArn,
            sslSupportMethod: "sni-only",
            minimumProtocolVersion: "TLSv1.2_2021",
          }
        : { cloudfrontDefaultCertificate: true },
      tags: { Name: `${props.deployment.prefix}-cdn`, Environment: props.deployment.environment },
    });

    domain?.addAlias(
      "api",
      domain.apiName,
      { name: this.distribution.domainName, zoneId: this.distribution.hostedZoneId },
      ipv6 ? ["A", "AAAA"] : ["A"],
    );
    this.deliverAccessLogs(props);
    this.addAlarm(props.alerting);

    this.url = `https://${domain ? domain.apiName : this.distribution.domainName}`;
    new Output(this, "cloudfront_distribution_id", this.distribution.id, "CloudFront distribution");
    new Output(this, "api_url", this.url, "Where the API answers");
    new Output(
      this,
      "cloudfront_domain_name",
      this.distribution.domainName,
      "CloudFront's own name of the distribution",
    );
    if (!domain) {
      new Output(
        this,
        "edge_notice",
        `no domain: ${loadBalancer.origin.vpcOriginConfig ? "" : "plain HTTP from CloudFront to the load balancer; "}CloudFront's own name, whose certificate takes TLS 1.0`,
        "What an environment without a domain lacks",
      );
    }
  }

  /**
   * Threshold: ours, above the load balancer's share of errors only where CloudFront itself fails.
   *
   * Not watched: OriginLatency, one of the metrics that CloudFront charges for and which the load balancer's response time comes close
   * to (Amazon CloudFront Developer Guide, "Viewing CloudFront and edge function metrics").
   */
  private addAlarm(alerting: Alerting): void {
    const metric = metricsOf("AWS/CloudFront", { DistributionId: this.distribution.id, Region: "Global" });
    new Alarm(this, "cloudfront_errors", {
      ...alerting,
      severity: "page",
      description: "CloudFront has answered more than 5 % of the requests with an error (5xx).",
      watch: metric("5xxErrorRate", "Average"),
      comparison: "above",
      threshold: 5,
      evaluationPeriods: 5,
      missingData: "notBreaching",
    });
  }

  /**
   * To S3, beside the load balancer's. This delivery ("standard logging v2") works by the bucket's policy, so that the bucket
   * needs no ACL.
   */
  private deliverAccessLogs({ accessLogs, usEast1: provider }: CloudfrontProps): void {
    const name = accessLogs.cloudfrontSourceName;
    const source = new CloudwatchLogDeliverySource(this, "aws_cloudwatch_log_delivery_source.cloudfront", {
      provider,
      name,
      logType: "ACCESS_LOGS",
      resourceArn: this.distribution.arn,
      tags: { Name: name },
    });
    const destination = new CloudwatchLogDeliveryDestination(
      this,
      "aws_cloudwatch_log_delivery_destination.cloudfront",
      {
        provider,
        name,
        outputFormat: "json",
        deliveryDestinationConfiguration: [
          { destinationResourceArn: `${accessLogs.bucket.arn}/${accessLogs.prefixes.cloudfront}` },
        ],
        tags: { Name: name },
      },
    );
    new CloudwatchLogDelivery(this, "aws_cloudwatch_log_delivery.cloudfront", {
      provider,
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.arn,
      recordFields,
      tags: { Name: name },
      // Without the permission AWS would write it into the bucket's policy itself.
      dependsOn: [accessLogs.policy],
    });
  }
}
