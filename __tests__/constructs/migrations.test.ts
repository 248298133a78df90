import { development } from "../../environments/development";
import { synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const container = stack.container("aws_ecs_task_definition.migrations");

test("B21: the guide's command, in the API's image, as a task", () => {
  expect(container.command).toEqual(["npm", "run", "db:migrate", "--workspace=apps/api"]);
  expect(container.image).toBe(stack.container("aws_ecs_task_definition.api").image);
  expect(stack.resource("aws_ecs_task_definition.migrations")).toMatchObject({
    family: "skymanuals-migrations",
    network_mode: "awsvpc",
    requires_compatibilities: ["FARGATE"],
    execution_role_arn: "${aws_iam_role.migrations_execution.arn}",
    task_role_arn: "${aws_iam_role.migrations_task.arn}",
    skip_destroy: true,
  });
  expect(synthesizePlatform(development).resource("aws_ecs_task_definition.migrations").skip_destroy).toBe(false);
});

test("it connects as the master user, who owns the tables, and has no other secret", () => {
  expect(container.secrets).toEqual([
    {
      name: "DATABASE_URL",
      valueFrom:
        "${aws_secretsmanager_secret.database_migration_url.arn}:::${aws_secretsmanager_secret_version.database_migration_url.version_id}",
    },
  ]);
});

test("its task role may do nothing", () => {
  const granted = stack.resources("aws_iam_role_policy").map(({ config }) => config.role);
  expect(granted).toContain("${aws_iam_role.migrations_execution.id}");
  expect(granted).not.toContain("${aws_iam_role.migrations_task.id}");
});

test("an output is the line that runs it", () => {
  expect(stack.output("migrate_command").value).toBe(
    "aws ecs run-task --region ${var.aws_region} --cluster ${aws_ecs_cluster.skymanuals.name} --task-definition ${aws_ecs_task_definition.migrations.family} " +
      "--launch-type FARGATE --network-configuration " +
      `'awsvpcConfiguration={subnets=[\${join(",", aws_subnet.private[*].id)}],securityGroups=[\${aws_security_group.migrations.id}],assignPublicIp=DISABLED}'`,
  );
});

test("a parameter tells a release where it runs", () => {
  expect(stack.resource("aws_ssm_parameter.migrations_network")).toMatchObject({
    name: "/skymanuals/migrations/network",
    type: "String",
    insecure_value:
      '${jsonencode({"subnets" = aws_subnet.private[*].id, "securityGroups" = [aws_security_group.migrations.id]})}',
  });
});
