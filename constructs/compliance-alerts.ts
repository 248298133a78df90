import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { Construct } from "constructs";
import type { Deployment } from "./parts/deployment";

export interface ComplianceAlertsProps {
  readonly deployment: Deployment;
  readonly apiLogGroup: CloudwatchLogGroup;
  /** AWS sends a confirmation to it first. */
  readonly email: string;
}

/**
 * An e-mail when the API begins to log events that must be reported to an authority (`complianceMetadata` is an object with
 * `requiresReporting: true`); the next one comes after five minutes without such an event. The guide's Logstash pipeline
 * sends it from an `email` output that has no mail server; CloudWatch needs none, and tells also while Logstash is down.
 */
export class ComplianceAlerts extends Construct {
  /** Sends to the e-mail address. */
  readonly topic: SnsTopic;

  constructor(scope: Construct, id: string, props: ComplianceAlertsProps) {
    super(scope, id);
    const name = `${props.deployment.prefix}-compliance-alerts`;

    this.topic = new SnsTopic(this, "compliance_alerts", {
      name,
      tags: { Name: name },
    });
    new SnsTopicSubscription(this, "compliance_email", {
      topicArn: this.topic.arn,
      protocol: "email",
      endpoint: props.email,
    });

    const metric = { namespace: props.deployment.prefix, name: "ReportableComplianceEvents" };
    new CloudwatchLogMetricFilter(this, "aws_cloudwatch_log_metric_filter.compliance_alerts", {
      name,
      logGroupName: props.apiLogGroup.name,
      pattern: "{ $.complianceMetadata.requiresReporting IS TRUE }",
      metricTransformation: { ...metric, value: "1", defaultValue: "0" },
    });
    new CloudwatchMetricAlarm(this, "aws_cloudwatch_metric_alarm.compliance_alerts", {
      alarmName: name,
      alarmDescription: "The API logged an event that must be reported to an aviation authority (requiresReporting).",
      namespace: metric.namespace,
      metricName: metric.name,
      statistic: "Sum",
      period: 300,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
      alarmActions: [this.topic.arn],
      tags: { Name: name },
    });
  }
}
