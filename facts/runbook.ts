/**
 * Where a person reads what an alarm means, by the repository's root: the host of the repository is not the platform's to know, and
 * a link of a foreign host would be a dead one in every fork.
 */
const runbookPage = "docs/operations.md";

/** The end of an alarm's description: `Runbook: docs/operations.md#database-storage`. */
export function runbookLink(anchor: string): string {
  return `Runbook: ${runbookPage}#${anchor.replaceAll("_", "-")}`;
}
