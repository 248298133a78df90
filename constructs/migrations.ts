import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { EcsTaskDefinition } from "@cdktf/provider-aws/lib/ecs-task-definition";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { migrationsName } from "../facts/names";
import type { ApiImage } from "./api-image";
import { type Ecs, repositoryArn } from "./ecs";
import type { Deployment } from "./parts/deployment";
import { FargateRoles } from "./parts/fargate-roles";
import { Output } from "./parts/output";
import type { Rds } from "./rds";
import type { Vpc } from "./vpc";

export interface MigrationsProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly database: Rds;
  /** It holds the migrations too. */
  readonly image: ApiImage;
  /** In whose cluster they run. */
  readonly ecs: Ecs;
  /** Leave superseded task definitions registered. */
  readonly keepOldRevisions: boolean;
}

/**
 * The guide's database migrations, `npm run db:migrate --workspace=apps/api`, as a task that is run once and ends: a laptop,
 * from which the guide runs them, does not reach the database. It connects as the master user, which owns the tables.
 * Costs the task's minutes only.
 */
export class Migrations extends Construct {
  constructor(scope: Construct, id: string, props: MigrationsProps) {
    super(scope, id);
    const { database, ecs, network } = props;
    const { prefix, region } = props.deployment;
    const name = migrationsName(prefix);

    const logGroup = new CloudwatchLogGroup(this, "aws_cloudwatch_log_group.migrations", {
      name: `/ecs/${name}`,
      retentionInDays: 30,
      tags: { Name: `${name}-logs`, Environment: props.deployment.environment },
    });
    const roles = new FargateRoles(this, "migrations", {
      namePrefix: name,
      logGroup,
      imageRepositoryArn: repositoryArn(props.image.repositoryUrl),
      secretArns: [database.migrationUrl.arn],
    });

    const taskDefinition = new EcsTaskDefinition(this, "aws_ecs_task_definition.migrations", {
      family: name,
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "512",
      memory: "1024",
      executionRoleArn: roles.execution.arn,
      taskRoleArn: roles.task.arn,
      containerDefinitions: Fn.jsonencode([
        {
          name: "migrations",
          image: props.image.reference,
          essential: true,
          command: ["npm", "run", "db:migrate", "--workspace=apps/api"],
          environment: [
            { name: "NODE_ENV", value: "production" },
            { name: "APP_ENV", value: props.deployment.environment },
          ],
          secrets: [{ name: "DATABASE_URL", valueFrom: database.migrationUrl.valueFrom }],
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": logGroup.name,
              "awslogs-region": region,
              "awslogs-stream-prefix": "ecs",
            },
          },
        },
      ]),
      // A release registers a revision of this one too.
      trackLatest: true,
      skipDestroy: props.keepOldRevisions,
      tags: { Name: `${name}-task`, Environment: props.deployment.environment },
    });

    const subnets = Fn.join(",", network.privateSubnetIds);
    const command = [
      `aws ecs run-task --region ${region} --cluster ${ecs.cluster.name} --task-definition ${taskDefinition.family}`,
      "--launch-type FARGATE --network-configuration",
      `'awsvpcConfiguration={subnets=[${subnets}],securityGroups=[${props.securityGroup.id}],assignPublicIp=DISABLED}'`,
    ].join(" ");
    new Output(this, "migrate_command", command, "Runs the database migrations (docs/migrations.md)");
  }
}
