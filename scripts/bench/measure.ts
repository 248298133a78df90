import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { synthEnvironment } from "../terraform/environment-variables";

/** A program that synthesizes into the folder that the environment names. */
export interface Program {
  readonly name: string;
  readonly directory: string;
  /** Node's own arguments: what to load first, and the program. */
  readonly arguments: readonly string[];
  /** Its output folder. */
  readonly outdir: string;
}

export interface Measurement {
  /** From the start of the process to its end, in milliseconds. */
  readonly wallMs: number;
  /** The largest resident set of the Node process, in MiB. */
  readonly peakMemoryMiB: number;
}

/**
 * Runs a program once, in a process and an output folder of its own. Settings of Node and tsx in the caller's environment
 * do not reach it.
 *
 * @throws Error with the end of what it printed where it fails, or where `stop` ends it
 */
export async function measure(program: Program, stop?: AbortSignal): Promise<Measurement> {
  const usageFile = `${program.outdir}.usage.json`;
  rmSync(program.outdir, { recursive: true, force: true });
  rmSync(usageFile, { force: true });
  mkdirSync(dirname(program.outdir), { recursive: true });

  const environment = { ...synthEnvironment(process.env, program.outdir), BENCH_USAGE_FILE: usageFile };
  const started = performance.now();
  const output = await run(program, withoutNodeSettings(environment), stop);
  const wallMs = performance.now() - started;
  try {
    // Kilobytes on every platform since Node 20 (libuv 1.45).
    const { maxRSS } = JSON.parse(readFileSync(usageFile, "utf8")) as NodeJS.ResourceUsage;
    return { wallMs, peakMemoryMiB: maxRSS / 1024 };
  } catch (error) {
    throw new Error(`${program.name} left no record of its memory: ${(error as Error).message}\n${output}`);
  }
}

/** Resolves with what the program printed, once it has ended well. */
function run(program: Program, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--require", join(__dirname, "record-usage.cjs"), ...program.arguments], {
      cwd: program.directory,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal && { signal }),
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      if (code === 0) {
        return resolve(output);
      }
      const end = output.trimEnd().split("\n").slice(-30).join("\n");
      reject(new Error(`${program.name} ended with ${killedBy ?? `exit code ${code}`}:\n${end}`));
    });
  });
}

function withoutNodeSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(NODE_|TSX_)/.test(name)));
}
