import { BudgetsBudget } from "@cdktf/provider-aws/lib/budgets-budget";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";

export interface CostAlertsProps {
  readonly deployment: Deployment;
  /** USD a month. */
  readonly limitUsd: number;
  readonly email: string;
}

/**
 * cost-alerts.tf: an e-mail at 80 % of the monthly budget. It counts what the whole account spends: environments that share
 * an account share it.
 */
export class CostAlerts extends Construct {
  constructor(scope: Construct, id: string, props: CostAlertsProps) {
    super(scope, id);

    new BudgetsBudget(this, "monthly", {
      name: `${props.deployment.prefix}-monthly-budget`,
      budgetType: "COST",
      limitAmount: String(props.limitUsd),
      limitUnit: "USD",
      timeUnit: "MONTHLY",
      costFilter: [
        {
          name: "Service",
          // The first three are the documented ones, which leave out most of what the platform costs.
          values: [
            "Amazon Elastic Compute Cloud - Compute",
            "Amazon Relational Database Service",
            "Amazon Simple Storage Service",
            "Amazon CloudFront",
            "Amazon ElastiCache",
            "Amazon Elastic Container Service",
            "Amazon Elastic Load Balancing",
            "Amazon OpenSearch Service",
            "Amazon Virtual Private Cloud",
            "AmazonCloudWatch",
            "AWS Secrets Manager",
            "AWS WAF",
            "EC2 - Other",
          ],
        },
      ],
      notification: [
        {
          comparisonOperator: "GREATER_THAN",
          threshold: 80,
          thresholdType: "PERCENTAGE",
          notificationType: "ACTUAL",
          subscriberEmailAddresses: [props.email],
        },
      ],
      tags: { Name: `${props.deployment.prefix}-monthly-budget` },
    });
  }
}
