import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";
import { App } from "cdktf";
import { AlertTopics } from "../../../constructs/alert-topics";
import { ApiImage } from "../../../constructs/api-image";
import { Ecs, type EcsProps } from "../../../constructs/ecs";
import { Logs } from "../../../constructs/logs";
import { Migrations } from "../../../constructs/migrations";
import { GeneratedSecret } from "../../../constructs/parts/secret";
import { Tracing } from "../../../constructs/tracing";
import { Variables, type VariablesProps } from "../../../constructs/variables";
import { variableLimits } from "../../../environments/capacity";
import { development } from "../../../environments/development";
import { logstashContainer } from "../../../facts/logstash";
import { logstashName } from "../../../facts/names";
import { RootModule } from "../../../stacks/root-module";

const { size, accountId, region, names } = development;

export interface ServiceSettings {
  /** Fargate CPU units of the API. */
  readonly cpu: number;
  readonly waitForSteadyState?: boolean;
}

/**
 * The API's service as in development, with its image, roles, migrations, autoscaling and tracing; bare resources stand where
 * the network, load balancer, database, cache and Logstash would take minutes.
 */
class ServiceStack extends RootModule {
  constructor(app: App, { cpu, waitForSteadyState = false }: ServiceSettings) {
    super(app, "service", development);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
    const variables = new Variables(this, "variables", variablesProps);
    const { environment, awsRegion } = variables;
    const deployment = { prefix: names.prefix, environment, region: awsRegion, accountId };

    const vpc = new AwsVpc(this, "aws_vpc.skymanuals", { cidrBlock: "10.0.0.0/16" });
    const subnet = ["a", "b"].map(
      (zone, index) =>
        new Subnet(this, `aws_subnet.${zone}`, {
          vpcId: vpc.id,
          cidrBlock: `10.0.${index}.0/24`,
          availabilityZone: `${region}${zone}`,
        }),
    );
    const securityGroup = new SecurityGroup(this, "aws_security_group.ecs", { namePrefix: "ecs-", vpcId: vpc.id });
    const targetGroup = new LbTargetGroup(this, "aws_lb_target_group.api", {
      name: "api",
      port: 3001,
      protocol: "HTTP",
      targetType: "ip",
      vpcId: vpc.id,
    });
    const secret = (label: string) =>
      new GeneratedSecret(this, label, { name: label, description: label, recoveryDays: 0, version: 1, length: 16 });

    const alarm = new CloudwatchMetricAlarm(this, "api_errors", {
      alarmName: `${names.prefix}-api-errors`,
      namespace: "AWS/ApplicationELB",
      metricName: "HTTPCode_Target_5XX_Count",
      statistic: "Sum",
      period: 60,
      evaluationPeriods: 1,
      threshold: 5,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
    });
    const { alerting } = new AlertTopics(this, "alert-topics", {
      deployment,
      emails: { page: "page@example.com", ticket: "ticket@example.com", compliance: "compliance@example.com" },
      preventDestroy: false,
    });
    const image = new ApiImage(this, "api-image", {
      deployment,
      ownRepository: true,
      givenRepositoryUrl: variables.ecrRepositoryUrl,
      firstTag: variables.apiImageTag,
      forceDestroy: true,
    });
    const parts = {
      network: { privateSubnetIds: subnet.map(({ id }) => id) },
      database: { url: secret("database_url"), migrationUrl: secret("migration_url") },
      redis: { url: secret("redis_url"), authToken: secret("redis_auth_token") },
      storage: {
        chunks: new S3Bucket(this, "chunks", { bucket: names.chunksBucket }),
        keyStatements: () => [],
      },
      // The label names a load balancer that does not exist: AWS would refuse it.
      loadBalancer: {
        loadBalancer: { arnSuffix: "app/main/0123456789abcdef" },
        targetGroups: [targetGroup],
        forwards: [targetGroup],
        reachable: [targetGroup],
        alarms: { ofDeployments: [alarm] },
      },
    } as unknown as Pick<EcsProps, "network" | "database" | "redis" | "storage" | "loadBalancer">;
    const ecs = new Ecs(this, "service", {
      ...parts,
      deployment,
      securityGroup,
      logs: new Logs(this, "logs", { deployment, slowSeconds: 2 }),
      image,
      databaseReady: [],
      cacheReady: [],
      tracing: new Tracing(this, "tracing", { deployment, ...development.tracing }),
      cpu,
      waitForSteadyState,
      memoryMiB: 2048,
      desiredCount: variables.apiDesiredCount,
      maximumCount: size.apiMaximumCount,
      requestsPerMinutePerTask: development.api.requestsPerMinutePerTask,
      scheduledScaling: [
        {
          name: "maintenance",
          start: "cron(45 3 ? * SUN *)",
          end: "cron(15 6 ? * SUN *)",
          timezone: "UTC",
          minimum: 3,
          maximum: 6,
        },
      ],
      apiUrl: "https://api.example.com",
      jwtSecretVersion: 1,
      secretRecoveryDays: 0,
      keepOldRevisions: true,
      alerting,
    });
    new Migrations(this, "migrations", {
      ...parts,
      deployment,
      securityGroup,
      image,
      ecs,
      keepOldRevisions: true,
    });
    this.addLogstash(ecs, subnet);
  }

  /** A service with Logstash's name, of an image that is there. */
  private addLogstash({ cluster }: Ecs, subnets: readonly Subnet[]): void {
    const name = logstashName(names.prefix);
    const task = new EcsTaskDefinition(this, "aws_ecs_task_definition.logstash", {
      family: name,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: JSON.stringify([
        { name: logstashContainer, image: "public.ecr.aws/docker/library/busybox:1" },
      ]),
    });
    new EcsService(this, "aws_ecs_service.logstash", {
      name,
      cluster: cluster.id,
      taskDefinition: task.arn,
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: { subnets: subnets.map(({ id }) => id) },
    });
  }
}

const variablesProps: VariablesProps = {
  awsRegion: region,
  environment: development.name,
  databaseInstanceClass: size.databaseInstanceClass,
  ...variableLimits(development),
  databaseUsername: development.database.username,
  databasePasswordVersion: 1,
  applicationUsername: development.database.applicationUsername,
  redisNodeType: size.redisNodeType,
  ecrRepositoryUrl: null,
  apiImageTag: development.api.imageTag,
  apiDesiredCount: size.apiDesiredCount,
  apiMaximumCount: size.apiMaximumCount,
  elasticsearchInstanceType: size.elasticsearchInstanceType,
  elasticsearchInstanceCount: size.elasticsearchInstanceCount,
  elasticsearchMasterInstanceType: size.elasticsearchMasterInstanceType,
  dedicatedMasterCount: 0,
  elasticsearchVolumeSizeGiB: size.elasticsearchVolumeSizeGiB,
  restrictToAllowedIps: false,
  zoneCount: 3,
  allowedIps: [],
};

/** Writes `<outdir>/stacks/service`. */
export function synthesizeService(outdir: string, settings: ServiceSettings): void {
  const app = new App({ outdir, stackTraces: false });
  new ServiceStack(app, settings);
  app.synth();
}
