import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { accounts, environments } from "../environments";

const root = resolve(__dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "determinism-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs `main.ts` as `cdktf synth` does. Returns the text of every file that it wrote, by relative path. */
function synthesize(name: string, environment: Readonly<Record<string, string>>): Record<string, string> {
  const cwd = join(scratch, name, "somewhere");
  const outdir = join(scratch, name, "out");
  mkdirSync(cwd, { recursive: true });
  const result = spawnSync(
    process.execPath,
    ["--import", require.resolve("tsx/esm"), "--require", require.resolve("tsx/cjs"), join(root, "main.ts")],
    {
      cwd,
      encoding: "utf8",
      env: { ...process.env, CDKTF_OUTDIR: outdir, NODE_OPTIONS: "", ...environment },
    },
  );
  expect(result).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(cwd)).toEqual([]);
  return Object.fromEntries(
    readdirSync(outdir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(outdir, path), readFileSync(path, path.endsWith(".zip") ? "base64" : "utf8")]),
  );
}

const first = synthesize("one", { TZ: "UTC", LANG: "C", USER: "one" });
const second = synthesize("two/deeper", {
  TZ: "Pacific/Kiritimati",
  LANG: "tr_TR.UTF-8",
  USER: "two",
  AWS_REGION: "eu-north-1",
});

const stacks = [
  ...environments.map(({ name }) => `skymanuals-${name}`),
  ...accounts.flatMap(({ name }) => [`skymanuals-account-${name}`, `skymanuals-state-${name}`]),
].sort();

test("one folder for each environment and for each account's two stacks", () => {
  expect(Object.keys(JSON.parse(first["manifest.json"] ?? "{}").stacks).sort()).toEqual(stacks);
  expect(Object.keys(first).filter((path) => path.endsWith("cdk.tf.json"))).toEqual(
    stacks.map((stack) => `stacks/${stack}/cdk.tf.json`).sort(),
  );
});

test("two runs in two folders, time zones, languages and regions write the same bytes", () => {
  expect(Object.keys(second)).toEqual(Object.keys(first));
  for (const [path, text] of Object.entries(first)) {
    if (second[path] !== text) {
      throw new Error(`${path} differs`);
    }
  }
});

test.each([
  ["a folder of this machine", [root, scratch, homedir(), tmpdir()]],
  ["this machine's name", [hostname()]],
])("no file holds %s", (_, words) => {
  for (const [path, text] of Object.entries(first)) {
    for (const word of words.filter((one) => one.length > 3)) {
      expect([path, text.includes(word)]).toEqual([path, false]);
    }
  }
});

test("no file holds a clock: no time of day, no date but those of AWS's policy versions", () => {
  const dates = Object.values(first).flatMap((text) => text.match(/\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?/g) ?? []);
  expect([...new Set(dates)].sort()).toEqual(["2012-10-17"]);
  for (const text of Object.values(first)) {
    expect(text).not.toMatch(/timestamp\(\)|uuid\(\)|plantimestamp\(\)/);
  }
});

test("a stack's folder is complete: what it refers to outside is the local state alone", () => {
  for (const [path, text] of Object.entries(first)) {
    const outside = (text.match(/\.\.\/[^"]*/g) ?? []).filter(
      (one) => !/^\.\.\/\.\.\/\.\.\/terraform\.skymanuals-[\w-]+\.tfstate$/.test(one),
    );
    expect([path, outside]).toEqual([path, []]);
    expect(text).not.toMatch(/file\(|templatefile\(|filebase64/);
  }
});
