import { type ParseArgsConfig, parseArgs } from "node:util";
import { type LocalPaths, localPaths } from "../local/project";
import { Progress } from "./progress";
import { Stop, Stopped, type StopReason } from "./stop";

/** What is wrong with the arguments of a command, and how it is called. */
export class UsageError extends Error {}

export const directoryOption = { directory: { type: "string" } } as const;

/** Parses arguments. Throws UsageError, with `usage`, where they do not fit. */
export function parseCommandLine<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: T,
  usage: string,
  maximumPositionals = 1,
) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (parsed.positionals.length > maximumPositionals) {
      throw new Error(`Unexpected argument '${parsed.positionals[maximumPositionals]}'`);
    }
    return parsed;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}

/** A TCP port, or undefined where none was given. Throws UsageError. */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`--port ${text}: a port is a whole number, 1 to 65535, or 0 for any that is free`);
  }
  return port;
}

/** `name=value` pairs as an object. Throws UsageError. */
export function parseVariables(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(`--var ${pair}: write name=value, such as --var redis_node_type=cache.t3.small`);
      }
      return [name, value];
    }),
  );
}

export interface Session {
  readonly paths: LocalPaths;
  readonly progress: Progress;
  readonly stop: Stop;
}

export interface CommandOptions {
  readonly directory?: string;
  /** What a stopped run leaves, and how to go on. */
  readonly onStopped: (session: Session, reason: StopReason) => string;
  /** Called with the message of whatever ended the run. */
  readonly onFailed?: (message: string) => void;
  /** Print where an error was thrown, too. */
  readonly verbose?: boolean;
}

/** Runs a command to its exit code: 0 or 1 as `work` tells, 130 after Ctrl-C, 143 after SIGTERM, 1 after an error. */
export async function runCommand(
  { directory, onStopped, onFailed = () => {}, verbose = false }: CommandOptions,
  work: (session: Session) => Promise<boolean>,
): Promise<number> {
  const progress = new Progress();
  const stop = new Stop();
  const endListening = stop.listen((_reason, again) =>
    progress.note(again ? "Ending at once." : "Stopping; this can take a minute. Again to end at once."),
  );
  let session: Session | undefined;
  try {
    session = { paths: localPaths(undefined, directory), progress, stop };
    return (await work(session)) ? 0 : 1;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const stopped = error instanceof Stopped && session !== undefined;
    const message = stopped ? onStopped(session as Session, error.reason) : error.message;
    progress.note(`\n${verbose && !stopped ? error.stack : message}`);
    onFailed(message);
    return stopped ? error.exitCode : 1;
  } finally {
    endListening();
  }
}

/** The entry of a script: runs it with the process's arguments, and sets the exit code. */
export function runMain(main: (args: string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    (exitCode) => {
      process.exitCode = exitCode;
    },
    (error: Error) => {
      console.error(error instanceof UsageError ? error.message : error);
      process.exitCode = 1;
    },
  );
}
