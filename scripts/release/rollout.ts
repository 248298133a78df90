import {
  type Deployment,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import { apiName } from "../../facts/names";
import type { Stop } from "../command/stop";
import type { Clients } from "./clients";
import { findImage } from "./image";
import { type Patience, pause } from "./migration";
import type { ServiceNames } from "./names";
import { findRevision, imageOf, revisionName, tagOf } from "./task-definitions";

/**
 * `completed`: every task is of the revision. `in progress`: ECS is replacing them. `failed`: ECS gave up, and had nothing to go
 * back to. `rolled back`: it went back, or is going back, to an older revision. `superseded`: it was asked for a newer one.
 */
export type RolloutState = "completed" | "in progress" | "failed" | "rolled back" | "superseded";

/** How far a service is with one revision of its tasks. */
export interface Rollout {
  readonly cluster: string;
  readonly service: string;
  readonly state: RolloutState;
  /** The revision that is asked for, `family:8`, and its image. */
  readonly revision: string;
  readonly image: string;
  /** The revision of the primary deployment, `family:7`, and its image: another one after a rollback. */
  readonly runs: string;
  readonly runsImage: string;
  readonly runningTasks: number;
  readonly desiredTasks: number;
  /** In ECS's words, of the deployment; empty where it says nothing. */
  readonly reason: string;
  /** Why tasks of the revision stopped, each reason once; ECS keeps them for an hour. */
  readonly stopped: readonly string[];
  /** The service's events since the revision was registered, the newest first. */
  readonly events: readonly string[];
  /** Why there is no such image; empty where it is there, or cannot be looked up. */
  readonly imageMissing: string;
}

/** Half an hour. */
export const rolloutPatience: Patience = { attempts: 180, pauseMs: 10_000 };

const shownEvents = 5;
const shownReasons = 3;

/**
 * Reads how far a service is with a revision; with the family's newest one where none is named, which is what Terraform and
 * releases deploy.
 *
 * @throws Error where the cluster has no such service
 */
export async function readRollout(
  clients: Pick<Clients, "ecs" | "ecr">,
  names: ServiceNames,
  wanted?: string,
): Promise<Rollout> {
  const service = await describeService(clients, names);
  const revision = await findRevision(clients.ecs, wanted ?? names.service);
  if (!revision) {
    throw new Error(`no revision of ${names.service} is registered: apply the stack first`);
  }
  const primary = primaryOf(service);
  const runs =
    primary?.taskDefinition === revision.arn
      ? revision
      : await findRevision(clients.ecs, primary?.taskDefinition ?? "");
  const image = imageOf(revision.definition, names.container);
  const { state, reason } = judge(service.deployments ?? [], revision.arn);
  const completed = state === "completed";
  const since = revision.definition.registeredAt?.getTime() ?? 0;
  const found = completed ? undefined : await findImage(clients, image);
  return {
    cluster: names.cluster,
    service: names.service,
    state,
    revision: revision.name,
    image,
    runs: runs?.name ?? revisionName(primary?.taskDefinition ?? ""),
    runsImage: runs ? imageOf(runs.definition, names.container) : "",
    runningTasks: service.runningCount ?? 0,
    desiredTasks: service.desiredCount ?? 0,
    reason,
    stopped: completed ? [] : await stoppedReasons(clients, names, revision.arn),
    events: completed
      ? []
      : (service.events ?? [])
          .filter(({ createdAt }) => (createdAt?.getTime() ?? 0) >= since)
          .slice(0, shownEvents)
          .map(({ message = "" }) => message),
    imageMissing: found?.state === "missing" ? found.reason : "",
  };
}

/**
 * Describes a service that runs.
 *
 * @throws Error where the cluster has none of this name, or it has been deleted
 */
export async function describeService({ ecs }: Pick<Clients, "ecs">, names: ServiceNames): Promise<Service> {
  const { services = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster: names.cluster, services: [names.service] }),
  );
  const [service] = services;
  if (service?.status !== "ACTIVE") {
    throw new Error(`there is no service ${names.service} in the cluster ${names.cluster}: apply the stack first`);
  }
  return service;
}

function primaryOf({ deployments = [] }: Service): Deployment | undefined {
  return deployments.find(({ status }) => status === "PRIMARY");
}

/**
 * What a service's deployments say of a revision. A deployment that was rolled back is listed beside the one that takes its place
 * until its tasks are gone, and then no more (Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects
 * failures"; Amazon ECS API Reference, Deployment).
 */
export function judge(
  deployments: readonly Deployment[],
  arn: string,
): { readonly state: RolloutState; readonly reason: string } {
  const own = deployments.find(({ taskDefinition }) => taskDefinition === arn);
  const primary = deployments.find(({ status }) => status === "PRIMARY");
  const reason = own?.rolloutStateReason ?? primary?.rolloutStateReason ?? "";
  if (primary !== undefined && primary.taskDefinition !== arn) {
    const newer = revisionNumber(primary.taskDefinition) > revisionNumber(arn);
    return { state: newer ? "superseded" : "rolled back", reason };
  }
  switch (own?.rolloutState) {
    case "COMPLETED":
      return { state: "completed", reason };
    case "FAILED":
      return { state: "failed", reason };
    default:
      return { state: "in progress", reason };
  }
}

function revisionNumber(arn = ""): number {
  return Number(arn.slice(arn.lastIndexOf(":") + 1));
}

