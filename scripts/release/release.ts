import { UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Progress } from "../command/progress";
import { type Stop, Stopped } from "../command/stop";
import type { Clients } from "./clients";
import { findImage } from "./image";
import {
  awaitMigration,
  type MigrationOutcome,
  migrationNetwork,
  type Network,
  type Patience,
  runningMigrations,
  startMigration,
} from "./migration";
import type { ApiNames } from "./names";
import { readParameter, writeParameter } from "./parameters";
import { awaitRollout, describeService, formatReasons, type Rollout } from "./rollout";
import { deregister, findRevision, imageOf, imageWithTag, type Revision, registerWithTag } from "./task-definitions";

export interface ReleaseOptions {
  /** Run the database migrations of the image, and update the API only after they went well. */
  readonly migrate: boolean;
  readonly progress: Progress;
  readonly stop: Stop;
  /** Default: an hour, asked every five seconds. */
  readonly migrationPatience?: Patience;
  /** Default: half an hour, asked every ten seconds. */
  readonly rolloutPatience?: Patience;
}

export interface Release {
  /** Of the revision that the service now runs. */
  readonly taskDefinitionArn: string;
  readonly image: string;
  /** What ran before. */
  readonly previousImage: string;
  /** The task that migrated the database; null where none was asked for. */
  readonly migrationTaskArn: string | null;
  readonly rollout: Rollout;
}

/** A release that did not go through: why, and where things stand. */
export class ReleaseFailed extends Error {
  override readonly name = "ReleaseFailed";
}

/** What a release has done so far, so that it can be taken back. */
interface Done {
  readonly previousTag: string;
  readonly registered: string[];
}

/**
 * Releases an image of the API without Terraform, in this order: the parameter, the migrations' revision, the migrations, the API.
 * The API is updated only after the migrations have exited with 0. Whatever fails before that changes nothing of the API, and is
 * taken back: the parameter has its old value again, and the new revisions are deregistered. A rollout from which ECS went back
 * is taken back in the same way; migrations stay.
 *
 * @throws ReleaseFailed where the image is missing, the migrations fail, or the tasks do not become healthy
 * @throws Error where the stack has not been applied, and with what AWS refuses
 * @throws Stopped where the release was asked to stop, with where things stand
 */
export async function release(
  clients: Clients,
  names: ApiNames,
  tag: string,
  options: ReleaseOptions,
): Promise<Release> {
  const { progress, stop, migrate } = options;
  await describeService(clients, names);
  const api = await newest(clients, names.service);
  const previousImage = imageOf(api.definition, names.container);
  const image = imageWithTag(previousImage, tag);
  const migration = migrate ? await prepareMigration(clients, names) : undefined;
  const previousTag = await readParameter(clients.ssm, names.parameter);
  await lookForImage(clients, image, progress);
  stop.throwIfRequested();

  const done: Done = { previousTag, registered: [] };
  let migrationTaskArn: string | null = null;
  let taskDefinitionArn: string;
  try {
    await writeParameter(clients.ssm, names.parameter, tag);
    if (migration) {
      migrationTaskArn = await runMigration(clients, names, tag, migration, done, options);
    } else {
      await registerMigrations(clients, names, tag, done);
    }
    stop.throwIfRequested();
    taskDefinitionArn = (await registerWithTag(clients.ecs, api, names.container, tag)).arn;
    done.registered.push(taskDefinitionArn);
    await clients.ecs.send(
      new UpdateServiceCommand({
        cluster: names.cluster,
        service: names.service,
        taskDefinition: taskDefinitionArn,
      }),
    );
  } catch (error) {
    const standing = `The API goes on with ${previousImage}. ${await takeBack(clients, names, tag, done)}`;
    throw withStanding(error as Error, standing);
  }

  const rollout = await progress.step(
    `Roll out ${tag}`,
    async (step) => {
      const ended = await awaitRollout(clients, names, taskDefinitionArn, {
        stop,
        patience: options.rolloutPatience,
        onProgress: (text) => step.update(text),
      }).catch((error: Error) => {
        throw withStanding(error, `ECS goes on with the rollout, and the parameter ${names.parameter} says ${tag}.`);
      });
      await checkRollout(clients, names, tag, ended, done);
      return ended;
    },
    ({ runningTasks, desiredTasks }) => `Every task runs ${tag}; ${runningTasks} of ${desiredTasks} run`,
  );
  return { taskDefinitionArn, image, previousImage, migrationTaskArn, rollout };
}

/** What the migrations need that is not in the release, before anything is written. */
interface PreparedMigration {
  readonly revision: Revision;
  readonly network: Network;
}

async function prepareMigration(clients: Clients, names: ApiNames): Promise<PreparedMigration> {
  const running = await runningMigrations(clients, names);
  if (running.length > 0) {
    throw new ReleaseFailed(
      `migrations run already: ${running.join(", ")}. Wait for their end (docs/migrations.md), or release with --no-migrate`,
    );
  }
  return { revision: await newest(clients, names.migrations), network: await migrationNetwork(clients, names) };
}

