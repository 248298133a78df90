import type { DeploymentRolloutState } from "@aws-sdk/client-ecs";
import { Stop } from "../../../scripts/command/stop";
import { apiNames, logstashNames } from "../../../scripts/release/names";
import { awaitRollout, formatRollout, judge, type Rollout, readRollout } from "../../../scripts/release/rollout";
import { awsError, fakeClients } from "./support";

const names = apiNames("skymanuals");
const arn = (revision: number) => `arn:aws:ecs:us-east-1:111111111111:task-definition/skymanuals-api:${revision}`;
const deployment = (revision: number, rolloutState: DeploymentRolloutState, status = "PRIMARY") => ({
  taskDefinition: arn(revision),
  rolloutState,
  status,
  rolloutStateReason: `reason of ${revision}`,
});

test.each([
  ["completed", [deployment(8, "COMPLETED")], "completed"],
  ["under way", [deployment(8, "IN_PROGRESS"), deployment(7, "COMPLETED", "ACTIVE")], "in progress"],
  ["given up", [deployment(8, "FAILED")], "failed"],
  ["being rolled back", [deployment(7, "IN_PROGRESS"), deployment(8, "FAILED", "ACTIVE")], "rolled back"],
  ["rolled back long ago", [deployment(7, "COMPLETED")], "rolled back"],
  ["replaced by a newer one", [deployment(9, "IN_PROGRESS"), deployment(8, "IN_PROGRESS", "ACTIVE")], "superseded"],
  ["replaced, ten against nine", [deployment(10, "IN_PROGRESS")], "superseded"],
])("revision 8 %s", (_, deployments, state) => {
  expect(judge(deployments, arn(8)).state).toBe(state);
});

test("the reason is that of the revision, even while ECS goes back", () => {
  expect(judge([deployment(7, "IN_PROGRESS"), deployment(8, "FAILED", "ACTIVE")], arn(8)).reason).toBe("reason of 8");
});

/** A service whose deployments are, one answer after another, these; the last one stays. */
function service(...answers: readonly (readonly object[])[]) {
  const left = [...answers];
  return fakeClients({
    DescribeServices: () => ({
      services: [
        {
          status: "ACTIVE",
          desiredCount: 2,
          runningCount: 1,
          deployments: left.length > 1 ? left.shift() : left[0],
          events: [
            { message: "of now", createdAt: new Date(200) },
            { message: "of long ago", createdAt: new Date(50) },
          ],
        },
      ],
    }),
    DescribeTaskDefinition: ({ taskDefinition }: { taskDefinition: string }) => {
      const revision = Number(/:(\d+)$/.exec(taskDefinition)?.[1] ?? 8);
      return {
        taskDefinition: {
          taskDefinitionArn: arn(revision),
          registeredAt: new Date(100),
          containerDefinitions: [
            { name: "api", image: `111111111111.dkr.ecr.us-east-1.amazonaws.com/api:1.${revision}` },
          ],
        },
      };
    },
    DescribeImages: awsError("ImageNotFoundException"),
    ListTasks: { taskArns: ["1", "2", "3"] },
    DescribeTasks: {
      tasks: [
        { taskDefinitionArn: arn(8), stoppedReason: "Task failed ELB health checks" },
        { taskDefinitionArn: arn(8), stoppedReason: "Task failed ELB health checks" },
        { taskDefinitionArn: arn(7), stoppedReason: "Scaling activity" },
      ],
    },
  });
}

test("the newest revision is asked for; reasons once, events since it was registered, no image", async () => {
  const clients = service([deployment(7, "COMPLETED")]);
  expect(await readRollout(clients, names)).toEqual({
    cluster: "skymanuals",
    service: "skymanuals-api",
    state: "rolled back",
    revision: "skymanuals-api:8",
    image: "111111111111.dkr.ecr.us-east-1.amazonaws.com/api:1.8",
    runs: "skymanuals-api:7",
    runsImage: "111111111111.dkr.ecr.us-east-1.amazonaws.com/api:1.7",
    runningTasks: 1,
    desiredTasks: 2,
    reason: "reason of 7",
    stopped: ["Task failed ELB health checks"],
    events: ["of now"],
    imageMissing: "the repository api has no image 1.8",
  });
});