/**
 * Waits until a revision's rollout has ended, well or not.
 *
 * @throws Stopped where the command was asked to stop; ECS goes on
 */
export async function awaitRollout(
  clients: Pick<Clients, "ecs" | "ecr">,
  names: ServiceNames,
  arn: string,
  options: {
    readonly stop: Stop;
    readonly patience?: Patience;
    /** What is seen while it goes on. */
    readonly onProgress?: (text: string) => void;
  },
): Promise<Rollout> {
  const { stop, patience = rolloutPatience, onProgress = () => {} } = options;
  // An answer may be older than the update of the service; and ECS goes back a moment after it gives up.
  let seen = false;
  let doubts = 3;
  for (let attempt = 0; attempt < patience.attempts; attempt++) {
    stop.throwIfRequested();
    const service = await describeService(clients, names);
    seen ||= service.deployments?.some(({ taskDefinition }) => taskDefinition === arn) ?? false;
    const { state } = judge(service.deployments ?? [], arn);
    const doubtful = state === "failed" || (state === "rolled back" && !seen);
    if (state !== "in progress" && !(doubtful && doubts-- > 0)) {
      break;
    }
    onProgress(`${service.runningCount ?? 0} of ${service.desiredCount ?? 0} tasks run`);
    await pause(patience.pauseMs, stop);
  }
  return readRollout(clients, names, arn);
}

async function stoppedReasons({ ecs }: Pick<Clients, "ecs">, names: ServiceNames, arn: string): Promise<string[]> {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: names.cluster, serviceName: names.service, desiredStatus: "STOPPED" }),
  );
  if (taskArns.length === 0) {
    return [];
  }
  const { tasks = [] } = await ecs.send(
    new DescribeTasksCommand({ cluster: names.cluster, tasks: taskArns.slice(0, 100) }),
  );
  const reasons = tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === arn).map(reasonOf);
  return [...new Set(reasons)].slice(0, shownReasons);
}

/** `Essential container in task exited (api: exit code 1)` */
function reasonOf({ stoppedReason = "ECS gives no reason", containers = [] }: Task): string {
  const details = containers.flatMap(({ name, exitCode, reason }) => {
    const parts = [exitCode === undefined ? "" : `exit code ${exitCode}`, reason].filter(Boolean);
    return parts.length > 0 ? [`${name}: ${parts.join(", ")}`] : [];
  });
  return details.length > 0 ? `${stoppedReason} (${details.join("; ")})` : stoppedReason;
}

/** Whether it is as it should be. */
export function isHealthy({ state }: Rollout): boolean {
  return state === "completed";
}

/** What a person reads of a service; `environment` is for the commands that it names. */
export function formatRollout(rollout: Rollout, environment: string): string {
  const { service, state, revision, image, runs, runsImage, runningTasks, desiredTasks } = rollout;
  const tasks = `${runningTasks} of ${desiredTasks} tasks run`;
  if (state === "completed") {
    return `${service}: every task is of ${revision} (${image}); ${tasks}.`;
  }
  const verdict = {
    "in progress": `ECS is rolling out ${revision}; ${tasks}.`,
    failed: `ECS gave up ${revision}, and had no completed deployment to go back to; ${tasks}.`,
    "rolled back": `ECS went back from ${revision} to ${runs}; ${tasks}.`,
    superseded: `ECS was asked for ${runs}, which is newer than ${revision}; ${tasks}.`,
  }[state];
  return [
    `${service}: ${verdict}`,
    row("asked for", `${revision}: ${image}`),
    ...(runs === revision ? [] : [row("runs", `${runs}: ${runsImage}`)]),
    ...formatReasons(rollout),
    ...(state === "failed" || state === "rolled back" ? [row("next", nextStep(rollout, environment))] : []),
  ].join("\n");
}

/** ECS's reasons, a line each. */
export function formatReasons({ reason, stopped, events, imageMissing }: Rollout): string[] {
  return [
    ...(imageMissing ? [row("image", imageMissing)] : []),
    ...(reason ? [row("ECS says", reason)] : []),
    ...stopped.map((each) => row("stopped", each)),
    ...events.map((each) => row("event", each)),
  ];
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(11)}${text}`;
}

/** What an apply does, and what helps. Terraform deploys a revision that the service does not name; after a failure it names it. */
function nextStep(rollout: Rollout, environment: string): string {
  const { cluster, service, state, revision, image, runs, runsImage, imageMissing } = rollout;
  const isApi = service.endsWith(apiName(""));
  const applies =
    state === "rolled back"
      ? `Every apply deploys ${revision} again until that is mended.`
      : "An apply that changes nothing of it does not start it again.";
  const release = (wanted: string) => `npm run release -- ${environment} ${tagOf(wanted) ?? "<tag>"}`;
  if (imageMissing) {
    const start = isApi
      ? release(image)
      : `aws ecs update-service --cluster ${cluster} --service ${service} --force-new-deployment`;
    return `${applies} Push ${image}, then: ${state === "failed" || isApi ? start : "apply"}`;
  }
  if (isApi && runs !== revision && runsImage !== image) {
    return `${applies} Release an image that works, such as the one that runs: ${release(runsImage)} --no-migrate`;
  }
  const mend = isApi
    ? "Release an image that works, or mend the task definition"
    : "Set logstash.imageTag to an image that works, or mend the task definition";
  return `${applies} ${mend}, or what it refers to, and apply.`;
}
