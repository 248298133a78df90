import { findEnvironment } from "../environments";
import { environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { createClients } from "./release/clients";
import { checkAccount } from "./release/release";
import { formatRollout, isHealthy } from "./release/rollout";
import { readRollouts } from "./release/rollouts";

export const command = defineCommand({
  arguments: {
    name: "rollout",
    description: `Says whether the services of an environment run what was deployed last: the newest revision of their task definitions. Where
ECS gave it up or went back to an older one, it says why, in ECS's words. It asks AWS with the credentials of this shell,
or whatever AWS_ENDPOINT_URL names, and changes nothing.`,
    positionals: [environmentArgument({})],
    options: {
      wait: { type: "boolean", description: "wait, half an hour at most, while ECS replaces tasks" },
      ...jsonOption,
    },
    notes: "Exit code: 0 every service runs its newest revision, 1 one does not, or not yet, 2 wrong arguments.",
  },

  explainStop: (_, reason) => ("emulator" in reason ? reason.emulator : `Stopped by ${reason.signal}; ECS goes on.`),

  run: async ({ positionals, options: { wait, json }, progress, stop }) => {
    const environment = findEnvironment(positionals.environment);
    const clients = createClients(environment.region);
    await checkAccount(clients, environment.accountId);
    const rollouts = await readRollouts(clients, environment.names.prefix, { wait, progress, stop });
    const ok = rollouts.every(isHealthy);
    console.log(
      json
        ? JSON.stringify({ environment: environment.name, ok, rollouts }, null, 2)
        : rollouts.map((rollout) => formatRollout(rollout, environment.name)).join("\n"),
    );
    return ok;
  },
});

runScript(module, command);
