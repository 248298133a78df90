import { join } from "node:path";
import type { Finding } from "../preflight/finding";
import { describePlan } from "../terraform/plan";
import { formatPlannedChanges, type PlannedChange, plannedChanges } from "../terraform/planned-changes";
import { type PrepareOptions, prepared } from "./prepare";
import { initialize, makePlan, type Run } from "./stack-commands";
import type { LocalStack } from "./synth";

/** What `deploy:local --plan` prints as JSON. */
export interface LocalPlanReport {
  readonly environment: string;
  readonly ok: true;
  /** What the preflight warned of. */
  readonly findings: readonly Finding[];
  readonly stacks: readonly {
    readonly stack: string;
    readonly changes: readonly PlannedChange[];
    /** Why there is no plan: its state lies in what an earlier stack is yet to create. Otherwise null. */
    readonly notPlanned: string | null;
  }[];
}

/** Says what `deploy:local` would change, and changes nothing but that the emulator runs afterwards. It throws what `prepared` does. */
export async function planLocal(options: PrepareOptions): Promise<LocalPlanReport> {
  return prepared(options, "deploy:local --plan", async ({ target, stacks, runOf, findings }) => {
    const reports: LocalPlanReport["stacks"][number][] = [];
    for (const stack of stacks) {
      const before = reports.find(({ changes }) => changes.length > 0);
      if (stack.stateFile === undefined && before) {
        const notPlanned = `its state lies in a bucket that ${before.stack} is yet to create`;
        options.progress.note(`  ${stack.name} is not planned: ${notPlanned}`);
        reports.push({ stack: stack.name, changes: [], notPlanned });
      } else {
        reports.push({ stack: stack.name, changes: await planStack(runOf(stack), stack), notPlanned: null });
      }
    }
    return { environment: target.environment.name, ok: true, findings, stacks: reports };
  });
}

async function planStack(run: Run, stack: LocalStack): Promise<PlannedChange[]> {
  await initialize(run, stack);
  const planFile = join(run.paths.logs, `${stack.name}.tfplan`);
  const plan = await run.progress.step(
    `Plan ${stack.name}`,
    () => makePlan(run, stack, planFile, "plan"),
    (made) => `${stack.name}: ${made ? describePlan(made) : "nothing to change"}`,
  );
  return plan ? plannedChanges(plan) : [];
}

/** What a person reads after `deploy:local --plan`. */
export function formatLocalPlan({ stacks }: LocalPlanReport): string {
  return stacks
    .flatMap(({ stack, changes, notPlanned }) => [
      `${stack}: ${notPlanned ? `not planned, ${notPlanned}` : changes.length === 0 ? "nothing to change" : ""}`.trimEnd(),
      ...formatPlannedChanges(changes),
    ])
    .join("\n");
}
