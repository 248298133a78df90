import { CloudfrontDistribution } from "@cdktf/provider-aws/lib/cloudfront-distribution";
import { Construct } from "constructs";
import type { Domain } from "./domain";
import type { LoadBalancer } from "./load-balancer";

export interface CloudfrontProps {
  readonly namePrefix: string;
  /** The variable `environment`. */
  readonly environment: string;
  readonly loadBalancer: LoadBalancer;
  /** Default: CloudFront's own name and certificate, and plain HTTP to the load balancer. */
  readonly domain?: Domain;
  readonly webAclArn: string;
}

/**
 * AWS's managed policies, the same ids in every account (Amazon CloudFront Developer Guide, "Use managed cache policies",
 * "... origin request policies", "... response headers policies").
 */
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
const securityHeaders = "67f7725c-6f97-4210-82d7-5512b31e9d03";

/** cloudfront.tf: the public entrance. */
export class Cloudfront extends Construct {
  readonly distribution: CloudfrontDistribution;

  constructor(scope: Construct, id: string, props: CloudfrontProps) {
    super(scope, id);
    const { loadBalancer, domain } = props;

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

    this.distribution = new CloudfrontDistribution(this, "skymanuals", {
      origin: [
        {
          // The load balancer's certificate carries origin.<domain>, not its AWS name.
          domainName: domain ? domain.originName : loadBalancer.loadBalancer.dnsName,
          originId: "skymanuals-api",
          customHeader: [loadBalancer.originHeader],
          customOriginConfig: {
            httpPort: 80,
            httpsPort: 443,
            originProtocolPolicy: domain ? "https-only" : "http-only",
            originSslProtocols: ["TLSv1.2"],
          },
        },
      ],
      enabled: true,
      isIpv6Enabled: true,
      // EFB devices change networks in flight preparation; HTTP/3 keeps their connections.
      httpVersion: "http2and3",
      comment: "SkyManuals Aviation Platform CDN",
      aliases: domain ? [domain.apiName] : undefined,
      webAclId: props.webAclArn,
      // The listener accepts the header before the distribution sends it.
      dependsOn: [loadBalancer.rule],
      // No default_root_object: an API has no index.html.
      defaultCacheBehavior: behavior,
      orderedCacheBehavior: [{ pathPattern: "/api/*", ...behavior }],
      restrictions: { geoRestriction: { restrictionType: "none" } },
      viewerCertificate: domain
        ? {
            acmCertificateArn: domain.viewerCertificateArn,
            sslSupportMethod: "sni-only",
            minimumProtocolVersion: "TLSv1.2_2021",
          }
        : { cloudfrontDefaultCertificate: true },
      tags: { Name: `${props.namePrefix}-cdn`, Environment: props.environment },
    });

    domain?.addAlias(
      "api",
      domain.apiName,
      { name: this.distribution.domainName, zoneId: this.distribution.hostedZoneId },
      ["A", "AAAA"],
    );
  }
}
