import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkPrerequisites } from "../command/prerequisites";
import { discardAll, ensureEmulator, findTarget, type SessionOptions, withLock } from "../local/session";
import { initialize, type Run, runPlan, terraformOptions } from "../local/stack-commands";
import { type LocalStack, prepareStack, synthesize } from "../local/synth";
import { terraformEnvironment } from "../terraform/environment-variables";
import { readPlanFile, type SubmittedPlan } from "./submitted-plan";

/**
 * Plans of an environment's stack and of its account's, against an empty AWS: what the code as it is would create in a new
 * account. They are made on an emulator of their own, which ends with them, and no account is reached.
 *
 * @throws InvalidInput where the environment is unknown, or the environments have problems
 * @throws MissingPrerequisites with all that is missing
 * @throws Locked where another run is at work in the folder
 * @throws TerraformError where Terraform makes no plan
 * @throws Stopped where the run was asked to stop
 */
export async function makeOfflinePlans(options: SessionOptions, environment: string): Promise<SubmittedPlan[]> {
  const { paths, progress, stop } = options;
  const target = findTarget(environment);
  checkPrerequisites();
  return withLock(options, `compliance ${environment}`, async (lock) => {
    const { accountId } = target.environment;
    const { hostedZones } = target;
    try {
      const { emulator } = await ensureEmulator(options, { accountId, hostedZones, port: 0 });
      const endWatch = emulator.watch(stop);
      try {
        const stacks = await progress.step("Synthesize", async () => {
          await synthesize(paths.root, paths.outdir, stop);
          stop.throwIfRequested();
          return [target.stack, ...target.prerequisiteStacks].map((name) => {
            const stack = prepareStack(paths.outdir, name, paths.directory);
            keepStateHere(stack);
            return stack;
          });
        });
        const run: Run = {
          paths,
          progress,
          stop,
          lock,
          emulator,
          env: terraformEnvironment(process.env, emulator.url),
        };
        const plans: SubmittedPlan[] = [];
        for (const stack of stacks) {
          plans.push(await planStack(run, stack));
        }
        return plans;
      } finally {
        endWatch();
      }
    } finally {
      await discardAll(paths);
    }
  });
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
