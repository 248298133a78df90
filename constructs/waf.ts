import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Wafv2IpSet } from "@cdktf/provider-aws/lib/wafv2-ip-set";
import { Wafv2WebAcl } from "@cdktf/provider-aws/lib/wafv2-web-acl";
import { Wafv2WebAclLoggingConfiguration } from "@cdktf/provider-aws/lib/wafv2-web-acl-logging-configuration";
import { Construct } from "constructs";
import { wafManagedRules, wafRegexMaximum } from "../facts/aws-limits";
import { uploadPathRegexes } from "../facts/path-patterns";
import { Alarm, type Alerting, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";

export interface WafProps {
  readonly deployment: Deployment;
  /** Web ACLs of CloudFront exist in us-east-1 only. */
  readonly usEast1: AwsProvider;
  /** Names of rules and groups that count what they match instead of blocking it. */
  readonly countOnly: readonly string[];
  /** Requests of one address in five minutes, after which it is blocked. */
  readonly rateLimit: number;
  /** Paths below which bodies over 8 KB are let through; `*` stands for one segment. */
  readonly uploadPaths: readonly string[];
  /** Let nobody in but `allowedIps`. */
  readonly restrictToAllowedIps: boolean;
  /** The variable `allowed_ips`. */
  readonly allowedIps: string[];
  /** Days that the log is kept. */
  readonly logRetentionDays: number;
  /** In us-east-1, where the web ACL is. */
  readonly alerting: Alerting;
}

interface Rule {
  readonly name: string;
  /** In Terraform's own names. */
  readonly statement: object;
  readonly action?: object;
  readonly overrideAction?: object;
}

const commonRules = "AWSManagedRulesCommonRuleSet";
const bodySize = "SizeRestrictions_BODY";
/** What AWS's rule for bodies over 8 KB puts on a request, whether it blocks or counts. */
const bodySizeLabel = "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body";

/**
 * The web ACL of the distribution, its log, and the set of allowed addresses where there is one. Costs 5 USD a month, 1 USD
 * for each of its rules, and 0.60 USD per million requests (AWS list prices).
 *
 * Capacity: 1130 units at most (25 + 700 + 200 + 200 of the managed groups, 2 of the body size, 2 of the rate limit, 1 of the
 * addresses), and 36 for each expression that the upload paths take; up to 1500 are in the price. Bodies are inspected up to 16 KB, CloudFront's default: inspecting more costs
 * extra, and changes nothing about the managed rule, whose limit of 8 KB is fixed.
 */
export class Waf extends Construct {
  readonly webAclArn: string;
  readonly webAclName: string;

  constructor(scope: Construct, id: string, props: WafProps) {
    super(scope, id);
    const name = `${props.deployment.prefix}-waf`;
    const provider = props.usEast1;
    const visibilityConfig = (metricName: string) => ({
      metricName,
      cloudwatchMetricsEnabled: true,
      sampledRequestsEnabled: true,
    });

    const rules = [...this.allowedIps(props), ...managedRules(props), ...rateLimit(props)];
    const webAcl = new Wafv2WebAcl(this, "aws_wafv2_web_acl.skymanuals", {
      provider,
      name,
      description: "SkyManuals: what reaches the distribution",
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      rule: rules.map((rule, priority) => ({ ...rule, priority, visibilityConfig: visibilityConfig(rule.name) })),
      visibilityConfig: visibilityConfig(name),
      tags: { Name: name },
    });
    this.webAclArn = webAcl.arn;
    this.webAclName = webAcl.name;
    this.addAlarm(props.alerting, webAcl.name);
    new Output(this, "web_acl", webAcl.name, "Web ACL of the distribution, in us-east-1");

    const logGroup = new CloudwatchLogGroup(this, "waf", {
      provider,
      // WAF delivers to names of this beginning only. It grants itself the delivery, once for all web ACLs of an account.
      name: `aws-waf-logs-${props.deployment.prefix}`,
      retentionInDays: props.logRetentionDays,
      kmsKeyId: props.deployment.keys?.edgeLogs?.arn,
      tags: { Name: `aws-waf-logs-${props.deployment.prefix}`, Environment: props.deployment.environment },
    });
    new Wafv2WebAclLoggingConfiguration(this, "aws_wafv2_web_acl_logging_configuration.skymanuals", {
      provider,
      resourceArn: webAcl.arn,
      logDestinationConfigs: [logGroup.arn],
      // Credentials. The load balancer's secret header is added behind the web ACL.
      redactedFields: [{ singleHeader: { name: "authorization" } }, { singleHeader: { name: "cookie" } }],
      // What was let through without a finding is in the distribution's access log.
      loggingFilter: {
        defaultBehavior: "DROP",
        filter: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            condition: ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"].map((action) => ({ actionCondition: { action } })),
          },
        ],
      },
    });
  }

  /**
   * An attack, or rules that refuse what users do. AWS recommends no threshold: a fifth of the requests is ours, and the number of
   * requests keeps scanners of a quiet hour out. Dimensions: AWS WAF Developer Guide, "AWS WAF metrics and dimensions" (web ACLs of
   * CloudFront have no region).
   */
  private addAlarm(alerting: Alerting, webAcl: string): void {
    const metric = metricsOf("AWS/WAFV2", { WebACL: webAcl, Rule: "ALL" }, 300);
    new Alarm(this, "waf_blocked", {
      ...alerting,
      severity: "ticket",
      description: "The firewall has blocked every fifth request for a quarter of an hour.",
      watch: {
        expression: "IF(blocked > 100, 100 * blocked / (blocked + FILL(allowed, 0)), 0)",
        metrics: { blocked: metric("BlockedRequests", "Sum"), allowed: metric("AllowedRequests", "Sum") },
      },
      comparison: "above",
      threshold: 20,
      evaluationPeriods: 3,
      missingData: "notBreaching",
    });
  }

  private allowedIps({ deployment, restrictToAllowedIps, allowedIps, usEast1, countOnly }: WafProps): Rule[] {
    if (!restrictToAllowedIps) {
      return [];
    }
    const name = `${deployment.prefix}-allowed-ips`;
    const addresses = new Wafv2IpSet(this, "allowed", {
      provider: usEast1,
      name,
      description: "Networks that may reach the distribution",
      scope: "CLOUDFRONT",
      ipAddressVersion: "IPV4",
      addresses: allowedIps,
      tags: { Name: name },
      lifecycle: {
        // The web ACL lets go of it before it is deleted.
        createBeforeDestroy: true,
        precondition: [
          {
            condition: "${length(var.allowed_ips) > 0}",
            errorMessage:
              "allowed_ips must not be empty where edge.restrictToAllowedIps is true: nobody would be let in.",
          },
        ],
      },
    });
    return [
      {
        name: "AllowedIps",
        action: blockUnless(countOnly.includes("AllowedIps")),
        statement: {
          not_statement: { statement: [{ ip_set_reference_statement: { arn: addresses.arn } }] },
        },
      },
    ];
  }
}

