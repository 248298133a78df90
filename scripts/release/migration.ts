import { setTimeout as sleep } from "node:timers/promises";
import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, ListTasksCommand, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import type { Stop } from "../command/stop";
import type { Clients } from "./clients";
import type { ApiNames } from "./names";
import { readParameter } from "./parameters";
import { containerOf, type Revision } from "./task-definitions";

/** How often something is asked, and how often at most. */
export interface Patience {
  readonly attempts: number;
  readonly pauseMs: number;
}

/** An hour. */
export const migrationPatience: Patience = { attempts: 720, pauseMs: 5_000 };

/** Where the migrations run. */
export interface Network {
  readonly subnets: string[];
  readonly securityGroups: string[];
}

/** How a migration's task ended, or that it goes on. */
export interface MigrationOutcome {
  readonly taskArn: string;
  readonly ok: boolean;
  /** Undefined where the container never ran, or runs on. */
  readonly exitCode: number | undefined;
  /** In ECS's words; empty where it went well. */
  readonly reason: string;
  /** Last lines of its log. */
  readonly log: readonly string[];
}

/**
 * Where the stack says that migrations run.
 *
 * @throws Error where the stack has not been applied with it
 */
export async function migrationNetwork({ ssm }: Pick<Clients, "ssm">, names: ApiNames): Promise<Network> {
  return JSON.parse(await readParameter(ssm, names.networkParameter)) as Network;
}

/** ARNs of migrations that run now, whoever started them. */
export async function runningMigrations({ ecs }: Pick<Clients, "ecs">, names: ApiNames): Promise<readonly string[]> {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: names.cluster, family: names.migrations }));
  return taskArns;
}

/**
 * Starts the migrations, and returns their task's ARN.
 *
 * @throws Error where ECS does not start the task, with its reason
 */
export async function startMigration(
  { ecs }: Pick<Clients, "ecs">,
  names: ApiNames,
  taskDefinition: string,
  network: Network,
): Promise<string> {
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: names.cluster,
      taskDefinition,
      launchType: "FARGATE",
      startedBy: "release",
      // What a task costs is counted by its tags, which it does not have otherwise.
      propagateTags: "TASK_DEFINITION",
      networkConfiguration: { awsvpcConfiguration: { ...network, assignPublicIp: "DISABLED" } },
    }),
  );
  const arn = tasks[0]?.taskArn;
  if (!arn) {
    const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": "));
    throw new Error(`ECS did not start the migrations: ${reasons.join("; ") || "it gives no reason"}`);
  }
  return arn;
}

/**
 * Waits for the end of the task, and reads its exit code and the end of its log.
 *
 * @throws Stopped where the release was asked to stop; the task goes on
 */
export async function awaitMigration(
  clients: Pick<Clients, "ecs" | "logs">,
  names: ApiNames,
  taskArn: string,
  revision: Revision,
  { stop, patience = migrationPatience }: { readonly stop: Stop; readonly patience?: Patience },
): Promise<MigrationOutcome> {
  for (let attempt = 0; attempt < patience.attempts; attempt++) {
    stop.throwIfRequested();
    const { tasks = [] } = await clients.ecs.send(
      new DescribeTasksCommand({ cluster: names.cluster, tasks: [taskArn] }),
    );
    const task = tasks[0];
    if (task?.lastStatus === "STOPPED") {
      return outcomeOf(clients, names, taskArn, task, revision);
    }
    await pause(patience.pauseMs, stop);
  }
  const minutes = Math.round((patience.attempts * patience.pauseMs) / 60_000);
  return {
    taskArn,
    ok: false,
    exitCode: undefined,
    reason: `they still run after ${minutes} minutes; the task goes on`,
    log: await lastLogLines(clients, names, taskArn, revision),
  };
}

/** Sleeps, or wakes when a stop is requested. */
export async function pause(milliseconds: number, stop: Stop): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stop.requested }).catch(() => stop.throwIfRequested());
}

async function outcomeOf(
  clients: Pick<Clients, "logs">,
  names: ApiNames,
  taskArn: string,
  task: Task,
  revision: Revision,
): Promise<MigrationOutcome> {
  const container = task.containers?.find(({ name }) => name === names.migrationsContainer);
  const exitCode = container?.exitCode;
  if (exitCode === 0) {
    return { taskArn, ok: true, exitCode, reason: "", log: [] };
  }
  const parts = [exitCode === undefined ? "" : `exit code ${exitCode}`, task.stoppedReason, container?.reason];
  return {
    taskArn,
    ok: false,
    exitCode,
    reason: parts.filter(Boolean).join("; ") || "ECS gives no reason",
    log: await lastLogLines(clients, names, taskArn, revision),
  };
}

const shownLines = 20;

/** Of awslogs' stream of the container: `<prefix>/<container>/<task id>`. None where it never wrote. */
async function lastLogLines(
  { logs }: Pick<Clients, "logs">,
  names: ApiNames,
  taskArn: string,
  revision: Revision,
): Promise<string[]> {
  const options = containerOf(revision.definition, names.migrationsContainer).logConfiguration?.options ?? {};
  const taskId = taskArn.slice(taskArn.lastIndexOf("/") + 1);
  try {
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({
        logGroupName: options["awslogs-group"],
        logStreamName: `${options["awslogs-stream-prefix"]}/${names.migrationsContainer}/${taskId}`,
        limit: shownLines,
        startFromHead: false,
      }),
    );
    return events.map(({ message = "" }) => message.trimEnd());
  } catch (error) {
    const { name, message } = error as Error;
    return name === "ResourceNotFoundException" ? [] : [`(the log could not be read: ${message})`];
  }
}
