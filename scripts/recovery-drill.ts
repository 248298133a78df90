import "../environments/validation/source-errors";

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { directoryOption, environmentArgument, jsonOption, portOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { localPaths } from "./local/project";
import { backupClient } from "./recovery/place";
import { recoveryPair, rehearse } from "./recovery/rehearsal";
import { formatDrillReport, reportOf } from "./recovery/report";
import { readRestoreTests } from "./recovery/restore-tests";
import { shellQuote } from "./terraform/environment-variables";

export const command = defineCommand({
  arguments: {
    name: "recovery:drill",
    description: `Rehearses the loss of an environment's region on the AWS emulator of this machine: writes a row and chunks, loses the region,
deploys the recovery environment from what the other region has, finds row, chunks and an unbroken chain there, and switches the
name. Each step is measured, and a dated report is written.`,
    positionals: [environmentArgument({ default: "production" })],
    options: {
      ...portOption,
      ...directoryOption,
      report: {
        type: "string",
        placeholder: "FILE",
        description: "where the report is written (default recovery-drill-<date>.md in the run's folder)",
        check: (value) =>
          value.endsWith(".md") ? undefined : { allowed: "the name of a Markdown file: it ends in .md" },
      },
      keep: { type: "boolean", description: "leave what the drill has deployed" },
      "restore-tests": {
        type: "boolean",
        description:
          "also read from AWS, with the credentials of this shell, how long\nAWS Backup's restore tests took in the recovery region",
      },
      ...jsonOption,
    },
    notes: `A local run that stands is used, and stays, with the recovery environment serving. Otherwise the drill deploys both
environments, and removes them at the end. Exit code: 0 everything was found, 1 a check failed, 2 wrong arguments.`,
  },

  explainStop: ({ positionals: { environment }, options: { directory } }, reason) => {
    const where = directory ? ` --directory ${shellQuote(directory)}` : "";
    return [
      "emulator" in reason ? `${reason.emulator}: what was left went with it.` : `Stopped by ${reason.signal}.`,
      `  Remove what stands:  npm run destroy:local -- ${environment} --discard${where}`,
    ].join("\n");
  },

  run: async ({ positionals: { environment }, options, progress, stop }) => {
    const paths = localPaths(undefined, options.directory);
    const { standby } = recoveryPair(environment);
    // First: without credentials, nothing else is begun.
    const restoreTests = options["restore-tests"]
      ? await progress.step("Read AWS Backup's restore tests", () =>
          readRestoreTests(backupClient(standby.region), standby.region),
        )
      : null;
    const port = options.port === undefined ? undefined : Number(options.port);
    const rehearsal = await rehearse({ paths, progress, stop, environment, port, keep: options.keep });
    const report = reportOf(rehearsal, restoreTests);
    const text = formatDrillReport(report);
    const file = options.report ?? join(paths.directory, `recovery-drill-${rehearsal.result.began.slice(0, 10)}.md`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(options.json ? JSON.stringify(report, null, 2) : `${text}\nReport: ${file}`);
    return report.ok;
  },
});

runScript(module, command);
