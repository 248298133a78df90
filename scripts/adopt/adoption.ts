import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Adopted, Environment } from "../../environments/environment";
import { InvalidInput, type Problem } from "../../environments/validation/problems";
import type { Stop } from "../command/stop";
import { type PlanDocument, parsePlan } from "../terraform/plan";
import { type TerraformOptions, terraform, terraformJson } from "../terraform/run";
import { authoritySteps } from "./authority";
import { findCounterparts } from "./counterparts";
import { documentedAddresses } from "./documented";
import { type AdoptedField, type AdoptedFields, adoptedFields, withFields } from "./fields";
import { type KeptArgument, keptArguments } from "./keep";
import { type Outcome, outcomeOf } from "./outcome";
import { resourceSchemas } from "./provider-schema";
import type { Objects } from "./references";
import { type Relocation, relocate } from "./relocation";
import { instanceAddresses, type OurResource } from "./root";
import { readStateFile, type StateObject } from "./state-file";
import { synthesizeForPlanning } from "./synthesis";

export interface AdoptionOptions {
  readonly stateFile: string;
  readonly environment: Environment;
  /** Environment of the Terraform processes: it decides between AWS and an emulator. */
  readonly env: NodeJS.ProcessEnv;
  /** Addresses that may be replaced; with or without an index. */
  readonly allowReplace?: readonly string[];
  /** Addresses of the state that may be destroyed, or may lose security group rules or routes. */
  readonly allowDestroy?: readonly string[];
  readonly onProgress?: (text: string) => void;
  readonly stop?: Stop;
}

/** What it takes to continue a state, and what the first apply would then do. */
export interface Adoption {
  readonly environment: string;
  readonly fields: readonly AdoptedField[];
  readonly adopted: Adopted;
  readonly kept: readonly KeptArgument[];
  readonly outcome: Outcome;
  /** What is to be done first, in words. */
  readonly beforeApply: readonly string[];
  /** Choices and limits, in words. */
  readonly notes: readonly string[];
}

/** Plans until no further line is needed; each round can bring up what the one before concealed. */
const maximumRounds = 4;

/**
 * Derives from a state of the documented root module what `environments/<name>.ts` has to say, by planning copies of
 * state and stack until nothing is destroyed or replaced. Writes only below a folder of its own, which it removes: the
 * state that it is given, the environment's own state and its backend stay untouched.
 * @throws InvalidInput where the file is no state of the documented platform, or one of another account or region
 * @throws TerraformError where Terraform cannot plan
 */
