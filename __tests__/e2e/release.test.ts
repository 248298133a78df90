import { join } from "node:path";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { development } from "../../environments/development";
import { Progress } from "../../scripts/command/progress";
import { Stop } from "../../scripts/command/stop";
import { type Clients, createClients } from "../../scripts/release/clients";
import { apiNames } from "../../scripts/release/names";
import { writeParameter } from "../../scripts/release/parameters";
import { release } from "../../scripts/release/release";
import { describeService } from "../../scripts/release/rollout";
import { findRevision, imageOf } from "../../scripts/release/task-definitions";
import { Command, type CommandOptions, waitFor } from "./support/command";
import { LocalRun, root } from "./support/local-run";
import { type ServiceSettings, synthesizeService } from "./support/service-stack";
import { StackFolder } from "./support/stack-folder";
import { story } from "./support/story";

interface Running {
  readonly cpu: string | undefined;
  readonly image: string;
  readonly revision: number | undefined;
}

const local = new LocalRun("release");
const outdir = join(local.folder("synth"), "cdktf.out");
const names = apiNames(development.names.prefix);
const repository = `${development.accountId}.dkr.ecr.${development.region}.amazonaws.com/${names.service}`;
let clients: Clients;
let digest: string;
let env: NodeJS.ProcessEnv;

const stack = new StackFolder(local, outdir, "service");
const synthesize = (settings: ServiceSettings) => synthesizeService(outdir, settings);

const push = (imageTag: string) => local.emulator.push(names.service, imageTag);

const start = (script: string, args: readonly string[], options: CommandOptions = {}) =>
  Command.start("npm", ["run", "--silent", script, "--", ...args], { cwd: root, env, ...options });
/** `npm run release -- development TAG`, as a user calls it. */
const npmRelease = (args: readonly string[], expected: number) =>
  start("release", ["development", ...args]).expectExit(expected);
const npmRollout = (expected: number) => start("rollout", ["development"]).expectExit(expected);

/** A release without its command, fast to ask again. */
function releaseQuickly(tag: string, used: Clients = clients) {
  const patience = { attempts: 100, pauseMs: 100 };
  return release(used, names, tag, {
    migrate: true,
    progress: new Progress({ write: () => {} }),
    stop: new Stop(),
    migrationPatience: patience,
    rolloutPatience: patience,
  });
}

/** What the containers of an image's migrations and of its API run: lines of a shell. */
const containers = (tag: string, { migration = "exit 0", api = "sleep 300" }) =>
  local.emulator.containers({
    image: `${repository}:${tag}`,
    command: ["sh", "-c", `case "$*" in *db:migrate*) ${migration};; *) ${api};; esac`, "sh"],
  });

/** What the service runs. */
async function running(): Promise<Running> {
  const { taskDefinition = "" } = await describeService(clients, names);
  const revision = await findRevision(clients.ecs, taskDefinition);
  const { cpu, revision: number } = revision?.definition ?? {};
  return { cpu, image: revision ? imageOf(revision.definition, "api") : "", revision: number };
}

async function parameter(): Promise<string | undefined> {
  return (await clients.ssm.send(new GetParameterCommand({ Name: names.parameter }))).Parameter?.Value;
}

