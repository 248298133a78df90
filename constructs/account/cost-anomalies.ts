import { CeAnomalyMonitor } from "@cdktf/provider-aws/lib/ce-anomaly-monitor";
import { CeAnomalySubscription } from "@cdktf/provider-aws/lib/ce-anomaly-subscription";
import { CeCostAllocationTag } from "@cdktf/provider-aws/lib/ce-cost-allocation-tag";
import { Construct } from "constructs";

export interface CostAnomaliesProps {
  readonly email: string;
  /** USD: an anomaly of less is not reported. */
  readonly anomalyUsd: number;
  /** ARN of the monitor that the account has; null creates it. */
  readonly monitorArn: string | null;
  readonly activateTags: boolean;
}

/** The tags of every resource by which costs are told apart. */
const allocationTags = ["Project", "Environment"];

/**
 * What an account is told of its costs: a mail a day with the anomalies that AWS sees in what each service costs. Detection is free
 * (AWS Cost Anomaly Detection, pricing) and needs ten days of a service's history.
 *
 * An account has one monitor of its services; AWS makes one, Default-Services-Monitor, when somebody opens Cost Explorer. Cost
 * allocation tags are activated by the account that pays, alone or for its organization, and only a day after resources first carried
 * them: until then AWS answers that it does not know the tag keys.
 * Sources: AWS Cost Management User Guide, "Getting started with AWS Cost Anomaly Detection" and "Quotas and restrictions"; AWS Billing
 * User Guide, "Activating user-defined cost allocation tags".
 */
export class CostAnomalies extends Construct {
  constructor(scope: Construct, id: string, { email, anomalyUsd, monitorArn, activateTags }: CostAnomaliesProps) {
    super(scope, id);
    const name = "skymanuals-cost-anomalies";
    const monitor =
      monitorArn ??
      new CeAnomalyMonitor(this, "services", {
        name,
        monitorType: "DIMENSIONAL",
        monitorDimension: "SERVICE",
        tags: { Name: name },
      }).arn;
    new CeAnomalySubscription(this, "daily", {
      name,
      frequency: "DAILY",
      monitorArnList: [monitor],
      subscriber: [{ type: "EMAIL", address: email }],
      thresholdExpression: {
        dimension: {
          key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
          values: [String(anomalyUsd)],
          matchOptions: ["GREATER_THAN_OR_EQUAL"],
        },
      },
      tags: { Name: name },
    });
    for (const tagKey of activateTags ? allocationTags : []) {
      new CeCostAllocationTag(this, tagKey.toLowerCase(), { tagKey, status: "Active" });
    }
  }
}
