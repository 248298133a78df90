import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Construct } from "constructs";

export interface WafProps {
  readonly namePrefix: string;
  /** Web ACLs of CloudFront exist in us-east-1 only. */
  readonly usEast1: AwsProvider;
}

interface ManagedGroup {
  readonly name: string;
  /** Rules of the group that count instead of blocking. */
  readonly countOnly: readonly string[];
}

/** In order of evaluation. */
const managedGroups: readonly ManagedGroup[] = [
  { name: "AWSManagedRulesAmazonIpReputationList", countOnly: [] },
  // It blocks bodies over 8 KB, which every uploaded manual is.
  { name: "AWSManagedRulesCommonRuleSet", countOnly: ["SizeRestrictions_BODY"] },
  { name: "AWSManagedRulesKnownBadInputsRuleSet", countOnly: [] },
  { name: "AWSManagedRulesSQLiRuleSet", countOnly: [] },
];

/** Requests in five minutes from one address, after which it is blocked. EFB devices of one airline may share an address. */
const rateLimit = 10_000;

/**
 * The web ACL of the distribution. Costs 5 USD a month, 1 USD for each of its five rules, and 0.60 USD per million
 * requests (AWS list prices).
 */
export class Waf extends Construct {
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, props: WafProps) {
    super(scope, id);
    const name = `${props.namePrefix}-waf`;
    const visibilityConfig = (metricName: string) => ({
      metricName,
      cloudwatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
    });

    const webAcl = new Wafv2WebAcl(this, "aws_wafv2_web_acl.skymanuals", {
      provider: props.usEast1,
      name,
      description: "SkyManuals: what reaches the distribution",
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      rule: [
        ...managedGroups.map(({ name: group, countOnly }, index) => ({
          name: group,
          priority: index,
          overrideAction: { none: {} },
          statement: {
            managed_rule_group_statement: {
              vendor_name: "AWS",
              name: group,
              rule_action_override: countOnly.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
            },
          },
          visibilityConfig: visibilityConfig(group),
        })),
        {
          name: "RateLimit",
          priority: managedGroups.length,
          action: { block: {} },
          statement: { rate_based_statement: { limit: rateLimit, aggregate_key_type: "IP" } },
          visibilityConfig: visibilityConfig("RateLimit"),
        },
      ],
      visibilityConfig: visibilityConfig(name),
      tags: { Name: name },
    });
    this.webAclArn = webAcl.arn;
  }
}
