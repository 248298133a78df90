import { isPilotLight } from "../../environments/recovery";
import { createClients } from "../release/clients";
import { isHealthy, type Rollout } from "../release/rollout";
import { readRollouts } from "../release/rollouts";
import type { Target } from "./session";
import type { Run } from "./stack-commands";

/** As `npm run rollout`, of the services on the emulator; a pilot light has none. */
export async function localRollouts(
  { emulator, progress, stop }: Run,
  { environment }: Target,
): Promise<readonly Rollout[]> {
  if (isPilotLight(environment)) {
    return [];
  }
  const clients = createClients(environment.region, emulator.clientConfig);
  return progress.step("Look at the services", () =>
    readRollouts(clients, environment.names.prefix, { wait: false, progress, stop }),
  );
}

/** Services that do not run what was deployed, but for those whose image has not been pushed. */
export function rolloutFailures(rollouts: readonly Rollout[]): string[] {
  return rollouts
    .filter((rollout) => !isHealthy(rollout) && !rollout.imageMissing)
    .map(({ service, state, revision, reason }) => `${service}: ${revision} ${state}: ${reason}`);
}
