import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { Construct } from "constructs";
import { edgeRegion } from "../facts/regions";
import type { Cloudfront } from "./cloudfront";
import type { Custody } from "./custody";
import type { Ecs } from "./ecs";
import type { Elasticsearch } from "./elasticsearch";
import type { LoadBalancer } from "./load-balancer";
import type { LogArchive } from "./log-archive";
import type { LogStream } from "./log-stream";
import type { Logstash } from "./logstash";
import { type Metric, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import type { Rds } from "./rds";
import { type Redis, redisNodes } from "./redis";
import type { Replication } from "./replication";
import type { Waf } from "./waf";

export interface DashboardProps {
  readonly deployment: Deployment;
  readonly cdn: Cloudfront;
  readonly waf: Waf;
  readonly loadBalancer: LoadBalancer;
  readonly ecs: Ecs;
  readonly database: Rds;
  readonly redis: Redis;
  readonly custody: Custody;
  readonly elasticsearch: Elasticsearch;
  readonly logStream: LogStream;
  readonly logstash: Logstash;
  readonly archive: LogArchive;
  /** Default: nothing is copied to another region. */
  readonly replication?: Replication;
}

/** A graph of metrics over time. */
interface Graph {
  readonly title: string;
  /** By the label that the graph shows. */
  readonly lines: Readonly<Record<string, Metric>>;
  /** Default: the environment's. */
  readonly region?: string;
  /** A line that a value should not cross. */
  readonly limit?: number;
}

/** As CloudWatch places it: on a grid of 24 columns. */
export interface Widget {
  readonly type: "metric" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

const columns = 24;
const graphWidth = 6;
const graphHeight = 6;

/**
 * What a person on call keeps open, from top to bottom: what users feel, the service, the data stores, the queue, the log store and
 * what it costs. Costs 3 USD a month beyond the first three of an account (Amazon CloudWatch pricing).
 */
export class Dashboard extends Construct {
  readonly widgets: readonly Widget[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DashboardProps,
  ) {
    super(scope, id);
    this.widgets = layOut(
      [
        ["What users feel", this.users()],
        ["The API", this.service()],
        ["The database and the cache", this.stores()],
        ["The chain of custody", this.queue()],
        ["The log store", this.logStore()],
        ...(props.replication ? [["The copy in the recovery region", this.copies(props.replication)] as const] : []),
        ["What it costs", this.cost()],
      ],
      props.deployment.region,
    );
    new CloudwatchDashboard(this, "aws_cloudwatch_dashboard.skymanuals", {
      dashboardName: props.deployment.prefix,
      dashboardBody: JSON.stringify({ widgets: this.widgets }),
    });
  }

  private users(): Graph[] {
    const { cdn, waf, loadBalancer } = this.props;
    const edge = metricsOf("AWS/CloudFront", { DistributionId: cdn.distribution.id, Region: "Global" });
    const firewall = metricsOf("AWS/WAFV2", { WebACL: waf.webAclName, Rule: "ALL" });
    const balancer = metricsOf("AWS/ApplicationELB", { LoadBalancer: loadBalancer.loadBalancer.arnSuffix });
    return [
      {
        title: "Share of errors at CloudFront (%)",
        region: edgeRegion,
        lines: { "5xx": edge("5xxErrorRate", "Average"), "4xx": edge("4xxErrorRate", "Average") },
        limit: 5,
      },
      {
        title: "Response time of the API (s)",
        lines: Object.fromEntries(
          (["p90", "p95", "p99"] as const).map((percentile) => [
            percentile,
            balancer("TargetResponseTime", percentile),
          ]),
        ),
      },
      {
        title: "Requests and errors a minute",
        lines: {
          requests: balancer("RequestCount", "Sum"),
          "API 5xx": balancer("HTTPCode_Target_5XX_Count", "Sum"),
          "no answer": balancer("HTTPCode_ELB_5XX_Count", "Sum"),
          "API 4xx": balancer("HTTPCode_Target_4XX_Count", "Sum"),
        },
      },
      {
        title: "Requests at the firewall a minute",
        region: edgeRegion,
        lines: { allowed: firewall("AllowedRequests", "Sum"), blocked: firewall("BlockedRequests", "Sum") },
      },
    ];
  }

  private service(): Graph[] {
    const { ecs, loadBalancer } = this.props;
    const dimensions = { ClusterName: ecs.cluster.name, ServiceName: ecs.service.name };
    const insights = metricsOf("ECS/ContainerInsights", dimensions);
    const targets = metricsOf("AWS/ApplicationELB", {
      LoadBalancer: loadBalancer.loadBalancer.arnSuffix,
      TargetGroup: loadBalancer.targetGroups[0].arnSuffix,
    });
    return [
      {
        // The documented widget, which was empty: it named the service without its cluster.
        title: "ECS Service Metrics",
        lines: {
          CPUUtilization: metricsOf("AWS/ECS", dimensions, 300)("CPUUtilization", "Average"),
          MemoryUtilization: metricsOf("AWS/ECS", dimensions, 300)("MemoryUtilization", "Average"),
        },
        limit: 80,
      },
      {
        title: "Tasks",
        lines: { running: insights("RunningTaskCount", "Minimum"), desired: insights("DesiredTaskCount", "Maximum") },
      },
      {
        title: "Targets of the load balancer",
        lines: { healthy: targets("HealthyHostCount", "Minimum"), unhealthy: targets("UnHealthyHostCount", "Maximum") },
      },
      {
        title: "Connections that failed a minute",
        lines: { "to tasks": targets("TargetConnectionErrorCount", "Sum") },
      },
    ];
  }

  private stores(): Graph[] {
    const { database, redis } = this.props;
    const instances = { database: database.instance, ...database.replicasByName };
    const ofDatabase = (metricName: string, statistic: Metric["statistic"]) =>
      Object.fromEntries(
        Object.entries(instances).map(([name, { identifier }]) => [
          name,
          metricsOf("AWS/RDS", { DBInstanceIdentifier: identifier })(metricName, statistic),
        ]),
      );
    const ofCache = (metricName: string, statistic: Metric["statistic"]) =>
      Object.fromEntries(
        redisNodes(redis.replicationGroup.replicationGroupId).map((node, index) => [
          `node ${index + 1}`,
          metricsOf("AWS/ElastiCache", { CacheClusterId: node })(metricName, statistic),
        ]),
      );
    return [
      { title: "CPU of the database (%)", lines: ofDatabase("CPUUtilization", "Average"), limit: 90 },
      { title: "Connections of the database", lines: ofDatabase("DatabaseConnections", "Maximum") },
      { title: "Free storage of the database (bytes)", lines: ofDatabase("FreeStorageSpace", "Minimum") },
      { title: "Read latency of the database (s)", lines: ofDatabase("ReadLatency", "p90"), limit: 0.02 },
      { title: "CPU of the cache's engine (%)", lines: ofCache("EngineCPUUtilization", "Average"), limit: 90 },
      { title: "Memory of the cache (%)", lines: ofCache("DatabaseMemoryUsagePercentage", "Average"), limit: 80 },
      { title: "Connections of the cache", lines: ofCache("CurrConnections", "Maximum") },
      { title: "Sessions that the cache dropped", lines: ofCache("Evictions", "Sum") },
    ];
  }

  private queue(): Graph[] {
    const { queue, deadLetters, recorder, verifier, reconciler } = this.props.custody;
    const ofQueue = metricsOf("AWS/SQS", { QueueName: queue.name }, 300);
    const dead = metricsOf("AWS/SQS", { QueueName: deadLetters.name }, 300);
    const record = metricsOf("AWS/Lambda", { FunctionName: recorder.lambda.functionName }, 300);
    const verify = metricsOf("AWS/Lambda", { FunctionName: verifier.lambda.functionName }, 300);
    const reconcile = metricsOf("AWS/Lambda", { FunctionName: reconciler.lambda.functionName }, 300);
    return [
      {
        title: "Age of the oldest new chunk (s)",
        lines: { age: ofQueue("ApproximateAgeOfOldestMessage", "Maximum") },
        limit: 900,
      },
      {
        title: "Messages",
        lines: {
          waiting: ofQueue("ApproximateNumberOfMessagesVisible", "Maximum"),
          dead: dead("ApproximateNumberOfMessagesVisible", "Maximum"),
        },
      },
      {
        title: "Failed runs",
        lines: {
          recording: record("Errors", "Sum"),
          throttled: record("Throttles", "Sum"),
          verifying: verify("Errors", "Sum"),
          reconciling: reconcile("Errors", "Sum"),
        },
      },
      {
        title: "Time of a run (ms)",
        lines: {
          recording: record("Duration", "p90"),
          verifying: verify("Duration", "p90"),
          reconciling: reconcile("Duration", "p90"),
        },
      },
    ];
  }

  private logStore(): Graph[] {
    const { deployment, ecs, elasticsearch, logStream, logstash, archive } = this.props;
    const domain = metricsOf("AWS/ES", {
      DomainName: elasticsearch.domain.domainName,
      ClientId: deployment.accountId,
    });
    const service = { ClusterName: ecs.cluster.name, ServiceName: logstash.service.name };
    const stream = metricsOf("AWS/Kinesis", { StreamName: logStream.stream.name });
    const delivery = metricsOf("AWS/Firehose", { DeliveryStreamName: archive.stream.name });
    return [
      {
        title: "State of the log store",
        lines: {
          red: domain("ClusterStatus.red", "Maximum"),
          yellow: domain("ClusterStatus.yellow", "Maximum"),
          "writes blocked": domain("ClusterIndexWritesBlocked", "Maximum"),
        },
      },
      { title: "Free storage of a node (MiB)", lines: { least: domain("FreeStorageSpace", "Minimum") } },
      {
        title: "CPU and heap of a node (%)",
        lines: { CPU: domain("CPUUtilization", "Maximum"), heap: domain("JVMMemoryPressure", "Maximum") },
        limit: 95,
      },
      {
        title: "Logstash (%, tasks)",
        lines: {
          CPU: metricsOf("AWS/ECS", service)("CPUUtilization", "Average"),
          memory: metricsOf("AWS/ECS", service)("MemoryUtilization", "Average"),
          tasks: metricsOf("ECS/ContainerInsights", service)("RunningTaskCount", "Minimum"),
        },
      },
      {
        title: "Age of the oldest unread lines (ms)",
        lines: { age: stream("GetRecords.IteratorAgeMilliseconds", "Maximum") },
      },
      {
        title: "Records of the log stream a minute",
        lines: { written: stream("IncomingRecords", "Sum"), read: stream("GetRecords.Records", "Sum") },
      },
      {
        title: "Age of the oldest lines not yet archived (s)",
        lines: { age: delivery("DeliveryToS3.DataFreshness", "Maximum") },
      },
    ];
  }

  private copies({ region, sources }: Replication): Graph[] {
    const lines = (metricName: string, statistic: Metric["statistic"]) =>
      Object.fromEntries(sources.map(({ name, metrics }) => [name, metrics(metricName, statistic)]));
    return [
      { title: "Age of what is not copied (s)", region, lines: lines("ReplicationLatency", "Maximum"), limit: 900 },
      { title: "Not copied yet (bytes)", region, lines: lines("BytesPendingReplication", "Maximum") },
      { title: "Copies that failed", lines: lines("OperationsFailedReplication", "Sum") },
    ];
  }

  /** CloudWatch has it where billing alerts are switched on (AWS Billing User Guide, "Monitoring your charges"). */
  private cost(): Graph[] {
    return [
      {
        title: "The account's month so far (USD)",
        region: edgeRegion,
        lines: { charges: metricsOf("AWS/Billing", { Currency: "USD" }, 21_600)("EstimatedCharges", "Maximum") },
      },
    ];
  }
}

/** Under each heading its graphs, as many in a row as there is room for. */
function layOut(sections: readonly (readonly [heading: string, graphs: readonly Graph[]])[], region: string): Widget[] {
  let y = 0;
  return sections.flatMap(([heading, graphs]) => {
    const top = y;
    const perRow = columns / graphWidth;
    y += 1 + graphHeight * Math.ceil(graphs.length / perRow);
    return [
      { type: "text", x: 0, y: top, width: columns, height: 1, properties: { markdown: `## ${heading}` } } as const,
      ...graphs.map(
        (graph, index): Widget => ({
          type: "metric",
          x: (index % perRow) * graphWidth,
          y: top + 1 + graphHeight * Math.floor(index / perRow),
          width: graphWidth,
          height: graphHeight,
          properties: propertiesOf(graph, region),
        }),
      ),
    ];
  });
}

/** Source: CloudWatch API, "Dashboard body structure and syntax". */
function propertiesOf({ title, lines, limit, ...graph }: Graph, region: string) {
  const metrics = Object.entries(lines);
  return {
    title,
    view: "timeSeries",
    stacked: false,
    region: graph.region ?? region,
    period: Math.max(...metrics.map(([, { periodSeconds }]) => periodSeconds)),
    metrics: metrics.map(([label, { namespace, metricName, dimensions = {}, statistic }]) => [
      namespace,
      metricName,
      ...Object.entries(dimensions).flat(),
      { label, stat: statistic },
    ]),
    yAxis: { left: { min: 0 } },
    ...(limit === undefined ? {} : { annotations: { horizontal: [{ value: limit, color: "#d62728" }] } }),
  };
}
