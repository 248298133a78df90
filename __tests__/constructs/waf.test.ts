import { posix } from "node:path";
import { wafManagedRules } from "../../facts/aws-limits";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import type { Block, Synthesized } from "../support/synth";

const stack = synthesizeProduction();
const aclOf = (one: Synthesized) => one.resource("aws_wafv2_web_acl.skymanuals");
const acl = aclOf(stack);
const rules = acl.rule as Block[];
const ruleOf = (one: Synthesized, name: string) => {
  const found = (aclOf(one).rule as Block[]).find((rule) => rule.name === name);
  if (!found) {
    throw new Error(`no rule ${name}`);
  }
  return found;
};
const withWaf = (waf: object) => synthesizeProduction({ edge: { waf } });
const overrides = (rule: Block) =>
  at(rule, "statement.managed_rule_group_statement.rule_action_override") as Block[] | undefined;

test("what no rule blocks is let through", () => {
  expect(acl.default_action).toEqual({ allow: {} });
});

test("AWS's managed groups in order, the body size after the group that measures it, the rate limit last", () => {
  expect(rules.map(({ name, priority }) => [priority, name])).toEqual([
    [0, "AWSManagedRulesAmazonIpReputationList"],
    [1, "AWSManagedRulesCommonRuleSet"],
    [2, "BodySize"],
    [3, "AWSManagedRulesKnownBadInputsRuleSet"],
    [4, "AWSManagedRulesSQLiRuleSet"],
    [5, "RateLimit"],
  ]);
  for (const group of Object.keys(wafManagedRules)) {
    expect(ruleOf(stack, group)).toMatchObject({
      override_action: { none: {} },
      statement: { managed_rule_group_statement: { vendor_name: "AWS", name: group } },
    });
  }
});

