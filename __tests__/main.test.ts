import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "skymanuals-main-"));
afterAll(() => rmSync(copy, { recursive: true }));

const entries = ["main.ts", "package.json", "tsconfig.json", "constructs", "stacks", "environments", "facts"];

test("bad environments: one report of all problems on stderr, exit code 1, nothing written", () => {
  for (const entry of entries) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const edit = (file: string, from: string, to: string) => {
    const path = join(copy, "environments", file);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
  };
  edit("development.ts", 'imageTag: "1.0.0"', 'imageTag: "latest"');
  edit("production.ts", 'vpcCidrBlock: "10.0.0.0/16"', 'vpcCidrBlock: "10.0.0.0/33"');

  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "main.ts"], {
    cwd: copy,
    encoding: "utf8",
  });
  expect(stderr).toMatch(
    /^Invalid input: 2 problems\.\n\nenvironments\/development\.ts\n {2}api\.imageTag\n {4}value {4}"latest"\n/,
  );
  expect(stderr).toMatch(/environments\/production\.ts\n {2}network\.vpcCidrBlock\n {4}value {4}"10\.0\.0\.0\/33"\n/);
  expect(stderr).not.toContain("    at ");
  expect(stdout).toBe("");
  expect(status).toBe(1);
  expect(existsSync(join(copy, "cdktf.out"))).toBe(false);
});

test("a syntax error: its own line, and no line of the compiler", () => {
  writeFileSync(
    join(copy, "environments/staging.ts"),
    'export const staging = {\n  name: "staging" region: "us-east-1",\n};\n',
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "main.ts"], {
    cwd: copy,
    encoding: "utf8",
  });
  expect(stderr).toBe(
    `Invalid input: 1 problem.

environments/staging.ts
  line 2, column 19
    value    "name: \\"staging\\" region: \\"us-east-1\\","
    allowed  TypeScript: Expected "}" but found "region"
    fix      correct this line, or the one before it
`,
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
});
