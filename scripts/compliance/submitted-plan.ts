import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { environmentStack } from "../../facts/names";
import { type Plan, type PlanDocument, parsePlan } from "../terraform/plan";
import { planFolder } from "../terraform/plan-folder";
import { type TerraformOptions, terraformJson } from "../terraform/run";

/** A plan that evidence is taken from. */
export interface SubmittedPlan {
  /** The file's name without its folder: evidence is the same whoever makes it. */
  readonly file: string;
  /** SHA-256 of the file, in hexadecimal: what `sha256sum FILE` prints. */
  readonly sha256: string;
  /** When the plan was made, RFC 3339 in UTC. */
  readonly timestamp: string;
  readonly plan: Plan;
  /** What `terraform show -json` says of it. Sensitive values are in clear. */
  readonly document: PlanDocument;
}

/**
 * Reads a plan: the file of `terraform plan -out=FILE`, with the providers of the folder, or what `terraform show -json FILE`
 * printed.
 *
 * @throws TerraformError where Terraform does not read it: the folder was not initialized, or the file is no plan
 * @throws Error where it is JSON, and no plan's
 */
export async function readPlanFile(file: string, options: () => TerraformOptions): Promise<SubmittedPlan> {
  const content = readFileSync(file);
  const document = isJson(content)
    ? (JSON.parse(content.toString("utf8")) as PlanDocument)
    : await terraformJson<PlanDocument>(["show", "-json", resolve(file)], options());
  if (document.resource_changes === undefined || document.timestamp === undefined) {
    throw new Error(
      `--plan ${file}: it is JSON, and not that of a plan by Terraform 1.5 or newer. Write one: terraform show -json FILE`,
    );
  }
  return submit(file, content, document);
}

/** A plan that was read: `content` is what its digest is of. */
export function submit(file: string, content: Buffer, document: PlanDocument): SubmittedPlan {
  return {
    file: basename(file),
    sha256: createHash("sha256").update(content).digest("hex"),
    timestamp: document.timestamp ?? "",
    plan: parsePlan(document),
    document,
  };
}

/** A saved plan is a ZIP archive. */
function isJson(content: Buffer): boolean {
  return content.subarray(0, 200).toString("utf8").trimStart().startsWith("{");
}

export interface Submission {
  readonly environment: string;
  readonly accountId: string;
  /** Below it are the stacks' folders of a synthesis. */
  readonly outdir: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Reads the plans that are to be judged together: one of the environment's stack, and those of its account.
 *
 * @throws Error where a plan is not read, belongs to another environment or account, or none is the environment's
 * @throws TerraformError as `readPlanFile` does
 */
export async function readPlans(
  files: readonly string[],
  { environment, accountId, outdir, env }: Submission,
): Promise<SubmittedPlan[]> {
  const stack = environmentStack(environment);
  const plans: SubmittedPlan[] = [];
  for (const file of files) {
    if (!existsSync(file)) {
      throw new Error(
        `--plan ${file}: there is no such file. Write one in the stack's folder: terraform plan -out=FILE`,
      );
    }
    const submitted = await readPlanFile(file, () => ({ directory: planFolder(file, stack, outdir), env }));
    const named = submitted.plan.variables.environment;
    const accounts = accountsOf(submitted.plan);
    if (named !== undefined && named !== environment) {
      throw new Error(`--plan ${file}: it is a plan of the environment ${named}, and not of ${environment}.`);
    }
    if (!accounts.includes(accountId)) {
      throw new Error(
        `--plan ${file}: it is a plan for ${accounts.length > 0 ? `account ${accounts.join(", ")}` : "no account in particular"}, and ${environment} is in account ${accountId}.`,
      );
    }
    plans.push(submitted);
  }
  const own = plans.filter(({ plan }) => plan.variables.environment !== undefined);
  if (own.length !== 1) {
    throw new Error(
      `--plan ${files.join(", ")}: ${own.length === 0 ? "none is" : "more than one is"} a plan of ${stack}. Give one of it, and beside it those of its account's stacks.`,
    );
  }
  return plans;
}

/** The accounts that a plan may be applied to. */
function accountsOf({ configuration }: Plan): string[] {
  const allowed = Object.values(configuration.providers).flatMap((provider) => {
    const value = provider.allowed_account_ids?.constantValue;
    return Array.isArray(value) ? (value as string[]) : [];
  });
  return [...new Set(allowed)];
}
