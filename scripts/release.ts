import "../environments/validation/source-errors";

import { findEnvironment } from "../environments";
import { imageTag } from "../environments/sections/api";
import { problemsOf } from "../environments/validation/rules";
import { environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { Stopped } from "./command/stop";
import { createClients } from "./release/clients";
import { apiNames } from "./release/names";
import { checkAccount, release } from "./release/release";

export const command = defineCommand({
  arguments: {
    name: "release",
    description: `Runs another image of the API, without Terraform: writes the SSM parameter /<prefix>/api/image, runs the image's database
migrations, updates the service when they have exited with 0, and waits until its tasks are replaced. What fails is taken
back. It asks AWS with the credentials of this shell, or whatever AWS_ENDPOINT_URL names. The next plan is empty.`,
    positionals: [
      environmentArgument({}),
      {
        name: "tag",
        description: "tag of the image, or sha256: and its digest",
        allowed: "a tag such as 1.0.0, or sha256:<digest>",
        check: (value) => problemsOf(imageTag, value, "command line", "tag")[0],
      },
    ],
    options: {
      "no-migrate": {
        type: "boolean",
        description: "run no migrations: to go back to an older image, or where its schema stands already",
      },
      ...jsonOption,
    },
    notes: "Exit code: 0 every task runs the image, 1 it does not, 2 wrong arguments.",
  },

  explainStop: ({ positionals: { environment, tag } }, reason) =>
    [
      "emulator" in reason ? reason.emulator : `Stopped by ${reason.signal}.`,
      `  Look:   npm run rollout -- ${environment}`,
      `  Go on:  npm run release -- ${environment} ${tag}`,
    ].join("\n"),

  run: async ({ positionals, options, progress, stop }) => {
    const { tag } = positionals;
    const environment = findEnvironment(positionals.environment);
    const clients = createClients(environment.region);
    const names = apiNames(environment.names.prefix);
    await checkAccount(clients, environment.accountId);
    try {
      const released = await release(clients, names, tag, { migrate: !options["no-migrate"], progress, stop });
      console.log(
        options.json
          ? JSON.stringify({ environment: environment.name, tag, ok: true, ...released }, null, 2)
          : `${released.previousImage}\n  -> ${released.image}\n${released.taskDefinitionArn}`,
      );
      return true;
    } catch (error) {
      if (error instanceof Stopped) {
        progress.note(error.message);
      }
      throw error;
    }
  },
});

runScript(module, command);
