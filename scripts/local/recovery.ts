import { join } from "node:path";
import { emulatorWorkspace } from "../terraform/environment-variables";
import type { Plan } from "../terraform/plan";
import { runTerraform, TerraformError, type TerraformResult, terraform } from "../terraform/run";
import { readState, type StateResource } from "../terraform/state";
import { findAddresses, formatItem, importBlocks, type Orphan, outsideStates } from "./outside-states";
import { initializedStacks } from "./project";
import { type Run, readSavedPlan, runPlan, stoppable, terraformOptions } from "./stack-commands";
import type { LocalStack } from "./synth";
import { clearUnfinished, findUnfinished, markUnfinished } from "./unfinished";

/** What a killed run left in the emulator, and in no state. */
export class OutsideState extends Error {
  constructor(
    readonly stackName: string,
    readonly orphans: readonly Orphan[],
  ) {
    super(
      [
        `An earlier run was killed during an apply. ${orphans.length} objects exist in the emulator and in no state:`,
        ...orphans.map((orphan) => `  ${formatItem(orphan)}`),
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
 * After an apply of this stack that was cut off: frees the state's lock, and returns what is to be imported because it
 * exists outside of every state. Its mark stays until an apply has taken that in.
 */
export async function reconcile(
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
  const states = [...(await statesOf(run)), ...(await statesOfCdktf(run))];
  const outside = outsideStates(await run.emulator.inventory(), states);
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
  const result = await runTerraform(args, terraformOptions(run, stack, "plan"));
  run.stop.throwIfRequested();
  const locked = result.diagnostics.find(({ summary }) => summary === "Error acquiring the state lock");
  const id = locked && /^\s*ID:\s*(\S+)/m.exec(locked.detail)?.[1];
  if (id) {
    await stoppable(run, terraform(["force-unlock", "-force", id], terraformOptions(run, stack, "unlock")));
    run.progress.note(`  ${stack.name}: removed the state lock that the killed run left`);
    await stoppable(run, terraform(args, terraformOptions(run, stack, "plan")));
  } else if (result.exitCode !== 0) {
    throw new TerraformError("plan", result);
  }
}

export interface Untainted {
  readonly plan: Plan;
  readonly untainted: readonly string[];
}

/**
 * A plan in which a tainted resource is replaced only if it cannot become what it should be in place: a load balancer that was
 * interrupted before its attributes were set has its name, which a second one could not have beside it.
 */
export async function planWithoutTaints(run: Run, stack: LocalStack, planFile: string): Promise<Untainted> {
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
    await stoppable(run, terraform(["untaint", address], terraformOptions(run, stack, "untaint")));
  }
  const replanned = await planAll();
  const usable = new Set(
    replanned.changes.filter(({ action }) => action === "no-op" || action === "update").map(({ address }) => address),
  );
  const addresses = tainted.map(({ address }) => address);
  const replaced = addresses.filter((address) => !usable.has(address));
  for (const address of replaced) {
    await stoppable(run, terraform(["taint", "-allow-missing", address], terraformOptions(run, stack, "taint")));
  }
  return {
    plan: replaced.length > 0 ? await planAll() : replanned,
    untainted: addresses.filter((address) => usable.has(address)),
  };
}

/** Runs a command that changes what exists. The mark stays unless Terraform itself ended: it saves the state then. */
export async function changing(
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

/** Resources in the states of all stacks of the local run, without those of `cdktf deploy`. */
export function statesOf(run: Run): Promise<StateResource[]> {
  return statesIn(run, run.paths.outdir);
}

/** Resources in the states that `cdktf deploy` keeps, in a shell that talks to the emulator. */
export function statesOfCdktf(run: Run): Promise<StateResource[]> {
  const env = { ...run.env, TF_WORKSPACE: emulatorWorkspace };
  return statesIn({ ...run, env }, join(run.paths.cdktf, "cdktf.out"));
}

async function statesIn({ env, stop }: Pick<Run, "env" | "stop">, outdir: string): Promise<StateResource[]> {
  const states: StateResource[] = [];
  for (const directory of initializedStacks(outdir)) {
    states.push(...(await readState({ directory, env, stop })));
  }
  return states;
}
