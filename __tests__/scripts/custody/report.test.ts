import { stripVTControlCharacters } from "node:util";
import type { CustodyRecord } from "../../../functions/custody/chain";
import { formatCustodyReport } from "../../../scripts/custody/report";
import type { CustodyReport } from "../../../scripts/custody/verify-bucket";

const record = {
  sequence: 1_048_576,
  object: { bucket: "chunks", key: `manuals/${"a".repeat(90)}.json`, versionId: "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY" },
  verdict: "rejected",
  problems: ["the content does not begin as application/json does"],
  sha256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
  uploader: "AWS:AROAEXAMPLEID:session-of-the-api-task",
  recordedAt: "2026-11-22T10:00:00.000Z",
} as unknown as CustodyRecord;

const report: CustodyReport = {
  bucket: "audit",
  ok: true,
  records: 1,
  rejected: 1,
  digest: null,
  checkpoints: 0,
  objects: null,
  broken: null,
  latest: [record],
};

test("the table of the last records fits a terminal of 80 columns, and cuts nothing off", () => {
  const lines = stripVTControlCharacters(formatCustodyReport(report)).split("\n");
  const table = lines.filter((line) => /[│┌├└]/.test(line));
  expect(table.length).toBeGreaterThan(4);
  expect(Math.max(...table.map((line) => [...line].length))).toBeLessThanOrEqual(80);
  const cells = table
    .filter((line) => line.startsWith("│"))
    .map((line) => line.split("│").map((cell) => cell.trim()))
    .filter(({ length }) => length === 6)
    .reduce((columns, row) => columns.map((text, index) => text + row[index]), ["", "", "", "", "", ""]);
  expect(cells.join(" ")).not.toContain("…");
  expect(cells[2]).toContain(record.object.key);
  expect(cells[3]).toContain("5f70bf18a0860070");
  expect(cells[3]).toContain(record.uploader);
  expect(cells[4]).toContain("2026-11-22T10:00:00.000Z");
  expect(table.join("\n")).toContain("│ rejected: the content does not begin as application/json does");
});
