import { resolve } from "node:path";
import { environmentStack } from "../../facts/names";
import { describePlan, isEmpty, readPlan } from "../terraform/plan";
import { planFolder } from "../terraform/plan-folder";
import { formatPlannedChanges, type PlannedChange, plannedChanges } from "../terraform/planned-changes";

/** What a plan that `terraform plan -out=FILE` wrote would change. */
export interface SavedPlan {
  readonly file: string;
  readonly stack: string;
  /** `97 to create, 2 to update`, or `nothing to change`. */
  readonly summary: string;
  readonly changes: readonly PlannedChange[];
}

export interface ReadSavedPlan {
  readonly plan: SavedPlan;
  /** Values of the plan's variables, as `-var` takes them. Sensitive ones are among them, in clear. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Reads a saved plan of an environment's stack. Terraform reads it in the plan's own folder where that holds a stack, and otherwise
 * in the stack's folder below `outdir`.
 *
 * @throws Error where there is no such file, no folder of the stack, or the plan is another stack's
 * @throws TerraformError where Terraform does not read it: the folder was not initialized, or the file is no plan
 */
export async function readSavedPlan(
  file: string,
  environment: string,
  outdir: string,
  env: NodeJS.ProcessEnv,
): Promise<ReadSavedPlan> {
  const stack = environmentStack(environment);
  const directory = planFolder(file, stack, outdir);
  const plan = await readPlan(resolve(file), { directory, env });
  if (plan.variables.environment !== environment) {
    const got = plan.variables.environment === undefined ? "no variable environment" : plan.variables.environment;
    throw new Error(
      `--plan ${file}: it is not a plan of ${stack}, whose variable environment is ${environment}: it has ${got}.`,
    );
  }
  return {
    plan: {
      file,
      stack,
      summary: isEmpty(plan) ? "nothing to change" : describePlan(plan),
      changes: plannedChanges(plan),
    },
    variables: Object.fromEntries(
      Object.entries(plan.variables)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
  };
}

/** As `deploy:local` shows a plan: each address, and the arguments of updates, up to thirty lines. */
export function formatSavedPlan({ stack, summary, changes }: SavedPlan): string {
  return [`${stack}: ${summary}`, ...formatPlannedChanges(changes)].join("\n");
}
