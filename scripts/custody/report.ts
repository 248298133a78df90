import Table from "cli-table3";
import { uriOf } from "../../functions/custody/chain";
import type { CustodyReport } from "./verify-bucket";

/** What a person reads after `verify:custody`. */
export function formatCustodyReport(report: CustodyReport): string {
  const { bucket, records, rejected, digest, checkpoints, objects, broken } = report;
  const count = `${records} ${records === 1 ? "record" : "records"}`;
  const lines = [...formatLatest(report)];
  if (broken) {
    const { sequence, key, problem, expected, found, object } = broken;
    return [
      ...lines,
      `BROKEN at record ${sequence}, s3://${bucket}/${key}: ${problem}`,
      `  expected: ${expected}`,
      `  found:    ${found}`,
      // That of the record before the missing one would be a wrong trail.
      ...(object && problem !== "missing record" ? [`  chunk:    ${uriOf(object)}`] : []),
      `${count} before it ${records === 1 ? "holds" : "hold"}.`,
    ].join("\n");
  }
  return [
    ...lines,
    records === 0 ? `s3://${bucket} has no record yet.` : `Every link of ${count} in s3://${bucket} holds.`,
    ...(rejected > 0 ? [`${rejected} of the objects broke the rules; their records say which.`] : []),
    ...(checkpoints > 0 ? [`The chain agrees with ${checkpoints} earlier verifications.`] : []),
    ...(objects === null ? [] : [`The content of ${objects} objects is what was recorded.`]),
    ...(digest ? [`Digest of the last record: ${digest}`] : []),
  ].join("\n");
}

function formatLatest({ latest }: CustodyReport): string[] {
  if (latest.length === 0) {
    return [];
  }
  const table = new Table({
    head: ["#", "object, version", "sha256, uploader", "recorded, verdict"],
    colWidths: columnWidths,
    style: { head: [], border: [] },
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const { sequence, object, sha256, uploader, recordedAt, verdict, problems } of latest) {
    table.push([
      sequence,
      [object.key, object.versionId.slice(0, 8)].join("\n"),
      [sha256?.slice(0, 16) ?? "-", uploader].join("\n"),
      [recordedAt, verdict].join("\n"),
    ]);
    if (problems.length > 0) {
      table.push([{ colSpan: columnWidths.length, content: [verdict, ...problems].join(": ") }]);
    }
  }
  return [table.toString()];
}

/** Characters of each column with its padding; with the five borders they make the 80 of a terminal. */
const columnWidths = [8, 23, 18, 26];