describe("bodies over 8 KB", () => {
  test("AWS's rule counts and labels, and is the only one of the managed rules that does not block", () => {
    expect(rules.flatMap((rule) => overrides(rule) ?? [])).toEqual([
      { name: "SizeRestrictions_BODY", action_to_use: { count: {} } },
    ]);
    expect(overrides(ruleOf(stack, "AWSManagedRulesCommonRuleSet"))).toHaveLength(1);
  });

  test("what it labelled is blocked on any path but the upload paths, as sent and as decoded", () => {
    const label = {
      label_match_statement: { scope: "LABEL", key: "awswaf:managed:aws:core-rule-set:SizeRestrictions_Body" },
    };
    const outside = (...transformations: string[]) => ({
      and_statement: {
        statement: [
          label,
          {
            not_statement: {
              statement: [
                {
                  regex_match_statement: {
                    regex_string: "^(/api/manuals)(/|$)",
                    field_to_match: { uri_path: {} },
                    text_transformation: transformations.map((type, priority) => ({ priority, type })),
                  },
                },
              ],
            },
          },
        ],
      },
    });
    expect(ruleOf(stack, "BodySize")).toMatchObject({
      action: { block: {} },
      statement: {
        or_statement: { statement: [outside("NONE"), outside("URL_DECODE", "NORMALIZE_PATH_WIN")] },
      },
    });
  });

  const uploads = withWaf({ uploadPaths: ["/api/manuals", "/api/fleets/*/manuals"] });
  const manyUploads = withWaf({
    uploadPaths: [...Array.from({ length: 20 }, (_, index) => `/api/fleets-${index}/*/manuals`), "/api/manuals"],
  });
  const blocksLargeBody = (one: Synthesized, path: string) =>
    matches(ruleOf(one, "BodySize").statement as Block, {
      path,
      labels: ["awswaf:managed:aws:core-rule-set:SizeRestrictions_Body"],
    });

  test.each([
    ["/api/manuals", true],
    ["/api/manuals/", true],
    ["/api/manuals/a320/chapters", true],
    ["/api/manuals/a320%20neo.pdf", true],
    ["/api/manuals/50%25", true],
    ["/api/fleets/7/manuals/3", true],
    // Another spelling of an upload path is none: a router may take it for another path.
    ["/api/%6Danuals/a320", false],
    ["/api/users/..%2fmanuals", false],
    ["/api/users/%2e%2e/manuals", false],
    ["/api/users/..%5cmanuals", false],
    ["/api/users/../manuals", false],
    ["/api/manuals%2f..%2fusers", false],
    ["/api/fleets/7%2fmanuals", false],
    ["/api/fleets/a%2fb/manuals", false],
    ["/api/manuals-of-others", false],
    ["/api/fleets/7/8/manuals", false],
    ["/api/fleets//manuals", false],
    ["/api/manuals/../login", false],
    ["/api/manuals/..%2flogin", false],
    ["/api/manuals/..\\login", false],
    ["/api/manuals/%2e%2e/login", false],
    ["/api/login", false],
    ["/x/api/manuals", false],
    ["/API/manuals", false],
  ])("a large body to %s passes: %s", (path, passes) => {
    expect(blocksLargeBody(uploads, path)).toBe(!passes);
  });

  test("a small body passes anywhere", () => {
    expect(matches(ruleOf(uploads, "BodySize").statement as Block, { path: "/api/login", labels: [] })).toBe(false);
  });

  test("paths over the quota of 200 characters go into several expressions, and each path passes", () => {
    const expressions = [...JSON.stringify(ruleOf(manyUploads, "BodySize")).matchAll(/"regex_string":"([^"]*)"/g)].map(
      ([, expression]) => String(expression),
    );
    expect(new Set(expressions).size).toBe(4);
    expect(Math.max(...expressions.map(({ length }) => length))).toBeLessThanOrEqual(200);
    for (const path of ["/api/fleets-0/7/manuals", "/api/fleets-19/7/manuals/3", "/api/manuals"]) {
      expect(blocksLargeBody(manyUploads, path)).toBe(false);
    }
    expect(blocksLargeBody(manyUploads, "/api/fleets-20/7/manuals")).toBe(true);
  });

  test("without upload paths AWS's own rule blocks them", () => {
    const strict = withWaf({ uploadPaths: [] });
    expect((aclOf(strict).rule as Block[]).map(({ name }) => name)).not.toContain("BodySize");
    expect((aclOf(strict).rule as Block[]).flatMap((rule) => overrides(rule) ?? [])).toEqual([]);
  });

  test("inspection ends at CloudFront's default of 16 KB, which costs nothing extra", () => {
    expect(acl).not.toHaveProperty("association_config");
  });
});

describe("a first rollout counts, rule by rule", () => {
  test("a managed rule", () => {
    const counting = withWaf({ countOnly: ["NoUserAgent_HEADER", "SQLi_BODY"] });
    expect(overrides(ruleOf(counting, "AWSManagedRulesCommonRuleSet"))).toEqual([
      { name: "NoUserAgent_HEADER", action_to_use: { count: {} } },
      { name: "SizeRestrictions_BODY", action_to_use: { count: {} } },
    ]);
    expect(overrides(ruleOf(counting, "AWSManagedRulesSQLiRuleSet"))).toEqual([
      { name: "SQLi_BODY", action_to_use: { count: {} } },
    ]);
    expect(ruleOf(counting, "BodySize").action).toEqual({ block: {} });
  });

  test("a managed group", () => {
    const counting = withWaf({ countOnly: ["AWSManagedRulesSQLiRuleSet"] });
    const actions = (aclOf(counting).rule as Block[]).map(({ name, override_action }) => [name, override_action]);
    expect(actions.filter(([, action]) => action)).toEqual([
      ["AWSManagedRulesAmazonIpReputationList", { none: {} }],
      ["AWSManagedRulesCommonRuleSet", { none: {} }],
      ["AWSManagedRulesKnownBadInputsRuleSet", { none: {} }],
      ["AWSManagedRulesSQLiRuleSet", { count: {} }],
    ]);
  });

  test.each(["SizeRestrictions_BODY", "AWSManagedRulesCommonRuleSet"])(
    "the body size counts everywhere with %s: ours blocks what AWS's labels, whether it counts or not",
    (name) => {
      expect(ruleOf(withWaf({ countOnly: [name] }), "BodySize").action).toEqual({ count: {} });
    },
  );

  test("the rate limit", () => {
    expect(ruleOf(withWaf({ countOnly: ["RateLimit"] }), "RateLimit").action).toEqual({ count: {} });
  });
});

