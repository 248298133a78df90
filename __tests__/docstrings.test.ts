import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "..");
const skipped = /^(node_modules|cdktf\.out|\.local|\.git)\//;
const files = execFileSync("find", [".", "-name", "node_modules", "-prune", "-o", "-name", "*.ts", "-print"], {
  cwd: root,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .map((file) => file.replace(/^\.\//, ""))
  .filter((file) => !skipped.test(file));

/** Docstrings as `file: text`. */
const docstrings = files.flatMap((file) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/\/\*\*.*?\*\//gs)].map(([text]) => ({ file, text })),
);

test("what is thrown stands in tags, `@throws Class where ...`, each on a line of its own", () => {
  const tag = /^\s*\* @throws [A-Z]\w+ \w.*[^.]$/;
  const wrong = docstrings.flatMap(({ file, text }) =>
    text
      .split("\n")
      .filter((line) => /@throws|\bThrows\b/.test(line) && !tag.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(docstrings.length).toBeGreaterThan(300);
  expect(wrong).toEqual([]);
});
