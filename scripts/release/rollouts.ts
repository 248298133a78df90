import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import type { Clients } from "./clients";
import type { Patience } from "./migration";
import { apiNames, logstashNames } from "./names";
import { awaitRollout, type Rollout, readRollout } from "./rollout";
import { findRevision } from "./task-definitions";

export interface RolloutsOptions {
  /** Wait while ECS replaces tasks. */
  readonly wait: boolean;
  readonly progress: Progress;
  readonly stop: Stop;
  readonly patience?: Patience;
}

/**
 * How far every service of an environment is with the newest revision of its tasks.
 *
 * @throws Error where a service does not exist, and with what AWS refuses
 * @throws Stopped where the command was asked to stop
 */
export async function readRollouts(
  clients: Pick<Clients, "ecs" | "ecr">,
  prefix: string,
  { wait, progress, stop, patience }: RolloutsOptions,
): Promise<Rollout[]> {
  const rollouts: Rollout[] = [];
  for (const names of [apiNames(prefix), logstashNames(prefix)]) {
    const newest = wait ? await findRevision(clients.ecs, names.service) : undefined;
    rollouts.push(
      newest
        ? await progress.step(`Wait for ${names.service}`, (step) =>
            awaitRollout(clients, names, newest.arn, { stop, patience, onProgress: (text) => step.update(text) }),
          )
        : await readRollout(clients, names),
    );
  }
  return rollouts;
}
