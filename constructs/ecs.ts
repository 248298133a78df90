import { AppautoscalingPolicy } from "@cdktf/provider-aws/lib/appautoscaling-policy";
import { AppautoscalingScheduledAction } from "@cdktf/provider-aws/lib/appautoscaling-scheduled-action";
import { AppautoscalingTarget } from "@cdktf/provider-aws/lib/appautoscaling-target";
import { EcsCluster } from "@cdktf/provider-aws/lib/ecs-cluster";
import { EcsService } from "@cdktf/provider-aws/lib/ecs-service";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { apiContainer, apiHealthPath, apiPort } from "../facts/api";
import { databasePoolSize } from "../facts/capacity";
import { apiName, clusterName } from "../facts/names";
import { sevenYearsInDays } from "../facts/retention";
import type { ApiImage } from "./api-image";
import type { LoadBalancer } from "./load-balancer";
import type { Logs } from "./logs";
import type { Alerting } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { FargateRoles, sessionChannels } from "./parts/fargate-roles";
import { FargateTask, type SecretsByVariable } from "./parts/fargate-task";
import { Output } from "./parts/output";
import { GeneratedSecret } from "./parts/secret";
import { ServiceAlarms } from "./parts/service-alarms";
import type { Rds } from "./rds";
import type { Redis } from "./redis";
import type { S3 } from "./s3";
import type { Tracing } from "./tracing";
import type { Vpc } from "./vpc";

export interface EcsProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly logs: Logs;
  readonly database: Rds;
  /** What prepares the database for the application. */
  readonly databaseReady: readonly ITerraformDependable[];
  /** What logs in to the cache before the application does. */
  readonly cacheReady: readonly ITerraformDependable[];
  readonly redis: Redis;
  readonly storage: S3;
  readonly loadBalancer: LoadBalancer;
  readonly image: ApiImage;
  readonly tracing: Tracing;
  /** Fargate CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memoryMiB: number;
  /** The variable `api_desired_count`: autoscaling's minimum. */
  readonly desiredCount: number;
  readonly maximumCount: number;
  /** Requests per minute and task that autoscaling holds. */
  readonly requestsPerMinutePerTask: number;
  readonly scheduledScaling: readonly ScalingWindow[];
  /** Public address of the API, without a trailing slash. */
  readonly apiUrl: string;
  readonly jwtSecretVersion: number;
  readonly secretRecoveryDays: number;
  /** An apply waits until ECS has replaced the tasks, and fails where it went back to the revision before. */
  readonly waitForSteadyState: boolean;
  /** Leave superseded task definitions registered: ECS rolls back to none that was deregistered. */
  readonly keepOldRevisions: boolean;
  readonly alerting: Alerting;
}

/** `environment` is a reference to its name. */
function rolledBack(environment: string): string {
  return `ECS went back to the revision before: the tasks of the new one did not become healthy. Why: npm run rollout -- ${environment}`;
}

/** A time in which autoscaling has other bounds. */
export interface ScalingWindow {
  readonly name: string;
  /** `cron(...)` or `at(...)`. */
  readonly start: string;
  /** `cron(...)` or `at(...)`: the service's own bounds hold again. */
  readonly end: string;
  /** IANA name. */
  readonly timezone: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** ecs.tf: the cluster, and the API on Fargate. */
export class Ecs extends Construct {
  readonly cluster: EcsCluster;
  readonly service: EcsService;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EcsProps,
  ) {
    super(scope, id);
    const secrets = this.secrets();
    const roles = this.addRoles(Object.values(secrets).map(({ arn }) => arn));

    this.cluster = this.addCluster();
    this.service = this.addService(this.addTask(roles, secrets), roles);
    this.addAutoscaling();
    this.addAlarms();

    new Output(this, "ecs_cluster", this.cluster.name, "ECS cluster of the API and Logstash");
    new Output(this, "api_service", this.service.name, "ECS service of the API");
  }

  private addAlarms(): void {
    const { alerting, desiredCount, scheduledScaling } = this.props;
    new ServiceAlarms(this, "alarms", {
      alerting,
      label: "api",
      name: "The API",
      cluster: this.cluster,
      service: this.service,
      // A window may lower it.
      minimum:
        scheduledScaling.length === 0
          ? desiredCount
          : Fn.min([desiredCount, ...scheduledScaling.map(({ minimum }) => minimum)]),
      tasksMissing: { severity: "page", minutes: 5 },
    });
  }

  private addCluster(): EcsCluster {
    const { deployment, logs } = this.props;
    const { prefix, environment, keys } = deployment;
    return new EcsCluster(this, "aws_ecs_cluster.skymanuals", {
      name: clusterName(prefix),
      configuration: {
        executeCommandConfiguration: {
          // Between the container and whoever runs the command, besides TLS.
          kmsKeyId: keys?.logs?.arn,
          logging: "OVERRIDE",
          logConfiguration: {
            cloudWatchLogGroupName: logs.ecs.name,
            cloudWatchEncryptionEnabled: keys?.logs && true,
          },
        },
      },
      // Task counts and restarts, at CloudWatch's price for custom metrics.
      setting: [{ name: "containerInsights", value: "enabled" }],
      tags: { Name: `${prefix}-cluster`, Environment: environment },
    });
  }

