import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { processIdentity, signalProcess } from "../../../scripts/command/process";

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment. Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command and its group are ended by SIGKILL. Default: five minutes. */
  readonly timeoutMs?: number;
}

/** How a command ended; what it printed is without the control sequences of terminals. */
export interface CommandResult {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

const started: Command[] = [];

/** A process of a test, the leader of a group of its own; see `endCommands`. */
export class Command {
  stdout = "";
  stderr = "";
  /** Both, in the order in which they came. */
  output = "";
  result: CommandResult | undefined;
  private readonly ended: Promise<CommandResult>;
  /** Undefined where it ended at once. */
  private readonly identity: string | undefined;

  private constructor(
    readonly line: string,
    private readonly child: ChildProcess,
    timeoutMs: number,
  ) {
    const start = performance.now();
    this.identity = child.pid === undefined ? undefined : processIdentity(child.pid);
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
        this[stream] += chunk;
        this.output += chunk;
      });
    }
    const timer = setTimeout(() => {
      this.output += `\n(ended by the test after ${timeoutMs / 1000} s)\n`;
      this.signalGroup("SIGKILL");
    }, timeoutMs);
    this.ended = new Promise((resolve) => {
      const end = (exitCode: number | null, signal: NodeJS.Signals | null) => {
        clearTimeout(timer);
        const seconds = (performance.now() - start) / 1000;
        const [stdout = "", stderr = ""] = [this.stdout, this.stderr].map(stripVTControlCharacters);
        this.result ??= { exitCode, signal, stdout, stderr, seconds };
        resolve(this.result);
      };
      child.once("error", (error) => {
        this.output += String(error);
        end(null, null);
      });
      child.once("close", end);
    });
  }

  static start(program: string, args: readonly string[], options: CommandOptions = {}): Command {
    const { cwd, env, timeoutMs = 300_000 } = options;
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const command = new Command([program, ...args].join(" "), child, timeoutMs);
    started.push(command);
    return command;
  }

  get pid(): number {
    if (this.child.pid === undefined) {
      throw new Error(`${this.line} was not started: ${this.output}`);
    }
    return this.child.pid;
  }

  finish(): Promise<CommandResult> {
    return this.ended;
  }

  /**
   * Waits for the end.
   *
   * @throws Error unless the exit code is the one expected; `story` adds what the command printed
   */
  async expectExit(expected: number): Promise<CommandResult> {
    const result = await this.ended;
    if (result.exitCode !== expected) {
      throw new Error(`${this.line}: exit code ${result.exitCode ?? result.signal}, expected ${expected}`);
    }
    return result;
  }

  /** A signal for this process alone, as from `kill PID`. */
  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /**
   * A signal for the process and its descendants in one group, as Ctrl-C in a terminal sends it. Where the process has ended and the
   * system has given its number to another, nobody gets it.
   */
  signalGroup(signal: NodeJS.Signals): void {
    const now = processIdentity(this.pid);
    if (now === undefined || now === this.identity) {
      signalProcess(this.pid, signal, true);
    }
  }

  /** The command, how it ended, and the last lines that it printed. */
  describe(lines = 40): string {
    const state = this.result ? `exit code ${this.result.exitCode ?? this.result.signal}` : "still running";
    const tail = stripVTControlCharacters(this.output).trimEnd().split("\n").slice(-lines).join("\n");
    return `--- ${this.line} (${state}), last lines:\n${tail}`;
  }
}

/**
 * Runs a command to its end.
 *
 * @throws Error unless the exit code is `expected`
 */
export function run(
  program: string,
  args: readonly string[],
  options: CommandOptions & { readonly expected?: number } = {},
): Promise<CommandResult> {
  return Command.start(program, args, options).expectExit(options.expected ?? 0);
}

/** Commands started since number `first`; see `commandCount`. */
export function commandsSince(first: number): readonly Command[] {
  return started.slice(first);
}

export function commandCount(): number {
  return started.length;
}

/** Ends every command of this test file that still runs: in good order first, so that it ends its own children. */
export async function endCommands(): Promise<void> {
  const running = started.filter(({ result }) => !result);
  for (const command of running) {
    command.signalGroup("SIGTERM");
  }
  await Promise.race([
    Promise.all(running.map((command) => command.finish())),
    sleep(20_000, undefined, { ref: false }),
  ]);
  for (const command of started) {
    command.signalGroup("SIGKILL");
  }
}

/**
 * Asks until the answer is truthy.
 *
 * @throws Error after `timeoutMs`, or with the message of `failed` as soon as it has one
 */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeoutMs = 120_000, failed = (): string | undefined => undefined } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    const failure = failed();
    if (failure) {
      throw new Error(`${what}: ${failure}`);
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    }
    await sleep(100);
  }
}
