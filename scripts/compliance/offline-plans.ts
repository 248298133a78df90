import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadEnvironments } from "../../environments";
import { accountStack } from "../../facts/names";
import { checkPrerequisites } from "../command/prerequisites";
import { type LocalPaths, localPaths, projectRoot } from "../local/project";
import { discardAll, ensureEmulator, findTarget, type SessionOptions, type Target, withLock } from "../local/session";
import { initialize, type Run, runPlan, terraformOptions } from "../local/stack-commands";
import { type LocalStack, prepareStack, synthesize } from "../local/synth";
import { terraformEnvironment } from "../terraform/environment-variables";
import { readPlanFile, type SubmittedPlan } from "./submitted-plan";

/**
 * Plans of an environment's stack and of its account's, against an empty AWS: what the code as it is would create in a new
 * account. They are made on an emulator of their own, which ends with them, and no account is reached.
 *
 * @returns The plans of each environment, by its name; what environments share is planned once
 *
 * @throws InvalidInput where an environment is unknown, or the environments have problems
 * @throws Error where the environments are of several accounts
 * @throws MissingPrerequisites with all that is missing
 * @throws Locked where another run is at work in the folder
 * @throws TerraformError where Terraform makes no plan
 * @throws Stopped where the run was asked to stop
 */
export async function makeOfflinePlans(
  options: SessionOptions,
  environments: readonly string[],
): Promise<ReadonlyMap<string, readonly SubmittedPlan[]>> {
  const { paths, progress, stop } = options;
  const targets = environments.map((name) => findTarget(name));
  const [accountId, other] = new Set(targets.map(({ environment }) => environment.accountId));
  if (accountId === undefined || other !== undefined) {
    throw new Error(`${environments.join(", ")} are environments of several accounts: an emulator is one account`);
  }
  checkPrerequisites();
  return withLock(options, `compliance ${environments.join(", ")}`, async (lock) => {
    const hostedZones = [...new Set(targets.flatMap((target) => target.hostedZones))];
    try {
      const { emulator } = await ensureEmulator(options, { accountId, hostedZones, port: 0 });
      const endWatch = emulator.watch(stop);
      try {
        await progress.step("Synthesize", () => synthesize(paths.root, paths.outdir, stop));
        stop.throwIfRequested();
        const run: Run = {
          paths,
          progress,
          stop,
          lock,
          emulator,
          env: terraformEnvironment(process.env, emulator.url),
        };
        const plans = new Map<string, SubmittedPlan>();
        for (const name of new Set(targets.flatMap(stacksOf))) {
          const stack = prepareStack(paths.outdir, name, paths.directory);
          keepStateHere(stack);
          plans.set(name, await planStack(run, stack));
        }
        return new Map(
          targets.map((target) => [
            target.environment.name,
            stacksOf(target).map((name) => plans.get(name) as SubmittedPlan),
          ]),
        );
      } finally {
        endWatch();
      }
    } finally {
      await discardAll(paths);
    }
  });
}

/** The plans of one environment: see `makeOfflinePlans`. */
export async function offlinePlans(environment: string, options: SessionOptions): Promise<readonly SubmittedPlan[]> {
  return (await makeOfflinePlans(options, [environment])).get(environment) ?? [];
}

/** The folder of the emulator that the plans are made on: not that of the local run, which may be in use. */
export function offlinePaths(directory: string | undefined): LocalPaths {
  return localPaths(undefined, directory ?? join(projectRoot, ".local", "compliance"));
}

/** With the account's stacks of every region: what an account has once may be in another's. */
function stacksOf({ environment, stack, prerequisiteStacks }: Target): string[] {
  const accounts = loadEnvironments().accounts.filter(({ accountId }) => accountId === environment.accountId);
  return [...new Set([stack, ...prerequisiteStacks, ...accounts.map(({ name }) => accountStack(name))])];
}

/** A backend's bucket is yet to be created; and what a state has, an empty account has not. */
function keepStateHere({ directory, name }: LocalStack): void {
  const file = join(directory, "cdk.tf.json");
  const synthesized = JSON.parse(readFileSync(file, "utf8")) as { terraform: { backend?: unknown } };
  synthesized.terraform.backend = { local: { path: `../../../terraform.${name}.tfstate` } };
  writeFileSync(file, JSON.stringify(synthesized, null, 2));
}

async function planStack(run: Run, stack: LocalStack): Promise<SubmittedPlan> {
  await initialize(run, stack);
  const file = join(run.paths.logs, `${stack.name}.tfplan`);
  return run.progress.step(
    `Plan ${stack.name}`,
    async () => {
      await runPlan(run, stack, file, "plan");
      return readPlanFile(file, () => terraformOptions(run, stack, "show"));
    },
    ({ plan }) => `${stack.name}: ${plan.create.length} resources planned`,
  );
}
