import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import { ApplyProgress } from "../terraform/apply-progress";
import { type Difference, remainingDifferences } from "../terraform/convergence";
import { isEmpty, type Plan, readPlan } from "../terraform/plan";
import {
  runTerraform,
  TerraformError,
  type TerraformOptions,
  type TerraformResult,
  terraform,
  terraformJson,
} from "../terraform/run";
import { readState, type StateResource } from "../terraform/state";
import type { Emulator } from "./emulator";
import type { Lock } from "./lock";
import { notConverging } from "./not-converging";
import { findAddresses, importBlocks, type Orphan, outsideStates } from "./outside-states";
import { initializedStacks, type LocalPaths } from "./project";
import type { LocalStack } from "./synth";
import { clearUnfinished, findUnfinished, markUnfinished } from "./unfinished";

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

export interface StackReport {
  readonly stack: string;
  /** Resources in the state, data sources aside. */
  readonly resources: number;
  readonly created: number;
  readonly updated: number;
  readonly replaced: number;
  readonly deleted: number;
  /** Addresses that an interruption had left tainted, and that match as they are. */
  readonly untainted: readonly string[];
  /** What a second plan would still change, listed exceptions included. */
  readonly differences: readonly Difference[];
  readonly seconds: Readonly<Record<"init" | "plan" | "apply" | "verify", number>>;
}

/** What a killed run left in the emulator, and in no state. */
export class OutsideState extends Error {
  constructor(
    readonly stackName: string,
    readonly orphans: readonly Orphan[],
  ) {
    super(
      [
        `An earlier run was killed during an apply. ${orphans.length} objects exist in the emulator and in no state:`,
        ...orphans.map(({ type, id, name }) => `  ${type} ${name}${name === id ? "" : ` (${id})`}`),
        "",
        `The blocks that import them into ${stackName}:`,
        "",
        importBlocks(orphans),
        "",
        "Take them in and go on: npm run deploy:local with --import (those whose address is known).",
        "Or remove everything:   npm run destroy:local",
      ].join("\n"),
    );
  }
}

/**
 * Brings one stack to what its cdk.tf.json says: init, plan, apply, and a second plan whose differences are reported.
 * `importOutside`: takes what a killed run left outside of the state into it, where the address can be told.
 * Throws OutsideState, TerraformError, Stopped.
 */
export async function applyStack(run: Run, stack: LocalStack, { importOutside = false } = {}): Promise<StackReport> {
  const timer = new Timer();
  await timer.measure("init", () => initialize(run, stack));

  const planFile = join(run.paths.logs, `${stack.name}.tfplan`);
  const planned = await timer.measure("plan", () =>
    run.progress.step(
      `Plan ${stack.name}`,
      async () => {
        const blocks = join(stack.directory, "imports.tf");
        try {
          const outside = await reconcile(run, stack, planFile, importOutside);
          if (outside.length > 0) {
            writeFileSync(blocks, importBlocks(outside));
          }
          return await planWithoutTaints(run, stack, planFile);
        } finally {
          // The saved plan holds them.
          rmSync(blocks, { force: true });
        }
      },
      ({ plan }) => `${stack.name}: ${describePlan(plan)}`,
    ),
  );
  const { plan, untainted } = planned;
  for (const { address, importId } of plan.import) {
    run.progress.note(`  ${address} is taken into the state: ${importId}`);
  }
  for (const address of untainted) {
    run.progress.note(`  ${address} exists and matches; an interruption had left it tainted: no longer`);
  }

  let differences: Difference[] = [];
  if (!isEmpty(plan)) {
    await timer.measure("apply", () => apply(run, stack, plan, planFile));
    differences = await timer.measure("verify", () =>
      run.progress.step(
        `Plan ${stack.name} again`,
        async () => {
          const verification = await makePlan(run, stack, planFile, "verify");
          return verification ? remainingDifferences(verification, notConverging) : [];
        },
        (found) => `${stack.name}: ${describeDifferences(found)}`,
      ),
    );
  }
  rmSync(planFile, { force: true });
  return {
    stack: stack.name,
    resources: plan.changes.length - plan.delete.length - plan.forget.length,
    created: plan.create.length,
    updated: plan.update.length,
    replaced: plan.replace.length,
    deleted: plan.delete.length,
    untainted,
    differences,
    seconds: timer.seconds,
  };
}

