import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stop } from "../../../scripts/command/stop";
import { ensureVenv } from "../../../scripts/local/venv";

const root = mkdtempSync(join(tmpdir(), "venv "));
const venv = join(root, ".local", "venv");
const requirements = join(root, "emulator", "requirements.txt");
const calls = join(root, "calls");

/** A Python whose `-m venv` copies itself, and whose pip does what the requirements say. */
const python = join(root, "python");
mkdirSync(join(root, "emulator"));
writeFileSync(
  python,
  `#!/bin/sh
echo "$2" >> '${calls}'
if [ "$2" = venv ]; then rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; exit; fi
grep -q '^slow' '${requirements}' && sleep 60
echo "Collecting moto==5.2.5 (from x)"
grep -q '^broken' '${requirements}' && { echo "ERROR: No matching distribution found for broken" >&2; exit 1; }
exit 0
`,
);
chmodSync(python, 0o755);

const called = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []);
const ensure = (onProgress?: (text: string) => void, stop?: Stop) =>
  ensureVenv({ root, venv, python, onProgress, stop });

beforeEach(() => {
  rmSync(join(root, ".local"), { recursive: true, force: true });
  rmSync(calls, { force: true });
  writeFileSync(requirements, "# pinned\nmoto==5.2.5\nboto3==1.40.0\n");
});
afterAll(() => rmSync(root, { recursive: true }));

test("is created on first use with progress, and used as it is from then on", async () => {
  const progress: string[] = [];
  expect(await ensure((text) => progress.push(text))).toBe(join(venv, "bin", "python"));
  expect(progress).toContain("1 of 2 packages: moto==5.2.5");
  expect(called()).toEqual(["venv", "pip"]);
  await ensure();
  expect(called()).toEqual(["venv", "pip"]);
});

test("is created anew when the requirements change", async () => {
  await ensure();
  writeFileSync(requirements, "moto==5.2.6\n");
  await ensure();
  expect(called()).toEqual(["venv", "pip", "venv", "pip"]);
});

test("another requirements file makes another virtual environment", async () => {
  writeFileSync(join(root, "emulator", "requirements-dev.txt"), "ruff==0.17.6\n");
  const progress: string[] = [];
  const program = await ensureVenv({
    root,
    venv: join(root, ".local", "venv-lint"),
    python,
    requirements: "requirements-dev.txt",
    onProgress: (text) => progress.push(text),
  });
  expect(program).toBe(join(root, ".local", "venv-lint", "bin", "python"));
  expect(progress).toContain("installing 1 packages");
  expect(existsSync(venv)).toBe(false);
});

test("is created anew when its Python is gone", async () => {
  await ensure();
  rmSync(join(venv, "bin", "python"));
  await ensure();
  expect(called()).toEqual(["venv", "pip", "venv", "pip"]);
});

test("a failed installation shows pip's last lines, and is started over by the next run", async () => {
  writeFileSync(requirements, "broken\n");
  await expect(ensure()).rejects.toThrow("No matching distribution found for broken");
  await expect(ensure()).rejects.toThrow("failed");
  expect(called()).toEqual(["venv", "pip", "venv", "pip"]);
});

test("two runs at once create it once", async () => {
  const progress: string[] = [];
  await Promise.all([ensure(), ensure((text) => progress.push(text))]);
  expect(called()).toEqual(["venv", "pip"]);
  expect(progress).toContain(`waiting for process ${process.pid}, which creates it`);
});

test("an installation that is stopped ends at once, and is started over by the next run", async () => {
  writeFileSync(requirements, "slow\n");
  const stop = new Stop();
  const work = ensure(
    (text) => text.startsWith("installing") && setTimeout(() => stop.request({ signal: "SIGINT" }), 100),
    stop,
  );
  await expect(work).rejects.toThrow();
  writeFileSync(requirements, "moto==5.2.5\n");
  await ensure();
  expect(called()).toEqual(["venv", "pip", "venv", "pip"]);
});
