import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { signalProcess } from "../command/process";
import type { Stop } from "../command/stop";

/** A line of Terraform's machine-readable output (`-json`), version 1.2; the fields that this project reads. */
export interface TerraformEvent {
  readonly type: string;
  readonly "@level": string;
  readonly "@message": string;
  readonly hook?: {
    readonly resource: { readonly addr: string; readonly resource_type: string };
    readonly action?: string;
    readonly id_key?: string;
    readonly id_value?: string;
    readonly elapsed_seconds?: number;
  };
  readonly change?: { readonly resource: { readonly addr: string }; readonly action: string };
  readonly changes?: {
    readonly add: number;
    readonly change: number;
    readonly remove: number;
    readonly import?: number;
    readonly operation: "plan" | "apply" | "destroy";
  };
  readonly diagnostic?: Diagnostic;
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
}

export interface TerraformOptions {
  /** The folder that holds cdk.tf.json. */
  readonly directory: string;
  /** The whole environment of the process: nothing else is inherited. */
  readonly env: NodeJS.ProcessEnv;
  /** Called for each line of `-json` output, in order. */
  readonly onEvent?: (event: TerraformEvent) => void;
  /**
   * A file that takes all output. Terraform then writes to the file rather than to a pipe: it survives the death of
   * its parent and still saves its state.
   */
  readonly log?: string;
  /** `requested` becomes SIGINT for Terraform, `forced` SIGKILL for it and its providers. */
  readonly stop?: Stop;
  /** Called with the process once it runs, and with undefined once it has ended. */
  readonly onProcess?: (pid: number | undefined) => void;
}

export interface TerraformResult {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Output lines that are no `-json` events, as written. */
  readonly text: string;
  readonly seconds: number;
}

/** A Terraform command that failed; the message holds its diagnostics as Terraform words them. */
export class TerraformError extends Error {
  constructor(
    readonly command: string,
    readonly result: TerraformResult,
  ) {
    const errors = result.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    const end = result.signal ? `was ended by ${result.signal}` : `failed with exit code ${result.exitCode}`;
    const report = errors.map(formatDiagnostic).join("\n\n") || lastLines(result.text, 20);
    super(`terraform ${command} ${end}${report ? `:\n\n${report}` : ""}`);
  }
}

export function formatDiagnostic({ summary, detail, address }: Diagnostic): string {
  return [address ? `${address}: ${summary}` : summary, detail].filter(Boolean).join("\n");
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/**
 * Runs one Terraform command to its end; a failure is for the caller to judge by `exitCode`.
 * The process leads a group of its own, so that Ctrl-C in a terminal reaches it only through `stop`, and its provider
 * processes never outlive it.
 *
 * @throws Error where terraform cannot be started
 */
export async function runTerraform(args: readonly string[], options: TerraformOptions): Promise<TerraformResult> {
  const started = performance.now();
  const reader = new EventReader(options.onEvent);
  const { child, finish } = options.log
    ? spawnIntoFile(args, options, options.log, reader)
    : spawnIntoPipe(args, options, reader);

  const interrupt = () => child.pid && signalProcess(child.pid, "SIGINT");
  const kill = () => child.pid && signalProcess(child.pid, "SIGKILL", true);
  options.stop?.requested.addEventListener("abort", interrupt);
  options.stop?.forced.addEventListener("abort", kill);
  try {
    const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        options.onProcess?.(child.pid);
        if (options.stop?.requested.aborted) {
          interrupt();
        }
      });
      child.once("close", (code, signal) => resolve([code, signal]));
    });
    return {
      exitCode,
      signal,
      diagnostics: reader.diagnostics,
      text: finish(),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    kill();
    options.stop?.requested.removeEventListener("abort", interrupt);
    options.stop?.forced.removeEventListener("abort", kill);
    options.onProcess?.(undefined);
  }
}

/**
 * As runTerraform.
 *
 * @throws TerraformError unless the exit code is one of `accepted`
 */
export async function terraform(
  args: readonly string[],
  options: TerraformOptions,
  accepted: readonly number[] = [0],
): Promise<TerraformResult> {
  const result = await runTerraform(args, options);
  if (result.exitCode === null || !accepted.includes(result.exitCode)) {
    throw new TerraformError(args[0] ?? "", result);
  }
  return result;
}

/** Output of a command that prints one JSON document, such as `show -json` or `output -json`. */
export async function terraformJson<T>(args: readonly string[], options: TerraformOptions): Promise<T> {
  const { text } = await terraform(args, { ...options, onEvent: undefined, log: undefined });
  return JSON.parse(text) as T;
}

function spawnTerraform(args: readonly string[], { directory, env }: TerraformOptions, output: number | "pipe") {
  return spawn("terraform", args, { cwd: directory, env, detached: true, stdio: ["ignore", output, output] });
}

interface Spawned {
  readonly child: ChildProcess;
  /** Takes in what is left of the output and returns the text among it. */
  finish(): string;
}

function spawnIntoPipe(args: readonly string[], options: TerraformOptions, reader: EventReader): Spawned {
  const child = spawnTerraform(args, options, "pipe");
  // One document may span many lines, and megabytes: only events are worth splitting on the way.
  const errors = new EventReader();
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => reader.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => errors.push(chunk));
  return {
    child,
    finish: () => (child.exitCode === 0 ? reader.end() : reader.end() + errors.end()),
  };
}

function spawnIntoFile(args: readonly string[], options: TerraformOptions, log: string, reader: EventReader): Spawned {
  mkdirSync(dirname(log), { recursive: true });
  const write = openSync(log, "w");
  const read = openSync(log, "r");
  const child = spawnTerraform(args, options, write);
  closeSync(write);
  const decoder = new TextDecoder();
  const buffer = Buffer.alloc(64 * 1024);
  const drain = () => {
    for (let size = readSync(read, buffer); size > 0; size = readSync(read, buffer)) {
      reader.push(decoder.decode(buffer.subarray(0, size), { stream: true }));
    }
  };
  const timer = setInterval(drain, 100);
  let closed = false;
  const close = () => {
    if (!closed) {
      closed = true;
      clearInterval(timer);
      drain();
      closeSync(read);
    }
  };
  child.once("error", close);
  child.once("close", close);
  return {
    child,
    finish: () => {
      close();
      return reader.end();
    },
  };
}

/** Splits output into lines, and tells `-json` events from other text. */
export class EventReader {
  readonly diagnostics: Diagnostic[] = [];
  private readonly text: string[] = [];
  private rest = "";

  constructor(private readonly onEvent: (event: TerraformEvent) => void = () => {}) {}

  push(chunk: string): void {
    const lines = (this.rest + chunk).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      this.line(line);
    }
  }

  /** The text that was no event. */
  end(): string {
    if (this.rest) {
      this.line(this.rest);
      this.rest = "";
    }
    return this.text.join("\n");
  }

  private line(line: string): void {
    const event = parseEvent(line);
    if (!event) {
      this.text.push(line);
      return;
    }
    if (event.diagnostic) {
      this.diagnostics.push(event.diagnostic);
    }
    this.onEvent(event);
  }
}

function parseEvent(line: string): TerraformEvent | undefined {
  if (!line.startsWith('{"@level"')) {
    return undefined;
  }
  try {
    return JSON.parse(line) as TerraformEvent;
  } catch {
    return undefined;
  }
}
