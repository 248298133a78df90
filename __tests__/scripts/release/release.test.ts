import { environments } from "../../../environments";
import {
  type Aws,
  apiNames,
  checkAccount,
  imageWithTag,
  type Release,
  release,
  tagOf,
  waitForRollout,
} from "../../../scripts/release/release";
import { synthesizePlatform } from "../../support/synth";

const names = apiNames("skymanuals");
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

/** Answers by operation, and the calls in order. */
function fake(answers: Readonly<Record<string, unknown>>) {
  const calls: [operation: string, members: unknown][] = [];
  const aws: Aws = async (_, operation, members) => {
    calls.push([operation, members]);
    const answer = answers[operation];
    return typeof answer === "function" ? answer() : (answer ?? {});
  };
  return { aws, calls };
}

const revision = {
  taskDefinitionArn: "arn:1",
  revision: 1,
  status: "ACTIVE",
  registeredAt: 1,
  family: "skymanuals-api",
  cpu: "1024",
  containerDefinitions: [
    { name: "api", image: "repository/api:1.0.0", essential: true },
    { name: "collector", image: "public/collector:v1" },
  ],
};
const answers = {
  DescribeServices: { services: [{ status: "ACTIVE" }] },
  DescribeParameters: { Parameters: [{ Name: "/skymanuals/api/image", Description: "d", AllowedPattern: "^.+$" }] },
  DescribeTaskDefinition: { taskDefinition: revision, tags: [{ key: "Name", value: "api" }] },
  RegisterTaskDefinition: { taskDefinition: { taskDefinitionArn: "arn:2" } },
};

test("the names are those of the stacks", () => {
  for (const environment of environments) {
    const stack = synthesizePlatform(environment);
    expect(apiNames(environment.names.prefix)).toEqual({
      cluster: stack.resource("aws_ecs_cluster.skymanuals").name,
      service: stack.resource("aws_ecs_service.api").name,
      migrations: stack.resource("aws_ecs_task_definition.migrations").family,
      parameter: stack.resource("aws_ssm_parameter.api_image").name,
    });
    expect(stack.resource("aws_ecs_task_definition.api").family).toBe(
      names.service.replace("skymanuals", environment.names.prefix),
    );
  }
});

test("the parameter first, then a revision that differs in the image alone, then the service", async () => {
  const { aws, calls } = fake(answers);
  expect(await release(aws, names, "1.4.2")).toEqual({
    taskDefinitionArn: "arn:2",
    image: "repository/api:1.4.2",
    previousImage: "repository/api:1.0.0",
  });
  expect(calls.filter(([operation]) => !/^(Describe|List)/.test(operation))).toEqual([
    [
      "PutParameter",
      { Name: "/skymanuals/api/image", Value: "1.4.2", Overwrite: true, Description: "d", AllowedPattern: "^.+$" },
    ],
    [
      "RegisterTaskDefinition",
      {
        family: "skymanuals-api",
        cpu: "1024",
        containerDefinitions: [
          { name: "api", image: "repository/api:1.4.2", essential: true },
          { name: "collector", image: "public/collector:v1" },
        ],
        tags: [{ key: "Name", value: "api" }],
      },
    ],
    ["UpdateService", { cluster: "skymanuals", service: "skymanuals-api", taskDefinition: "arn:2" }],
  ]);
});

test("the task that migrates the database gets the image too, before the service", async () => {
  const migrations = {
    ...revision,
    family: "skymanuals-migrations",
    containerDefinitions: [{ name: "migrations", image: "repository/api:1.0.0" }],
  };
  const definitions = [{ taskDefinition: migrations }, { taskDefinition: revision }];
  const { aws, calls } = fake({
    ...answers,
    ListTaskDefinitions: { taskDefinitionArns: ["arn:m"] },
    DescribeTaskDefinition: () => definitions.shift(),
  });
  await release(aws, names, "1.4.2");
  const registered = calls
    .filter(([operation]) => operation === "RegisterTaskDefinition")
    .map(([, members]) => members);
  expect(registered).toMatchObject([
    { family: "skymanuals-migrations", containerDefinitions: [{ name: "migrations", image: "repository/api:1.4.2" }] },
    { family: "skymanuals-api" },
  ]);
  expect(calls.at(-1)?.[0]).toBe("UpdateService");
});

test.each([
  ["no service", { DescribeServices: { services: [] } }, "there is no service skymanuals-api"],
  ["an inactive service", { DescribeServices: { services: [{ status: "INACTIVE" }] } }, "there is no service"],
  ["no parameter", { DescribeParameters: { Parameters: [] } }, "there is no parameter /skymanuals/api/image"],
])("%s: nothing is written", async (_, other, message) => {
  const { aws, calls } = fake({ ...answers, ...other });
  await expect(release(aws, names, "1.4.2")).rejects.toThrow(message);
  expect(calls.every(([operation]) => operation.startsWith("Describe"))).toBe(true);
});

test.each([
  ["a/b:1.0.0", "2.0.0", "a/b:2.0.0"],
  ["a/b:1.0.0", digest, `a/b@${digest}`],
  [`a/b@${digest}`, "2.0.0", "a/b:2.0.0"],
  ["localhost:5000/b:1", "2", "localhost:5000/b:2"],
  ["localhost:5000/b", "2", "localhost:5000/b:2"],
])("%s with %s is %s", (image, tag, expected) => {
  expect(imageWithTag(image, tag)).toBe(expected);
  expect(tagOf(expected)).toBe(tag);
});

test("another account's credentials are refused", async () => {
  const { aws } = fake({ GetCallerIdentity: { Account: "333333333333" } });
  await expect(checkAccount(aws, "222222222222")).rejects.toThrow("account 333333333333");
  await expect(checkAccount(aws, "333333333333")).resolves.toBeUndefined();
});

describe("the rollout", () => {
  const released = { taskDefinitionArn: "arn:2" } as Release;
  const deployments = (...states: readonly (readonly [arn: string, state: string])[]) => {
    const left = [...states];
    return {
      DescribeServices: () => {
        const [taskDefinition, rolloutState] = (left.length > 1 ? left.shift() : left[0]) as readonly [string, string];
        return { services: [{ deployments: [{ taskDefinition, rolloutState }] }] };
      },
    };
  };
  const wait = (aws: Aws) => waitForRollout(aws, names, released, { attempts: 3, pauseMs: 1 });

  test("is awaited", async () => {
    const { aws, calls } = fake(deployments(["arn:2", "IN_PROGRESS"], ["arn:2", "COMPLETED"]));
    await wait(aws);
    expect(calls).toHaveLength(2);
  });

  test("fails when ECS goes back", async () => {
    await expect(wait(fake(deployments(["arn:2", "IN_PROGRESS"], ["arn:1", "COMPLETED"])).aws)).rejects.toThrow(
      "went back",
    );
    await expect(wait(fake(deployments(["arn:2", "FAILED"])).aws)).rejects.toThrow("went back");
  });

  test("is left to ECS after a while", async () => {
    await expect(wait(fake(deployments(["arn:2", "IN_PROGRESS"])).aws)).rejects.toThrow("still being started");
  });
});