test("one address is blocked after 10,000 requests in five minutes", () => {
  expect(ruleOf(stack, "RateLimit")).toMatchObject({
    action: { block: {} },
    statement: { rate_based_statement: { limit: 10_000, aggregate_key_type: "IP" } },
  });
  expect(at(ruleOf(withWaf({ rateLimit: 500 }), "RateLimit"), "statement.rate_based_statement.limit")).toBe(500);
});

describe("allowed_ips at the public entrance", () => {
  const restricted = synthesizeProduction({
    network: { allowedIps: ["203.0.113.0/24"] },
    edge: { restrictToAllowedIps: true },
  });

  test("do not restrict production, whose devices come from anywhere", () => {
    expect(stack.resources("aws_wafv2_ip_set")).toEqual([]);
    expect(rules.map(({ name }) => name)).not.toContain("AllowedIps");
  });

  test("where the environment says so, everybody else is blocked before any other rule", () => {
    expect((aclOf(restricted).rule as Block[])[0]).toMatchObject({
      name: "AllowedIps",
      priority: 0,
      action: { block: {} },
      statement: {
        not_statement: { statement: [{ ip_set_reference_statement: { arn: "${aws_wafv2_ip_set.allowed.arn}" } }] },
      },
    });
    expect(restricted.resource("aws_wafv2_ip_set.allowed")).toMatchObject({
      provider: "aws.us_east_1",
      name: "skymanuals-allowed-ips",
      scope: "CLOUDFRONT",
      ip_address_version: "IPV4",
      addresses: "${var.allowed_ips}",
      lifecycle: {
        create_before_destroy: true,
        precondition: [{ condition: "${length(var.allowed_ips) > 0}" }],
      },
    });
  });

  test("viewers that have IPv6 too are not refused for it: the distribution speaks IPv4 only", () => {
    expect(restricted.resource("aws_cloudfront_distribution.skymanuals").is_ipv6_enabled).toBe(false);
    expect(restricted.has("aws_route53_record.api")).toBe(true);
    expect(restricted.has("aws_route53_record.api_ipv6")).toBe(false);
  });
});

describe("the log", () => {
  test("goes to a group of the name that WAF asks for, in us-east-1, kept as long as the access logs", () => {
    expect(stack.resource("aws_cloudwatch_log_group.waf")).toMatchObject({
      provider: "aws.us_east_1",
      name: "aws-waf-logs-skymanuals",
      retention_in_days: 365,
    });
    expect(stack.resource("aws_wafv2_web_acl_logging_configuration.skymanuals")).toMatchObject({
      provider: "aws.us_east_1",
      resource_arn: "${aws_wafv2_web_acl.skymanuals.arn}",
      log_destination_configs: ["${aws_cloudwatch_log_group.waf.arn}"],
    });
  });

  test("holds no credentials, and of what was let through only what a rule counted", () => {
    expect(stack.resource("aws_wafv2_web_acl_logging_configuration.skymanuals")).toMatchObject({
      redacted_fields: [{ single_header: { name: "authorization" } }, { single_header: { name: "cookie" } }],
      logging_filter: {
        default_behavior: "DROP",
        filter: [
          {
            behavior: "KEEP",
            requirement: "MEETS_ANY",
            condition: ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"].map((action) => ({ action_condition: { action } })),
          },
        ],
      },
    });
  });
});