function blockUnless(counts: boolean): object {
  return counts ? { count: {} } : { block: {} };
}

/** AWS's rule groups in order of evaluation. */
function managedRules({ countOnly, uploadPaths }: WafProps): Rule[] {
  return Object.entries(wafManagedRules).flatMap(([group, names]) => {
    const counted = names.filter((rule) => countOnly.includes(rule) || (rule === bodySize && uploadPaths.length > 0));
    const managed: Rule = {
      name: group,
      overrideAction: countOnly.includes(group) ? { count: {} } : { none: {} },
      statement: {
        managed_rule_group_statement: {
          vendor_name: "AWS",
          name: group,
          rule_action_override: counted.map((rule) => ({ name: rule, action_to_use: { count: {} } })),
        },
      },
    };
    if (group !== commonRules || uploadPaths.length === 0) {
      return [managed];
    }
    return [
      managed,
      bodySizeElsewhere(
        uploadPathRegexes(uploadPaths, wafRegexMaximum),
        countOnly.includes(group) || countOnly.includes(bodySize),
      ),
    ];
  });
}

/**
 * AWS's rule counts and labels; this one blocks what it labelled on any path but the upload paths. A path passes only where it
 * is one as it was sent and as it is decoded and normalized, as a router may see either: /api/manuals/../users is one as sent,
 * and /api/users/..%2fmanuals is one when it is decoded.
 */
function bodySizeElsewhere(uploadPaths: readonly string[], counts: boolean): Rule {
  return {
    name: "BodySize",
    action: blockUnless(counts),
    // No deeper: the provider nests three levels.
    statement: {
      or_statement: {
        statement: [
          labelledOutside(uploadPaths, ["NONE"]),
          // _WIN takes a backslash for a slash, as routers do that parse a path as browsers do.
          labelledOutside(uploadPaths, ["URL_DECODE", "NORMALIZE_PATH_WIN"]),
        ],
      },
    },
  };
}

/** Labelled, and no expression matches the path, transformed in the given order. */
function labelledOutside(expressions: readonly string[], transformations: readonly string[]): object {
  return {
    and_statement: {
      statement: [
        { label_match_statement: { scope: "LABEL", key: bodySizeLabel } },
        ...expressions.map((regex_string) => ({
          not_statement: {
            statement: [
              {
                regex_match_statement: {
                  regex_string,
                  field_to_match: { uri_path: {} },
                  text_transformation: transformations.map((type, priority) => ({ priority, type })),
                },
              },
            ],
          },
        })),
      ],
    },
  };
}

function rateLimit({ rateLimit: limit, countOnly }: WafProps): Rule[] {
  return [
    {
      name: "RateLimit",
      action: blockUnless(countOnly.includes("RateLimit")),
      statement: { rate_based_statement: { limit, aggregate_key_type: "IP" } },
    },
  ];
}
