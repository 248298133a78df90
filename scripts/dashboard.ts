import "../environments/validation/source-errors";

import { writeFileSync } from "node:fs";
import { Dashboard } from "../constructs/dashboard";
import { findEnvironment } from "../environments";
import type { Environment } from "../environments/environment";
import { argumentProblem, directoryOption, environmentArgument } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { type LiveDashboard, readDashboard } from "./dashboard/data";
import { exampleSvg, liveSvg } from "./dashboard/svg";
import { Emulator } from "./local/emulator";
import { localPaths } from "./local/project";
import { type Ask, askAws, NotAnswered } from "./preflight/aws";
import { platformOf } from "./preflight/synthesis";

const hourMs = 3_600_000;
/** CloudWatch keeps data points of a minute for 15 days (Amazon CloudWatch User Guide, "Metrics retention"). */
const mostHours = 360;

export const command = defineCommand({
  arguments: {
    name: "dashboard",
    description: `Draws an environment's dashboard as CloudWatch lays it out, into dashboard-<environment>.svg: the deployed one with its data
where the environment's account answers, and otherwise the one that would be applied, with curves that are examples. It uses
the credentials of this shell, or whatever AWS_ENDPOINT_URL names.`,
    positionals: [environmentArgument({})],
    options: {
      example: { type: "boolean", description: "ask no account" },
      hours: {
        type: "string",
        default: "3",
        placeholder: "N",
        description: `hours of data up to now, 1 to ${mostHours} (default 3)`,
        check: (value) =>
          /^[1-9]\d*$/.test(value) && Number(value) <= mostHours
            ? undefined
            : { allowed: `a whole number of hours, 1 to ${mostHours}: CloudWatch keeps minutes for 15 days` },
      },
      local: { type: "boolean", description: "ask the emulator of the local run instead" },
      directory: {
        ...directoryOption.directory,
        description: "folder of that emulator (default .local); implies --local",
      },
    },
    check: ({ options }) =>
      options.example && (options.local || options.directory !== undefined)
        ? [
            argumentProblem("--example", true, {
              allowed: "without --local and --directory",
              fix: "leave one of them out",
            }),
          ]
        : [],
  },

  run: async ({ positionals, options, progress }) => {
    const environment = findEnvironment(positionals.environment);
    const emulator =
      options.local || options.directory !== undefined
        ? await Emulator.running(localPaths(undefined, options.directory).directory)
        : undefined;
    const live = options.example
      ? undefined
      : await progress.step(
          `Read the dashboard ${environment.names.prefix}`,
          () => read(environment, Number(options.hours), askAws(environment.region, emulator?.clientConfig)),
          (found) =>
            typeof found === "string"
              ? `${found}: the curves are examples`
              : `Read the dashboard ${environment.names.prefix}: ${found.lines.flat().filter(({ length }) => length > 0).length} of ${found.lines.flat().length} lines have data`,
        );
    const file = `dashboard-${environment.name}.svg`;
    const { prefix } = environment.names;
    writeFileSync(
      file,
      live === undefined || typeof live === "string"
        ? exampleSvg(prefix, widgetsOf(environment))
        : liveSvg(prefix, live),
    );
    console.log(file);
    return true;
  },
});

/** The deployed dashboard, or why there is none to see. */
async function read(environment: Environment, hours: number, ask: Ask): Promise<LiveDashboard | string> {
  const to = new Date();
  try {
    const { Account } = await ask("sts.GetCallerIdentity", {});
    return Account === environment.accountId
      ? await readDashboard(ask, environment.names.prefix, new Date(to.getTime() - hours * hourMs), to)
      : `The credentials are of account ${Account}, and ${environment.name} is in ${environment.accountId}`;
  } catch (error) {
    if (!(error instanceof NotAnswered) || error.isDenied) {
      throw error;
    }
    return error.code === "ResourceNotFound"
      ? `${environment.name} is not deployed there`
      : `No account answers (${error.code})`;
  }
}

function widgetsOf(environment: Environment) {
  const dashboard = platformOf(environment)
    .node.findAll()
    .find((construct) => construct instanceof Dashboard);
  if (!dashboard) {
    throw new Error(`${environment.name} has no dashboard`);
  }
  return dashboard.widgets;
}

runScript(module, command);
