import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FargateRoles } from "../../../constructs/parts/fargate-roles";
import { synthesizeConstructs } from "../../support/synth";

const stack = synthesizeConstructs((scope) => {
  const logGroup = new CloudwatchLogGroup(scope, "log", { name: "/ecs/worker" });
  new FargateRoles(scope, "worker", { namePrefix: "sky-worker", logGroup, imageRepositoryArn: "arn:repository" });
});

test("a task may do nothing until it is granted", () => {
  expect(stack.resource("aws_iam_role.worker_task")).toMatchObject({ name: "sky-worker-task" });
  expect(stack.resources("aws_iam_role_policy").map(({ address }) => address)).toEqual([
    "aws_iam_role_policy.worker_execution",
  ]);
});

test("without secrets the execution role may read none", () => {
  expect(stack.statements("aws_iam_role_policy.worker_execution").map(({ Sid }) => Sid)).toEqual([
    "SignInToEcr",
    "PullImage",
    "WriteLog",
  ]);
});