async function newest(clients: Clients, family: string): Promise<Revision> {
  const revision = await findRevision(clients.ecs, family);
  if (!revision) {
    throw new Error(`no revision of the task definition ${family} is registered: apply the stack first`);
  }
  return revision;
}

async function lookForImage(clients: Clients, image: string, progress: Progress): Promise<void> {
  const answer = await findImage(clients, image);
  if (answer.state === "missing") {
    throw new ReleaseFailed(`${answer.reason}: push it first, docker push ${image}. Nothing was changed.`);
  }
  progress.note(
    answer.state === "found"
      ? `The image is there: ${image}${answer.pushedAt ? `, pushed ${answer.pushedAt.toISOString()}` : ""}`
      : `The image could not be looked up, and is taken on trust: ${answer.reason}`,
  );
}

/** So that whoever runs the migrations by hand, runs those of the released image. */
async function registerMigrations(clients: Clients, names: ApiNames, tag: string, done: Done): Promise<void> {
  const revision = await findRevision(clients.ecs, names.migrations);
  if (revision) {
    done.registered.push((await registerWithTag(clients.ecs, revision, names.migrationsContainer, tag)).arn);
  }
}

async function runMigration(
  clients: Clients,
  names: ApiNames,
  tag: string,
  { revision, network }: PreparedMigration,
  done: Done,
  { progress, stop, migrationPatience }: ReleaseOptions,
): Promise<string> {
  const { arn } = await registerWithTag(clients.ecs, revision, names.migrationsContainer, tag);
  done.registered.push(arn);
  stop.throwIfRequested();
  return progress.step(
    `Migrate the database with ${tag}`,
    async (step) => {
      const taskArn = await startMigration(clients, names, arn, network);
      step.update(taskArn);
      try {
        const outcome = await awaitMigration(clients, names, taskArn, revision, { stop, patience: migrationPatience });
        if (!outcome.ok) {
          throw new ReleaseFailed(formatMigration(outcome));
        }
      } catch (error) {
        throw error instanceof Stopped ? withStanding(error, `The migrations go on: ${taskArn}.`) : error;
      }
      return taskArn;
    },
    () => `Migrated the database with ${tag}`,
  );
}

function formatMigration({ taskArn, reason, log }: MigrationOutcome): string {
  return [
    `The migrations failed: ${reason}`,
    `  ${taskArn}`,
    ...(log.length > 0 ? ["  The last lines of their log:", ...log.map((line) => `    ${line}`)] : []),
  ].join("\n");
}

/** The same error, with where things stand after it. */
function withStanding(error: Error, standing: string): Error {
  error.message = `${error.message}\n${standing}`;
  return error;
}

/**
 * The parameter has its old value again, and the families' newest revisions are those of before, so that a plan is empty. Returns
 * what a person should know of it.
 */
async function takeBack(
  clients: Clients,
  names: ApiNames,
  tag: string,
  { previousTag, registered }: Done,
): Promise<string> {
  try {
    if (previousTag !== tag) {
      await writeParameter(clients.ssm, names.parameter, previousTag);
    }
    for (const arn of registered) {
      await deregister(clients.ecs, arn);
    }
    return `The parameter ${names.parameter} says ${previousTag}.`;
  } catch (error) {
    return (
      `What was written could not be taken back (${(error as Error).message}): the parameter ${names.parameter} may say ${tag}, and ` +
      "the next apply would deploy it. Run the release again, or that of the image before with --no-migrate."
    );
  }
}

async function checkRollout(
  clients: Clients,
  names: ApiNames,
  tag: string,
  rollout: Rollout,
  done: Done,
): Promise<void> {
  const reasons = formatReasons(rollout);
  switch (rollout.state) {
    case "completed":
      return;
    case "in progress":
      throw new ReleaseFailed(
        [`The tasks of ${rollout.revision} are still being started; ECS goes on.`, ...reasons].join("\n"),
      );
    case "superseded":
      throw new ReleaseFailed(
        [
          `ECS was asked for ${rollout.runs} (${rollout.runsImage}) before ${rollout.revision} was rolled out.`,
          ...reasons,
        ].join("\n"),
      );
    case "rolled back": {
      const standing = await takeBack(clients, names, tag, done);
      throw new ReleaseFailed(
        [
          `The tasks of ${rollout.revision} did not become healthy, and ECS went back to ${rollout.runs} (${rollout.runsImage}).`,
          ...reasons,
          `${standing} What the migrations changed stays.`,
        ].join("\n"),
      );
    }
    case "failed": {
      // The service names the new revision: it must stay registered.
      const standing = await takeBack(clients, names, tag, { ...done, registered: [] });
      throw new ReleaseFailed(
        [
          `The tasks of ${rollout.revision} did not become healthy, and ECS had no completed deployment to go back to.`,
          ...reasons,
          standing,
        ].join("\n"),
      );
    }
  }
}

/**
 * @throws Error unless the credentials are those of this account
 */
export async function checkAccount({ sts }: Pick<Clients, "sts">, accountId: string): Promise<void> {
  const { Account } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account !== accountId) {
    throw new Error(`the credentials are of account ${Account}; the environment lies in ${accountId}`);
  }
}
