import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pythonEnvironment } from "./environment-variables";
import { signalProcess } from "./process";
import type { Stop } from "./stop";
import { lastLines } from "./terraform";

export interface VenvOptions {
  /** The project: holds emulator/requirements.txt. */
  readonly root: string;
  /** Folder of the virtual environment. */
  readonly venv: string;
  /** The Python that creates it. */
  readonly python: string;
  readonly onProgress?: (text: string) => void;
  readonly onProcess?: (pid: number | undefined) => void;
  readonly stop?: Stop;
}

/**
 * Python of the virtual environment with the emulator's packages. Created where it is absent, was cut off while being
 * created, does not run any more, or was made from other requirements. Throws with pip's last lines where pip fails.
 */
export async function ensureVenv(options: VenvOptions): Promise<string> {
  const { root, venv, python, onProgress = () => {} } = options;
  const requirements = join(root, "emulator", "requirements.txt");
  const text = readFileSync(requirements, "utf8");
  const program = join(venv, "bin", "python");
  if (isComplete(venv, text)) {
    return program;
  }
  // Without the marker whatever is cut off from here on is started over.
  rmSync(markerFile(venv), { force: true });
  mkdirSync(dirname(venv), { recursive: true });
  onProgress("creating the virtual environment");
  await run(python, ["-m", "venv", "--clear", venv], options);

  const packages = text.split("\n").filter((line) => /^\s*[A-Za-z0-9]/.test(line)).length;
  let collected = 0;
  onProgress(`installing ${packages} packages`);
  const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
  await run(program, [...pip, "--requirement", requirements], options, (line) => {
    if (line.startsWith("Collecting ")) {
      collected++;
      onProgress(`${collected} of ${packages} packages: ${line.slice("Collecting ".length).split(/[\s(]/)[0]}`);
    } else if (line.startsWith("Installing collected packages")) {
      onProgress(`installing ${packages} packages`);
    }
  });
  writeFileSync(markerFile(venv), requirementsHash(text));
  return program;
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
  { stop, onProcess }: VenvOptions,
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
    child.once("spawn", () => onProcess?.(child.pid));
    child.once("error", reject);
    child.once("close", (code) => {
      stop?.requested.removeEventListener("abort", kill);
      onProcess?.(undefined);
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${program} ${args.slice(0, 3).join(" ")} failed:\n${lastLines(output, 15)}`));
      }
    });
  });
}
