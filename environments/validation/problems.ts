import { nearest } from "./nearest";

/** One value that is not allowed: data, to be printed by `formatProblems` or as JSON. */
export interface Problem {
  /** Where the value stands: a file of this repository, or `command line`. */
  readonly source: string;
  /** Path of the value in it, such as `network.vpcCidrBlock` or `zones[1]`. */
  readonly path: string;
  /** The value found; undefined (absent in JSON) where it is missing. */
  readonly value: unknown;
  readonly allowed: string;
  readonly fix: string;
}

/** Refused input: all problems at once. `message` is the report for a terminal; nothing has been written when it is thrown. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }

  toJSON(): { problems: readonly Problem[] } {
    return { problems: this.problems };
  }
}

/** A report of all problems, grouped by source in the order found; plain text, no colours, no final newline. */
export function formatProblems(problems: readonly Problem[]): string {
  const sources = new Map<string, Problem[]>();
  for (const problem of problems) {
    sources.set(problem.source, [...(sources.get(problem.source) ?? []), problem]);
  }
  const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
  const lines = [`Invalid input: ${count}.`];
  for (const [source, found] of sources) {
    lines.push("", source);
    for (const { path, value, allowed, fix } of found) {
      lines.push(`  ${path}`, `    value    ${formatValue(value)}`, `    allowed  ${allowed}`, `    fix      ${fix}`);
    }
  }
  return lines.join("\n");
}

const longestValue = 160;

/** A value as it is written in a source file, cut after 160 characters; `missing` for undefined. */
export function formatValue(value: unknown): string {
  const text = spell(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}

function spell(value: unknown): string {
  if (value === undefined) {
    return "missing";
  }
  if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
    return String(value);
  }
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** `did you mean "x"?` or an empty string. */
export function didYouMean(value: unknown, known: Iterable<string>): string {
  const candidate = typeof value === "string" ? nearest(value, known) : undefined;
  return candidate === undefined ? "" : `did you mean ${JSON.stringify(candidate)}?`;
}
