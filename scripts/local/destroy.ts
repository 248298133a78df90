import { existsSync } from "node:fs";
import { checkPrerequisites } from "../command/prerequisites";
import { createClients } from "../release/clients";
import { deregister } from "../release/task-definitions";
import { terraformEnvironment } from "../terraform/environment-variables";
import { TerraformError } from "../terraform/run";
import { stackDirectory } from "../terraform/stack-directory";
import { destroyStack } from "./apply";
import { Emulator, type InventoryItem } from "./emulator";
import { formatItem, outsideStates } from "./outside-states";
import { freeLock, statesOf, statesOfCdktf } from "./recovery";
import {
  deployedEnvironments,
  discardAll,
  findTarget,
  type SessionOptions,
  setDeployed,
  type Target,
  withLock,
} from "./session";
import { type Run, stackState } from "./stack-commands";
import { type LocalStack, prepareStack } from "./synth";
import { clearUnfinished, findUnfinished, readUnfinished } from "./unfinished";

export interface DestroyOptions extends SessionOptions {
  readonly environment: string;
  /** Skip Terraform: stop the emulator, and remove the state of everything in it. */
  readonly discard: boolean;
}

export interface DestroyReport {
  readonly environment: string;
  readonly ok: boolean;
  readonly failures: readonly string[];
  /** Objects that the emulator listed before. */
  readonly existed: number;
  /** Resources that Terraform destroyed. */
  readonly destroyed: number;
  /** Addresses in the state that `prevent_destroy` protects; they went with the emulator. */
  readonly protected: readonly string[];
  /** What Terraform left, and had not been told to leave. */
  readonly left: readonly InventoryItem[];
  /** Older revisions of the states' task definitions, which releases and applies leave: `family:1`. They were deregistered. */
  readonly deregistered: readonly string[];
  /** What was in no state of this run, and an earlier killed run explains. */
  readonly discarded: readonly InventoryItem[];
  /** What only a state of `cdktf deploy` on this emulator knows, and Terraform therefore left. */
  readonly ofCdktf: readonly InventoryItem[];
  /** Environments for which the emulator keeps running; empty: it was stopped. */
  readonly remaining: readonly string[];
  readonly seconds: number;
}

/**
 * Destroys an environment on the emulator and asks the emulator what is left. With the last environment the account's
 * stacks go too, then the emulator and every file of the run; whatever fails on the way, they go.
 *
 * @throws InvalidInput where the environment is unknown, or the environments have problems
 * @throws MissingPrerequisites with all that is missing
 * @throws Locked where another run is at work
 * @throws Stopped where the run was asked to stop
 */
export async function destroyLocal(options: DestroyOptions): Promise<DestroyReport> {
  const started = performance.now();
  const { paths } = options;
  const target = findTarget(options.environment);
  const report = (rest: Partial<DestroyReport>): DestroyReport => ({
    environment: target.environment.name,
    ok: (rest.failures ?? []).length === 0,
    failures: [],
    existed: 0,
    destroyed: 0,
    protected: [],
    left: [],
    deregistered: [],
    discarded: [],
    ofCdktf: [],
    remaining: [],
    ...rest,
    seconds: (performance.now() - started) / 1000,
  });
  if (!existsSync(paths.directory)) {
    options.progress.note("Nothing was deployed here.");
    return report({});
  }
  return withLock(options, `destroy:local ${target.environment.name}`, async (lock) => {
    const emulator = await Emulator.find(paths.directory);
    const others = deployedEnvironments(paths.directory).filter((name) => name !== target.environment.name);
    if (!emulator || options.discard) {
      if (emulator) {
        const included = others.length > 0 ? `, ${others.join(" and ")} included` : "";
        options.progress.note(`Discarding the emulator with everything in it${included}.`);
      } else {
        options.progress.note(
          Emulator.wasStarted(paths.directory)
            ? "The emulator is gone, and everything in it: discarding its state."
            : "Nothing is deployed here.",
        );
      }
      await discardAll(paths);
      return report({});
    }
    if (emulator.accountId !== target.environment.accountId) {
      throw new Error(
        `the emulator in ${paths.directory} is account ${emulator.accountId} with ${others.join(", ") || "no environment"}; ` +
          `${target.environment.name} belongs to ${target.environment.accountId}. ` +
          `To remove what is there: npm run destroy:local${others[0] ? ` -- ${others[0]}` : " -- --discard"}`,
      );
    }
    checkPrerequisites();
    const run: Run = {
      ...options,
      lock,
      emulator,
      env: terraformEnvironment(process.env, emulator.url),
    };
    const endWatch = emulator.watch(options.stop);
    try {
      return report(await destroyTarget(run, target, others));
    } finally {
      endWatch();
    }
  });
}

