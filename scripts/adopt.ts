import "../environments/validation/source-errors";

import { findEnvironment } from "../environments";
import { adopt } from "./adopt/adoption";
import { environmentLines } from "./adopt/lines";
import { planningEnvironment } from "./adopt/planning-environment";
import { formatReport } from "./adopt/report";
import { environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";

export const command = defineCommand({
  arguments: {
    name: "adopt",
    description: `Plans what it takes to continue an existing state with this project, on copies only, and prints the lines for
environments/<environment>.ts.`,
    positionals: [environmentArgument({ default: "production" })],
    options: {
      state: {
        type: "string",
        placeholder: "FILE",
        required: true,
        description: "a Terraform state file: run `terraform state pull > FILE` in the existing root module's folder",
      },
      "allow-replace": {
        type: "string",
        placeholder: "ADDRESS",
        multiple: true,
        description: "accept that the resource is replaced; may be repeated",
      },
      "allow-destroy": {
        type: "string",
        placeholder: "ADDRESS",
        multiple: true,
        description: "accept that the resource is destroyed; may be repeated",
      },
      ...jsonOption,
    },
    notes: "Exit code: 1 while something would be destroyed or replaced.",
  },

  explainStop: (_invocation, reason) =>
    `Stopped by ${"signal" in reason ? reason.signal : reason.emulator}. The state and the stack are as they were.`,

  run: async ({ positionals, options, stop }) => {
    const environment = findEnvironment(positionals.environment);
    const { env, target } = planningEnvironment(process.env, environment.accountId);
    console.error(`Planning against ${target}, on copies of the state and the stack.`);
    try {
      const adoption = await adopt({
        stateFile: options.state,
        environment,
        env,
        allowReplace: options["allow-replace"],
        allowDestroy: options["allow-destroy"],
        onProgress: (text) => console.error(`${text} ...`),
        stop,
      });
      console.log(
        options.json
          ? JSON.stringify({ ...adoption, lines: environmentLines(environment, adoption) }, null, 2)
          : formatReport(environment, adoption),
      );
      return adoption.outcome.refused.length === 0;
    } catch (error) {
      stop.throwIfRequested();
      throw error;
    }
  },
});

runScript(module, command);
