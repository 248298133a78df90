import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

const contributing = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

/** Links of a document to files of the project, without its code blocks. */
function linksOf(document: string): string[] {
  const text = readFileSync(join(root, document), "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((link) => !/^\w+:/.test(link));
}

test.each(documents)("%s: every link to a file, and to a heading in it, is right", (document) => {
  const broken = linksOf(document).filter((link) => {
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? join(root, document) : join(root, dirname(document), path);
    if (!existsSync(file)) {
      return true;
    }
    if (anchor === undefined) {
      return false;
    }
    const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
    return !headings.map(anchorOf).includes(anchor);
  });
  expect(broken).toEqual([]);
});

/** Scripts of the application, which the documents name too. */
const applicationScripts = ["db:migrate", "db:seed"];

test.each(documents)("%s: every `npm run` that it names is a script", (document) => {
  const named = [...readFileSync(join(root, document), "utf8").matchAll(/npm run (?:--silent )?([\w:-]+)/g)];
  expect(
    named
      .map(([, script = ""]) => script)
      .filter((script) => !(script in scripts) && !applicationScripts.includes(script)),
  ).toEqual([]);
});

test("every folder and file that CONTRIBUTING.md names exists", () => {
  const named = [...contributing.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
