import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApplyProgress } from "../terraform/apply-progress";
import { type Difference, remainingDifferences } from "../terraform/convergence";
import { describePlan, isEmpty, type Plan } from "../terraform/plan";
import { formatPlannedChanges, plannedChanges } from "../terraform/planned-changes";
import { terraform } from "../terraform/run";
import { notConverging } from "./not-converging";
import { importBlocks } from "./outside-states";
import { changing, planWithoutTaints, reconcile } from "./recovery";
import { initialize, makePlan, parallelism, type Run, terraformOptions } from "./stack-commands";
import type { LocalStack } from "./synth";

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

/**
 * Brings one stack to what its cdk.tf.json says: init, plan, apply, and a second plan whose differences are reported.
 * `importOutside`: takes what a killed run left outside of the state into it, where the address can be told.
 *
 * @throws OutsideState where a killed run left what cannot be taken into the state by itself
 * @throws TerraformError where Terraform fails
 * @throws Stopped where the run was asked to stop
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
  for (const line of formatPlannedChanges(plannedChanges(plan))) {
    run.progress.note(line);
  }
  for (const { address, importId } of plan.import) {
    run.progress.note(`  ${address} is taken into the state: ${importId}`);
  }
  const changing = new Set(plan.update.map(({ address }) => address));
  for (const address of untainted) {
    const how = changing.has(address) ? "is changed in place" : "matches";
    run.progress.note(`  ${address} exists and ${how}; an interruption had left it tainted: no longer`);
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

async function apply(run: Run, stack: LocalStack, plan: Plan, planFile: string): Promise<void> {
  const total = plan.create.length + plan.update.length + plan.delete.length + 2 * plan.replace.length;
  const counted = new ApplyProgress(total);
  await run.progress.step(
    `Apply ${stack.name}`,
    (step) =>
      changing(run, stack, "apply", () =>
        terraform(["apply", "-json", "-input=false", `-parallelism=${parallelism}`, planFile], {
          ...terraformOptions(run, stack, "apply"),
          onEvent: (event) => {
            counted.push(event);
            step.update(String(counted));
          },
        }),
      ),
    () => `${stack.name}: ${counted.done} of ${total} changes applied`,
  );
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
          ...terraformOptions(run, stack, "destroy"),
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

function describeDifferences(differences: readonly Difference[]): string {
  const unexpected = differences.filter(({ reason }) => reason === undefined);
  if (unexpected.length > 0) {
    return `the second plan would still change ${new Set(unexpected.map(({ address }) => address)).size} resources`;
  }
  return differences.length > 0
    ? `nothing left to change, but for ${differences.length} listed exceptions`
    : "nothing left to change";
}
