import "../environments/validation/source-errors";

import { join } from "node:path";
import { findEnvironment, loadEnvironments } from "../environments";
import { argumentProblem, directoryOption, environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { Emulator } from "./local/emulator";
import { localPaths, projectRoot } from "./local/project";
import { askAws } from "./preflight/aws";
import { formatPreflight, summaryOf } from "./preflight/finding";
import { withVariables } from "./preflight/overrides";
import { preflight } from "./preflight/preflight";
import { formatSavedPlan, readSavedPlan } from "./preflight/saved-plan";
import { synthesizePlatform } from "./preflight/synthesis";
import { terraformEnvironment } from "./terraform/environment-variables";
import { refuseVariable, variablesOf } from "./terraform/variables";

export const command = defineCommand({
  arguments: {
    name: "preflight",
    description: `Asks AWS, before an apply, what AWS would only say in the middle of it: whether zones, instance types and engine versions are
offered, quotas hold the platform at its largest, names are free, the domain is delegated, images are there. It reads, and
changes nothing. It uses the credentials of this shell, or whatever AWS_ENDPOINT_URL names.`,
    positionals: [environmentArgument({})],
    options: {
      var: {
        type: "string",
        placeholder: "name=value",
        multiple: true,
        description: "value of a Terraform variable that the plan will have; may be repeated",
        check: refuseVariable,
      },
      plan: {
        type: "string",
        placeholder: "FILE",
        description: `what terraform plan -out=FILE wrote: says what it would change, and checks what its variables
would have`,
      },
      local: { type: "boolean", description: "ask the emulator of the local run instead" },
      directory: {
        ...directoryOption.directory,
        description: "folder of that emulator (default .local); implies --local",
      },
      ...jsonOption,
    },
    notes: "Exit code: 0 no error was found, 1 an error was found or AWS could not be asked, 2 wrong arguments.",
    check: ({ options }) =>
      options.plan !== undefined && (options.var as readonly string[]).length > 0
        ? [
            argumentProblem("--var", (options.var as readonly string[])[0], {
              allowed: "--plan FILE alone: the plan has the values of its variables",
              fix: "make the plan with -var",
            }),
          ]
        : [],
  },

  run: async ({ positionals, options, progress }) => {
    const known = loadEnvironments();
    const environment = findEnvironment(positionals.environment, known.environments);
    const emulated = options.local || options.directory !== undefined;
    const paths = localPaths(undefined, options.directory);
    const emulator = emulated ? await Emulator.running(paths.directory) : undefined;
    const { plan: file } = options;
    const saved =
      file === undefined
        ? undefined
        : await progress.step(
            `Read ${file}`,
            () =>
              emulator
                ? readSavedPlan(file, environment.name, paths.outdir, terraformEnvironment(process.env, emulator.url))
                : readSavedPlan(file, environment.name, join(projectRoot, "cdktf.out"), process.env),
            ({ plan }) => `${plan.stack}: ${plan.summary}`,
          );
    const planned = withVariables(environment, saved?.variables ?? variablesOf(options.var));
    const report = await progress.step(
      `Preflight of ${environment.name}`,
      async (step) =>
        preflight({
          ...known,
          environment: planned,
          platform: synthesizePlatform(planned),
          ask: askAws(environment.region, emulator?.clientConfig),
          emulated,
          onCheck: (made, of) => step.update(`${made} of ${of} checks`),
        }),
      (made) => `Preflight of ${environment.name}: ${summaryOf(made)}`,
    );
    if (options.json) {
      console.log(JSON.stringify({ ...report, plan: saved?.plan ?? null }, null, 2));
    } else {
      console.log([...(saved ? [formatSavedPlan(saved.plan), ""] : []), formatPreflight(report)].join("\n"));
    }
    return report.ok;
  },
});

runScript(module, command);
