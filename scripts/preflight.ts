import { findEnvironment, loadEnvironments } from "../environments";
import { directoryOption, environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { Emulator } from "./local/emulator";
import { localPaths } from "./local/project";
import { askAws } from "./preflight/aws";
import { formatPreflight, summaryOf } from "./preflight/finding";
import { withVariables } from "./preflight/overrides";
import { preflight } from "./preflight/preflight";
import { synthesizePlatform } from "./preflight/synthesis";
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
      local: { type: "boolean", description: "ask the emulator of the local run instead" },
      directory: {
        ...directoryOption.directory,
        description: "folder of that emulator (default .local); implies --local",
      },
      ...jsonOption,
    },
    notes: "Exit code: 0 no error was found, 1 an error was found or AWS could not be asked, 2 wrong arguments.",
  },

  run: async ({ positionals, options, progress }) => {
    const known = loadEnvironments();
    const environment = findEnvironment(positionals.environment, known.environments);
    const emulated = options.local || options.directory !== undefined;
    const config = emulated
      ? (await Emulator.running(localPaths(undefined, options.directory).directory)).clientConfig
      : {};
    const planned = withVariables(environment, variablesOf(options.var));
    const report = await progress.step(
      `Preflight of ${environment.name}`,
      async (step) =>
        preflight({
          ...known,
          environment: planned,
          platform: synthesizePlatform(planned),
          ask: askAws(environment.region, config),
          emulated,
          onCheck: (made, of) => step.update(`${made} of ${of} checks`),
        }),
      (made) => `Preflight of ${environment.name}: ${summaryOf(made)}`,
    );
    console.log(options.json ? JSON.stringify(report, null, 2) : formatPreflight(report));
    return report.ok;
  },
});

runScript(module, command);
