import "../environments/validation/source-errors";

import { directoryOption, environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { destroyLocal } from "./local/destroy";
import { localPaths } from "./local/project";
import { formatDestroyReport } from "./local/report";
import { shellQuote } from "./terraform/environment-variables";

export const command = defineCommand({
  arguments: {
    name: "destroy:local",
    description:
      "Destroys an environment on the AWS emulator of this machine, proves that nothing is left, and stops the emulator with the\n" +
      "last environment.",
    positionals: [environmentArgument({ default: "development" })],
    options: {
      discard: { type: "boolean", description: "skip Terraform: end the emulator with everything in it" },
      ...directoryOption,
      ...jsonOption,
    },
  },

  explainStop: ({ positionals: { environment }, options }, reason) => {
    const directory = options.directory ? ` --directory ${shellQuote(options.directory)}` : "";
    return [
      "emulator" in reason ? `${reason.emulator}: what was left went with it.` : `Stopped by ${reason.signal}.`,
      `  Go on:            npm run destroy:local -- ${environment}${directory}`,
      `  Without a trace:  npm run destroy:local -- ${environment} --discard${directory}`,
    ].join("\n");
  },

  run: async ({ positionals: { environment }, options: { directory, discard, json }, progress, stop }) => {
    const paths = localPaths(undefined, directory);
    const report = await destroyLocal({ paths, progress, stop, environment, discard });
    console.log(json ? JSON.stringify(report, null, 2) : formatDestroyReport(report));
    return report.ok;
  },
});

runScript(module, command);
