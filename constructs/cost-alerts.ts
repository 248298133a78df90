import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";

export interface CostAlertsProps {
  readonly deployment: Deployment;
  /** USD a month. */
  readonly limitUsd: number;
  /** All that the account is billed for, or what carries the environment's tag. */
  readonly costOf: "account" | "environment";
  readonly email: string;
}

/**
 * cost-alerts.tf: e-mails when 80 % of the monthly budget is spent, as documented, when all of it is, and when AWS expects that by the
 * end of the month all of it will be. AWS forecasts after some five weeks of use. A budget costs nothing (AWS Budgets pricing).
 *
 * The documented filter names three services and leaves out most of the platform's costs; a filter by service also misses what is
 * added later. It counts the whole account, or one environment by its tag: Environment is in every provider's default tags, and
 * AWS counts by it once the account that pays has activated it.
 * Sources: AWS Cost Management User Guide, "Creating a budget", "Budget filters" and "Best practices for AWS Budgets".
 */
export class CostAlerts extends Construct {
  constructor(scope: Construct, id: string, props: CostAlertsProps) {
    super(scope, id);
    const { deployment, costOf } = props;
    const alert = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      comparisonOperator: "GREATER_THAN",
      threshold,
      thresholdType: "PERCENTAGE",
      notificationType,
      subscriberEmailAddresses: [props.email],
    });

    new BudgetsBudget(this, "monthly", {
      name: `${deployment.prefix}-monthly-budget`,
      budgetType: "COST",
      limitAmount: String(props.limitUsd),
      limitUnit: "USD",
      timeUnit: "MONTHLY",
      costFilter:
        costOf === "environment"
          ? [{ name: "TagKeyValue", values: [Fn.join("$", ["user:Environment", deployment.environment])] }]
          : undefined,
      notification: [alert("ACTUAL", 80), alert("ACTUAL", 100), alert("FORECASTED", 100)],
      tags: { Name: `${deployment.prefix}-monthly-budget` },
    });
  }
}
