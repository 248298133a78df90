import { directoryOption, parseCommandLine, runCommand, runMain } from "./command/command";
import { destroyLocal } from "./local/destroy";
import { formatDestroyReport } from "./local/report";
import { shellQuote } from "./terraform/environment-variables";

const usage = `Usage: npm run destroy:local [-- <environment>] [options]

Destroys an environment (default: development) on the AWS emulator of this machine, proves that nothing is left,
and stops the emulator with the last environment.

  --discard          skip Terraform: end the emulator with everything in it
  --directory DIR    folder of the emulator and its states (default .local)
  --json             one JSON document on stdout
  --verbose          show where an error comes from
  --help`;

const options = {
  ...directoryOption,
  discard: { type: "boolean", default: false },
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
  const directory = values.directory ? ` --directory ${shellQuote(values.directory)}` : "";
  return runCommand(
    {
      ...values,
      onStopped: (_session, reason) =>
        [
          "emulator" in reason ? `${reason.emulator}: what was left went with it.` : `Stopped by ${reason.signal}.`,
          `  Go on:            npm run destroy:local -- ${environment}${directory}`,
          `  Without a trace:  npm run destroy:local -- ${environment} --discard${directory}`,
        ].join("\n"),
      onFailed: (message) =>
        values.json && console.log(JSON.stringify({ environment, ok: false, failures: [message] })),
    },
    async (session) => {
      const report = await destroyLocal({ ...session, environment, discard: values.discard });
      console.log(values.json ? JSON.stringify(report, null, 2) : formatDestroyReport(report));
      return report.ok;
    },
  );
}

runMain(main);
