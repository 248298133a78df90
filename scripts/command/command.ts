import {
  type ArgumentsDescription,
  type OptionValues,
  type PositionalValues,
  parseArguments,
  UsageError,
  usageOf,
} from "./arguments";
import { Progress } from "./progress";
import { Stop, Stopped, type StopReason } from "./stop";

/**
 * Exit codes of every command. A command that was stopped ends with 128 and the number of the signal: 129 after SIGHUP, 130
 * after Ctrl-C, 143 after SIGTERM.
 */
export const exitCodes = {
  success: 0,
  /** It failed, or what it was asked to judge is not as it should be. */
  failure: 1,
  /** Its arguments are wrong; nothing has been done. */
  wrongArguments: 2,
} as const;

/** One run of a command. */
export interface Invocation<D extends ArgumentsDescription = ArgumentsDescription> {
  readonly options: OptionValues<D["options"]>;
  readonly positionals: PositionalValues<D["positionals"]>;
  readonly progress: Progress;
  readonly stop: Stop;
}

export interface CommandDescription<D extends ArgumentsDescription> {
  readonly arguments: D;
  /** Does the work; false where the answer is no, which is exit code 1. */
  readonly run: (invocation: Invocation<D>) => Promise<boolean>;
  /**
   * What a stopped run leaves, and how to go on. A command that has it reads `stop` and ends in good order; a signal ends any
   * other command at once.
   */
  readonly explainStop?: (invocation: Invocation<D>, reason: StopReason) => string;
}

/** A command as its script exports it: any set of arguments. */
export interface Command {
  readonly arguments: ArgumentsDescription;
  /** Runs the command with these arguments and returns its exit code; it throws nothing. */
  readonly main: (args: readonly string[]) => Promise<number>;
}

/** Makes a command that reads its arguments, answers `--help`, reports failures, and turns all of it into exit codes. */
export function defineCommand<const D extends ArgumentsDescription>(description: CommandDescription<D>): Command {
  return { arguments: description.arguments, main: (args) => runCommand(description, args) };
}

async function runCommand<D extends ArgumentsDescription>(
  { arguments: description, run, explainStop }: CommandDescription<D>,
  args: readonly string[],
): Promise<number> {
  const progress = new Progress();
  const stop = new Stop();
  let endListening = () => {};
  let invocation: Invocation<D> | undefined;
  try {
    const parsed = parseArguments(description, args);
    const { help } = parsed.options as { readonly help?: boolean };
    if (help) {
      console.log(usageOf(description));
      return exitCodes.success;
    }
    if (explainStop) {
      endListening = stop.listen((_reason, again) =>
        progress.note(again ? "Ending at once." : "Stopping; this can take a minute. Again to end at once."),
      );
    }
    invocation = { ...parsed, progress, stop };
    return (await run(invocation)) ? exitCodes.success : exitCodes.failure;
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (error instanceof UsageError) {
      console.error(error.message);
      return exitCodes.wrongArguments;
    }
    const stopped = invocation && explainStop && error instanceof Stopped ? error : undefined;
    const message = invocation && stopped ? explainStop?.(invocation, stopped.reason) : undefined;
    const options = (invocation?.options ?? {}) as { readonly verbose?: boolean; readonly json?: boolean };
    const text = message ?? messageOf(error);
    progress.note(`\n${message === undefined && (options.verbose || isDefect(error)) ? (error.stack ?? text) : text}`);
    if (options.json) {
      console.log(JSON.stringify({ ...invocation?.positionals, ok: false, failures: [text] }));
    }
    return error instanceof Stopped ? error.exitCode : exitCodes.failure;
  } finally {
    endListening();
  }
}

/** AWS's errors have their code in the name only. */
function messageOf(error: Error): string {
  const { name, message } = error;
  return "$metadata" in error && !message.includes(name) ? `${name}: ${message}` : message;
}

/** An error of this program rather than of what it was given: it says nothing without its place. */
function isDefect(error: Error): boolean {
  return [TypeError, RangeError, ReferenceError].some((defect) => error instanceof defect);
}

/** The entry of a script: runs its command with the process's arguments, unless another module imports the script. */
export function runScript(script: NodeJS.Module, command: Command): void {
  if (require.main === script) {
    // On Node.js 20 AWS's SDK writes a warning about its own later versions.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    command.main(process.argv.slice(2)).then((exitCode) => {
      process.exitCode = exitCode;
    });
  }
}
