import "../environments/validation/source-errors";

import { dirname, join } from "node:path";
import { findEnvironment } from "../environments";
import { directoryOption, environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { checkPrerequisites } from "./command/prerequisites";
import { offlinePaths, offlinePlans } from "./compliance/offline-plans";
import { formatScan, judgeScan, runCheckov } from "./compliance/scan";
import { readPlans } from "./compliance/submitted-plan";
import { suppressions } from "./compliance/suppressions";
import { projectRoot } from "./local/project";
import { ensureVenv } from "./local/venv";

export const command = defineCommand({
  arguments: {
    name: "checkov",
    description: `Scans plans of an environment, and of its account's stacks, with Checkov. Every finding is mended, or suppressed with a reason in
scripts/compliance/suppressions.ts; one that suppresses nothing fails. It asks no account.`,
    positionals: [environmentArgument({})],
    options: {
      plan: {
        type: "string",
        placeholder: "FILE",
        multiple: true,
        description: `what terraform plan -out=FILE or terraform show -json wrote: one plan of the environment's
stack, and beside it those of its account's stacks; may be repeated. Without it the plans
of a new account are made on an emulator of their own`,
      },
      directory: {
        ...directoryOption.directory,
        description: "folder of that emulator (default .local/compliance)",
      },
      ...jsonOption,
    },
    notes: "Exit code: 0 nothing is left, 1 a finding or a stale suppression is, or a scan failed, 2 wrong arguments.",
  },

  explainStop: ({ positionals: { environment } }, reason) =>
    `${"signal" in reason ? `Stopped by ${reason.signal}` : reason.emulator}. Nothing is left. Again: npm run checkov -- ${environment}`,

  run: async ({ positionals, options, progress, stop }) => {
    const { accountId, name } = findEnvironment(positionals.environment);
    const { python } = checkPrerequisites();
    const tools = await progress.step("Checkov", (step) =>
      ensureVenv({
        root: projectRoot,
        venv: join(projectRoot, ".local", "venv-compliance"),
        requirements: "requirements-compliance.txt",
        python,
        stop,
        onProgress: step.update,
      }),
    );
    const plans =
      options.plan.length > 0
        ? await readPlans(options.plan, {
            environment: name,
            accountId,
            outdir: join(projectRoot, "cdktf.out"),
            env: process.env,
          })
        : await offlinePlans(name, { paths: offlinePaths(options.directory), progress, stop });
    const scan = await progress.step(`Scan of ${name}`, async (step) => {
      const results = [];
      for (const plan of plans) {
        step.update(plan.file);
        results.push(await runCheckov(plan, { program: join(dirname(tools), "checkov"), stop }));
        stop.throwIfRequested();
      }
      return judgeScan(results, suppressions);
    });
    console.log(options.json ? JSON.stringify(scan, null, 2) : formatScan(scan));
    return scan.ok;
  },
});

runScript(module, command);
