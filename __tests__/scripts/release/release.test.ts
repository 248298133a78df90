import { Progress } from "../../../scripts/command/progress";
import { Stop } from "../../../scripts/command/stop";
import { apiNames, logstashNames } from "../../../scripts/release/names";
import { checkAccount, release } from "../../../scripts/release/release";
import { imageWithTag, tagOf } from "../../../scripts/release/task-definitions";
import { servingEnvironments } from "../../support/environments";
import { synthesizePlatform } from "../../support/synth";
import { type Answers, awsError, type FakeClients, fakeClients } from "./support";

const names = apiNames("skymanuals");
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const repository = "111111111111.dkr.ecr.us-east-1.amazonaws.com/api";
const arn = (family: string, revision: number) =>
  `arn:aws:ecs:us-east-1:111111111111:task-definition/${family}:${revision}`;
const taskArn = "arn:aws:ecs:us-east-1:111111111111:task/skymanuals/abc";
const network = { subnets: ["subnet-1", "subnet-2"], securityGroups: ["sg-migrations"] };

const definitions: Readonly<Record<string, object>> = {
  "skymanuals-api": {
    family: "skymanuals-api",
    cpu: "1024",
    revision: 1,
    status: "ACTIVE",
    registeredAt: new Date(1),
    containerDefinitions: [
      { name: "api", image: `${repository}:1.0.0`, essential: true },
      { name: "collector", image: "public/collector:v1" },
    ],
  },
  "skymanuals-migrations": {
    family: "skymanuals-migrations",
    containerDefinitions: [
      {
        name: "migrations",
        image: `${repository}:1.0.0`,
        logConfiguration: { options: { "awslogs-group": "/ecs/migrations", "awslogs-stream-prefix": "ecs" } },
      },
    ],
  },
};

/** An environment that was applied, whose image 1.4.2 was pushed, and where everything goes well. */
function applied(other: Answers = {}): FakeClients {
  const registered = new Map<string, object>();
  const primary = (taskDefinition: string, rolloutState: string) => ({
    status: "PRIMARY",
    taskDefinition,
    rolloutState,
  });
  let parameter = "1.0.0";
  let runs = arn("skymanuals-api", 1);
  return fakeClients({
    DescribeServices: () => ({
      services: [{ status: "ACTIVE", desiredCount: 2, runningCount: 2, deployments: [primary(runs, "COMPLETED")] }],
    }),
    DescribeTaskDefinition: ({ taskDefinition }: { taskDefinition: string }) => {
      const family = taskDefinition.replace(/^.*\/|:\d+$/g, "");
      return {
        taskDefinition: {
          ...(registered.get(taskDefinition) ?? definitions[family]),
          taskDefinitionArn: taskDefinition.startsWith("arn:") ? taskDefinition : arn(family, 1),
        },
        tags: [{ key: "Name", value: family }],
      };
    },
    RegisterTaskDefinition: (members: { family: string }) => {
      registered.set(arn(members.family, 2), members);
      return { taskDefinition: { taskDefinitionArn: arn(members.family, 2) } };
    },
    UpdateService: ({ taskDefinition }: { taskDefinition: string }) => {
      runs = taskDefinition;
      return {};
    },
    GetParameter: ({ Name }: { Name: string }) => ({
      Parameter: { Value: Name === names.networkParameter ? JSON.stringify(network) : parameter },
    }),
    DescribeParameters: { Parameters: [{ Name: names.parameter, Description: "d", AllowedPattern: "^.+$" }] },
    PutParameter: ({ Value }: { Value: string }) => {
      parameter = Value;
      return {};
    },
    DescribeImages: { imageDetails: [{ imageDigest: digest, imagePushedAt: new Date(0) }] },
    RunTask: { tasks: [{ taskArn }] },
    DescribeTasks: { tasks: [{ lastStatus: "STOPPED", containers: [{ name: "migrations", exitCode: 0 }] }] },
    ...other,
  });
}

const notes: string[] = [];
beforeEach(() => notes.splice(0));

function releaseOn(clients: FakeClients, { tag = "1.4.2", migrate = true, stop = new Stop() } = {}) {
  const patience = { attempts: 4, pauseMs: 1 };
  const progress = new Progress({ write: (text) => notes.push(text) });
  return release(clients, names, tag, {
    migrate,
    progress,
    stop,
    migrationPatience: patience,
    rolloutPatience: patience,
  });
}

