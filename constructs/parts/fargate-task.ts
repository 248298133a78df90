import type { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import { Fn } from "cdktf";
import type { Construct } from "constructs";
import type { FargateRoles } from "./fargate-roles";

/** How ECS asks a container whether it is well; seconds. */
export interface HealthCheck {
  /** `CMD` and the program's arguments. */
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  /** Failures in a row that make it unhealthy. */
  readonly retries: number;
  /** Failures before this do not count. */
  readonly startPeriod: number;
}

/** By the name of the variable. */
export type SecretsByVariable = Readonly<Record<string, { readonly arn: string; readonly valueFrom: string }>>;

/** A container in the terms of ECS's API, but for environment, secrets and log, which it has by name. */
export interface Container {
  readonly name: string;
  /** `repository:tag` or `repository@sha256:digest`. */
  readonly image: string;
  /** The task ends with it. */
  readonly essential: boolean;
  /** ECS starts it again, alone, when it ends. */
  readonly restartPolicy?: { readonly enabled: boolean };
  /** Share of the task's CPU units. Default: what the others leave. */
  readonly cpu?: number;
  /** MiB, the most that it may use. Default: the task's. */
  readonly memory?: number;
  /** Seconds from SIGTERM to SIGKILL, at most 120. Default: 30. */
  readonly stopTimeout?: number;
  /** Default: none is reached. */
  readonly portMappings?: readonly {
    readonly containerPort: number;
    readonly hostPort: number;
    readonly protocol: "tcp";
  }[];
  /** Default: the image's. */
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values ECS reads from Secrets Manager when the task starts. */
  readonly secrets?: SecretsByVariable;
  readonly healthCheck?: HealthCheck;
  readonly log: { readonly group: CloudwatchLogGroup; readonly streamPrefix: string };
}

export interface FargateTaskProps {
  readonly family: string;
  /** Of the log groups. */
  readonly region: string;
  /** CPU units. */
  readonly cpu: number;
  readonly memoryMiB: number;
  /**
   * What the images are built for. Fargate starts a program of another architecture too, which ends at once. Default: not stated;
   * it is Linux on x86-64 then (Amazon ECS API Reference, RuntimePlatform).
   */
  readonly platform?: "linux/amd64";
  readonly roles: FargateRoles;
  readonly containers: readonly Container[];
  /** Whose revisions count: Terraform's only, or also those that a release registers. */
  readonly revisionsBy: "terraform" | "releases";
  /** Leave superseded revisions registered: ECS rolls back to none that was deregistered. */
  readonly keepOldRevisions: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** A task definition for Fargate. Label `api` makes `aws_ecs_task_definition.api`. */
export class FargateTask extends EcsTaskDefinition {
  constructor(scope: Construct, label: string, props: FargateTaskProps) {
    super(scope, `aws_ecs_task_definition.${label}`, {
      family: props.family,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: String(props.cpu),
      memory: String(props.memoryMiB),
      runtimePlatform: props.platform && { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
      executionRoleArn: props.roles.execution.arn,
      taskRoleArn: props.roles.task.arn,
      containerDefinitions: Fn.jsonencode(props.containers.map((container) => definitionOf(container, props.region))),
      // The newest revision, whoever registered it.
      trackLatest: props.revisionsBy === "releases" ? true : undefined,
      skipDestroy: props.keepOldRevisions,
      tags: props.tags,
    });
  }
}

function definitionOf({ environment, secrets, healthCheck, log, ...container }: Container, region: string) {
  return {
    ...container,
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
    ...(secrets && { secrets: Object.entries(secrets).map(([name, { valueFrom }]) => ({ name, valueFrom })) }),
    ...(healthCheck && { healthCheck }),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": log.group.name,
        "awslogs-region": region,
        "awslogs-stream-prefix": log.streamPrefix,
      },
    },
  };
}
