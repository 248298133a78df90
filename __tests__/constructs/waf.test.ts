import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";
import type { Block } from "../support/synth";

const acl = synthesizeProduction().resource("aws_wafv2_web_acl.skymanuals");
const rules = acl.rule as Block[];

test("what no rule blocks is let through", () => {
  expect(acl.default_action).toEqual({ allow: {} });
});

test("AWS's managed groups in order, then the rate limit", () => {
  expect(rules.map(({ name, priority }) => [priority, name])).toEqual([
    [0, "AWSManagedRulesAmazonIpReputationList"],
    [1, "AWSManagedRulesCommonRuleSet"],
    [2, "AWSManagedRulesKnownBadInputsRuleSet"],
    [3, "AWSManagedRulesSQLiRuleSet"],
    [4, "RateLimit"],
  ]);
  for (const rule of rules.slice(0, 4)) {
    expect(rule).toMatchObject({
      override_action: { none: {} },
      statement: { managed_rule_group_statement: { vendor_name: "AWS", name: rule.name } },
    });
  }
});

test("only the limit of 8 KB on bodies counts instead of blocking: manuals are larger", () => {
  const counted = rules.flatMap(
    (rule) => (at(rule, "statement.managed_rule_group_statement.rule_action_override") as Block[] | undefined) ?? [],
  );
  expect(counted).toEqual([{ name: "SizeRestrictions_BODY", action_to_use: { count: {} } }]);
});

test("one address is blocked after 10,000 requests in five minutes", () => {
  expect(rules[4]).toMatchObject({
    action: { block: {} },
    statement: { rate_based_statement: { limit: 10_000, aggregate_key_type: "IP" } },
  });
});

test("every rule is measured", () => {
  for (const rule of [acl, ...rules]) {
    expect(rule).toHaveProperty("visibility_config.cloudwatch_metrics_enabled", true);
    expect(rule).toHaveProperty("visibility_config.sampled_requests_enabled", true);
  }
});
