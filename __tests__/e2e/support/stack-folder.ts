import { join } from "node:path";
import type { CommandResult } from "./command";
import { terraform } from "./development";
import type { LocalRun } from "./local-run";

/** Terraform in the folder of a synthesized stack, on the emulator of a run. */
export class StackFolder {
  private readonly folder: string;

  constructor(
    private readonly local: LocalRun,
    outdir: string,
    stack: string,
  ) {
    this.folder = join(outdir, "stacks", stack);
  }

  init(): Promise<CommandResult> {
    return this.run("init");
  }

  plan(...args: readonly string[]): Promise<CommandResult> {
    return this.run("plan", args);
  }

  /** Plans, and fails where anything is left to change: exit code 2. */
  expectEmptyPlan(): Promise<CommandResult> {
    return this.plan("-detailed-exitcode");
  }

  /** `expected`: the exit code. */
  apply(expected = 0, ...args: readonly string[]): Promise<CommandResult> {
    return this.run("apply", ["-auto-approve", ...args], expected);
  }

  destroy(): Promise<CommandResult> {
    return this.run("destroy", ["-auto-approve"]);
  }

  private run(command: string, args: readonly string[] = [], expected = 0): Promise<CommandResult> {
    return terraform(this.local, this.folder, [command, "-no-color", "-input=false", ...args], { expected });
  }
}