/** The calls that change something. */
function changes({ calls }: FakeClients) {
  return calls.filter(([operation]) => !/^(Describe|List|Get)/.test(operation));
}
const operations = (clients: FakeClients) => changes(clients).map(([operation]) => operation);

test("the names are those of the stacks", () => {
  for (const environment of servingEnvironments) {
    const stack = synthesizePlatform(environment);
    const { prefix } = environment.names;
    expect(apiNames(prefix)).toEqual({
      cluster: stack.resource("aws_ecs_cluster.skymanuals").name,
      service: stack.resource("aws_ecs_service.api").name,
      container: stack.container("aws_ecs_task_definition.api").name,
      migrations: stack.resource("aws_ecs_task_definition.migrations").family,
      migrationsContainer: stack.container("aws_ecs_task_definition.migrations").name,
      parameter: stack.resource("aws_ssm_parameter.api_image").name,
      networkParameter: stack.resource("aws_ssm_parameter.migrations_network").name,
    });
    expect(logstashNames(prefix)).toEqual({
      cluster: stack.resource("aws_ecs_cluster.skymanuals").name,
      service: stack.resource("aws_ecs_service.logstash").name,
      container: stack.container("aws_ecs_task_definition.logstash").name,
    });
    // A service's family has its name.
    expect(stack.resource("aws_ecs_task_definition.api").family).toBe(apiNames(prefix).service);
    expect(stack.resource("aws_ecs_task_definition.logstash").family).toBe(logstashNames(prefix).service);
  }
});

test("parameter, migrations' revision, migrations, the API's revision, the service", async () => {
  const clients = applied();
  expect(await releaseOn(clients)).toMatchObject({
    taskDefinitionArn: arn("skymanuals-api", 2),
    image: `${repository}:1.4.2`,
    previousImage: `${repository}:1.0.0`,
    migrationTaskArn: taskArn,
    rollout: { state: "completed", revision: "skymanuals-api:2" },
  });
  expect(changes(clients)).toEqual([
    [
      "PutParameter",
      { Name: "/skymanuals/api/image", Value: "1.4.2", Overwrite: true, Description: "d", AllowedPattern: "^.+$" },
    ],
    [
      "RegisterTaskDefinition",
      expect.objectContaining({
        family: "skymanuals-migrations",
        containerDefinitions: [expect.objectContaining({ name: "migrations", image: `${repository}:1.4.2` })],
      }),
    ],
    [
      "RunTask",
      {
        cluster: "skymanuals",
        taskDefinition: arn("skymanuals-migrations", 2),
        launchType: "FARGATE",
        propagateTags: "TASK_DEFINITION",
        startedBy: "release",
        networkConfiguration: { awsvpcConfiguration: { ...network, assignPublicIp: "DISABLED" } },
      },
    ],
    [
      "RegisterTaskDefinition",
      {
        family: "skymanuals-api",
        cpu: "1024",
        containerDefinitions: [
          { name: "api", image: `${repository}:1.4.2`, essential: true },
          { name: "collector", image: "public/collector:v1" },
        ],
        tags: [{ key: "Name", value: "skymanuals-api" }],
      },
    ],
    ["UpdateService", { cluster: "skymanuals", service: "skymanuals-api", taskDefinition: arn("skymanuals-api", 2) }],
  ]);
  expect(notes.join("")).toContain(`The image is there: ${repository}:1.4.2, pushed 1970-01-01`);
});

test("without migrations their revision gets the image too, and nothing runs", async () => {
  const clients = applied();
  expect(await releaseOn(clients, { migrate: false })).toMatchObject({ migrationTaskArn: null });
  expect(operations(clients)).toEqual([
    "PutParameter",
    "RegisterTaskDefinition",
    "RegisterTaskDefinition",
    "UpdateService",
  ]);
  expect(changes(clients)[1]?.[1].family).toBe("skymanuals-migrations");
});

