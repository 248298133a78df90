import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EcsClusterCapacityProviders } from "@cdktf/provider-aws/lib/ecs-cluster-capacity-providers";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { logstashContainer, logstashEventsInFlight, logstashHeapMiB } from "../facts/logstash";
import { logstashName } from "../facts/names";
import type { Ecs } from "./ecs";
import type { Elasticsearch } from "./elasticsearch";
import type { LogStream } from "./log-stream";
import type { Logs } from "./logs";
import { Alarm, type Alerting } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { FargateRoles, sessionChannels } from "./parts/fargate-roles";
import { FargateTask } from "./parts/fargate-task";
import { imageReference } from "./parts/image-reference";
import { Output } from "./parts/output";
import { ServiceAlarms } from "./parts/service-alarms";
import type { Vpc } from "./vpc";

export interface LogstashIdentityProps {
  readonly deployment: Deployment;
  readonly logs: Logs;
  readonly forceDestroy: boolean;
}

/** The repository of Logstash's image (built from `logstash/`) and the roles of its task, which the log store admits by name. */
export class LogstashIdentity extends Construct {
  readonly repository: EcrRepository;
  readonly roles: FargateRoles;

  constructor(scope: Construct, id: string, props: LogstashIdentityProps) {
    super(scope, id);
    const name = logstashName(props.deployment.prefix);
    const images = props.deployment.keys?.images;
    this.repository = new EcrRepository(this, "aws_ecr_repository.logstash", {
      name,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: images && [{ encryptionType: "KMS", kmsKey: images.arn }],
      forceDelete: props.forceDestroy,
      tags: { Name: name },
    });
    this.roles = new FargateRoles(this, "logstash", {
      deployment: props.deployment,
      namePrefix: name,
      logGroup: props.logs.logstash,
      imageRepositoryArn: this.repository.arn,
    });
    new Output(
      this,
      "logstash_repository_url",
      this.repository.repositoryUrl,
      "Where the image built from logstash/ is pushed",
    );
  }
}

export interface LogstashProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly logs: Logs;
  readonly logStream: LogStream;
  readonly ecs: Ecs;
  readonly elasticsearch: Elasticsearch;
  /** What the service waits for: an index that is made before its template keeps its own mapping. */
  readonly elasticsearchReady: readonly ITerraformDependable[];
  readonly identity: LogstashIdentity;
  /** Tag of the image in Logstash's own repository, or `sha256:<digest>`. */
  readonly imageTag: string;
  /** Fargate CPU units. */
  readonly cpu: number;
  /** MiB, at least 2048. Half of it is the JVM's heap. */
  readonly memoryMiB: number;
  /** Events that the worker filters and writes at once. */
  readonly batchSize: number;
  /** FARGATE is the documented service; a running one is replaced when this changes. */
  readonly capacity: "FARGATE" | "FARGATE_SPOT";
  /** Leave superseded task definitions registered: ECS rolls back to none that was deregistered. */
  readonly keepOldRevisions: boolean;
  readonly alerting: Alerting;
}

/**
 * logstash.tf: one task that reads the stream of the API's log groups and writes it to Elasticsearch. It has roles and a security
 * group of its own; the documented task shared the API's. Kinesis and DynamoDB are reached through NAT.
 *
 * A document that the index refuses is written into Logstash's own log, whole, and counted: an alarm makes it a ticket.
 *
 * Costs 36.04 USD a month with 1 vCPU and 2 GiB on FARGATE (us-east-1 list prices: 0.04048 USD a vCPU and hour, 0.004445 USD a
 * GiB and hour, 730 hours), and 0.40 USD for the metric and the alarm of refused documents.
 */
export class Logstash extends Construct {
  readonly service: EcsService;

