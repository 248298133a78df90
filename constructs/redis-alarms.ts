import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { redisCores } from "../facts/instance-classes";
import { Alarm, type AlarmProps, type Alerting, type Expression, type Metric, metricsOf } from "./parts/alarm";

export interface RedisAlarmsProps {
  readonly alerting: Alerting;
  /** The variable `redis_node_type`. */
  readonly nodeType: string;
  /** Names of the group's nodes. */
  readonly nodes: readonly string[];
}

/** Connections of a node. Source: Amazon ElastiCache User Guide, "Quotas and limits", maxclients. */
const maximumConnections = 65_000;

/**
 * The alarms of the cache, each over all of its nodes, whichever is the primary. Thresholds: Amazon CloudWatch User Guide, "Best
 * practice alarm recommendations", ElastiCache; those that it leaves to the reader are ours. Cost 1.20 USD a month with two nodes.
 *
 * Not watched: freeable memory and swap, which the share of maxmemory comes before, and which follows the node type by itself.
 */
export class RedisAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RedisAlarmsProps,
  ) {
    super(scope, id);

    this.alarm("engine_cpu", "The thread of a cache node that serves commands is above 90 %.", {
      watch: this.highest("EngineCPUUtilization", "Average"),
      threshold: 90,
      // A cache that is gone sends none; one alarm tells of it.
      missingData: "breaching",
    });
    this.alarm("cpu", "A cache node's CPU is above what its one thread of commands can use.", {
      watch: this.highest("CPUUtilization", "Average"),
      threshold: this.cpuThreshold(),
    });
    this.alarm("memory", "A cache node has used four fifths of its memory.", {
      watch: this.highest("DatabaseMemoryUsagePercentage", "Average"),
      threshold: 80,
    });
    this.alarm("evictions", "The cache drops sessions to make room: people are logged out.", {
      severity: "page",
      watch: this.highest("Evictions", "Sum"),
      threshold: 0,
    });
    this.alarm("connections", "A cache node has four fifths of the connections that it can have.", {
      watch: this.highest("CurrConnections", "Maximum"),
      threshold: 0.8 * maximumConnections,
      evaluationPeriods: 10,
    });
    this.alarm("replication_lag", "The cache's replica has been more than 30 s behind for 15 minutes.", {
      watch: this.highest("ReplicationLag", "Maximum"),
      threshold: 30,
      evaluationPeriods: 15,
    });
  }

  /** Of all nodes, at each time. */
  private highest(metricName: string, statistic: Metric["statistic"]): Expression {
    const metrics = this.props.nodes.map((node, index) => [
      `m${index + 1}`,
      metricsOf("AWS/ElastiCache", { CacheClusterId: node })(metricName, statistic),
    ]);
    return { expression: `MAX([${metrics.map(([id]) => id).join(", ")}])`, metrics: Object.fromEntries(metrics) };
  }

  /**
   * 90 % of the one core that serves commands, on nodes of one or two; larger ones have cores to spare, and the engine's own figure.
   * Source: Amazon ElastiCache User Guide, "Which metrics should I monitor?", CPUUtilization.
   */
  private cpuThreshold(): number {
    const { nodeType } = this.props;
    const size = Token.asString(Fn.element(Fn.split(".", nodeType), 2));
    const byType = Object.fromEntries(redisCores.one.map((type) => [type, 90]));
    const bySize = Object.fromEntries(redisCores.two.map((name) => [name, 45]));
    return Token.asNumber(Fn.lookup(byType, nodeType, Fn.lookup(bySize, size, 90)));
  }

  /** A ticket when five data points in a row are above the threshold, unless `rest` says otherwise. */
  private alarm(
    label: string,
    description: string,
    rest: Pick<AlarmProps, "watch" | "threshold"> & Partial<AlarmProps>,
  ): void {
    new Alarm(this, `cache_${label}`, {
      ...this.props.alerting,
      description,
      severity: "ticket",
      comparison: "above",
      evaluationPeriods: 5,
      missingData: "missing",
      ...rest,
    });
  }
}