  /** What the API's container gets by reference, by the variable's name. */
  private secrets(): SecretsByVariable {
    const { deployment, database, redis, secretRecoveryDays, jwtSecretVersion } = this.props;
    const jwtSecret = new GeneratedSecret(this, "jwt_secret", {
      // Secrets Manager advises against names that end in a hyphen and six characters, such as jwt-secret.
      name: `${deployment.prefix}/jwt-signing-key`,
      description: "JWT_SECRET of the API",
      recoveryDays: secretRecoveryDays,
      key: deployment.keys?.secrets,
      version: jwtSecretVersion,
      length: 64,
    });
    return {
      DATABASE_URL: database.url,
      ...(database.readerUrl ? { DATABASE_READER_URL: database.readerUrl } : {}),
      REDIS_URL: redis.url,
      REDIS_PASSWORD: redis.authToken,
      JWT_SECRET: jwtSecret,
    };
  }

  private addRoles(secretArns: readonly string[]): FargateRoles {
    const { deployment, logs, image, storage, tracing } = this.props;
    const sessionKey = deployment.keys?.logs;
    const roles = new FargateRoles(this, "ecs", {
      deployment,
      namePrefix: `${deployment.prefix}-ecs`,
      logGroup: logs.api,
      imageRepositoryArn: repositoryArn(image.repositoryUrl),
      secretArns,
    });
    roles.grantTask(
      {
        Sid: "Chunks",
        Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
        Resource: [`${storage.chunks.arn}/*`],
      },
      { Sid: "ListChunks", Action: ["s3:ListBucket"], Resource: [storage.chunks.arn] },
      ...storage.keyStatements("read and write"),
      sessionChannels("ExecuteCommand"),
      { Sid: "FindExecuteCommandLog", Action: ["logs:DescribeLogGroups"], Resource: ["*"] },
      {
        Sid: "ExecuteCommandLog",
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: [`${logs.ecs.arn}:*`],
      },
      // Amazon ECS Developer Guide, "Monitor Amazon ECS containers with ECS Exec", a KMS key: the agent in the container decrypts.
      ...(sessionKey ? [{ Sid: "ExecuteCommandKey", Action: ["kms:Decrypt"], Resource: [sessionKey.arn] }] : []),
      tracing.taskStatement,
    );
    return roles;
  }

