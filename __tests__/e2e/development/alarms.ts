import { readFileSync } from "node:fs";
import { join } from "node:path";
import { apiName, clusterName } from "../../../facts/names";
import type { AlarmState, Listener, MetricData } from "../support/emulator-control";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

const stack = "skymanuals-development";
const region = "us-east-1";
const severities = ["page", "ticket", "compliance"] as const;

interface Metric {
  readonly namespace: string;
  readonly metric_name: string;
  readonly dimensions: Readonly<Record<string, string>> | null;
  readonly period: number;
}

/** An alarm as it was applied. */
interface Alarm extends Metric {
  readonly alarm_name: string;
  readonly alarm_description: string;
  readonly alarm_actions: readonly string[];
  readonly comparison_operator: string;
  readonly threshold: number;
  readonly evaluation_periods: number;
  readonly metric_query: readonly { readonly id: string; readonly metric: readonly Metric[] }[];
}

interface StateResource<T> {
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: T }[];
}

/** Every alarm of the stack is made to go off, and is heard. */
export function alarmsChapter(step: Step, local: LocalRun): void {
  const resources = <T>(type: string): (readonly [string, T])[] => {
    const state = JSON.parse(readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "utf8")) as {
      readonly resources: readonly StateResource<T>[];
    };
    return state.resources
      .filter((resource) => resource.type === type)
      .flatMap(({ name, instances }) => instances.map(({ attributes }) => [name, attributes] as const));
  };

  step(
    "data beyond each alarm's threshold reaches whoever listens to the alarm's topic, with its runbook",
    async () => {
      const { emulator } = local;
      const alarms = resources<Alarm>("aws_cloudwatch_metric_alarm").map(([, alarm]) => alarm);
      expect(alarms.length).toBeGreaterThan(40);
      const topics = new Map(resources<{ arn: string }>("aws_sns_topic").map(([name, { arn }]) => [name, arn]));
      const listeners = new Map<string, Listener>();
      for (const severity of severities) {
        const topic = topics.get(`${severity}_alerts`) as string;
        listeners.set(topic, await emulator.listen(topic));
      }

      const silent: string[] = [];
      const heard = new Map<string, Set<string>>();
      try {
        // Whatever earlier chapters have made of them: the composite alarms follow.
        for (const { alarm_name } of alarms) {
          await emulator.setAlarmState(alarm_name, "OK");
        }
        for (const alarm of alarms) {
          if (!(await fire(local, alarm))) {
            silent.push(alarm.alarm_name);
          }
        }
        for (const [topic, listener] of listeners) {
          for (let messages = await listener.messages(); messages.length > 0; messages = await listener.messages()) {
            for (const { subject, message } of messages) {
              const { AlarmName, AlarmDescription, NewStateValue } = JSON.parse(message);
              if (NewStateValue === "ALARM") {
                expect(subject).toContain(AlarmName);
                expect(AlarmDescription).toMatch(/ Runbook: docs\/operations\.md#[a-z0-9-]+$/);
                heard.set(topic, (heard.get(topic) ?? new Set()).add(AlarmName));
              }
            }
          }
        }
      } finally {
        // They would be left when everything is destroyed.
        await Promise.all([...listeners.values()].map((listener) => listener.close()));
      }
      expect(silent).toEqual([]);
      const composites = resources<Pick<Alarm, "alarm_name" | "alarm_actions">>("aws_cloudwatch_composite_alarm");
      const expected = [...alarms, ...composites.map(([, alarm]) => alarm)];
      expect(composites.map(([name]) => name)).toContain("users_affected");
      expect(
        expected
          .filter(({ alarm_name, alarm_actions: [topic = ""] }) => !heard.get(topic)?.has(alarm_name))
          .map(({ alarm_name }) => alarm_name),
      ).toEqual([]);
    },
  );
}

/** What was put is seen on the dashboard that was applied. */
export function dashboardChapter(step: Step, local: LocalRun): void {
  step("the dashboard is drawn with the data that is there", async () => {
    const dimensions = { ClusterName: clusterName(stack), ServiceName: apiName(stack) };
    const cpu = { namespace: "AWS/ECS", metric_name: "CPUUtilization", dimensions, period: 300 };
    await local.emulator.clearMetrics();
    await local.emulator.putMetric(dataOf(cpu, [20, 40]));
    const { stdout, stderr } = await local.npm("dashboard", ["development"]).expectExit(0);
    expect(stderr).toMatch(new RegExp(`Read the dashboard ${stack}: 1 of \\d+ lines have data`));
    const svg = readFileSync(join(local.project, stdout.trim()), "utf8");
    expect(svg).toMatch(new RegExp(`>${stack}: [-0-9 :]+ to [-0-9 :]+ UTC</text>`));
    expect(svg.match(/<polyline /g)).toHaveLength(1);
  });
}

/** Metrics of an expression, by id, that an alarm goes off without. */
const silentMetrics: Readonly<Record<string, readonly string[]>> = {
  "log-archive-unfed": ["archive"],
  "log-stream-unfed": ["stream"],
};

/** Whether the alarm goes off with data that lies beyond its threshold. */
async function fire({ emulator }: LocalRun, alarm: Alarm): Promise<boolean> {
  const { alarm_name: name, metric_query: queries, evaluation_periods: periods, threshold } = alarm;
  const without = silentMetrics[name.replace(`${stack}-`, "")] ?? [];
  const metrics =
    queries.length > 0 ? queries.filter(({ id }) => !without.includes(id)).flatMap(({ metric }) => metric) : [alarm];
  // The same for all metrics of an expression, so that a ratio is high, and rising, so that a counter counts.
  const values = Array.from({ length: periods + 2 }, (_, index) =>
    alarm.comparison_operator.startsWith("LessThan") ? 0 : (index + 1) * (10 * threshold + 1),
  );
  await emulator.clearMetrics();
  let state: AlarmState | undefined;
  for (const metric of metrics) {
    ({ [name]: state } = await emulator.putMetric(dataOf(metric, values)));
  }
  return state === "ALARM";
}

function dataOf({ namespace, metric_name, dimensions, period }: Metric, values: readonly number[]): MetricData {
  return {
    region,
    namespace,
    metricName: metric_name,
    dimensions: dimensions ?? {},
    values,
    periodSeconds: period,
  };
}