/** Destroys all that a stack's state holds. */
export async function destroyStack(run: Run, stack: LocalStack): Promise<{ deleted: number; seconds: number }> {
  await initialize(run, stack);
  let counted: ApplyProgress | undefined;
  const result = await run.progress.step(
    `Destroy ${stack.name}`,
    (step) =>
      changing(run, stack, "destroy", () =>
        terraform(["destroy", "-json", "-input=false", "-auto-approve", `-parallelism=${parallelism}`], {
          ...options(run, stack, "destroy"),
          onEvent: (event) => {
            if (event.changes?.operation === "plan") {
              counted = new ApplyProgress(event.changes.remove);
            }
            counted?.push(event);
            step.update(counted ? String(counted) : "planning");
          },
        }),
      ),
    () => `${stack.name}: ${counted?.done ?? 0} resources destroyed`,
  );
  return { deleted: counted?.done ?? 0, seconds: result.seconds };
}

export async function stackOutputs(run: Run, stack: LocalStack): Promise<Record<string, Output>> {
  return terraformJson(["output", "-json"], options(run, stack, "output"));
}

/** An output as `terraform output -json` tells it. */
export interface Output {
  readonly sensitive: boolean;
  readonly value: unknown;
}

/** Resources of a stack's state; none where it was never initialized. */
export async function stackState(run: Run, stack: LocalStack): Promise<StateResource[]> {
  return existsSync(join(stack.directory, ".terraform")) ? readState(options(run, stack, "show")) : [];
}

/** Terraform's default of 10 leaves it waiting on a platform whose resources mostly wait for each other. */
const parallelism = 20;

function options(run: Run, stack: Pick<LocalStack, "name" | "directory">, command: string): TerraformOptions {
  return {
    directory: stack.directory,
    env: run.env,
    stop: run.stop,
    log: join(run.paths.logs, `${stack.name}-${command}.jsonl`),
    onProcess: (pid) => run.lock.setChild(pid, `terraform ${command}`),
  };
}