const taskDefinition = "aws_ecs_task_definition";

async function destroyTarget(run: Run, target: Target, others: readonly string[]): Promise<Partial<DestroyReport>> {
  const { paths, progress, emulator } = run;
  const isLast = others.length === 0;
  const wasKilled = readUnfinished(paths.directory).length > 0;
  if (wasKilled) {
    await emulator.quiet();
  }
  const failures: string[] = [];
  const existed = (await emulator.inventory()).length;
  const protectedAddresses: string[] = [];
  const families = new Set<unknown>();
  let destroyed = 0;

  // The account's stacks last, in the reverse order of their creation: the state bucket holds the other states.
  const before = [...target.prerequisiteStacks, ...target.standbyStacks];
  const names = [target.stack, ...(isLast ? before.reverse() : [])];
  for (const name of names.filter((name) => existsSync(stackDirectory(paths.outdir, name)))) {
    const stack = prepareStack(paths.outdir, name, paths.directory);
    try {
      const state = await stackState(run, stack);
      if (state.length === 0) {
        continue;
      }
      const kept = protectedIn(
        stack,
        state.map(({ address }) => address),
      );
      if (kept.length > 0) {
        protectedAddresses.push(...kept.map((address) => `${name}: ${address}`));
        progress.note(`${name} is protected by prevent_destroy: ${kept.join(", ")}`);
        continue;
      }
      if (findUnfinished(paths.directory, name)) {
        await freeLock(run, stack);
      }
      destroyed += (await destroyStack(run, stack)).deleted;
      for (const { values } of state.filter(({ type }) => type === taskDefinition)) {
        families.add(values.family);
      }
    } catch (error) {
      if (!(error instanceof TerraformError)) {
        throw error;
      }
      failures.push(error.message);
    }
  }

  const superseded = outsideStates(await emulator.inventory(), await statesOf(run)).filter(
    ({ type, name }) => type === taskDefinition && families.has(name.replace(/:\d+$/, "")),
  );
  await deregisterSuperseded(run, target, superseded);
  const cdktfStates = await statesOfCdktf(run);
  const outsideOwn = outsideStates(await emulator.inventory(), await statesOf(run));
  const outside = outsideStates(outsideOwn, cdktfStates);
  const ofCdktf = outsideOwn.filter((item) => !outside.includes(item));
  // A killed apply explains what it made and could not record.
  const [left, discarded] = wasKilled ? [[], outside] : [outside, []];
  if (existed === 0 && destroyed > 0) {
    failures.push("the emulator listed nothing before either: its inventory proves nothing");
  }
  if (left.length > 0) {
    failures.push(
      `${left.length} objects are left in the emulator, in no state:\n${left.map((item) => `  ${formatItem(item)}`).join("\n")}`,
    );
  }
  const remaining = isLast ? [] : others;
  if (isLast) {
    await discardAll(paths);
  } else if (failures.length + protectedAddresses.length + discarded.length + ofCdktf.length === 0) {
    clearUnfinished(paths.directory, target.stack);
    setDeployed(paths.directory, target.environment.name, false);
  } else {
    failures.push(`${target.environment.name} stays until the emulator goes, with the last of: ${others.join(", ")}`);
  }
  return {
    failures,
    existed,
    destroyed,
    protected: protectedAddresses,
    left,
    deregistered: superseded.map(({ name }) => name),
    discarded,
    ofCdktf,
    remaining,
  };
}

/**
 * Deregisters what is left of families that Terraform has destroyed: a state holds the newest revision only, and releases register
 * others.
 */
async function deregisterSuperseded(
  { emulator }: Run,
  { environment }: Target,
  revisions: readonly InventoryItem[],
): Promise<void> {
  const { ecs } = createClients(environment.region, emulator.clientConfig);
  for (const { id } of revisions) {
    await deregister(ecs, id);
  }
}

function protectedIn({ protectedAddresses }: LocalStack, addresses: readonly string[]): string[] {
  return addresses.filter((address) => protectedAddresses.includes(address.replace(/\[.*\]$/, "")));
}
