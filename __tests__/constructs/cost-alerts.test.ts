import { sizes } from "../../environments/sizes";
import { at } from "../support/blocks";
import { synthesizeProduction } from "../support/environments";

const stack = synthesizeProduction();
const budget = stack.resource("aws_budgets_budget.monthly");

test("the documented budget: an e-mail at 80 % of what was spent", () => {
  expect(budget).toMatchObject({
    name: "skymanuals-monthly-budget",
    budget_type: "COST",
    limit_unit: "USD",
    time_unit: "MONTHLY",
    notification: [
      {
        comparison_operator: "GREATER_THAN",
        threshold: 80,
        threshold_type: "PERCENTAGE",
        notification_type: "ACTUAL",
        subscriber_email_addresses: ["admin@skymanuals.com"],
      },
    ],
  });
});

test("section 1: cost_filter with name and values; section 5: of every service that the platform is billed for", () => {
  expect(budget).not.toHaveProperty("cost_filters");
  expect(at(budget, "cost_filter.0.name")).toBe("Service");
  expect(at(budget, "cost_filter.0.values")).toEqual(
    expect.arrayContaining([
      "Amazon Elastic Compute Cloud - Compute",
      "Amazon Relational Database Service",
      "Amazon Simple Storage Service",
      "Amazon Elastic Container Service",
      "Amazon ElastiCache",
      "Amazon OpenSearch Service",
      "Amazon CloudFront",
      "AmazonCloudWatch",
    ]),
  );
});

test("section 5: production's limit is above the guide's 2,715 USD for its size, medium", () => {
  expect(stack.variable("database_instance_class").default).toBe(sizes.medium.databaseInstanceClass);
  expect(Number(budget.limit_amount)).toBeGreaterThan(2715);
});

test("the limit is the environment's, written as AWS wants it: text", () => {
  const other = synthesizeProduction({ budget: { limitUsd: 9700 } });
  expect(other.resource("aws_budgets_budget.monthly").limit_amount).toBe("9700");
});
