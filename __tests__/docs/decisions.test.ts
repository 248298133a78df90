import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const folder = resolve(__dirname, "../../docs/decisions");
const records = readdirSync(folder)
  .filter((file) => /^\d{4}-/.test(file))
  .map((file) => {
    const [title = "", ...lines] = readFileSync(join(folder, file), "utf8").split("\n");
    return { file, number: Number(file.slice(0, 4)), title, head: lines.slice(0, 4) };
  });
const index = readFileSync(join(folder, "README.md"), "utf8");

/** `accepted`, or the four digits of the record that took its place. */
function statusOf(head: readonly string[]): string | undefined {
  return /^Status: (?:(accepted)|superseded by (\d{4}))$/
    .exec(head[1] ?? "")
    ?.slice(1)
    .find(Boolean);
}

test("records are numbered from 1 without a gap", () => {
  expect(records.map(({ number }) => number)).toEqual(records.map((_, position) => position + 1));
});

test.each(records)("$file has its number, a status and a date below the title", ({ number, title, head }) => {
  expect(title).toMatch(new RegExp(`^# ${number}\\. \\S`));
  expect([head[0], head[3]]).toEqual(["", ""]);
  expect(statusOf(head)).toBeDefined();
  const date = /^Date: (\d{4}-\d{2}-\d{2})$/.exec(head[2] ?? "")?.[1];
  expect(new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10)).toBe(date);
});

test("a superseded record names a later one", () => {
  for (const { number, head } of records) {
    const status = statusOf(head);
    if (status !== "accepted") {
      expect(records.map((record) => record.number).filter((later) => later > number)).toContain(Number(status));
    }
  }
});

test("the list has every record with title, status and date, and no other", () => {
  const rows = records.map(({ file, number, title, head }) => {
    const status = statusOf(head);
    const successor = records.find((record) => record.file.startsWith(`${status}-`));
    const shown = successor ? `superseded by [${successor.number}](${successor.file})` : status;
    return `| [${number}](${file}) | ${title.slice(`# ${number}. `.length)} | ${shown} | ${head[2]?.slice("Date: ".length)} |`;
  });
  expect(index.split("\n").filter((line) => line.startsWith("| ["))).toEqual(rows);
});
