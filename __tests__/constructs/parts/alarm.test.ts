import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import {
  Alarm,
  type AlarmProps,
  CompositeAlarm,
  filledWithZero,
  type Metric,
  metricsOf,
} from "../../../constructs/parts/alarm";
import { synthesizeConstructs } from "../../support/synth";

const errors: Metric = {
  namespace: "AWS/Lambda",
  metricName: "Errors",
  dimensions: { FunctionName: "sky-worker" },
  statistic: "Sum",
  periodSeconds: 300,
};
const address = "aws_cloudwatch_metric_alarm.worker_errors";
const synthesizeAlarm = (props: Partial<AlarmProps> = {}) =>
  synthesizeConstructs((scope) => {
    const topic = (severity: string) => new SnsTopic(scope, severity, { name: severity });
    new Alarm(scope, "worker_errors", {
      prefix: "sky",
      description: "The worker failed.",
      severity: "page",
      topics: { page: topic("page"), ticket: topic("ticket"), compliance: topic("compliance") },
      watch: errors,
      comparison: "atLeast",
      threshold: 1,
      missingData: "notBreaching",
      ...props,
    });
  }).resource(address);

test("an alarm on a metric is named after prefix and label, and mails to the topic of its severity", () => {
  expect(synthesizeAlarm()).toEqual({
    alarm_name: "sky-worker-errors",
    alarm_description: "The worker failed. Runbook: docs/operations.md#worker-errors",
    namespace: "AWS/Lambda",
    metric_name: "Errors",
    dimensions: { FunctionName: "sky-worker" },
    statistic: "Sum",
    period: 300,
    evaluation_periods: 1,
    threshold: 1,
    comparison_operator: "GreaterThanOrEqualToThreshold",
    treat_missing_data: "notBreaching",
    alarm_actions: ["${aws_sns_topic.page.arn}"],
    tags: { Name: "sky-worker-errors" },
  });
});

test.each(["page", "ticket", "compliance"] as const)("severity %s", (severity) => {
  expect(synthesizeAlarm({ severity }).alarm_actions).toEqual([`\${aws_sns_topic.${severity}.arn}`]);
});

test.each([
  ["above", "GreaterThanThreshold"],
  ["atLeast", "GreaterThanOrEqualToThreshold"],
  ["atMost", "LessThanOrEqualToThreshold"],
  ["below", "LessThanThreshold"],
] as const)("%s is %s", (comparison, operator) => {
  expect(synthesizeAlarm({ comparison }).comparison_operator).toBe(operator);
});

test("metric math: what it returns is the expression, and nothing stands at the alarm itself that CloudWatch refuses beside it", () => {
  const alarm = synthesizeAlarm({
    watch: filledWithZero({ ...errors, periodSeconds: 3600 }),
    evaluationPeriods: 26,
    missingData: "breaching",
  });
  expect(alarm.metric_query).toEqual([
    { id: "result", expression: "FILL(m1, 0)", label: "The worker failed.", return_data: true },
    {
      id: "m1",
      metric: {
        namespace: "AWS/Lambda",
        metric_name: "Errors",
        dimensions: { FunctionName: "sky-worker" },
        stat: "Sum",
        period: 3600,
      },
    },
  ]);
  expect(alarm).toMatchObject({ evaluation_periods: 26, treat_missing_data: "breaching" });
  for (const argument of ["namespace", "metric_name", "dimensions", "statistic", "period"]) {
    expect(alarm).not.toHaveProperty(argument);
  }
});

test("seven days in all, one day where a period is below an hour", () => {
  expect(synthesizeAlarm({ watch: { ...errors, periodSeconds: 3600 }, evaluationPeriods: 168 }).period).toBe(3600);
  expect(() => synthesizeAlarm({ watch: { ...errors, periodSeconds: 3600 }, evaluationPeriods: 169 })).toThrow(
    "alarm worker_errors: 169 periods of 3600 seconds; CloudWatch evaluates at most 604800 seconds of such periods; lower evaluationPeriods",
  );
  expect(synthesizeAlarm({ evaluationPeriods: 288 }).evaluation_periods).toBe(288);
  expect(() => synthesizeAlarm({ evaluationPeriods: 289 })).toThrow(
    "alarm worker_errors: 289 periods of 300 seconds; CloudWatch evaluates at most 86400 seconds of such periods; lower evaluationPeriods",
  );
});

