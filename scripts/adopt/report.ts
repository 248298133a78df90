import type { Environment } from "../../environments/environment";
import type { Adoption } from "./adoption";
import { environmentLines, spellReason } from "./lines";

/** The whole report for a terminal: what the first apply does, and the lines that it takes. */
export function formatReport(environment: Environment, adoption: Adoption): string {
  const { outcome, kept, fields, beforeApply, notes } = adoption;
  const { created, changed, revisions, replaced, destroyed, forgotten, moved, refused } = outcome;
  const sections = [
    section("Created", created),
    section(
      "Changed in place",
      changed.flatMap(({ address, attributes, interruption }) => [
        interruption ? `${address}: ${interruption}` : attributes.length === 0 ? `${address}: default tags` : address,
        ...attributes.map(
          ({ attribute, before, after, reason }) =>
            `    ${attribute}: ${shorten(before)} -> ${shorten(after)}${reason ? ` (${reason})` : ""}`,
        ),
      ]),
      changed.length,
    ),
    section(
      "New revisions of task definitions (container definitions cannot be changed; tasks of the old revision run until the service has moved)",
      revisions.map(({ address, causes }) => `${address}: ${causes.join(", ")}`),
    ),
    section(
      "Replaced",
      replaced.map(({ address, causes }) => `${address}: ${causes.join(", ")}`),
    ),
    section(
      "Destroyed",
      destroyed.map(({ address, cause }) => `${address}: ${cause}`),
    ),
    section(
      "Moved to our addresses",
      moved.map(({ from, to }) => `${from} -> ${to}`),
    ),
    section("Forgotten: these go on existing, and Terraform no longer manages them", forgotten),
    section(
      "Values of the environment, from the state",
      fields.map(({ field, value, source }) => `${field}: ${shorten(value)} (${source})`),
    ),
    section(
      "Kept as in the state",
      kept.map(({ address, argument, reason }) => `${address}.${argument}: ${lowerFirst(spellReason(reason))}`),
    ),
    section("Notes", notes),
    section("Before the first apply", beforeApply),
  ].filter(Boolean);
  const verdict =
    refused.length === 0
      ? `Nothing is destroyed or replaced. Put these lines in place of the same properties of environments/${adoption.environment}.ts:`
      : [
          `Refused: ${refused.length} of these must not be applied:`,
          ...refused.map((line) => `  ${line}`),
          "Allow one by its address, with --allow-replace ADDRESS or --allow-destroy ADDRESS. The lines so far:",
        ].join("\n");
  return `${sections.join("\n\n")}\n\n${verdict}\n\n${environmentLines(environment, adoption)}`;
}

function section(title: string, lines: readonly string[], count = lines.length): string {
  return lines.length === 0 ? "" : [`${title} (${count}):`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function shorten(value: unknown): string {
  const text = typeof value === "string" && value.startsWith("(") ? value : JSON.stringify(value ?? null);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}
