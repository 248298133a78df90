import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { migrationsContainer } from "../facts/api";
import { migrationsName, migrationsNetworkParameter } from "../facts/names";
import type { ApiImage } from "./api-image";
import { type Ecs, repositoryArn } from "./ecs";
import type { Deployment } from "./parts/deployment";
import { FargateRoles } from "./parts/fargate-roles";
import { FargateTask } from "./parts/fargate-task";
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
 * from which the guide runs them, does not reach the database. It connects as the master user, which owns the tables. A release
 * runs it before it updates the API; an SSM parameter tells it the network.
 * Costs the task's minutes only.
 */
export class Migrations extends Construct {
  readonly logGroup: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, props: MigrationsProps) {
    super(scope, id);
    const { database, ecs, network } = props;
    const { prefix, environment, region, keys } = props.deployment;
    const name = migrationsName(prefix);

    this.logGroup = new CloudwatchLogGroup(this, "aws_cloudwatch_log_group.migrations", {
      name: `/ecs/${name}`,
      retentionInDays: 30,
      kmsKeyId: keys?.logs?.arn,
      tags: { Name: `${name}-logs`, Environment: environment },
    });
    const roles = new FargateRoles(this, "migrations", {
      deployment: props.deployment,
      namePrefix: name,
      logGroup: this.logGroup,
      imageRepositoryArn: repositoryArn(props.image.repositoryUrl),
      secretArns: [database.migrationUrl.arn],
    });

    const task = new FargateTask(this, "migrations", {
      family: name,
      region,
      cpu: 512,
      memoryMiB: 1024,
      roles,
      containers: [
        {
          name: migrationsContainer,
          image: props.image.reference,
          essential: true,
          command: ["npm", "run", "db:migrate", "--workspace=apps/api"],
          environment: { NODE_ENV: "production", APP_ENV: environment },
          secrets: { DATABASE_URL: database.migrationUrl },
          log: { group: this.logGroup, streamPrefix: "ecs" },
        },
      ],
      revisionsBy: "releases",
      keepOldRevisions: props.keepOldRevisions,
      tags: { Name: `${name}-task`, Environment: environment },
    });

    new SsmParameter(this, "aws_ssm_parameter.migrations_network", {
      name: migrationsNetworkParameter(prefix),
      description: "Where a release runs the migrations: subnets and security groups",
      type: "String",
      insecureValue: Fn.jsonencode({ subnets: network.privateSubnetIds, securityGroups: [props.securityGroup.id] }),
      tags: { Name: `${prefix}-migrations-network` },
    });

    const subnets = Fn.join(",", network.privateSubnetIds);
    const command = [
      `aws ecs run-task --region ${region} --cluster ${ecs.cluster.name} --task-definition ${task.family}`,
      "--launch-type FARGATE --network-configuration",
      `'awsvpcConfiguration={subnets=[${subnets}],securityGroups=[${props.securityGroup.id}],assignPublicIp=DISABLED}'`,
    ].join(" ");
    new Output(this, "migrate_command", command, "Runs the database migrations (docs/migrations.md)");
  }
}