async function initialize(run: Run, stack: LocalStack): Promise<void> {
  mkdirSync(run.paths.logs, { recursive: true });
  await run.progress.step(
    `Initialize ${stack.name}`,
    async () => {
      const init = () =>
        stoppable(run, terraform(["init", "-json", "-input=false", "-reconfigure"], options(run, stack, "init")));
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

/** A saved plan, or undefined where it would change nothing. */
async function makePlan(run: Run, stack: LocalStack, planFile: string, log: string): Promise<Plan | undefined> {
  const result = await runPlan(run, stack, planFile, log);
  return result.exitCode === 2 ? readSavedPlan(run, stack, planFile) : undefined;
}

function readSavedPlan(run: Run, stack: LocalStack, planFile: string): Promise<Plan> {
  return stoppable(run, readPlan(planFile, options(run, stack, "show")));
}

async function runPlan(run: Run, stack: LocalStack, planFile: string, log: string): Promise<TerraformResult> {
  const args = ["plan", "-json", "-input=false", "-detailed-exitcode", `-parallelism=${parallelism}`];
  return stoppable(run, terraform([...args, `-out=${planFile}`], options(run, stack, log), [0, 2]));
}

interface Untainted {
  readonly plan: Plan;
  readonly untainted: readonly string[];
}

/** A plan in which a tainted resource is replaced only if it differs from what it should be. */
async function planWithoutTaints(run: Run, stack: LocalStack, planFile: string): Promise<Untainted> {
  const planAll = async () => {
    await runPlan(run, stack, planFile, "plan");
    return readSavedPlan(run, stack, planFile);
  };
  const plan = await planAll();
  const tainted = plan.changes.filter(({ reason }) => reason === "replace_because_tainted");
  if (tainted.length === 0) {
    return { plan, untainted: [] };
  }
  for (const { address } of tainted) {
    await stoppable(run, terraform(["untaint", address], options(run, stack, "untaint")));
  }
  const replanned = await planAll();
  const matching = (address: string) =>
    replanned.changes.some((change) => change.address === address && change.action === "no-op");
  const untainted = tainted.map(({ address }) => address).filter(matching);
  const differing = tainted.map(({ address }) => address).filter((address) => !matching(address));
  for (const address of differing) {
    await stoppable(run, terraform(["taint", "-allow-missing", address], options(run, stack, "taint")));
  }
  return { plan: differing.length > 0 ? await planAll() : replanned, untainted };
}

async function apply(run: Run, stack: LocalStack, plan: Plan, planFile: string): Promise<void> {
  const total = plan.create.length + plan.update.length + plan.delete.length + 2 * plan.replace.length;
  const counted = new ApplyProgress(total);
  await run.progress.step(
    `Apply ${stack.name}`,
    (step) =>
      changing(run, stack, "apply", () =>
        terraform(["apply", "-json", "-input=false", `-parallelism=${parallelism}`, planFile], {
          ...options(run, stack, "apply"),
          onEvent: (event) => {
            counted.push(event);
            step.update(String(counted));
          },
        }),
      ),
    () => `${stack.name}: ${counted.done} of ${total} changes applied`,
  );
}

/** Runs a command that changes what exists. The mark stays unless Terraform itself ended: it saves the state then. */
async function changing(
  run: Run,
  stack: LocalStack,
  command: string,
  start: () => Promise<TerraformResult>,
): Promise<TerraformResult> {
  markUnfinished(run.paths.directory, { stack: stack.name, command });
  try {
    const result = await stoppable(run, start(), (failed) => failed.exitCode !== null && interrupted());
    finished();
    return result;
  } catch (error) {
    if (error instanceof TerraformError && error.result.exitCode !== null) {
      finished();
    }
    throw error;
  }

  function interrupted() {
    if (run.stop.reason !== undefined && command === "apply") {
      markUnfinished(run.paths.directory, { stack: stack.name, command, interrupted: true });
    } else {
      finished();
    }
  }

  function finished() {
    clearUnfinished(run.paths.directory, stack.name);
  }
}

/** Where the run was asked to stop, that is what is thrown, and not the failure that it led to. */
async function stoppable<T>(
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

/**
 * After an apply of this stack that was cut off: frees the state's lock, and returns what is to be imported because it
 * exists outside of every state. Its mark stays until an apply has taken that in.
 */
async function reconcile(
  run: Run,
  stack: LocalStack,
  planFile: string,
  importOutside: boolean,
): Promise<readonly Orphan[]> {
  const unfinished = findUnfinished(run.paths.directory, stack.name);
  if (!unfinished) {
    return [];
  }
  await freeLock(run, stack, planFile);
  await run.emulator.quiet();
  const outside = outsideStates(await run.emulator.inventory(), await statesOf(run));
  if (outside.length === 0) {
    clearUnfinished(run.paths.directory, stack.name);
    return [];
  }
  const plan = await readSavedPlan(run, stack, planFile);
  const orphans = findAddresses(outside, plan.create);
  if (!(importOutside || unfinished.interrupted) || orphans.some(({ address }) => address === undefined)) {
    throw new OutsideState(stack.name, orphans);
  }
  return orphans;
}

/** Makes a plan, and where a killed run left the state locked, unlocks it first: this run holds the folder's lock. */
export async function freeLock(
  run: Run,
  stack: LocalStack,
  planFile = join(run.paths.logs, `${stack.name}.tfplan`),
): Promise<void> {
  const args = ["plan", "-json", "-input=false", `-out=${planFile}`];
  const result = await runTerraform(args, options(run, stack, "plan"));
  run.stop.throwIfRequested();
  const locked = result.diagnostics.find(({ summary }) => summary === "Error acquiring the state lock");
  const id = locked && /^\s*ID:\s*(\S+)/m.exec(locked.detail)?.[1];
  if (id) {
    await stoppable(run, terraform(["force-unlock", "-force", id], options(run, stack, "unlock")));
    run.progress.note(`  ${stack.name}: removed the state lock that the killed run left`);
    await stoppable(run, terraform(args, options(run, stack, "plan")));
  } else if (result.exitCode !== 0) {
    throw new TerraformError("plan", result);
  }
}

/** Resources in the states of all stacks of this emulator. */
export async function statesOf(run: Run): Promise<StateResource[]> {
  const states: StateResource[] = [];
  for (const directory of initializedStacks(run.paths)) {
    states.push(...(await readState({ directory, env: run.env, stop: run.stop })));
  }
  return states;
}

class Timer {
  readonly seconds = { init: 0, plan: 0, apply: 0, verify: 0 };

  async measure<T>(step: keyof Timer["seconds"], work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[step] += (performance.now() - started) / 1000;
    }
  }
}

/** `nothing to change`, or `97 to create, 2 to update` */
export function describePlan(plan: Plan): string {
  const parts = [
    [plan.create, "create"],
    [plan.update, "update"],
    [plan.replace, "replace"],
    [plan.delete, "delete"],
    [plan.forget, "forget"],
    [plan.import, "import"],
    [plan.moved, "move"],
    [plan.outputs, "outputs to change"],
  ] as const;
  const text = parts
    .filter(([changes]) => changes.length > 0)
    .map(([changes, verb]) => (verb.includes(" ") ? `${changes.length} ${verb}` : `${changes.length} to ${verb}`))
    .join(", ");
  return text || "nothing to change";
}

function describeDifferences(differences: readonly Difference[]): string {
  const unexpected = differences.filter(({ reason }) => reason === undefined);
  if (unexpected.length > 0) {
    return `the second plan would still change ${new Set(unexpected.map(({ address }) => address)).size} resources`;
  }
  return differences.length > 0
    ? `nothing left to change, but for ${differences.length} listed exceptions`
    : "nothing left to change";
}