test("metrics of one expression have one period", () => {
  const watch = { expression: "m1 + m2", metrics: { m1: errors, m2: { ...errors, periodSeconds: 60 } } };
  expect(() => synthesizeAlarm({ watch })).toThrow(
    "alarm worker_errors: metrics of one expression have one period; got 300 and 60 seconds",
  );
});

test("the runbook's paragraph is the label's, or another one that says the same of several alarms", () => {
  expect(synthesizeAlarm({ runbook: "any_worker" }).alarm_description).toBe(
    "The worker failed. Runbook: docs/operations.md#any-worker",
  );
});

test("m of n data points, of which m are not more than n", () => {
  expect(synthesizeAlarm({ evaluationPeriods: 5, datapoints: 3 })).toMatchObject({
    evaluation_periods: 5,
    datapoints_to_alarm: 3,
  });
  expect(() => synthesizeAlarm({ evaluationPeriods: 5, datapoints: 6 })).toThrow(
    "alarm worker_errors: 6 data points of 5; use 1 to 5, or raise evaluationPeriods",
  );
  expect(() => synthesizeAlarm({ datapoints: 0 })).toThrow("alarm worker_errors: 0 data points of 1");
});

test("a percentile is an extended statistic of a metric, and a statistic in metric math", () => {
  const slow = metricsOf("AWS/ApplicationELB", { LoadBalancer: "app/sky/1" })("TargetResponseTime", "p95");
  const alarm = synthesizeAlarm({ watch: slow });
  expect(alarm).toMatchObject({ extended_statistic: "p95", period: 60 });
  expect(alarm).not.toHaveProperty("statistic");
  expect(synthesizeAlarm({ watch: filledWithZero(slow) }).metric_query).toContainEqual({
    id: "m1",
    metric: {
      namespace: "AWS/ApplicationELB",
      metric_name: "TargetResponseTime",
      dimensions: { LoadBalancer: "app/sky/1" },
      stat: "p95",
      period: 60,
    },
  });
});

test("more than ten metrics are refused, as CloudWatch does", () => {
  const metrics = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`m${index}`, errors]));
  expect(() => synthesizeAlarm({ watch: { expression: "SUM(METRICS())", metrics } })).toThrow(
    "alarm worker_errors: 11 metrics in one expression; CloudWatch takes at most 10",
  );
});

test("a composite alarm goes off with any of its alarms, which exist before it", () => {
  const stack = synthesizeConstructs((scope) => {
    const topic = (severity: string) => new SnsTopic(scope, severity, { name: severity });
    const alarms = ["one", "two"].map(
      (name) =>
        new CloudwatchMetricAlarm(scope, name, {
          alarmName: name,
          comparisonOperator: "GreaterThanThreshold",
          evaluationPeriods: 1,
        }),
    );
    new CompositeAlarm(scope, "users_affected", {
      prefix: "sky",
      description: "Users are affected.",
      severity: "page",
      topics: { page: topic("page"), ticket: topic("ticket"), compliance: topic("compliance") },
      anyOf: alarms,
    });
  });
  expect(stack.resource("aws_cloudwatch_composite_alarm.users_affected")).toEqual({
    alarm_name: "sky-users-affected",
    alarm_description: "Users are affected. Runbook: docs/operations.md#users-affected",
    alarm_rule:
      'ALARM("${aws_cloudwatch_metric_alarm.one.alarm_name}") OR ALARM("${aws_cloudwatch_metric_alarm.two.alarm_name}")',
    alarm_actions: ["${aws_sns_topic.page.arn}"],
    tags: { Name: "sky-users-affected" },
  });
});
