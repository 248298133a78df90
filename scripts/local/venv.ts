import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endProcess, signalProcess } from "../command/process";
import type { Stop } from "../command/stop";
import { pythonEnvironment } from "../terraform/environment-variables";
import { lastLines } from "../terraform/run";
import { Lock, Locked } from "./lock";

export interface VenvOptions {
  /** The project: holds emulator/requirements.txt. */
  readonly root: string;
  /** File of pinned packages, in emulator/; requirements.txt without it. */
  readonly requirements?: string;
  /** Folder of the virtual environment. */
  readonly venv: string;
  /** The Python that creates it. */
  readonly python: string;
  readonly onProgress?: (text: string) => void;
  readonly stop?: Stop;
}

/**
 * Python of the virtual environment with the packages of a requirements file. Created where it is absent, was cut off while being
 * created, does not run any more, or was made from other requirements.
 *
 * @throws Error with pip's last lines where pip fails
 */
export async function ensureVenv(options: VenvOptions): Promise<string> {
  const { root, venv } = options;
  const requirements = join(root, "emulator", options.requirements ?? "requirements.txt");
  const text = readFileSync(requirements, "utf8");
  const program = join(venv, "bin", "python");
  if (isComplete(venv, text)) {
    return program;
  }
  mkdirSync(dirname(venv), { recursive: true });
  const lock = await acquireLock(`${venv}.lock`, options);
  try {
    // Another run may have made it meanwhile.
    if (!isComplete(venv, text)) {
      await create(options, lock, requirements, text);
    }
  } finally {
    lock.release();
  }
  return program;
}

/** Runs of several folders share the virtual environment, and each folder's lock keeps off its own runs only. */
async function acquireLock(file: string, { stop, onProgress = () => {} }: VenvOptions): Promise<Lock> {
  for (;;) {
    try {
      const lock = Lock.acquire(file, "create the virtual environment");
      if (lock.leftBehind?.child) {
        await endProcess(lock.leftBehind.child, { signal: "SIGKILL" });
      }
      return lock;
    } catch (error) {
      if (!(error instanceof Locked)) {
        throw error;
      }
      onProgress(`waiting for process ${error.holder.process.pid}, which creates it`);
      await sleep(500);
      stop?.throwIfRequested();
    }
  }
}

async function create(options: VenvOptions, lock: Lock, requirements: string, text: string): Promise<void> {
  const { venv, python, onProgress = () => {} } = options;
  const program = join(venv, "bin", "python");
  // Without the marker whatever is cut off from here on is started over.
  rmSync(markerFile(venv), { force: true });
  onProgress("creating the virtual environment");
  await run(python, ["-m", "venv", "--clear", venv], options, lock);

  const packages = text.split("\n").filter((line) => /^\s*[A-Za-z0-9]/.test(line)).length;
  let collected = 0;
  onProgress(`installing ${packages} packages`);
  const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
  await run(program, [...pip, "--requirement", requirements], options, lock, (line) => {
    if (line.startsWith("Collecting ")) {
      collected++;
      onProgress(`${collected} of ${packages} packages: ${line.slice("Collecting ".length).split(/[\s(]/)[0]}`);
    } else if (line.startsWith("Installing collected packages")) {
      onProgress(`installing ${packages} packages`);
    }
  });
  writeFileSync(markerFile(venv), requirementsHash(text));
}

/** Whether the virtual environment was made to the end, from these very requirements, and its Python is still there. */
export function isComplete(venv: string, requirements: string): boolean {
  const marker = markerFile(venv);
  // existsSync follows the link to the Python that created it, which may have been removed since.
  return (
    existsSync(marker) &&
    existsSync(join(venv, "bin", "python")) &&
    readFileSync(marker, "utf8") === requirementsHash(requirements)
  );
}

function markerFile(venv: string): string {
  return join(venv, "complete");
}

function requirementsHash(requirements: string): string {
  return createHash("sha256").update(requirements).digest("hex");
}

function run(
  program: string,
  args: readonly string[],
  { stop }: VenvOptions,
  lock: Lock,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: pythonEnvironment(process.env),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = () => child.pid && signalProcess(child.pid, "SIGKILL", true);
    stop?.requested.addEventListener("abort", kill);
    let output = "";
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.once("spawn", () => lock.setChild(child.pid, program));
    child.once("error", reject);
    child.once("close", (code) => {
      stop?.requested.removeEventListener("abort", kill);
      lock.setChild(undefined);
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${program} ${args.slice(0, 3).join(" ")} failed:\n${lastLines(output, 15)}`));
      }
    });
  });
}
