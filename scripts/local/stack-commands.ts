import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import { type Plan, readPlan } from "../terraform/plan";
import {
  TerraformError,
  type TerraformOptions,
  type TerraformResult,
  terraform,
  terraformJson,
} from "../terraform/run";
import { readState, type StateResource } from "../terraform/state";
import type { Emulator } from "./emulator";
import type { Lock } from "./lock";
import type { LocalPaths } from "./project";
import type { LocalStack } from "./synth";

/** What the steps of one run share. */
export interface Run {
  readonly paths: LocalPaths;
  readonly progress: Progress;
  readonly stop: Stop;
  readonly lock: Lock;
  readonly emulator: Emulator;
  /** The environment of Terraform's processes. */
  readonly env: NodeJS.ProcessEnv;
}

/** Terraform's default of 10 leaves it waiting on a platform whose resources mostly wait for each other. */
export const parallelism = 20;

export function terraformOptions(
  run: Run,
  stack: Pick<LocalStack, "name" | "directory">,
  command: string,
): TerraformOptions {
  return {
    directory: stack.directory,
    env: run.env,
    stop: run.stop,
    log: join(run.paths.logs, `${stack.name}-${command}.jsonl`),
    onProcess: (pid) => run.lock.setChild(pid, `terraform ${command}`),
  };
}

export async function initialize(run: Run, stack: LocalStack): Promise<void> {
  mkdirSync(run.paths.logs, { recursive: true });
  await run.progress.step(
    `Initialize ${stack.name}`,
    async () => {
      const init = () =>
        stoppable(
          run,
          terraform(["init", "-json", "-input=false", "-reconfigure"], terraformOptions(run, stack, "init")),
        );
      const lockFile = join(stack.directory, ".terraform.lock.hcl");
      if (!existsSync(lockFile)) {
        return init();
      }
      try {
        return await init();
      } catch (error) {
        if (!(error instanceof TerraformError)) {
          throw error;
        }
        // The configuration may ask for other provider versions than those that this copy was initialized with.
        rmSync(lockFile);
        return init();
      }
    },
    () => `Initialized ${stack.name}`,
  );
}

export async function runPlan(run: Run, stack: LocalStack, planFile: string, log: string): Promise<TerraformResult> {
  const args = ["plan", "-json", "-input=false", "-detailed-exitcode", `-parallelism=${parallelism}`];
  return stoppable(run, terraform([...args, `-out=${planFile}`], terraformOptions(run, stack, log), [0, 2]));
}

export function readSavedPlan(run: Run, stack: LocalStack, planFile: string): Promise<Plan> {
  return stoppable(run, readPlan(planFile, terraformOptions(run, stack, "show")));
}

/** A saved plan, or undefined where it would change nothing. */
export async function makePlan(run: Run, stack: LocalStack, planFile: string, log: string): Promise<Plan | undefined> {
  const result = await runPlan(run, stack, planFile, log);
  return result.exitCode === 2 ? readSavedPlan(run, stack, planFile) : undefined;
}

export async function stackOutputs(run: Run, stack: LocalStack): Promise<Record<string, Output>> {
  return terraformJson(["output", "-json"], terraformOptions(run, stack, "output"));
}

/** An output as `terraform output -json` tells it. */
export interface Output {
  readonly sensitive: boolean;
  readonly value: unknown;
}

/** Resources of a stack's state; none where it was never initialized. */
export async function stackState(run: Run, stack: LocalStack): Promise<StateResource[]> {
  return existsSync(join(stack.directory, ".terraform")) ? readState(terraformOptions(run, stack, "show")) : [];
}

/** Where the run was asked to stop, that is what is thrown, and not the failure that it led to. */
export async function stoppable<T>(
  run: Run,
  work: Promise<T>,
  onFailure: (result: TerraformResult) => void = () => {},
): Promise<T> {
  try {
    const result = await work;
    run.stop.throwIfRequested();
    return result;
  } catch (error) {
    if (error instanceof TerraformError) {
      onFailure(error.result);
    }
    run.stop.throwIfRequested();
    throw error;
  }
}
