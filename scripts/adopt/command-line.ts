import { parseArgs } from "node:util";
import { InvalidInput } from "../../environments/validation/problems";

export interface CommandLine {
  readonly stateFile: string;
  readonly environment: string;
  readonly json: boolean;
  readonly allowReplace: readonly string[];
  readonly allowDestroy: readonly string[];
}

export const usage = `Usage: npm run adopt -- --state FILE [--environment production] [--json]
                       [--allow-replace ADDRESS]... [--allow-destroy ADDRESS]...

Plans what it takes to continue the state FILE (from \`terraform state pull\`) with this project, on copies only, and prints
the lines for environments/<environment>.ts. Exit code 1 while something would be destroyed or replaced.`;

/** @throws InvalidInput on unknown options, and where --state is missing. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const refuse = (path: string, value: unknown, allowed: string, fix: string) =>
    new InvalidInput([{ source: "command line", path, value, allowed, fix }]);
  let values: ReturnType<typeof parse>["values"];
  try {
    values = parse(args).values;
  } catch (error) {
    throw refuse("arguments", args.join(" "), "the options of npm run adopt -- --help", (error as Error).message);
  }
  if (values.state === undefined) {
    throw refuse(
      "--state",
      undefined,
      "a Terraform state file",
      "run `terraform state pull > FILE` in the folder of the existing root module and name that file",
    );
  }
  return {
    stateFile: values.state,
    environment: values.environment,
    json: values.json,
    allowReplace: values["allow-replace"],
    allowDestroy: values["allow-destroy"],
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      state: { type: "string" },
      environment: { type: "string", default: "production" },
      json: { type: "boolean", default: false },
      "allow-replace": { type: "string", multiple: true, default: [] },
      "allow-destroy": { type: "string", multiple: true, default: [] },
    },
  });
}
