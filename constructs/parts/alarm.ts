import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import type { Construct } from "constructs";

/**
 * Who has to act on an alarm, and when: `page` means operations at once, by day and by night; `ticket` means operations on the next
 * working day; `compliance` means whoever reports to an aviation authority.
 */
export type Severity = "page" | "ticket" | "compliance";

export type TopicsBySeverity = Readonly<Record<Severity, SnsTopic>>;

export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  /** Default: the metric has none. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic: "Average" | "Maximum" | "Minimum" | "SampleCount" | "Sum";
  /** Seconds that one data point is made of: a multiple of 60. */
  readonly periodSeconds: number;
}

/** Metric math: one time series made of several metrics, which have one period. */
export interface Expression {
  /** In the syntax of CloudWatch's metric math, over the ids of `metrics`. */
  readonly expression: string;
  /** By the id that the expression uses: a lower-case letter, then letters, digits and underscores. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

export interface AlarmProps {
  readonly prefix: string;
  /** A sentence that says what happened, for the reader of the e-mail. */
  readonly description: string;
  readonly severity: Severity;
  readonly topics: TopicsBySeverity;
  readonly watch: Metric | Expression;
  readonly comparison: "atLeast" | "above" | "below" | "atMost";
  readonly threshold: number;
  /** Data points in a row that break the threshold before the alarm goes off. Default: 1. */
  readonly evaluationPeriods?: number;
  /** What a period without data counts as; `missing` makes the state INSUFFICIENT_DATA, `ignore` keeps the one that it was. */
  readonly missingData: "breaching" | "ignore" | "missing" | "notBreaching";
}

const comparisonOperators = {
  above: "GreaterThanThreshold",
  atLeast: "GreaterThanOrEqualToThreshold",
  atMost: "LessThanOrEqualToThreshold",
  below: "LessThanThreshold",
} as const;

const hour = 3600;
const day = 24 * hour;

/**
 * Zero in every period without data.
 *
 * For alarms on what did not happen: where data points are missing, CloudWatch looks further back than the periods that the alarm
 * names, and what it finds there keeps the alarm from going off, for days where the period is a day. A series without gaps has
 * nothing to look for. Sources: Amazon CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data" (the
 * evaluation range) and "Using math expressions with CloudWatch metrics" (FILL).
 */
export function filledWithZero(metric: Metric): Expression {
  return { expression: "FILL(m1, 0)", metrics: { m1: metric } };
}

/**
 * A CloudWatch alarm that mails to the topic of its severity, once for every time that it goes off. Label `custody_errors` makes
 * `aws_cloudwatch_metric_alarm.custody_errors`, whose name is `<prefix>-custody-errors`. Costs 0.10 USD a month for each metric
 * that it watches (AWS list price, us-east-1).
 */
export class Alarm extends CloudwatchMetricAlarm {
  /**
   * @throws Error where the periods together are longer than CloudWatch evaluates, or the metrics of an expression differ in period
   */
  constructor(scope: Construct, label: string, props: AlarmProps) {
    const { watch, evaluationPeriods = 1 } = props;
    checkPeriods(label, watch, evaluationPeriods);
    const alarmName = `${props.prefix}-${label.replaceAll("_", "-")}`;
    super(scope, `aws_cloudwatch_metric_alarm.${label}`, {
      alarmName,
      alarmDescription: props.description,
      ...("expression" in watch ? mathOf(watch, props.description) : metricOf(watch)),
      evaluationPeriods,
      threshold: props.threshold,
      comparisonOperator: comparisonOperators[props.comparison],
      treatMissingData: props.missingData,
      alarmActions: [props.topics[props.severity].arn],
      tags: { Name: alarmName },
    });
  }
}

/** Source: Amazon CloudWatch API Reference, PutMetricAlarm, Period: seven days in all, one day where a period is below an hour. */
function checkPeriods(label: string, watch: Metric | Expression, evaluationPeriods: number): void {
  const metrics = "expression" in watch ? Object.values(watch.metrics) : [watch];
  const [periodSeconds = 0, ...others] = [...new Set(metrics.map((metric) => metric.periodSeconds))];
  if (others.length > 0) {
    throw new Error(
      `alarm ${label}: metrics of one expression have one period; got ${[periodSeconds, ...others].join(" and ")} seconds`,
    );
  }
  const maximum = periodSeconds < hour ? day : 7 * day;
  if (periodSeconds * evaluationPeriods > maximum) {
    throw new Error(
      `alarm ${label}: ${evaluationPeriods} periods of ${periodSeconds} seconds; CloudWatch evaluates at most ${maximum} seconds of such periods; lower evaluationPeriods`,
    );
  }
}

function metricOf({ namespace, metricName, dimensions, statistic, periodSeconds }: Metric) {
  return { namespace, metricName, dimensions: dimensions && { ...dimensions }, statistic, period: periodSeconds };
}

function mathOf({ expression, metrics }: Expression, label: string) {
  return {
    metricQuery: [
      { id: "result", expression, label, returnData: true },
      ...Object.entries(metrics).map(([id, { namespace, metricName, dimensions, statistic, periodSeconds }]) => ({
        id,
        metric: {
          namespace,
          metricName,
          dimensions: dimensions && { ...dimensions },
          stat: statistic,
          period: periodSeconds,
        },
      })),
    ],
  };
}