export async function adopt(options: AdoptionOptions): Promise<Adoption> {
  const { environment, onProgress = () => {} } = options;
  const state = readStateFile(options.stateFile, installedTerraform());
  checkState(state, environment, options.stateFile);
  // The folder holds a copy of the state: readable by its owner only (mode 0700 of mkdtemp), and removed at the end.
  const workFolder = mkdtempSync(join(tmpdir(), "skymanuals-adoption-"));
  const remove = () => rmSync(workFolder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    return await planUntilSettled(options, state, workFolder, onProgress);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

async function planUntilSettled(
  { stateFile, environment, env, allowReplace = [], allowDestroy = [], stop }: AdoptionOptions,
  state: readonly StateObject[],
  workFolder: string,
  onProgress: (text: string) => void,
): Promise<Adoption> {
  const destroyable = new Set(allowDestroy);
  const replaceable = new Set(allowReplace);
  const first = synthesizeForPlanning(withoutAdoption(environment), workFolder);
  const vpc = state.find(({ type, label }) => type === "aws_vpc" && label === "skymanuals")?.values.cidr_block;
  const vpcCidrBlock = typeof vpc === "string" ? vpc : environment.network.vpcCidrBlock;
  const counterparts = findCounterparts(first.root, state, vpcCidrBlock);
  const found = adoptedFields(withoutAdoption(environment), counterparts.byAddress);
  const adaptedEnvironment = withFields(environment, found.fields);
  const relocation = relocate(first.root, state, counterparts, destroyable);
  const objects = atPlannedAddresses(first.root, counterparts.byAddress, relocation);

  copyFileSync(stateFile, first.stateFile);
  const terraformOptions: TerraformOptions = { directory: first.directory, env, stop };
  onProgress("terraform init");
  let kept: readonly KeptArgument[] = [];
  let adopted = adoptedOf(relocation, kept);
  let plan: PlanDocument = {};
  let schemas: ReturnType<typeof resourceSchemas> | undefined;
  let root: ReadonlyMap<string, OurResource> = first.root;
  for (let round = 1; round <= maximumRounds; round++) {
    root = synthesizeForPlanning({ ...adaptedEnvironment, adopted }, workFolder).root;
    if (!schemas) {
      await terraform(["init", "-input=false", "-no-color"], terraformOptions);
      schemas = resourceSchemas(await terraformJson(["providers", "schema", "-json"], terraformOptions));
    }
    onProgress(`terraform plan, round ${round}`);
    await terraform(["plan", "-input=false", "-no-color", "-json", "-out=adoption.tfplan"], terraformOptions);
    plan = await terraformJson<PlanDocument>(["show", "-json", "adoption.tfplan"], terraformOptions);
    const more = keptArguments({ plan, root, schemas, objects, replaceable, destroyable });
    const next = mergeKept(kept, more);
    if (JSON.stringify(next) === JSON.stringify(kept)) {
      break;
    }
    kept = next;
    adopted = adoptedOf(relocation, kept);
  }
  return {
    environment: environment.name,
    fields: found.fields,
    adopted,
    kept,
    outcome: outcomeOf({ plan: parsePlan(plan), document: plan, root, objects, replaceable, destroyable }),
    beforeApply: authoritySteps(plan, adaptedEnvironment),
    notes: [...counterparts.choices, ...found.refused.map(refusedField)],
  };
}

function adoptedOf({ renamed, moved, removed }: Relocation, kept: readonly KeptArgument[]): Adopted {
  const keep: Record<string, Record<string, unknown>> = {};
  for (const { address, argument, value } of kept) {
    keep[address] = { ...keep[address], [argument]: value };
  }
  return { keep, renamed, moved, removed };
}

/** A later round knows better. */
function mergeKept(earlier: readonly KeptArgument[], later: readonly KeptArgument[]): KeptArgument[] {
  const key = ({ address, argument }: KeptArgument) => `${address} ${argument}`;
  const merged = new Map(earlier.map((argument) => [key(argument), argument]));
  for (const argument of later) {
    merged.set(key(argument), argument);
  }
  return [...merged.values()];
}

function withoutAdoption(environment: Environment): Environment {
  return { ...environment, adopted: { keep: {}, renamed: {}, moved: [], removed: [] } };
}

/** Counterparts by the addresses that the plan uses. */
function atPlannedAddresses(
  root: ReadonlyMap<string, OurResource>,
  byAddress: ReadonlyMap<string, StateObject>,
  { renamed }: Relocation,
): Objects {
  const planned = new Map<string, StateObject>();
  for (const resource of root.values()) {
    for (const instance of instanceAddresses(resource)) {
      const object = byAddress.get(instance);
      const target = renamed[resource.address] ?? resource.address;
      if (object) {
        planned.set(instance.replace(resource.address, target), object);
      }
    }
  }
  return planned;
}

function refusedField({ field, value, source, allowed, fix }: AdoptedFields["refused"][number]): string {
  return `${field}: the state has ${JSON.stringify(value)} (${source}), which environments/ refuses (allowed: ${allowed}; ${fix}): ours stays`;
}

/**
 * @throws InvalidInput where the state is not one of the documented platform in the environment's account and region
 */
export function checkState(state: readonly StateObject[], environment: Environment, file: string): void {
  const problems: Problem[] = [];
  const refuse = (path: string, value: unknown, allowed: string, fix: string) =>
    problems.push({ source: file, path, value, allowed, fix });
  const documented = state.filter(({ type, label }) => documentedAddresses.has(`${type}.${label}`));
  if (documented.length === 0) {
    refuse(
      "resources",
      state.length === 0 ? "no managed resource" : `${state.length} managed resources, such as ${state[0]?.address}`,
      "at least one resource of the guide, such as aws_vpc.skymanuals or aws_db_instance.postgres",
      "name the state of the root module with the guide's files",
    );
  }
  const arns = documented.map(({ values }) => String(values.arn ?? "").split(":"));
  const accounts = new Set(arns.map((arn) => arn[4] ?? "").filter((account) => /^\d{12}$/.test(account)));
  if (accounts.size > 0 && !accounts.has(environment.accountId)) {
    refuse(
      "account",
      [...accounts].join(", "),
      `${environment.accountId}, the accountId of ${environment.name}`,
      `name the environment of that account as the argument, or correct accountId in environments/${environment.name}.ts`,
    );
  }
  const regions = new Set(
    documented
      .filter(({ type }) => type === "aws_vpc" || type === "aws_db_instance")
      .map(({ values }) => String(values.arn ?? "").split(":")[3] ?? "")
      .filter(Boolean),
  );
  if (regions.size > 0 && !regions.has(environment.region)) {
    refuse(
      "region",
      [...regions].join(", "),
      `${environment.region}, the region of ${environment.name}`,
      `name the environment of that region as the argument, or correct region and zones in environments/${environment.name}.ts`,
    );
  }
  if (problems.length > 0) {
    throw new InvalidInput(problems);
  }
}

function installedTerraform(): string {
  const { status, stdout } = spawnSync("terraform", ["version", "-json"], { encoding: "utf8" });
  if (status !== 0) {
    throw new Error("terraform >= 1.11 is needed and cannot be run: https://developer.hashicorp.com/terraform/install");
  }
  return (JSON.parse(stdout) as { terraform_version: string }).terraform_version;
}
