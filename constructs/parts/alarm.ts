import { CloudwatchCompositeAlarm } from "@cdktf/provider-aws/lib/cloudwatch-composite-alarm";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { Construct } from "constructs";
import { runbookLink } from "../../facts/runbook";

/**
 * Who has to act on an alarm, and when: `page` means operations at once, by day and by night; `ticket` means operations on the next
 * working day; `compliance` means whoever reports to an aviation authority.
 */
export type Severity = "page" | "ticket" | "compliance";

export type TopicsBySeverity = Readonly<Record<Severity, { readonly arn: string }>>;

/** What the alarms of one construct have in common. */
export interface Alerting {
  /** The names of the alarms begin with it. */
  readonly prefix: string;
  /** In the region of the alarm: CloudWatch sends to no other. */
  readonly topics: TopicsBySeverity;
  /** Default: the environment's region. */
  readonly provider?: AwsProvider;
}

/** `p90`: the value that nine of ten values are not above. */
export type Percentile = "p90" | "p95" | "p99";

export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  /** Default: the metric has none. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic: "Average" | "Maximum" | "Minimum" | "SampleCount" | "Sum" | Percentile;
  /** Seconds that one data point is made of: a multiple of 60. */
  readonly periodSeconds: number;
}

/** Metrics of one resource: of the same namespace, dimensions and period. */
export function metricsOf(namespace: string, dimensions: Readonly<Record<string, string>>, periodSeconds = 60) {
  return (metricName: string, statistic: Metric["statistic"]): Metric => ({
    namespace,
    metricName,
    dimensions,
    statistic,
    periodSeconds,
  });
}

/** Metric math: one time series made of at most ten metrics, which have one period. */
export interface Expression {
  /** In the syntax of CloudWatch's metric math, over the ids of `metrics`. */
  readonly expression: string;
  /** By the id that the expression uses: a lower-case letter, then letters, digits and underscores. */
  readonly metrics: Readonly<Record<string, Metric>>;
}

export interface AlarmProps extends Alerting {
  /** A sentence that says what happened, for the reader of the e-mail. The alarm's link to its runbook follows it. */
  readonly description: string;
  /** The heading's anchor in docs/operations.md. Default: the label, with hyphens. */
  readonly runbook?: string;
  readonly severity: Severity;
  readonly watch: Metric | Expression;
  readonly comparison: "atLeast" | "above" | "below" | "atMost";
  /** In the metric's unit. A number, or the token of an expression that Terraform evaluates. */
  readonly threshold: number;
  /** Data points that are looked at. Default: 1. */
  readonly evaluationPeriods?: number;
  /** How many of them break the threshold before the alarm goes off. Default: all. */
  readonly datapoints?: number;
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
 * `aws_cloudwatch_metric_alarm.custody_errors`, whose name is `<prefix>-custody-errors`, and whose paragraph in docs/operations.md
 * has the heading "Custody errors". Costs 0.10 USD a month for each metric that it watches (Amazon CloudWatch pricing, us-east-1,
 * standard resolution alarms).
 */
export class Alarm extends CloudwatchMetricAlarm {
  /**
   * @throws Error where the periods together are longer than CloudWatch evaluates, the metrics of an expression differ in period or
   * are more than ten, or more data points are asked for than are looked at
   */
  constructor(scope: Construct, label: string, props: AlarmProps) {
    const { watch, evaluationPeriods = 1, datapoints } = props;
    checkPeriods(label, watch, evaluationPeriods);
    checkDatapoints(label, watch, evaluationPeriods, datapoints);
    const alarmName = nameOf(props.prefix, label);
    super(scope, `aws_cloudwatch_metric_alarm.${label}`, {
      provider: props.provider,
      alarmName,
      alarmDescription: `${props.description} ${runbookLink(props.runbook ?? label)}`,
      ...("expression" in watch ? mathOf(watch, props.description) : metricOf(watch)),
      evaluationPeriods,
      datapointsToAlarm: datapoints,
      threshold: props.threshold,
      comparisonOperator: comparisonOperators[props.comparison],
      treatMissingData: props.missingData,
      alarmActions: [props.topics[props.severity].arn],
      tags: { Name: alarmName },
    });
  }
}

export interface CompositeAlarmProps extends Alerting {
  /** As of an alarm. */
  readonly description: string;
  readonly severity: Severity;
  /** Alarms of the same region, of which any makes this one go off. */
  readonly anyOf: readonly CloudwatchMetricAlarm[];
}

/**
 * One alarm for several that mean the same to whoever must act, which is told once. Costs 0.50 USD a month (Amazon CloudWatch
 * pricing, us-east-1).
 */
export class CompositeAlarm extends CloudwatchCompositeAlarm {
  constructor(scope: Construct, label: string, props: CompositeAlarmProps) {
    const alarmName = nameOf(props.prefix, label);
    super(scope, `aws_cloudwatch_composite_alarm.${label}`, {
      provider: props.provider,
      alarmName,
      alarmDescription: `${props.description} ${runbookLink(label)}`,
      alarmRule: props.anyOf.map(({ alarmName: name }) => `ALARM("${name}")`).join(" OR "),
      alarmActions: [props.topics[props.severity].arn],
      tags: { Name: alarmName },
    });
  }
}

function nameOf(prefix: string, label: string): string {
  return `${prefix}-${label.replaceAll("_", "-")}`;
}

function watchedBy(watch: Metric | Expression): readonly Metric[] {
  return "expression" in watch ? Object.values(watch.metrics) : [watch];
}

/** Source: Amazon CloudWatch User Guide, "Creating a CloudWatch alarm based on a metric math expression". */
const mostMetrics = 10;

function checkDatapoints(
  label: string,
  watch: Metric | Expression,
  evaluationPeriods: number,
  datapoints: number = evaluationPeriods,
): void {
  if (datapoints < 1 || datapoints > evaluationPeriods) {
    throw new Error(
      `alarm ${label}: ${datapoints} data points of ${evaluationPeriods}; use 1 to ${evaluationPeriods}, or raise evaluationPeriods`,
    );
  }
  const { length } = watchedBy(watch);
  if (length > mostMetrics) {
    throw new Error(`alarm ${label}: ${length} metrics in one expression; CloudWatch takes at most ${mostMetrics}`);
  }
}

/** Source: Amazon CloudWatch API Reference, PutMetricAlarm, Period: seven days in all, one day where a period is below an hour. */
function checkPeriods(label: string, watch: Metric | Expression, evaluationPeriods: number): void {
  const [periodSeconds = 0, ...others] = [...new Set(watchedBy(watch).map((metric) => metric.periodSeconds))];
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
  return {
    namespace,
    metricName,
    dimensions: dimensions && { ...dimensions },
    ...(statistic.startsWith("p") ? { extendedStatistic: statistic } : { statistic }),
    period: periodSeconds,
  };
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