  constructor(scope: Construct, id: string, props: LogstashProps) {
    super(scope, id);
    const { logs, logStream, elasticsearch, identity } = props;
    const { prefix, environment, region } = props.deployment;
    const heap = `${logstashHeapMiB(props.memoryMiB)}m`;

    identity.roles.grantTask(
      ...logStream.readerStatements,
      // To Kibana: docs/log-store.md.
      sessionChannels("ForwardPorts"),
      { Sid: "WriteIndices", Action: ["es:ESHttp*"], Resource: [`${elasticsearch.domain.arn}/*`] },
    );

    const task = new FargateTask(this, "logstash", {
      family: logstashName(prefix),
      region,
      cpu: props.cpu,
      memoryMiB: props.memoryMiB,
      roles: identity.roles,
      // What logstash/Dockerfile builds for.
      platform: "linux/amd64",
      containers: [
        {
          name: logstashContainer,
          // logstash:7.17.0 has neither the input plugin nor the pipeline, and refuses AWS's Elasticsearch.
          image: imageReference(identity.repository.repositoryUrl, props.imageTag),
          essential: true,
          // To write what it has read: the notice that Spot gives, and the most that Fargate takes.
          stopTimeout: 120,
          environment: {
            // With scheme and port: Logstash would otherwise try port 9200.
            ELASTICSEARCH_ENDPOINT: `https://${elasticsearch.domain.endpoint}:443`,
            AWS_REGION: region,
            // After the image's own options, of which the JVM takes the last.
            LS_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
            // The image writes it into logstash.yml: pipeline.batch.size (Logstash Reference, "Docker").
            PIPELINE_BATCH_SIZE: String(props.batchSize),
            LOG_STREAM: logStream.stream.name,
            LOG_POSITIONS: logStream.positions.name,
            EVENTS_IN_FLIGHT: String(logstashEventsInFlight(props.batchSize)),
          },
          // Answered once the pipeline runs, and 404 before (Logstash Reference, "Node Info API"). The image has curl.
          healthCheck: {
            command: [
              "CMD",
              ...["curl", "--silent", "--fail", "--max-time", "5", "--output", "/dev/null"],
              "http://127.0.0.1:9600/_node/pipelines/main",
            ],
            interval: 30,
            timeout: 10,
            retries: 3,
            // The most that ECS takes: with a quarter of a vCPU the JVM needs minutes to start.
            startPeriod: 300,
          },
          log: { group: logs.logstash, streamPrefix: "ecs" },
        },
      ],
      revisionsBy: "terraform",
      keepOldRevisions: props.keepOldRevisions,
      tags: { Name: `${prefix}-logstash`, Environment: environment },
    });

    const spot =
      props.capacity === "FARGATE_SPOT"
        ? new EcsClusterCapacityProviders(this, "skymanuals", {
            clusterName: props.ecs.cluster.name,
            capacityProviders: ["FARGATE", "FARGATE_SPOT"],
          })
        : undefined;

    this.service = new EcsService(this, "aws_ecs_service.logstash", {
      name: logstashName(prefix),
      cluster: props.ecs.cluster.id,
      taskDefinition: task.arn,
      desiredCount: 1,
      ...(spot
        ? { capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }] }
        : { launchType: "FARGATE" }),
      deploymentCircuitBreaker: { enable: true, rollback: true },
      enableExecuteCommand: true,
      propagateTags: "SERVICE",
      networkConfiguration: {
        subnets: props.network.privateSubnetIds,
        securityGroups: [props.securityGroup.id],
        assignPublicIp: false,
      },
      // Without the policies no task starts, or stops cleanly.
      dependsOn: [...identity.roles.policies, ...props.elasticsearchReady, ...(spot ? [spot] : [])],
      tags: { Name: `${prefix}-logstash-service`, Environment: environment },
    });

    const refused = { namespace: prefix, name: "LogstashRefusedDocuments" };
    new CloudwatchLogMetricFilter(this, "aws_cloudwatch_log_metric_filter.logstash_refused_documents", {
      name: `${prefix}-logstash-refused-documents`,
      logGroupName: logs.logstash.name,
      // logstash-output-opensearch 1.3.0 writes this, and the document, where the index answers 400 or 404.
      pattern: '"Could not index event to OpenSearch"',
      metricTransformation: { ...refused, value: "1", defaultValue: "0" },
    });
    new Alarm(this, "logstash_refused_documents", {
      ...props.alerting,
      severity: "ticket",
      description:
        "The log store refused documents: log lines are not in its index. They and the reason are in Logstash's own log.",
      watch: { namespace: refused.namespace, metricName: refused.name, statistic: "Sum", periodSeconds: 300 },
      comparison: "atLeast",
      threshold: 1,
      missingData: "notBreaching",
    });

    new ServiceAlarms(this, "alarms", {
      alerting: props.alerting,
      label: "logstash",
      name: "Logstash",
      cluster: props.ecs.cluster,
      service: this.service,
      minimum: 1,
      // Spot may take minutes to find room for another task; the log groups keep what was not read.
      tasksMissing: { severity: "ticket", minutes: 15 },
    });
    new Output(this, "logstash_service", this.service.name, "ECS service of Logstash");
  }
}
