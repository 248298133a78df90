import "../environments/validation/source-errors";

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEnvironment } from "../environments";
import { directoryOption, environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { judge } from "./compliance/judge";
import { offlinePaths, offlinePlans } from "./compliance/offline-plans";
import { oscalAssessmentResults } from "./compliance/oscal";
import { prowlerFramework } from "./compliance/prowler";
import { formatCompliance, summaryOf } from "./compliance/report";
import { readPlans } from "./compliance/submitted-plan";
import { projectRoot } from "./local/project";

export const command = defineCommand({
  arguments: {
    name: "compliance",
    description: `Answers every requirement of the setup guide's compliance and security sections, and of the rules that they serve, from plans
alone: what is planned for it, and what only a running account can show. It asks no account.`,
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
      prowler: {
        type: "string",
        placeholder: "FILE",
        description: "write the requirements as a framework of Prowler, to scan a running account by",
      },
      oscal: {
        type: "string",
        placeholder: "FILE",
        description: "write the answers as OSCAL assessment results",
      },
      ...jsonOption,
    },
    notes:
      "Exit code: 0 nothing failed, 1 a requirement failed or a plan could not be read or made, 2 wrong arguments.",
  },

  explainStop: ({ positionals: { environment } }, reason) =>
    `${"signal" in reason ? `Stopped by ${reason.signal}` : reason.emulator}. Nothing is left. Again: npm run compliance -- ${environment}`,

  run: async ({ positionals, options, progress, stop }) => {
    const environment = findEnvironment(positionals.environment);
    const { accountId, name } = environment;
    const plans =
      options.plan.length > 0
        ? await progress.step(
            `Read ${options.plan.join(", ")}`,
            () =>
              readPlans(options.plan, {
                environment: name,
                accountId,
                outdir: join(projectRoot, "cdktf.out"),
                env: process.env,
              }),
            (read) => `Read ${read.map(({ file }) => file).join(", ")}`,
          )
        : await offlinePlans(name, { paths: offlinePaths(options.directory), progress, stop });
    const report = await progress.step(
      `Compliance of ${name}`,
      async () => judge(plans, accountId),
      (judged) => `Compliance of ${name}: ${summaryOf(judged)}`,
    );
    for (const [file, document] of [
      [options.prowler, prowlerFramework()],
      [options.oscal, oscalAssessmentResults(report)],
    ] as const) {
      if (file !== undefined) {
        writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
      }
    }
    console.log(options.json ? JSON.stringify(report, null, 2) : formatCompliance(report, process.stdout.columns));
    return report.ok;
  },
});

runScript(module, command);
