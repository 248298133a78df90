/** What AWS would refuse, or what would not work: the answer to one question. */
export interface Finding {
  readonly check: string;
  /** An apply would fail, or end without a working platform. A warning: somebody has to do something, before or after. */
  readonly severity: "error" | "warning";
  readonly what: string;
  /** What AWS says. */
  readonly got: string;
  readonly needed: string;
  /** A command where there is one. */
  readonly fix: string;
}

/** A check that was not made, and why. */
export interface Skipped {
  readonly check: string;
  readonly reason: string;
}

/** What a check that was made could not find out. */
export interface Unknown {
  readonly check: string;
  readonly what: string;
}

/** What a check returns. */
export interface Outcome {
  readonly findings: readonly Omit<Finding, "check">[];
  /** Why nothing was asked. */
  readonly skipped?: string;
  /** What AWS does not tell, and the check did without: a sentence without a final point. */
  readonly unknown?: string;
}

export interface PreflightReport {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** No finding is an error. */
  readonly ok: boolean;
  /** Checks that were made. */
  readonly checks: readonly string[];
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skipped[];
  readonly unknown: readonly Unknown[];
  readonly seconds: number;
}

export const nothingFound: Outcome = { findings: [] };

/** What a person reads: a line of counts, and four lines for each finding. */
export function formatPreflight(report: PreflightReport): string {
  const { findings, skipped, unknown } = report;
  return [
    ...formatFindings(findings),
    ...unknown.map(({ check, what }) => `unknown: ${check}: ${what}`),
    ...skipped.map(({ check, reason }) => `not asked: ${check}: ${reason}`),
    ...(findings.length + unknown.length + skipped.length > 0 ? [""] : []),
    `${report.environment} (account ${report.account}, ${report.region}): ${summaryOf(report)}.`,
  ].join("\n");
}

/** Errors first. */
export function formatFindings(findings: readonly Finding[]): string[] {
  const inOrder = [...findings].sort((one, other) => one.severity.localeCompare(other.severity));
  return inOrder.flatMap(({ severity, check, what, got, needed, fix }) => [
    `${severity}  ${check}: ${what}`,
    `  got     ${got}`,
    `  needed  ${needed}`,
    `  fix     ${fix}`,
  ]);
}

/** `12 checks, nothing found`, or `12 checks, 1 error, 2 warnings` */
export function summaryOf({ checks, findings }: Pick<PreflightReport, "checks" | "findings">): string {
  const counts = (["error", "warning"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  return [counted(checks.length, "check"), ...(counts.length > 0 ? counts : ["nothing found"])].join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
