import { production } from "../../../environments/production";
import { command } from "../../../scripts/adopt";
import { checkState } from "../../../scripts/adopt/adoption";
import { planningEnvironment } from "../../../scripts/adopt/planning-environment";
import { parseArguments } from "../../../scripts/command/arguments";
import { object } from "./support";

const vpc = (account: string, region = "us-east-1") =>
  object("aws_vpc.skymanuals", { arn: `arn:aws:ec2:${region}:${account}:vpc/vpc-1` });

test("a state of the environment's account and region is taken", () => {
  expect(() => checkState([vpc(production.accountId)], production, "s.tfstate")).not.toThrow();
});

test.each([
  ["no resource of the guide", [object("aws_s3_bucket.logs")], "such as aws_s3_bucket.logs"],
  ["nothing", [], "no managed resource"],
  ["another account", [vpc("333333333333")], "333333333333"],
  ["another region", [vpc(production.accountId, "eu-north-1")], "eu-north-1"],
])("a state with %s is refused, naming it", (_, state, value) => {
  expect(() => checkState(state, production, "s.tfstate")).toThrow(value);
});

test("the command line needs a state, and knows no other options", () => {
  const parse = (...args: string[]) => parseArguments(command.arguments, args);
  expect(() => parse()).toThrow("--state");
  expect(() => parse("--state", "a", "--force")).toThrow("--force");
  expect(parse("--state", "a", "--allow-replace", "x.y", "--allow-replace", "x.z")).toEqual({
    options: {
      state: "a",
      json: false,
      "allow-replace": ["x.y", "x.z"],
      "allow-destroy": [],
      help: false,
      verbose: false,
    },
    positionals: { environment: "production" },
  });
});

test("on AWS the user's credentials are used, and nothing that leads Terraform elsewhere", () => {
  const { env, target } = planningEnvironment(
    { AWS_PROFILE: "production", TF_CLI_ARGS_plan: "-state=real.tfstate", TF_DATA_DIR: "/real", TF_WORKSPACE: "x" },
    "222222222222",
  );
  expect(target).toContain("AWS account 222222222222");
  expect(env).toEqual({ AWS_PROFILE: "production", TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" });
});

test("on the emulator nothing of an AWS account is used", () => {
  const { env, target } = planningEnvironment(
    { AWS_PROFILE: "production", AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    "2",
  );
  expect(target).toBe("the emulator at http://127.0.0.1:1");
  expect(env.AWS_PROFILE).toBeUndefined();
});
