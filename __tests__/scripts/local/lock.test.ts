import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, isRunning, processReference } from "../../../scripts/command/process";
import { Lock, Locked } from "../../../scripts/local/lock";

const directory = mkdtempSync(join(tmpdir(), "lock "));
const file = join(directory, "lock");
const deadPid = spawnSync("true").pid;

afterEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(directory, { recursive: true }));

const write = (record: unknown) => writeFileSync(file, JSON.stringify(record));

test("a second run is refused while the first holds the lock, and told who holds it", () => {
  const first = Lock.acquire(file, "deploy:local development");
  expect(() => Lock.acquire(file, "destroy:local")).toThrow(Locked);
  expect(() => Lock.acquire(file, "destroy:local")).toThrow(
    `another run is at work: deploy:local development, process ${process.pid}`,
  );
  first.release();
  Lock.acquire(file, "destroy:local").release();
  expect(readdirSync(directory)).toEqual([]);
});

test("the lock of a dead process is taken over, with what it left behind", () => {
  const child = { pid: deadPid, identity: "1", name: "terraform apply" };
  write({ process: { pid: deadPid, identity: "1" }, command: "deploy:local", child });
  const lock = Lock.acquire(file, "deploy:local");
  expect(lock.leftBehind).toMatchObject({ command: "deploy:local", child });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ process: { pid: process.pid } });
  lock.release();
});

test("a process number that was given to another process since does not hold it", () => {
  write({ process: { pid: process.pid, identity: "started at another time" }, command: "deploy:local" });
  const lock = Lock.acquire(file, "deploy:local");
  expect(lock.leftBehind).toBeDefined();
  lock.release();
});

test("a lock that was cut off while being written holds nobody off", () => {
  writeFileSync(file, '{"process":{"pi');
  Lock.acquire(file, "deploy:local").release();
});

test("the child at work is on record until it ends", () => {
  const lock = Lock.acquire(file, "deploy:local");
  lock.setChild(process.pid, "terraform apply");
  expect(JSON.parse(readFileSync(file, "utf8")).child).toMatchObject({ pid: process.pid, name: "terraform apply" });
  lock.setChild(undefined);
  expect(JSON.parse(readFileSync(file, "utf8")).child).toBeUndefined();
  lock.release();
  expect(existsSync(file)).toBe(false);
});

test("a recorded child that ignores the signal is killed after its time, with its process group", async () => {
  const script = `trap '' INT; sleep 60 & echo $!; wait; sleep 60`;
  const child = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve))).toString().split("\n");
  const grandchild = processReference(Number(line));
  const reference = processReference(child.pid as number);
  if (!reference || !grandchild) {
    throw new Error("the child did not start");
  }
  expect(await endProcess(reference, { signal: "SIGINT", graceMs: 200 })).toBe(true);
  expect(isRunning(reference)).toBe(false);
  expect(isRunning(grandchild)).toBe(false);
  expect(await endProcess(reference)).toBe(false);
});

test("what a child that was killed has left in its process group is ended too", async () => {
  const child = spawn("sh", ["-c", "sleep 60 & echo $!; wait"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await new Promise<Buffer>((resolve) => child.stdout.once("data", resolve))).toString().split("\n");
  const grandchild = processReference(Number(line));
  const reference = processReference(child.pid as number);
  if (!reference || !grandchild) {
    throw new Error("the child did not start");
  }
  const exited = new Promise((resolve) => child.once("exit", resolve));
  process.kill(reference.pid, "SIGKILL");
  await exited;
  expect(isRunning(grandchild)).toBe(true);
  expect(await endProcess(reference)).toBe(false);
  while (isRunning(grandchild)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
