import type { Answer, ComplianceReport } from "./judge";
import type { Finding, Verdict } from "./requirement";

/** As the report spells verdicts, all of one width with what follows. */
const verdicts: Readonly<Record<Verdict, string>> = {
  satisfied: "as planned",
  failed: "FAILED",
  account: "in account",
  "not-applicable": "n/a",
};
const verdictWidth = 12;
const indent = " ".repeat(verdictWidth);

/** Findings shown of a requirement that holds; a failed one shows all that fail. */
const shownFindings = 4;

/**
 * The report for a terminal, by source.
 *
 * @param columns Its width in characters; 80 to 120 are used
 */
export function formatCompliance(report: ComplianceReport, columns = 100): string {
  const width = Math.min(120, Math.max(80, columns));
  const lines = [
    `Compliance of ${report.environment} (account ${report.accountId}), from ${report.plans.length === 1 ? "this plan" : "these plans"} alone:`,
    ...report.plans.map(({ file, sha256, timestamp }) => `  ${file}  ${timestamp}  sha256 ${sha256.slice(0, 16)}`),
  ];
  let source = "";
  for (const answer of report.answers) {
    if (answer.source !== source) {
      source = answer.source;
      lines.push("", ...wrapped(source, width, ""));
    }
    lines.push(...formatAnswer(answer, width));
  }
  lines.push("", ...legend(width), "", summaryOf(report));
  const failed = report.answers.filter(({ verdict }) => verdict === "failed");
  if (failed.length > 0) {
    lines.push(`Failed: ${failed.map(({ id }) => id).join(", ")}`);
  }
  return lines.flatMap((line) => (line.length > width ? wrapped(line, width, leading(line)) : [line])).join("\n");
}

/** `31 as planned, 8 failed, 6 for a running account, 2 not applicable` */
export function summaryOf({ counts }: ComplianceReport): string {
  const parts = [
    [counts.satisfied, "as planned"],
    [counts.failed, "failed"],
    [counts.account, "for a running account to show"],
    [counts["not-applicable"], "not applicable"],
  ] as const;
  return parts
    .filter(([count], index) => index < 2 || count > 0)
    .map(([count, text]) => `${count} ${text}`)
    .join(", ");
}

function formatAnswer(answer: Answer, width: number): string[] {
  const { id, title, promise, verdict, meaning, findings, inAccount } = answer;
  const isFailed = verdict === "failed";
  const failures = findings.filter(({ ok }) => !ok);
  const chosen = isFailed ? failures : verdict === "not-applicable" ? [] : findings.slice(0, shownFindings);
  const left = (isFailed ? findings : chosen.length > 0 ? findings : []).length - chosen.length;
  return [
    ...wrapped(`${verdicts[verdict].padEnd(verdictWidth)}${id}: ${title}`, width, indent),
    ...wrapped(`${indent}asked    ${promise}`, width, `${indent}         `),
    ...chosen.flatMap((finding) => formatFinding(finding, width)),
    ...(left > 0 ? [`${indent}         and ${left} more that ${left === 1 ? "holds" : "hold"} (--json has all)`] : []),
    ...meaning.flatMap((text) => wrapped(`${indent}means    ${text}`, width, `${indent}         `)),
    ...wrapped(`${indent}account  ${inAccount}`, width, `${indent}         `),
  ];
}

function formatFinding({ address, attribute, value, needed, ok }: Finding, width: number): string[] {
  const what = attribute === "" ? `${address}: ${value}` : `${address} ${attribute} = ${value}`;
  return wrapped(
    `${indent}${ok ? "plan     " : "lacks    "}${what}${ok ? "" : `; needed: ${needed}`}`,
    width,
    `${indent}         `,
  );
}

function legend(width: number): string[] {
  return [
    "as planned: the plan has it. FAILED: the plan lacks it, or has something else. in account: the plan has what it can have of it, and only a running account, or a person, shows the rest. n/a: asked of no such environment.",
    "Seven years are SkyManuals' own policy: no text of EASA or the FAA that was read says seven.",
  ].flatMap((text) => wrapped(text, width, ""));
}

function leading(line: string): string {
  return " ".repeat(line.length - line.trimStart().length);
}

/** Breaks at spaces; a word that is longer than a line is broken where the line ends. */
function wrapped(text: string, width: number, hanging: string): string[] {
  const lines: string[] = [];
  let line = leading(text);
  let isStart = true;
  for (const word of words(text.trimStart())) {
    let rest = word;
    while (rest !== "") {
      const joined = `${line}${rest}`;
      if (joined.trimEnd().length <= width) {
        line = joined;
        isStart = false;
        rest = "";
      } else if (isStart) {
        lines.push(`${line}${rest.slice(0, width - line.length)}`);
        rest = rest.slice(width - line.length);
        line = hanging;
      } else {
        lines.push(line.trimEnd());
        line = hanging;
        isStart = true;
        rest = rest.trimStart();
      }
    }
  }
  return [...lines, line.trimEnd()];
}

/** Words with the spaces behind them: columns keep their places. */
function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}
