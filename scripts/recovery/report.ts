import { formatSeconds } from "../command/progress";
import {
  type Assumption,
  formatRange,
  objectives,
  pointAssumptions,
  recoveryAssumptions,
  recoverySteps,
  type Total,
  totalOf,
} from "./objectives";
import type { Rehearsal } from "./rehearsal";
import { longestDatabaseRestore, type RestoreTests } from "./restore-tests";

/** Everything that a drill found, and what AWS is assumed to add: the document of `--json`. */
export interface DrillReport extends Rehearsal {
  readonly ok: boolean;
  readonly failures: readonly string[];
  readonly assumptions: readonly Assumption[];
  readonly recovery: Total;
  readonly point: { readonly database: Total; readonly documents: Total };
  /** AWS Backup's own restore tests; null where they were not asked for. */
  readonly restoreTests: RestoreTests | null;
}

/** A measured restore takes the place of the assumed one. */
export function reportOf(rehearsal: Rehearsal, restoreTests: RestoreTests | null): DrillReport {
  const measured = restoreTests && longestDatabaseRestore(restoreTests);
  const assumptions = recoveryAssumptions.map((assumption) =>
    measured?.seconds && assumption.what.startsWith("restore of the database")
      ? {
          ...assumption,
          range: { least: measured.seconds, most: measured.seconds },
          source: `AWS Backup restore testing, ${measured.created}`,
        }
      : assumption,
  );
  const of = (data: "database" | "documents") =>
    totalOf(
      pointAssumptions.filter((assumption) => assumption.data === data),
      objectives.pointSeconds,
    );
  const { result } = rehearsal;
  // Of the deployment, what the emulator waits for stands for Terraform's own time; AWS's comes on top.
  const own = { what: "the drill's own steps", range: { least: result.recoverySeconds, most: result.recoverySeconds } };
  return {
    ...rehearsal,
    ok: result.ok,
    failures: result.failures,
    assumptions,
    recovery: totalOf([own, ...assumptions], objectives.recoverySeconds),
    point: { database: of("database"), documents: of("documents") },
    restoreTests,
  };
}

/** The report as Markdown. */
export function formatDrillReport(report: DrillReport): string {
  const { environment, standby, result, kept, restoreTests, recovery, point } = report;
  const lines = [
    `# Recovery drill of ${environment}, ${result.began.slice(0, 10)}`,
    "",
    report.ok
      ? `\`${standby}\` served with the data of \`${environment}\`. Drill \`${result.id}\`, begun ${result.began}, on the emulator.`
      : `FAILED. Drill \`${result.id}\`, begun ${result.began}, on the emulator.`,
    ...report.failures.map((failure) => `\n- ${failure}`),
    "",
    "## Measured here",
    "",
    "| step | seconds | found |",
    "|---|---:|---|",
    ...result.steps.map(
      ({ step, title, seconds, found }) =>
        `| ${title}${recoverySteps.includes(step) ? "" : " (before the clock starts)"} | ${seconds.toFixed(1)} | ${found.replaceAll("|", "\\|")} |`,
    ),
    "",
    `From the loss of the region to the switched name: ${formatSeconds(result.recoverySeconds)}.`,
    ...(result.databaseLossSeconds === null
      ? []
      : [
          `The newest time that the database could be restored to lay ${formatSeconds(result.databaseLossSeconds)} before the loss; the emulator copies at once.`,
        ]),
    ...(kept.length > 0
      ? [
          "",
          `Not lost in this drill: ${kept.join(", ")}. AWS runs the control planes of CloudFront's certificates, firewall and alarms in us-east-1, and the recovery environment's edge is created through them. Where these are lost too, see docs/recovery.md.`,
        ]
      : []),
    "",
    "## Assumed for AWS",
    "",
    "| what | range | source |",
    "|---|---|---|",
    ...[...report.assumptions, ...pointAssumptions].map(
      ({ what, range, source }) => `| ${what} | ${formatRange(range)} | ${source} |`,
    ),
    "",
    "## Against the objectives",
    "",
    `- Recovery time, objective ${formatSeconds(recovery.objective)}: ${formatTotal(recovery)}`,
    `- Recovery point of the database, objective ${formatSeconds(point.database.objective)}: ${formatTotal(point.database)}`,
    `- Recovery point of documents and records, objective ${formatSeconds(point.documents.objective)}: ${formatTotal(point.documents)}`,
    "",
    ...formatRestoreTests(restoreTests),
  ];
  return `${lines.join("\n")}\n`;
}

function formatTotal({ known, unknown, objective, within }: Total): string {
  const spent = `${formatSeconds(known)} for what has a figure, at most`;
  if (within === false) {
    return `not met: ${spent}`;
  }
  return within
    ? `met: ${spent}`
    : `not proven: ${spent}, which leaves ${formatSeconds(objective - known)} for what has none: ${unknown.join("; ")}`;
}

function formatRestoreTests(tests: RestoreTests | null): string[] {
  if (tests === null) {
    return [
      "AWS Backup's restore tests were not read: `--restore-tests` reads them with the credentials of this shell.",
    ];
  }
  const jobs = tests.plans.flatMap(({ name, jobs }) => jobs.map((job) => ({ plan: name, ...job })));
  return [
    `## Restore tests of AWS Backup in ${tests.region}`,
    "",
    ...(jobs.length === 0
      ? ["There are none."]
      : [
          "| plan | resource | created | duration | status | validation |",
          "|---|---|---|---:|---|---|",
          ...jobs.map(
            ({ plan, resourceType, created, seconds, status, validation }) =>
              `| ${plan} | ${resourceType} | ${created} | ${seconds === null ? "-" : formatSeconds(seconds)} | ${status} | ${validation ?? "-"} |`,
          ),
        ]),
  ];
}
