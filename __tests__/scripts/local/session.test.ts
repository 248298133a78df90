import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning, processReference } from "../../../scripts/command/process";
import { Progress } from "../../../scripts/command/progress";
import { Stop } from "../../../scripts/command/stop";
import { localPaths } from "../../../scripts/local/project";
import {
  deployedEnvironments,
  discardAll,
  ensureEmulator,
  findTarget,
  setDeployed,
  withLock,
} from "../../../scripts/local/session";

const root = mkdtempSync(join(tmpdir(), "session "));
const paths = localPaths(root);
const notes: string[] = [];
const session = () => ({ paths, progress: new Progress({ write: (text) => notes.push(text) }, {}), stop: new Stop() });

beforeEach(() => mkdirSync(paths.directory, { recursive: true }));
afterAll(() => rmSync(root, { recursive: true }));

test("a run ends the Terraform that a killed run left at work, and removes its lock information", async () => {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  const reference = processReference(child.pid as number);
  const lockInformation = join(paths.directory, ".terraform.skymanuals-development.tfstate.lock.info");
  writeFileSync(lockInformation, "{}");
  const dead = { pid: spawnSync("true").pid, identity: "1" };
  const record = { process: dead, command: "deploy:local", child: { ...reference, name: "terraform apply" } };
  writeFileSync(paths.lock, JSON.stringify(record));

  await withLock(session(), "deploy:local", async () => {
    expect(reference && isRunning(reference)).toBe(false);
    expect(existsSync(lockInformation)).toBe(false);
  });
  expect(notes.join("")).toContain(`Ended terraform apply (process ${child.pid})`);
  expect(existsSync(paths.lock)).toBe(false);
});

test("the failure of a child that was stopped counts as the stop", async () => {
  const stopped = session();
  const work = withLock(stopped, "deploy:local", async () => {
    stopped.stop.request({ signal: "SIGTERM" });
    throw new Error("pip failed");
  });
  await expect(work).rejects.toMatchObject({ exitCode: 143 });
  expect(existsSync(paths.lock)).toBe(false);
});

describe("a port in use", () => {
  const other = createServer();
  const request = { accountId: "111111111111", hostedZones: [] };
  let port: number;

  beforeAll(async () => {
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    port = (other.address() as AddressInfo).port;
  });
  afterAll(() => other.close());

  test("is found before the emulator's packages are installed", async () => {
    const start = ensureEmulator(session(), { ...request, port });
    await expect(start).rejects.toThrow(`port ${port} of 127.0.0.1 is in use by another program`);
    expect(existsSync(paths.venv)).toBe(false);
  });

  test("is the one on which an emulator listened that was killed, unless another is given", async () => {
    const died = { process: { pid: spawnSync("true").pid, identity: "1" }, port, accountId: "111111111111" };
    writeFileSync(join(paths.directory, "emulator.json"), JSON.stringify(died));
    const start = ensureEmulator(session(), { ...request, port: undefined });
    await expect(start).rejects.toThrow(`port ${port} of 127.0.0.1 is in use by another program`);
  });
});

test("the emulator's environments are on record until they are destroyed", () => {
  setDeployed(paths.directory, "development", true);
  setDeployed(paths.directory, "staging", true);
  setDeployed(paths.directory, "staging", true);
  expect(deployedEnvironments(paths.directory)).toEqual(["development", "staging"]);
  setDeployed(paths.directory, "development", false);
  expect(deployedEnvironments(paths.directory)).toEqual(["staging"]);
});

test("discarding leaves the virtual environment, and nothing else", async () => {
  for (const folder of [paths.venv, paths.cdktf, paths.logs, join(paths.outdir, "stacks")]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const file of ["terraform.a.tfstate", "terraform.a.tfstate.backup", "unfinished.a.json", "emulator.log"]) {
    writeFileSync(join(paths.directory, file), JSON.stringify({ stack: "a" }));
  }
  await discardAll(paths);
  expect(readdirSync(paths.directory)).toEqual(["venv"]);
});

test("an environment comes with its account's stacks, the state bucket first where it keeps the state", () => {
  expect(findTarget("development").prerequisiteStacks).toEqual([expect.stringMatching(/^skymanuals-account-/)]);
  const production = findTarget("production");
  expect(production.stack).toBe("skymanuals-production");
  expect(production.prerequisiteStacks).toEqual([
    expect.stringMatching(/^skymanuals-state-/),
    expect.stringMatching(/^skymanuals-account-/),
  ]);
  expect(production.standbyStacks).toEqual([
    "skymanuals-state-production-dr",
    "skymanuals-account-production-dr",
    "skymanuals-production-dr",
  ]);
  expect(findTarget("production-dr").standbyStacks).toEqual([]);
  expect(production.hostedZones).toContain("skymanuals.com");
});
