import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FargateRoles } from "../../../constructs/parts/fargate-roles";
import { synthesizeConstructs } from "../../support/synth";

const stack = synthesizeConstructs((scope) => {
  const logGroup = new CloudwatchLogGroup(scope, "log", { name: "/ecs/worker" });
  new FargateRoles(scope, "worker", {
    deployment: { prefix: "sky", environment: "test", region: "eu-west-1", accountId: "111111111111" },
    namePrefix: "sky-worker",
    logGroup,
    imageRepositoryArn: "arn:repository",
  });
});

test("a task may do nothing until it is granted", () => {
  expect(stack.resource("aws_iam_role.worker_task")).toMatchObject({ name: "sky-worker-task" });
  expect(stack.resources("aws_iam_role_policy").map(({ address }) => address)).toEqual([
    "aws_iam_role_policy.worker_execution",
  ]);
});

test("the task's role acts for this account's ECS alone; the execution role's trust has no condition that AWS documents", () => {
  const [task] = stack.statements("aws_iam_role.worker_task", "assume_role_policy");
  expect(task?.Condition).toEqual({
    StringEquals: { "aws:SourceAccount": "111111111111" },
    ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-west-1:111111111111:*" },
  });
  const [execution] = stack.statements("aws_iam_role.worker_execution", "assume_role_policy");
  expect(execution).not.toHaveProperty("Condition");
});

test("without secrets the execution role may read none", () => {
  expect(stack.statements("aws_iam_role_policy.worker_execution").map(({ Sid }) => Sid)).toEqual([
    "SignInToEcr",
    "PullImage",
    "WriteLog",
  ]);
});
