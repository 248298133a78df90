import "../environments/validation/source-errors";

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findEnvironment } from "../environments";
import { environmentStack } from "../facts/names";
import { environmentArgument } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { projectRoot } from "./local/project";
import { fillRunbook } from "./runbook/fill";
import { terraformJson } from "./terraform/run";
import { stackDirectory } from "./terraform/stack-directory";

export const command = defineCommand({
  arguments: {
    name: "runbook",
    description: `Prints docs/operations.md with the outputs of an environment's stack in its commands. The stack is synthesized and its folder
initialized (npm run synth, terraform init), and its state can be read.`,
    positionals: [environmentArgument({})],
    options: {},
  },

  run: async ({ positionals, stop }) => {
    const environment = findEnvironment(positionals.environment);
    const directory = stackDirectory(join(projectRoot, "cdktf.out"), environmentStack(environment.name));
    const outputs = await terraformJson<Record<string, { readonly value: unknown; readonly sensitive: boolean }>>(
      ["output", "-json"],
      { directory, env: process.env, stop },
    );
    const values = Object.fromEntries(
      Object.entries(outputs).flatMap(([name, { value, sensitive }]) => (sensitive ? [] : [[name, value]])),
    );
    console.log(fillRunbook(readFileSync(join(projectRoot, "docs/operations.md"), "utf8"), environment.name, values));
    return true;
  },
});

runScript(module, command);