/**
 * Capacity units. Source: AWS WAF Developer Guide: each managed group's WCU; "Rule statements list" (label match 1, IP set
 * match 1, rate-based 2, regex match 3 and 10 for each text transformation, logical statements 0).
 */
const capacities: Readonly<Record<string, (statement: Block) => number>> = {
  managed_rule_group_statement: ({ name }) =>
    ({
      AWSManagedRulesAmazonIpReputationList: 25,
      AWSManagedRulesCommonRuleSet: 700,
      AWSManagedRulesKnownBadInputsRuleSet: 200,
      AWSManagedRulesSQLiRuleSet: 200,
    })[String(name)] as number,
  label_match_statement: () => 1,
  ip_set_reference_statement: () => 1,
  rate_based_statement: () => 2,
  regex_match_statement: ({ text_transformation }) => 3 + 10 * (text_transformation as Block[]).length,
  and_statement: ({ statement }) => capacity(statement as Block[]),
  or_statement: ({ statement }) => capacity(statement as Block[]),
  not_statement: ({ statement }) => capacity(statement as Block[]),
};

/** Evaluates a statement as WAF does, over the path as it was sent. */
function matches(statement: Block, request: { path: string; labels: readonly string[] }): boolean {
  const [[kind, content]] = Object.entries(statement) as [[string, Block]];
  const inner = () => content.statement as Block[];
  switch (kind) {
    case "and_statement":
      return inner().every((one) => matches(one, request));
    case "or_statement":
      return inner().some((one) => matches(one, request));
    case "not_statement":
      return !matches(inner()[0] as Block, request);
    case "label_match_statement":
      return request.labels.includes(String(content.key));
    case "regex_match_statement": {
      expect(content.field_to_match).toEqual({ uri_path: {} });
      const inOrder = [...(content.text_transformation as Block[])].sort(
        (a, b) => Number(a.priority) - Number(b.priority),
      );
      const seen = inOrder.reduce((path, { type }) => transformed(path, String(type)), request.path);
      return new RegExp(String(content.regex_string)).test(seen);
    }
    default:
      throw new Error(`no evaluation of ${kind}`);
  }
}

/** Source: AWS WAF Developer Guide, "Using text transformations in AWS WAF". */
function transformed(path: string, type: string): string {
  switch (type) {
    case "NONE":
      return path;
    case "URL_DECODE":
      return decodeURIComponent(path);
    case "NORMALIZE_PATH_WIN":
      return posix.normalize(path.replaceAll("\\", "/"));
    default:
      throw new Error(`no transformation ${type}`);
  }
}

function capacity(statements: readonly Block[]): number {
  return statements
    .flatMap((statement) => Object.entries(statement))
    .reduce((sum, [kind, statement]) => sum + (capacities[kind]?.(statement as Block) ?? Number.NaN), 0);
}

test.each([
  { paths: ["/api/manuals", "/api/fleets/*/manuals"], expressions: 1, units: 1166 },
  { paths: Array.from({ length: 10 }, (_, index) => `/api/${index}/${"x".repeat(150)}`), expressions: 10, units: 1490 },
])(
  "with every rule and $expressions expressions it takes $units of the 1500 units in the price",
  ({ paths, units }) => {
    const most = synthesizeProduction({
      network: { allowedIps: ["203.0.113.0/24"] },
      edge: { restrictToAllowedIps: true, waf: { uploadPaths: paths } },
    });
    expect(capacity((aclOf(most).rule as Block[]).map(({ statement }) => statement as Block))).toBe(units);
  },
);

test("every rule is measured", () => {
  for (const rule of [acl, ...rules]) {
    expect(rule).toHaveProperty("visibility_config.cloudwatch_metrics_enabled", true);
    expect(rule).toHaveProperty("visibility_config.sampled_requests_enabled", true);
  }
});
