import { development } from "../../environments/development";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();

test("B12: a reportable event in the API's log reaches an e-mail address without a mail server", () => {
  const filter = stack.resource("aws_cloudwatch_log_metric_filter.compliance_alerts");
  const alarm = stack.resource("aws_cloudwatch_metric_alarm.compliance_alerts");
  expect(filter).toMatchObject({
    log_group_name: "${aws_cloudwatch_log_group.api.name}",
    pattern: "{ $.complianceMetadata.requiresReporting IS TRUE }",
    metric_transformation: {
      namespace: alarm.namespace,
      name: alarm.metric_name,
      value: "1",
      default_value: "0",
    },
  });
  expect(alarm).toMatchObject({
    statistic: "Sum",
    period: 300,
    evaluation_periods: 1,
    comparison_operator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treat_missing_data: "notBreaching",
    alarm_actions: ["${aws_sns_topic.compliance_alerts.arn}"],
  });
  expect(stack.resource("aws_sns_topic_subscription.compliance_email")).toEqual({
    topic_arn: "${aws_sns_topic.compliance_alerts.arn}",
    protocol: "email",
    endpoint: "compliance@skymanuals.com",
  });
});

test("A9: two environments of one account count into two metrics", () => {
  const other = synthesizePlatform(development).resource("aws_cloudwatch_metric_alarm.compliance_alerts");
  expect(other.namespace).not.toBe(stack.resource("aws_cloudwatch_metric_alarm.compliance_alerts").namespace);
});
