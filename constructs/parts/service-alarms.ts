import type { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import type { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { Construct } from "constructs";
import { Alarm, type Alerting, metricsOf, type Severity } from "./alarm";

export interface ServiceAlarmsProps {
  readonly alerting: Alerting;
  /** The beginning of the alarms' labels: `api`. */
  readonly label: string;
  /** As the alarms' sentences name it: `The API`. */
  readonly name: string;
  readonly cluster: EcsCluster;
  readonly service: EcsService;
  /** Tasks that always run. */
  readonly minimum: number;
  readonly tasksMissing: {
    readonly severity: Severity;
    /** Minutes that a task may be missing. */
    readonly minutes: number;
  };
}

/**
 * The alarms of an ECS service: thresholds of Amazon CloudWatch User Guide, "Best practice alarm recommendations", ECS, but for the
 * running tasks, which are compared with the minimum instead of with none. Cost 0.30 USD a month.
 *
 * Not watched: utilization by task and container, which Container Insights has with enhanced observability only (Amazon CloudWatch
 * User Guide, "Amazon ECS Container Insights with enhanced observability metrics"); storage of tasks, which keep nothing.
 */
export class ServiceAlarms extends Construct {
  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id);
    const { alerting, label, name, cluster, service, minimum, tasksMissing } = props;
    const dimensions = { ClusterName: cluster.name, ServiceName: service.name };

    for (const [what, metricName] of [
      ["cpu", "CPUUtilization"],
      ["memory", "MemoryUtilization"],
    ] as const) {
      new Alarm(this, `${label}_${what}`, {
        ...alerting,
        severity: "ticket",
        description: `${name} uses more than 80 % of its ${what === "cpu" ? "CPU" : "memory"}.`,
        watch: metricsOf("AWS/ECS", dimensions)(metricName, "Average"),
        comparison: "above",
        threshold: 80,
        evaluationPeriods: 5,
        // ECS sends no data for a service without tasks, of which the next alarm tells.
        missingData: "missing",
      });
    }
    new Alarm(this, `${label}_tasks`, {
      ...alerting,
      severity: tasksMissing.severity,
      description: `${name} has run with fewer tasks than it should for ${tasksMissing.minutes} minutes.`,
      watch: metricsOf("ECS/ContainerInsights", dimensions)("RunningTaskCount", "Minimum"),
      comparison: "below",
      threshold: minimum,
      evaluationPeriods: tasksMissing.minutes,
      // Where nothing runs there is no data.
      missingData: "breaching",
    });
  }
}
