import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { Construct } from "constructs";
import { Alarm, type TopicsBySeverity } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";

export interface ComplianceAlertsProps {
  readonly deployment: Deployment;
  readonly apiLogGroup: CloudwatchLogGroup;
  readonly topics: TopicsBySeverity;
}

/**
 * An e-mail when the API begins to log events that must be reported to an authority (`complianceMetadata` is an object with
 * `requiresReporting: true`); the next one comes after five minutes without such an event. The guide's Logstash pipeline
 * sends it from an `email` output that has no mail server; CloudWatch needs none, and tells also while Logstash is down.
 */
export class ComplianceAlerts extends Construct {
  constructor(scope: Construct, id: string, props: ComplianceAlertsProps) {
    super(scope, id);
    const { prefix } = props.deployment;

    const metric = { namespace: prefix, name: "ReportableComplianceEvents" };
    new CloudwatchLogMetricFilter(this, "aws_cloudwatch_log_metric_filter.compliance_alerts", {
      name: `${prefix}-compliance-alerts`,
      logGroupName: props.apiLogGroup.name,
      pattern: "{ $.complianceMetadata.requiresReporting IS TRUE }",
      metricTransformation: { ...metric, value: "1", defaultValue: "0" },
    });
    new Alarm(this, "compliance_alerts", {
      prefix,
      severity: "compliance",
      topics: props.topics,
      description: "The API logged an event that must be reported to an aviation authority (requiresReporting).",
      watch: { namespace: metric.namespace, metricName: metric.name, statistic: "Sum", periodSeconds: 300 },
      comparison: "atLeast",
      threshold: 1,
      missingData: "notBreaching",
    });
  }
}
