import { existsSync } from "node:fs";
import {
  directoryOption,
  parseCommandLine,
  parsePort,
  parseVariables,
  runCommand,
  runMain,
  type Session,
} from "./command/command";
import type { StopReason } from "./command/stop";
import { deployLocal } from "./local/deploy";
import { formatDeployReport } from "./local/report";
import { readUnfinished } from "./local/unfinished";
import { shellQuote } from "./terraform/environment-variables";

const usage = `Usage: npm run deploy:local [-- <environment>] [options]

Applies an environment (default: development) to an AWS emulator on this machine.

  --var name=value   value of a Terraform variable of the environment; may be repeated
  --port N           the emulator's port on 127.0.0.1 (default 4780; 0: any that is free)
  --directory DIR    folder of the emulator and its states (default .local)
  --import           take what a killed run left outside of the state into it
  --json             one JSON document on stdout
  --verbose          show where an error comes from
  --help`;

const options = {
  ...directoryOption,
  var: { type: "string", multiple: true },
  port: { type: "string" },
  import: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, usage);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const environment = positionals[0] ?? "development";
  const following = [
    ...(positionals[0] ? [positionals[0]] : []),
    ...(values.directory ? [`--directory ${shellQuote(values.directory)}`] : []),
  ].join(" ");
  const again = following ? ` -- ${following}` : "";

  const onStopped = ({ paths }: Session, reason: StopReason) => {
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
  };

  return runCommand(
    {
      ...values,
      onStopped,
      onFailed: (message) =>
        values.json && console.log(JSON.stringify({ environment, ok: false, failures: [message] })),
    },
    async (session) => {
      const report = await deployLocal({
        ...session,
        environment,
        port: parsePort(values.port),
        variables: parseVariables(values.var),
        importOutside: values.import,
      });
      console.log(values.json ? JSON.stringify(report, null, 2) : formatDeployReport(report, following));
      return report.ok;
    },
  );
}

runMain(main);
