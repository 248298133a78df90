import { sizes } from "../../environments/sizes";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";

const address = "aws_budgets_budget.monthly";
const stack = synthesizeProduction();
const budget = stack.resource(address);

function notification(type: string, threshold: number) {
  return {
    comparison_operator: "GREATER_THAN",
    threshold,
    threshold_type: "PERCENTAGE",
    notification_type: type,
    subscriber_email_addresses: ["admin@skymanuals.com"],
  };
}

test("the documented budget, with alerts of what is spent and of what is expected", () => {
  expect(budget).toEqual({
    name: "skymanuals-monthly-budget",
    budget_type: "COST",
    limit_amount: "4000",
    limit_unit: "USD",
    time_unit: "MONTHLY",
    notification: [notification("ACTUAL", 80), notification("ACTUAL", 100), notification("FORECASTED", 100)],
    tags: { Name: "skymanuals-monthly-budget" },
  });
});

test("section 5: no filter by service leaves out a part of the platform", () => {
  expect(budget).not.toHaveProperty("cost_filter");
  expect(budget).not.toHaveProperty("cost_filters");
});

test("one environment's costs are counted by the tag that every provider of the stack gives", () => {
  const own = synthesizeProduction({ budget: { costOf: "environment" } });
  expect(own.resource(address).cost_filter).toEqual([
    { name: "TagKeyValue", values: ['${join("$", ["user:Environment", var.environment])}'] },
  ]);
  for (const { default_tags } of at(own.json, "provider.aws") as { default_tags: unknown }[]) {
    expect(default_tags).toEqual([{ tags: expect.objectContaining({ Environment: "${var.environment}" }) }]);
  }
});

test("the limit is the environment's, written as AWS wants it: text", () => {
  expect(synthesizeProduction({ budget: { limitUsd: 9700.5 } }).resource(address).limit_amount).toBe("9700.5");
});

test.each([
  ["small", 567],
  ["medium", 2715],
  ["large", 9700],
  ["enterprise", 25_000],
] as const)("section 5: without one, %s has a limit above the guide's %d USD", (name, total) => {
  const { limit_amount } = synthesizeProduction({ size: sizes[name] }).resource(address);
  expect(limit_amount).toBe(String(sizes[name].monthlyBudgetUsd));
  expect(Number(limit_amount)).toBeGreaterThan(1.45 * total);
});
