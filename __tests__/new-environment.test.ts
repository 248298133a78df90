import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Synthesizes the whole project twice. */
jest.setTimeout(120_000);

const root = resolve(__dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "skymanuals-qa-"));
afterAll(() => rmSync(copy, { recursive: true }));

beforeAll(() => {
  for (const entry of [
    ...["main.ts", "package.json", "package-lock.json", "tsconfig.json", "README.md"],
    ...["constructs", "stacks", "environments", "facts", "functions", "kibana", "logstash"],
  ]) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const index = join(copy, "environments/index.ts");
  const list = "{ development, staging,";
  const text = readFileSync(index, "utf8");
  expect(text).toContain(list);
  writeFileSync(index, `import { qa } from "./qa";\n${text.replace(list, "{ development, qa, staging,")}`);
});

function synth() {
  return spawnSync(process.execPath, ["--require", "tsx/cjs", "main.ts"], { cwd: copy, encoding: "utf8" });
}

test("a fourth environment is made as the README says", () => {
  const [, command = ""] = /^(sed .*environments\/qa\.ts)$/m.exec(readFileSync(join(copy, "README.md"), "utf8")) ?? [];
  execFileSync("sh", ["-c", command], { cwd: copy });
  const { status, stderr } = synth();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const stack = readFileSync(join(copy, "cdktf.out/stacks/skymanuals-qa/cdk.tf.json"), "utf8");
  expect(JSON.parse(stack).resource.aws_vpc.skymanuals.tags.Name).toBe("skymanuals-qa-vpc");
  expect(stack).not.toContain("staging");
});

test("a copy with the name of what it was copied from is at fault, and nothing is written", () => {
  rmSync(join(copy, "cdktf.out"), { recursive: true, force: true });
  const staging = readFileSync(join(copy, "environments/staging.ts"), "utf8");
  writeFileSync(join(copy, "environments/qa.ts"), staging.replace("export const staging", "export const qa"));
  const { status, stderr } = synth();
  expect(status).toBe(1);
  expect(stderr.match(/^environments\/.*$/gm)).toEqual(["environments/qa.ts"]);
  expect(stderr).toContain('  name\n    value    "staging"\n');
  expect(existsSync(join(copy, "cdktf.out"))).toBe(false);
});
