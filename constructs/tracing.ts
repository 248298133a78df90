import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { XrayGroup } from "@cdktf/provider-aws/lib/xray-group";
import { XraySamplingRule } from "@cdktf/provider-aws/lib/xray-sampling-rule";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { apiHealthPath } from "../facts/api";
import { apiName } from "../facts/names";
import type { Deployment } from "./parts/deployment";
import type { Container } from "./parts/fargate-task";
import type { Statement } from "./parts/policy-document";

export interface TracingProps {
  readonly deployment: Deployment;
  /** Requests per second, over all tasks, that are traced whatever the share. */
  readonly reservoirPerSecond: number;
  /** Share of the other requests that is traced: 0 to 100. */
  readonly sampledPercent: number;
  /** Requests that take longer, in seconds, are in the group with the failed ones. */
  readonly slowSeconds: number;
}

/**
 * AWS Distro for OpenTelemetry v0.49.0, by the digest of its index of platforms: a tag can be moved. Public: it is pulled through
 * NAT. The X-Ray daemon, which it replaces, is not supported after February 2027.
 *
 * The digest is the one that others pinned for this tag (alphagov/pay-adot, Dockerfile). Ask the registry too before you trust it:
 * `docker buildx imagetools inspect public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0`.
 */
const collectorImage =
  "public.ecr.aws/aws-observability/aws-otel-collector@sha256:d2bdfff2c377c3d71d78bd5d9ce9862fd535b12134a5739d87a07801297cf9fd";

const otlpPort = 4318;
const samplingPort = 2000;

/**
 * X-Ray: which requests of the API are traced, and a group of the failed and slow ones. The collector beside the API takes
 * traces on 127.0.0.1 and sends them with the task role. Costs 5 USD per million traces recorded, and 1 USD per million for the
 * group's Insights, which reads each of them (AWS X-Ray pricing, us-east-1).
 */
export class Tracing extends Construct {
  /** The service's name in X-Ray. */
  readonly serviceName: string;
  private readonly region: string;

  constructor(scope: Construct, id: string, props: TracingProps) {
    super(scope, id);
    const { prefix, region } = props.deployment;
    this.region = region;
    this.serviceName = apiName(prefix);

    // Every 15 seconds from the load balancer, every 30 from ECS, for each task.
    this.addSamplingRule("health", `${prefix}-health`, 100, apiHealthPath, 0, 0);
    this.addSamplingRule("api", this.serviceName, 200, "*", props.reservoirPerSecond, props.sampledPercent / 100);

    new XrayGroup(this, "aws_xray_group.api", {
      groupName: `${prefix}-api`,
      filterExpression: `service("${this.serviceName}") { fault = true OR responsetime > ${props.slowSeconds} }`,
      insightsConfiguration: { insightsEnabled: true, notificationsEnabled: false },
      tags: { Name: `${prefix}-api` },
    });
  }

  /** What the collector does with the task role. X-Ray grants these on everything or nothing. */
  get taskStatement(): Statement {
    return {
      Sid: "Trace",
      Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
      Resource: ["*"],
    };
  }

  /** Variables of the application's container, which AWS's distribution of OpenTelemetry reads. */
  get variables(): Readonly<Record<string, string>> {
    return {
      OTEL_SERVICE_NAME: this.serviceName,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpPort}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      // The load balancer's X-Amzn-Trace-Id.
      OTEL_PROPAGATORS: "xray",
      OTEL_TRACES_SAMPLER: "xray",
      OTEL_TRACES_SAMPLER_ARG: `endpoint=http://127.0.0.1:${samplingPort}`,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
    };
  }

  /**
   * The collector's container. The API runs on when it fails, and ECS starts it again. Its image is another matter: a task whose
   * images cannot all be pulled fails to start (Amazon ECS Developer Guide, "CannotPullContainer task errors"; `essential` is about
   * containers that ran). While it cannot be pulled, no new task of the API starts, and running ones stay.
   */
  collector(group: CloudwatchLogGroup): Container {
    return {
      name: "collector",
      image: collectorImage,
      essential: false,
      restartPolicy: { enabled: true },
      cpu: 64,
      // It drops traces before.
      memory: 256,
      environment: { AWS_REGION: this.region, AOT_CONFIG_CONTENT: Fn.jsonencode(collectorConfiguration) },
      healthCheck: { command: ["CMD", "/healthcheck"], interval: 30, timeout: 5, retries: 3, startPeriod: 10 },
      log: { group, streamPrefix: "collector" },
    };
  }

  private addSamplingRule(
    label: string,
    ruleName: string,
    priority: number,
    urlPath: string,
    reservoirSize: number,
    fixedRate: number,
  ): void {
    new XraySamplingRule(this, `aws_xray_sampling_rule.${label}`, {
      ruleName,
      priority,
      version: 1,
      reservoirSize,
      fixedRate,
      serviceName: this.serviceName,
      urlPath,
      serviceType: "*",
      host: "*",
      httpMethod: "*",
      resourceArn: "*",
      tags: { Name: ruleName },
    });
  }
}

/** JSON is YAML, which the collector reads. */
const collectorConfiguration = {
  extensions: {
    health_check: { endpoint: "127.0.0.1:13133" },
    // Sampling rules for the application's sampler.
    awsproxy: { endpoint: `127.0.0.1:${samplingPort}` },
  },
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
  processors: {
    memory_limiter: { check_interval: "1s", limit_mib: 192, spike_limit_mib: 48 },
    resourcedetection: { detectors: ["env", "ecs"] },
    batch: { timeout: "5s" },
  },
  exporters: { awsxray: {} },
  service: {
    extensions: ["health_check", "awsproxy"],
    pipelines: {
      traces: {
        receivers: ["otlp"],
        processors: ["memory_limiter", "resourcedetection", "batch"],
        exporters: ["awsxray"],
      },
    },
  },
};