test.each([
  [
    "no service",
    { DescribeServices: { services: [] } },
    "there is no service skymanuals-api in the cluster skymanuals",
  ],
  ["an inactive service", { DescribeServices: { services: [{ status: "INACTIVE" }] } }, "there is no service"],
  ["no parameter", { GetParameter: awsError("ParameterNotFound") }, "there is no parameter /skymanuals/"],
  ["no task definition", { DescribeTaskDefinition: awsError("ClientException") }, "no revision of the task definition"],
  ["migrations that run", { ListTasks: { taskArns: [taskArn] } }, `migrations run already: ${taskArn}`],
  [
    "no image",
    { DescribeImages: awsError("ImageNotFoundException") },
    "the repository api has no image 1.4.2: push it",
  ],
  ["no repository", { DescribeImages: awsError("RepositoryNotFoundException") }, "has no repository api in us-east-1"],
])("%s: nothing is written", async (_, other, message) => {
  const clients = applied(other);
  await expect(releaseOn(clients)).rejects.toThrow(message);
  expect(operations(clients)).toEqual([]);
});

test("an image that may not be looked up is taken on trust, and said to be", async () => {
  await releaseOn(applied({ DescribeImages: awsError("AccessDeniedException", "not authorized: ecr:DescribeImages") }));
  expect(notes.join("")).toContain("could not be looked up, and is taken on trust: not authorized: ecr:DescribeImages");
});

describe("migrations that fail", () => {
  const exit = (exitCode?: number, more = {}) => ({
    DescribeTasks: {
      tasks: [
        { lastStatus: "STOPPED", stoppedReason: "Reason", containers: [{ name: "migrations", exitCode }], ...more },
      ],
    },
    GetLogEvents: { events: [{ message: "P3009: failed\n" }, { message: "the last line" }] },
  });
  const takenBack = ["PutParameter", "RegisterTaskDefinition", "RunTask", "PutParameter", "DeregisterTaskDefinition"];

  test("nothing of the API changes, and the parameter is set back", async () => {
    const clients = applied(exit(3));
    await expect(releaseOn(clients)).rejects.toThrow(
      [
        "The migrations failed: exit code 3; Reason",
        `  ${taskArn}`,
        "  The last lines of their log:",
        "    P3009: failed",
        "    the last line",
        `The API goes on with ${repository}:1.0.0. The parameter /skymanuals/api/image says 1.0.0.`,
      ].join("\n"),
    );
    expect(operations(clients)).toEqual(takenBack);
    expect(changes(clients)[3]?.[1].Value).toBe("1.0.0");
    expect(changes(clients)[4]?.[1]).toEqual({ taskDefinition: arn("skymanuals-migrations", 2) });
    expect(clients.calls.find(([operation]) => operation === "GetLogEvents")?.[1]).toMatchObject({
      logGroupName: "/ecs/migrations",
      logStreamName: "ecs/migrations/abc",
    });
  });

  test.each([
    [
      "a task that never started",
      exit(undefined, { stoppedReason: "CannotPullContainerError: x" }),
      "CannotPullContainerError: x",
    ],
    [
      "a task that ECS does not take",
      { RunTask: { failures: [{ reason: "RESOURCE:ENI" }] } },
      "did not start the migrations: RESOURCE:ENI",
    ],
    [
      "a task without an end",
      { DescribeTasks: { tasks: [{ lastStatus: "RUNNING" }] } },
      "they still run after 0 minutes; the task goes on",
    ],
    ["no log", { ...exit(1), GetLogEvents: awsError("ResourceNotFoundException") }, "exit code 1"],
    [
      "a log that may not be read",
      { ...exit(1), GetLogEvents: awsError("AccessDeniedException", "denied") },
      "the log could not be read: denied",
    ],
  ])("%s", async (_, other, message) => {
    const clients = applied(other);
    await expect(releaseOn(clients)).rejects.toThrow(message);
    expect(operations(clients)).toEqual(takenBack);
  });

  test("what cannot be taken back is said", async () => {
    let puts = 0;
    const clients = applied({ ...exit(3), PutParameter: () => (puts++ > 0 ? awsError("Throttling", "later") : {}) });
    await expect(releaseOn(clients)).rejects.toThrow(
      "could not be taken back (later): the parameter /skymanuals/api/image may say 1.4.2",
    );
  });

  test("the same tag again is not written back", async () => {
    const clients = applied(exit(3));
    await expect(releaseOn(clients, { tag: "1.0.0" })).rejects.toThrow("exit code 3");
    expect(operations(clients)).toEqual(takenBack.toSpliced(3, 1));
  });
});

