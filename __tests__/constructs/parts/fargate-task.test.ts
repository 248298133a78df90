import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FargateRoles } from "../../../constructs/parts/fargate-roles";
import { type Container, FargateTask, type FargateTaskProps } from "../../../constructs/parts/fargate-task";
import { synthesizeConstructs } from "../../support/synth";

const address = "aws_ecs_task_definition.worker";
const synthesizeTask = (container: Partial<Container>, props: Partial<FargateTaskProps> = {}) =>
  synthesizeConstructs((scope) => {
    const group = new CloudwatchLogGroup(scope, "log", { name: "/ecs/worker" });
    new FargateTask(scope, "worker", {
      family: "sky-worker",
      region: "eu-west-1",
      cpu: 512,
      memoryMiB: 1024,
      roles: new FargateRoles(scope, "roles", {
        deployment: { prefix: "sky", environment: "test", region: "eu-west-1", accountId: "111111111111" },
        namePrefix: "sky-worker",
        logGroup: group,
        imageRepositoryArn: "arn:r",
      }),
      containers: [
        {
          name: "worker",
          image: "worker:1",
          essential: true,
          environment: {},
          log: { group, streamPrefix: "ecs" },
          ...container,
        },
      ],
      revisionsBy: "terraform",
      keepOldRevisions: true,
      tags: { Name: "sky-worker" },
      ...props,
    });
  });

test("Fargate, with both roles, of the size given", () => {
  expect(synthesizeTask({}).resource(address)).toEqual({
    family: "sky-worker",
    network_mode: "awsvpc",
    requires_compatibilities: ["FARGATE"],
    cpu: "512",
    memory: "1024",
    execution_role_arn: "${aws_iam_role.roles_execution.arn}",
    task_role_arn: "${aws_iam_role.roles_task.arn}",
    container_definitions: expect.any(String),
    skip_destroy: true,
    tags: { Name: "sky-worker" },
  });
});

test("a bare container says what it must, and writes its log in the region given", () => {
  expect(synthesizeTask({}).containers(address)).toEqual([
    {
      name: "worker",
      image: "worker:1",
      essential: true,
      environment: [],
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": "${aws_cloudwatch_log_group.log.name}",
          "awslogs-region": "eu-west-1",
          "awslogs-stream-prefix": "ecs",
        },
      },
    },
  ]);
});

test("variables and secrets become ECS's lists; the rest is ECS's own already", () => {
  const healthCheck = { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3, startPeriod: 10 };
  const [container] = synthesizeTask({
    environment: { PORT: "3001", MODE: "fast" },
    secrets: { URL: { arn: "arn:s", valueFrom: "arn:s:::1" } },
    healthCheck,
    stopTimeout: 120,
    command: ["run"],
  }).containers(address);
  expect(container).toMatchObject({
    environment: [
      { name: "PORT", value: "3001" },
      { name: "MODE", value: "fast" },
    ],
    secrets: [{ name: "URL", valueFrom: "arn:s:::1" }],
    healthCheck,
    stopTimeout: 120,
    command: ["run"],
  });
});

test("what releases register is tracked; what nobody rolls back to is deregistered", () => {
  const stack = synthesizeTask({}, { revisionsBy: "releases", keepOldRevisions: false });
  expect(stack.resource(address)).toMatchObject({ track_latest: true, skip_destroy: false });
  expect(synthesizeTask({}).resource(address)).not.toHaveProperty("track_latest");
});