describe("waiting", () => {
  const wait = (...answers: readonly (readonly object[])[]) =>
    awaitRollout(service(...answers), names, arn(8), { stop: new Stop(), patience: { attempts: 10, pauseMs: 1 } });

  test("ends when every task is replaced", async () => {
    expect(await wait([deployment(8, "IN_PROGRESS")], [deployment(8, "COMPLETED")])).toMatchObject({
      state: "completed",
    });
  });

  test("takes an answer from before the update for what it is", async () => {
    expect(await wait([deployment(7, "COMPLETED")], [deployment(8, "COMPLETED")])).toMatchObject({
      state: "completed",
    });
  });

  test("lets ECS go back after it gave up", async () => {
    const back = [deployment(7, "IN_PROGRESS"), deployment(8, "FAILED", "ACTIVE")];
    expect(await wait([deployment(8, "FAILED")], back)).toMatchObject({ state: "rolled back" });
  });

  test("believes that there is nothing to go back to", async () => {
    expect(await wait([deployment(8, "FAILED")])).toMatchObject({ state: "failed" });
  });

  test("ends where it is stopped", async () => {
    const stop = new Stop();
    stop.request({ signal: "SIGTERM" });
    const clients = service([deployment(8, "IN_PROGRESS")]);
    await expect(awaitRollout(clients, names, arn(8), { stop })).rejects.toThrow("stopped by SIGTERM");
  });
});

describe("what a person reads", () => {
  const rollout: Rollout = {
    cluster: "skymanuals",
    service: "skymanuals-api",
    state: "rolled back",
    revision: "skymanuals-api:8",
    image: "r/api:1.8",
    runs: "skymanuals-api:7",
    runsImage: "r/api:1.7",
    runningTasks: 2,
    desiredTasks: 2,
    reason: "tasks failed to start.",
    stopped: ["Essential container in task exited (api: exit code 1)"],
    events: ["deployment failed"],
    imageMissing: "",
  };
  const logstash = { ...rollout, service: logstashNames("skymanuals").service };

  test("a rollback: why, and that every apply deploys the same again", () => {
    expect(formatRollout(rollout, "production")).toBe(
      [
        "skymanuals-api: ECS went back from skymanuals-api:8 to skymanuals-api:7; 2 of 2 tasks run.",
        "  asked for  skymanuals-api:8: r/api:1.8",
        "  runs       skymanuals-api:7: r/api:1.7",
        "  ECS says   tasks failed to start.",
        "  stopped    Essential container in task exited (api: exit code 1)",
        "  event      deployment failed",
        "  next       Every apply deploys skymanuals-api:8 again until that is mended. Release an image that works, such as " +
          "the one that runs: npm run release -- production 1.7 --no-migrate",
      ].join("\n"),
    );
  });

  test.each<[string, Rollout, string]>([
    [
      "all is well",
      { ...rollout, state: "completed" },
      "every task is of skymanuals-api:8 (r/api:1.8); 2 of 2 tasks run.",
    ],
    [
      "the image is the same",
      { ...rollout, runsImage: "r/api:1.8" },
      "mend the task definition, or what it refers to, and apply.",
    ],
    [
      "nothing was pushed",
      { ...rollout, state: "failed", runs: rollout.revision, imageMissing: "none" },
      "does not start it again. Push r/api:1.8, then: npm run release -- production 1.8",
    ],
    ["Logstash does not start", logstash, "Set logstash.imageTag to an image that works"],
    ["Logstash's new image was not pushed", { ...logstash, imageMissing: "none" }, "Push r/api:1.8, then: apply"],
    [
      "Logstash's first image was not pushed",
      { ...logstash, state: "failed", imageMissing: "none" },
      "aws ecs update-service --cluster skymanuals --service skymanuals-logstash --force-new-deployment",
    ],
    ["it goes on", { ...rollout, state: "in progress" }, "ECS is rolling out skymanuals-api:8; 2 of 2 tasks run."],
  ])("%s", (_, given, text) => {
    expect(formatRollout(given, "production")).toContain(text);
  });
});