story(
  "an image that is released outside Terraform stays",
  (step) => {
    step("the first apply runs the environment's image, and says what to push", async () => {
      await local.startEmulator("development");
      env = await local.terraformEnvironment();
      const { AWS_ACCESS_KEY_ID: accessKeyId = "", AWS_SECRET_ACCESS_KEY: secretAccessKey = "" } = env;
      clients = createClients(development.region, {
        endpoint: local.emulator.url,
        credentials: { accessKeyId, secretAccessKey },
      });
      synthesize({ cpu: 1024 });
      await stack.init();
      const { stdout } = await stack.apply();
      expect(stdout).toContain(`api_image_to_push = "${repository}:1.0.0"`);
      expect(await running()).toEqual({ cpu: "1024", image: `${repository}:1.0.0`, revision: 1 });
      await stack.expectEmptyPlan();
    });

    step("the apply exits with 0, and the check of the rollout says that no task starts, and why", async () => {
      const { stdout } = await npmRollout(1);
      expect(stdout).toContain(`${names.service}: ECS gave up ${names.service}:1, and had no completed deployment`);
      expect(stdout).toContain(`the repository ${names.service} has no image 1.0.0`);
      expect(stdout).toContain("CannotPullContainerError");
      expect(stdout).toContain(`Push ${repository}:1.0.0, then: npm run release -- development 1.0.0`);
      expect(stdout).toContain("-logstash: every task is of ");
    });

    step("an image that is not there is not released", async () => {
      const { stderr } = await npmRelease(["1.4.2"], 1);
      expect(stderr).toContain(
        `the repository ${names.service} has no image 1.4.2: push it first, docker push ${repository}:1.4.2. Nothing was changed.`,
      );
      expect(await parameter()).toBe("1.0.0");
      expect(await running()).toEqual({ cpu: "1024", image: `${repository}:1.0.0`, revision: 1 });
      await stack.expectEmptyPlan();
    });

    step("the first release migrates the empty database, and then starts the API", async () => {
      await push("1.0.0");
      const seen = join(local.folder("seen"), "order");
      await containers("1.0.0", {
        migration: `echo "migration $#" >> '${seen}'`,
        api: `echo "api after $(cat '${seen}')"; sleep 300`,
      });
      const { stdout, stderr } = await npmRelease(["1.0.0", "--json"], 0);
      expect(stderr).toContain(`The image is there: ${repository}:1.0.0`);
      expect(JSON.parse(stdout)).toMatchObject({
        environment: "development",
        ok: true,
        image: `${repository}:1.0.0`,
        migrationTaskArn: expect.stringContaining(":task/"),
        rollout: { state: "completed", runningTasks: development.size.apiDesiredCount },
      });
      const log = await apiLog();
      expect(log).toContain("api after migration 4");
      await npmRollout(0);
      await stack.expectEmptyPlan();
    });

    step("after a release the next plan is empty", async () => {
      await push("1.4.2");
      const before = (await running()).revision ?? 0;
      expect(await releaseQuickly("1.4.2")).toMatchObject({
        image: `${repository}:1.4.2`,
        previousImage: `${repository}:1.0.0`,
      });
      expect(await running()).toEqual({ cpu: "1024", image: `${repository}:1.4.2`, revision: before + 1 });
      await stack.expectEmptyPlan();
    });

    step("where the migrations fail nothing of the API changes, and the release is taken back", async () => {
      await push("1.5.0-migration");
      await containers("1.5.0-migration", {
        migration: "echo 'P3009: migration 7 failed'; exit 3",
      });
      const before = await running();
      const { stderr } = await npmRelease(["1.5.0-migration"], 1);
      expect(stderr).toContain("The migrations failed: exit code 3; Essential container in task exited");
      expect(stderr).toContain("    P3009: migration 7 failed");
      expect(stderr).toContain(`The API goes on with ${repository}:1.4.2.`);
      expect(stderr).toContain(`The parameter ${names.parameter} says 1.4.2.`);
      expect(await running()).toEqual(before);
      expect(await parameter()).toBe("1.4.2");
      await npmRollout(0);
      await stack.expectEmptyPlan();
    });

    step("without migrations only the API is replaced", async () => {
      await npmRelease(["1.5.0-migration", "--no-migrate"], 0);
      expect(await running()).toMatchObject({ image: `${repository}:1.5.0-migration` });
      await npmRelease(["1.4.2", "--no-migrate"], 0);
    });

    step("tasks that end are rolled back, with ECS's reason, and the release is taken back", async () => {
      await push("1.6.0-broken");
      await containers("1.6.0-broken", { api: "echo broken; exit 7" });
      const before = await running();
      const { stderr } = await npmRelease(["1.6.0-broken"], 1);
      expect(stderr).toMatch(/The tasks of \S+ did not become healthy, and ECS went back to \S+ \(\S+:1\.4\.2\)/);
      expect(stderr).toContain("ECS says   ECS deployment circuit breaker: tasks failed to start.");
      expect(stderr).toContain("stopped    Essential container in task exited (api: exit code 7");
      expect(stderr).toContain("deployment failed: tasks failed to start.");
      expect(await parameter()).toBe("1.4.2");
      await waitFor("the rollback", async () => {
        const { deployments = [] } = await describeService(clients, names);
        return deployments.length === 1;
      });
      expect(await running()).toEqual(before);
      await npmRollout(0);
      await stack.expectEmptyPlan();
    });

    step("an alarm on errors stops a rollout whose tasks start, and the release is taken back", async () => {
      await push("1.6.1-errors");
      await local.emulator.containers({
        image: `${repository}:1.6.1-errors`,
        command: ["sleep", "300"],
        startSeconds: 20,
      });
      const before = await running();
      const command = start("release", ["development", "1.6.1-errors", "--no-migrate"]);
      await waitFor("the rollout", async () => (await running()).image === `${repository}:1.6.1-errors`);
      const errors = {
        region: development.region,
        namespace: "AWS/ApplicationELB",
        metricName: "HTTPCode_Target_5XX_Count",
      };
      expect(await local.emulator.putMetric({ ...errors, values: [6, 6] })).toEqual({
        [`${development.names.prefix}-api-errors`]: "ALARM",
      });
      const { stderr } = await command.expectExit(1);
      expect(stderr).toMatch(/ECS says {3}ECS deployment \S+ failed: alarm detected\./);
      expect(await parameter()).toBe("1.4.2");
      await waitFor("the rollback", async () => {
        const { deployments = [] } = await describeService(clients, names);
        return deployments.length === 1;
      });
      expect(await running()).toEqual(before);
      await local.emulator.clearMetrics();
      await local.emulator.evaluateAlarms();
      await npmRollout(0);
      await stack.expectEmptyPlan();
    });

    step("a stopped release leaves its migrations, and is taken back", async () => {
      await push("1.7.0-slow");
      await containers("1.7.0-slow", { migration: "sleep 20" });
      const command = start("release", ["development", "1.7.0-slow"]);
      await waitFor("the migrations", async () => {
        return command.output.includes("Migrate the database") && (await migrationTasks()).length > 0;
      });
      command.signalGroup("SIGINT");
      const { stderr } = await command.expectExit(130);
      expect(stderr).toMatch(/The migrations go on: arn:aws:ecs:\S+:task\//);
      expect(stderr).toContain(`The parameter ${names.parameter} says 1.4.2.`);
      expect(stderr).toContain("Go on:  npm run release -- development 1.7.0-slow");
      expect(await parameter()).toBe("1.4.2");
      // Not beside the migrations that run.
      await expect(releaseQuickly("1.4.2")).rejects.toThrow(/^migrations run already: arn:aws:ecs:/);
      await waitFor("their end", async () => (await migrationTasks()).length === 0);
      await stack.expectEmptyPlan();
    });

    step("a later change of the task definition keeps the released image", async () => {
      synthesize({ cpu: 512 });
      const { stdout } = await stack.apply();
      expect(stdout).toContain(`"1024" -> "512" # forces replacement`);
      expect(await running()).toMatchObject({ cpu: "512", image: `${repository}:1.4.2` });
      await stack.expectEmptyPlan();
    });

    step("a release by digest keeps the changed task definition", async () => {
      digest = await push("1.4.3");
      await releaseQuickly(digest);
      expect(await running()).toMatchObject({ cpu: "512", image: `${repository}@${digest}` });
      await stack.expectEmptyPlan();
    });

    step("a release that was cut after its first call is carried out by the next apply", async () => {
      await push("1.5.0");
      const lost = () => Promise.reject(new Error("connection lost"));
      let written = 0;
      const cut: Clients = {
        ...clients,
        ecs: {
          send: (command: object) =>
            /Register|Deregister/.test(command.constructor.name) ? lost() : clients.ecs.send(command as never),
        } as never,
        ssm: {
          send: (command: object) =>
            command.constructor.name === "PutParameterCommand" && written++ > 0
              ? lost()
              : clients.ssm.send(command as never),
        } as never,
      };
      await expect(releaseQuickly("1.5.0", cut)).rejects.toThrow("could not be taken back (connection lost)");
      expect(await running()).toMatchObject({ image: `${repository}@${digest}` });
      await stack.apply();
      expect(await running()).toMatchObject({ cpu: "512", image: `${repository}:1.5.0` });
    });

    step("AWS refuses a tag that is none", async () => {
      await expect(writeParameter(clients.ssm, names.parameter, "no tag")).rejects.toMatchObject({
        name: "ParameterPatternMismatchException",
      });
      expect(await parameter()).toBe("1.5.0");
      expect(await running()).toMatchObject({ image: `${repository}:1.5.0` });
    });

    step("an apply that ECS rolled back exits with 0, and the check of the rollout with 1", async () => {
      await push("1.9.0-broken");
      await containers("1.9.0-broken", { api: "exit 7" });
      await writeParameter(clients.ssm, names.parameter, "1.9.0-broken");
      await stack.apply();
      await waitFor("the rollback", async () => (await running()).image === `${repository}:1.5.0`);
      const { stdout } = await npmRollout(1);
      expect(stdout).toMatch(/-api: ECS went back from \S+ to \S+;/);
      expect(stdout).toContain("Essential container in task exited (api: exit code 7");
      expect(stdout).toMatch(/Every apply deploys \S+ again until that is mended\./);
      expect(stdout).toContain("the one that runs: npm run release -- development 1.5.0 --no-migrate");
    });

    step("an environment that waits for the steady state fails in the apply itself", async () => {
      synthesize({ cpu: 512, waitForSteadyState: true });
      const { stderr } = await stack.apply(1);
      expect(stderr.replace(/[│\s]+/g, " ")).toContain(
        "ECS went back to the revision before: the tasks of the new one did not become healthy. Why: npm run rollout -- development",
      );
      await npmRelease(["1.5.0", "--no-migrate"], 0);
      await npmRollout(0);
      await stack.expectEmptyPlan();
    });

    step("destroy leaves the superseded revisions, and nothing else", async () => {
      await stack.destroy();
      const left = await local.emulator.inventory();
      expect([...new Set(left.map(({ type }) => type))]).toEqual(["aws_ecs_task_definition"]);
      const families = new Set(left.map(({ name }) => name.split(":")[0]));
      expect([...families].sort()).toEqual([names.service, names.migrations]);
    });
  },
  () => local.remove(),
);

/** What the API's containers have said. */
async function apiLog(): Promise<string> {
  const { events } = await local.emulator.call<{ events: { message: string }[] }>(
    "logs",
    "Logs_20140328.FilterLogEvents",
    {
      logGroupName: `/ecs/${names.service}`,
    },
  );
  return events.map(({ message }) => message).join("\n");
}

async function migrationTasks(): Promise<readonly string[]> {
  const { taskArns } = await local.emulator.call<{ taskArns: string[] }>(
    "ecs",
    "AmazonEC2ContainerServiceV20141113.ListTasks",
    { cluster: names.cluster, family: names.migrations },
  );
  return taskArns;
}