test("a stopped wait says that the migrations go on, and is taken back", async () => {
  const stop = new Stop();
  const clients = applied({
    DescribeTasks: () => {
      stop.request({ signal: "SIGINT" });
      return { tasks: [{ lastStatus: "RUNNING" }] };
    },
  });
  await expect(releaseOn(clients, { stop })).rejects.toThrow(
    `stopped by SIGINT\nThe migrations go on: ${taskArn}.\nThe API goes on with ${repository}:1.0.0. The parameter`,
  );
  expect(operations(clients).slice(3)).toEqual(["PutParameter", "DeregisterTaskDefinition"]);
});

describe("a rollout that fails", () => {
  const failed = (...deployments: readonly object[]) => {
    let updated = false;
    return {
      UpdateService: () => {
        updated = true;
        return {};
      },
      DescribeServices: () => ({
        services: [
          {
            status: "ACTIVE",
            events: [{ message: "tasks failed to start", createdAt: new Date(2) }],
            deployments: updated ? deployments : [],
          },
        ],
      }),
      ListTasks: ({ desiredStatus }: { desiredStatus?: string }) => ({
        taskArns: desiredStatus === "STOPPED" ? ["task/1"] : [],
      }),
      DescribeTasks: ({ tasks }: { tasks: string[] }) => ({
        tasks: [
          tasks[0] === "task/1"
            ? {
                taskDefinitionArn: arn("skymanuals-api", 2),
                stoppedReason: "Essential container in task exited",
                containers: [{ name: "api", exitCode: 7 }],
              }
            : { lastStatus: "STOPPED", containers: [{ name: "migrations", exitCode: 0 }] },
        ],
      }),
    };
  };
  const broken = {
    status: "ACTIVE",
    taskDefinition: arn("skymanuals-api", 2),
    rolloutState: "FAILED",
    rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
  };

  test("and is rolled back is taken back, with ECS's reasons", async () => {
    const clients = applied(
      failed({ status: "PRIMARY", taskDefinition: arn("skymanuals-api", 1), rolloutState: "IN_PROGRESS" }, broken),
    );
    await expect(releaseOn(clients)).rejects.toThrow(
      [
        `The tasks of skymanuals-api:2 did not become healthy, and ECS went back to skymanuals-api:1 (${repository}:1.0.0).`,
        "  ECS says   ECS deployment circuit breaker: tasks failed to start.",
        "  stopped    Essential container in task exited (api: exit code 7)",
        "  event      tasks failed to start",
        "The parameter /skymanuals/api/image says 1.0.0. What the migrations changed stays.",
      ].join("\n"),
    );
    expect(changes(clients).slice(-3)).toEqual([
      ["PutParameter", expect.objectContaining({ Value: "1.0.0" })],
      ["DeregisterTaskDefinition", { taskDefinition: arn("skymanuals-migrations", 2) }],
      ["DeregisterTaskDefinition", { taskDefinition: arn("skymanuals-api", 2) }],
    ]);
  });

  test("with nothing to go back to keeps the revision that the service names", async () => {
    const clients = applied(failed({ ...broken, status: "PRIMARY" }));
    await expect(releaseOn(clients)).rejects.toThrow("ECS had no completed deployment to go back to");
    expect(operations(clients).slice(-2)).toEqual(["UpdateService", "PutParameter"]);
  });

  test("because another release came is left alone", async () => {
    const other = { status: "PRIMARY", taskDefinition: arn("skymanuals-api", 3), rolloutState: "IN_PROGRESS" };
    const clients = applied(failed(other));
    await expect(releaseOn(clients)).rejects.toThrow("ECS was asked for skymanuals-api:3");
    expect(operations(clients).at(-1)).toBe("UpdateService");
  });

  test("because it takes too long is left to ECS", async () => {
    const clients = applied(failed({ ...broken, status: "PRIMARY", rolloutState: "IN_PROGRESS" }));
    await expect(releaseOn(clients)).rejects.toThrow("are still being started; ECS goes on");
    expect(operations(clients).at(-1)).toBe("UpdateService");
  });
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
  const clients = fakeClients({ GetCallerIdentity: { Account: "333333333333" } });
  await expect(checkAccount(clients, "222222222222")).rejects.toThrow("account 333333333333");
  await expect(checkAccount(clients, "333333333333")).resolves.toBeUndefined();
});
