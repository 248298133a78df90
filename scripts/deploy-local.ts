import "../environments/validation/source-errors";

import { existsSync } from "node:fs";
import { directoryOption, environmentArgument, jsonOption, portOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { deployLocal } from "./local/deploy";
import { formatLocalPlan, planLocal } from "./local/plan";
import { localPaths } from "./local/project";
import { formatDeployReport } from "./local/report";
import { readUnfinished } from "./local/unfinished";
import { shellQuote } from "./terraform/environment-variables";
import { refuseVariable, variablesOf } from "./terraform/variables";

const defaultEnvironment = "development";

export const command = defineCommand({
  arguments: {
    name: "deploy:local",
    description: "Applies an environment to an AWS emulator on this machine.",
    positionals: [environmentArgument({ default: defaultEnvironment })],
    options: {
      var: {
        type: "string",
        placeholder: "name=value",
        multiple: true,
        description: "value of a Terraform variable of the environment; may be repeated",
        check: refuseVariable,
      },
      ...portOption,
      ...directoryOption,
      plan: { type: "boolean", description: "say what would change, and stop there" },
      import: { type: "boolean", description: "take what a killed run left outside of the state into it" },
      ...jsonOption,
    },
  },

  explainStop: ({ positionals: { environment }, options: { directory } }, reason) => {
    const paths = localPaths(undefined, directory);
    const again = afterDashes(following(environment, directory));
    if ("emulator" in reason) {
      return `${reason.emulator}. What was applied went with it. Start anew: npm run deploy:local${again}`;
    }
    const [unfinished] = readUnfinished(paths.directory);
    const ending = unfinished?.interrupted
      ? "Terraform ended in good order; what its last requests still create, the next run takes into the state."
      : unfinished
        ? `Terraform was ended in the middle of ${unfinished.command} ${unfinished.stack}: the state may lack some of what exists, which the next run finds out.`
        : "Terraform changed nothing, or ended before.";
    return [
      `Stopped by ${reason.signal}.`,
      ending,
      ...(existsSync(`${paths.directory}/emulator.json`) ? ["The emulator goes on running."] : []),
      `  Go on:   npm run deploy:local${again}`,
      `  Remove:  npm run destroy:local${again}`,
    ].join("\n");
  },

  run: async ({ positionals: { environment }, options, progress, stop }) => {
    const prepare = {
      paths: localPaths(undefined, options.directory),
      progress,
      stop,
      environment,
      port: options.port === undefined ? undefined : Number(options.port),
      variables: variablesOf(options.var),
    };
    if (options.plan) {
      const planned = await planLocal(prepare);
      console.log(options.json ? JSON.stringify(planned, null, 2) : formatLocalPlan(planned));
      return true;
    }
    const report = await deployLocal({ ...prepare, importOutside: options.import });
    console.log(
      options.json
        ? JSON.stringify(report, null, 2)
        : formatDeployReport(report, following(environment, options.directory)),
    );
    return report.ok;
  },
});

/** Arguments of the commands that follow this one. */
function following(environment: string, directory: string | undefined): string {
  return [
    ...(environment === defaultEnvironment ? [] : [environment]),
    ...(directory ? [`--directory ${shellQuote(directory)}`] : []),
  ].join(" ");
}

function afterDashes(text: string): string {
  return text ? ` -- ${text}` : "";
}

runScript(module, command);