  private addTask(roles: FargateRoles, secrets: SecretsByVariable): FargateTask {
    const { deployment, logs, storage, tracing, image, apiUrl, cpu, memoryMiB, keepOldRevisions } = this.props;
    const { prefix, environment, region } = deployment;
    return new FargateTask(this, "api", {
      family: apiName(prefix),
      region,
      cpu,
      memoryMiB,
      roles,
      containers: [
        {
          name: apiContainer,
          image: image.reference,
          essential: true,
          portMappings: [{ containerPort: apiPort, hostPort: apiPort, protocol: "tcp" }],
          // NODE_ENV is what Node.js libraries read, and they know production only; the environment's name is APP_ENV.
          // No AWS keys: they would take precedence over the task role.
          environment: {
            NODE_ENV: "production",
            APP_ENV: environment,
            PORT: String(apiPort),
            API_URL: apiUrl,
            AWS_REGION: region,
            AWS_S3_BUCKET: storage.chunks.bucket,
            DATABASE_POOL_SIZE: String(databasePoolSize),
            DATABASE_TIMEOUT: "30000",
            JWT_EXPIRES_IN: "24h",
            COMPLIANCE_FRAMEWORK: "EASA,FAA",
            AUDIT_RETENTION_DAYS: String(sevenYearsInDays),
            ...tracing.variables,
          },
          secrets,
          healthCheck: {
            command: [
              "CMD",
              "node",
              "--eval",
              `fetch('http://127.0.0.1:${apiPort}${apiHealthPath}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
            ],
            interval: 30,
            timeout: 5,
            retries: 3,
            startPeriod: 60,
          },
          log: { group: logs.api, streamPrefix: "ecs" },
        },
        tracing.collector(logs.api),
      ],
      revisionsBy: "releases",
      keepOldRevisions,
      tags: { Name: `${prefix}-api-task`, Environment: environment },
    });
  }

  private addService(task: FargateTask, roles: FargateRoles): EcsService {
    const { deployment, network, securityGroup, loadBalancer, databaseReady, cacheReady, desiredCount } = this.props;
    const { waitForSteadyState } = this.props;
    const { prefix, environment } = deployment;
    return new EcsService(this, "aws_ecs_service.api", {
      name: apiName(prefix),
      cluster: this.cluster.id,
      taskDefinition: task.arn,
      desiredCount: desiredCount,
      launchType: "FARGATE",
      enableExecuteCommand: true,
      healthCheckGracePeriodSeconds: 120,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      // Beside the circuit breaker, which sees tasks that do not start: either stops a deployment. ECS looks at the alarms for a while
      // after the last task was replaced, and at none of them in a deployment that begins while one is in ALARM, so that a fix gets
      // through (Amazon ECS Developer Guide, "How CloudWatch alarms detect Amazon ECS deployment failures"; AWS Containers Blog,
      // "Automate rollbacks for Amazon ECS rolling deployments with CloudWatch alarms").
      alarms: {
        enable: true,
        rollback: true,
        alarmNames: loadBalancer.alarms.ofDeployments.map(({ alarmName }) => alarmName),
      },
      propagateTags: "SERVICE",
      networkConfiguration: {
        subnets: network.privateSubnetIds,
        securityGroups: [securityGroup.id],
        assignPublicIp: false,
      },
      loadBalancer: loadBalancer.targetGroups.map(({ arn }) => ({
        targetGroupArn: arn,
        containerName: apiContainer,
        containerPort: apiPort,
      })),
      // A target group belongs to no load balancer until one forwards to it; without the policies no task starts, or stops
      // cleanly.
      dependsOn: [...loadBalancer.forwards, ...databaseReady, ...cacheReady, ...roles.policies],
      tags: { Name: `${prefix}-api-service`, Environment: environment },
      waitForSteadyState: waitForSteadyState || undefined,
      lifecycle: {
        // Autoscaling's, between api_desired_count and the size's maximum.
        ignoreChanges: ["desired_count"],
        // The provider calls a service steady that went back, too (hashicorp/terraform-provider-aws, issue 20858).
        postcondition: waitForSteadyState
          ? [
              {
                condition: "${self.task_definition == aws_ecs_task_definition.api.arn}",
                errorMessage: rolledBack(environment),
              },
            ]
          : undefined,
      },
    });
  }

  private addAutoscaling(): void {
    const { loadBalancer, desiredCount: minCapacity, maximumCount: maxCapacity } = this.props;
    const { prefix } = this.props.deployment;
    const target = new AppautoscalingTarget(this, "aws_appautoscaling_target.api", {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: `service/${this.cluster.name}/${this.service.name}`,
      minCapacity,
      maxCapacity,
      tags: { Name: `${prefix}-api` },
    });
    const policies = [
      { name: "cpu", targetValue: 70, predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      { name: "memory", targetValue: 70, predefinedMetricType: "ECSServiceAverageMemoryUtilization" },
      {
        name: "requests",
        targetValue: this.props.requestsPerMinutePerTask,
        predefinedMetricType: "ALBRequestCountPerTarget",
        resourceLabel: `${loadBalancer.loadBalancer.arnSuffix}/${loadBalancer.targetGroups[0].arnSuffix}`,
      },
    ];
    // One after another: AWS refuses concurrent changes of one target.
    let previous: ITerraformDependable = loadBalancer.reachable[0];
    for (const { name, targetValue, ...predefinedMetricSpecification } of policies) {
      previous = new AppautoscalingPolicy(this, `api_${name}`, {
        name: `${prefix}-api-${name}`,
        policyType: "TargetTrackingScaling",
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        targetTrackingScalingPolicyConfiguration: {
          targetValue,
          predefinedMetricSpecification,
          scaleInCooldown: 300,
          scaleOutCooldown: 60,
        },
        // The first waits for what forwards to the target group: AWS refuses the label of a target group that belongs to no load balancer.
        dependsOn: [previous],
      });
    }

    const schedule = (name: string, schedule: string, timezone: string, minimum: number, maximum: number) => {
      previous = new AppautoscalingScheduledAction(this, `api_${name.replaceAll("-", "_")}`, {
        name: `${prefix}-api-${name}`,
        serviceNamespace: target.serviceNamespace,
        scalableDimension: target.scalableDimension,
        resourceId: target.resourceId,
        schedule,
        timezone,
        scalableTargetAction: {
          minCapacity: Token.asString(minimum),
          maxCapacity: Token.asString(maximum),
        },
        dependsOn: [previous],
      });
    };
    for (const { name, start, end, timezone, minimum, maximum } of this.props.scheduledScaling) {
      schedule(`${name}-start`, start, timezone, minimum, maximum);
      schedule(`${name}-end`, end, timezone, minCapacity, maxCapacity);
    }
  }
}

/** The ARN of `<account>.dkr.ecr.<region>.amazonaws.com/<name>`. */
export function repositoryArn(repositoryUrl: string): string {
  return Fn.replace(
    repositoryUrl,
    "/^([0-9]+)[.]dkr[.]ecr[.]([a-z0-9-]+)[.]amazonaws[.]com/(.*)$/",
    "arn:aws:ecr:$2:$1:repository/$3",
  );
}
