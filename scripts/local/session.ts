import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEnvironment, loadEnvironments, type Serving } from "../../environments";
import type { Account, Environment } from "../../environments/environment";
import { accountStack, environmentStack, stateStack } from "../../facts/names";
import { checkPrerequisites } from "../command/prerequisites";
import { endProcess } from "../command/process";
import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import { defaultPort, Emulator, refuseUsedPort } from "./emulator";
import { Lock } from "./lock";
import type { LocalPaths } from "./project";
import { clearUnfinished, readUnfinished } from "./unfinished";
import { ensureVenv } from "./venv";

/** An environment, and the stacks of its account that it needs. */
export interface Target {
  readonly environment: Environment;
  readonly stack: string;
  /** Stacks to apply first: the state bucket where the backend is `s3`, then the account's own. */
  readonly prerequisiteStacks: readonly string[];
  /** Stacks to apply after these, where another region stands in: the environment copies to what they hold. */
  readonly standbyStacks: readonly string[];
  /** Zones that environments of this account expect to exist. */
  readonly hostedZones: readonly string[];
}

/**
 * An environment by its name, and what stands beside it in its account.
 *
 * @throws InvalidInput where the environment is unknown, or the environments have problems
 */
export function findTarget(name: string, serving?: Serving): Target {
  const { environments, accounts } = loadEnvironments(serving);
  const environment = findEnvironment(name, environments);
  const account = accounts.find(
    ({ accountId, region }) => accountId === environment.accountId && region === environment.region,
  );
  return {
    environment,
    stack: environmentStack(environment.name),
    prerequisiteStacks: account ? accountStacks(account, environment) : [],
    standbyStacks: standbyStacks(environment, environments, accounts),
    hostedZones: environments.flatMap(({ accountId, domain }) =>
      accountId === environment.accountId && domain?.zone === "lookup" ? [domain.zoneName] : [],
    ),
  };
}

function standbyStacks(
  { recovery }: Environment,
  environments: readonly Environment[],
  accounts: readonly Account[],
): string[] {
  const standby = recovery?.type === "primary" ? findEnvironment(recovery.standby, environments) : undefined;
  const account = accounts.find(
    ({ accountId, region }) => accountId === standby?.accountId && region === standby?.region,
  );
  return standby && account ? [...accountStacks(account, standby), environmentStack(standby.name)] : [];
}

function accountStacks(account: Account, environment: Environment): string[] {
  const usesBucket = environment.backend.type === "s3" || account.backend.type === "s3";
  return [...(usesBucket ? [stateStack(account.name)] : []), accountStack(account.name)];
}

export interface SessionOptions {
  readonly paths: LocalPaths;
  readonly progress: Progress;
  readonly stop: Stop;
}

/**
 * Runs `work` with the exclusive right to the folder of the local run. A process that a killed run left at work is
 * ended first.
 *
 * @throws Locked where another run is at work
 */
export async function withLock<T>(
  { paths, progress, stop }: SessionOptions,
  command: string,
  work: (lock: Lock) => Promise<T>,
): Promise<T> {
  const lock = Lock.acquire(paths.lock, command);
  try {
    const { leftBehind } = lock;
    if (leftBehind?.child) {
      const { child } = leftBehind;
      const ended = await endProcess(child, { signal: "SIGINT", graceMs: 60_000 });
      if (ended) {
        progress.note(`Ended ${child.name} (process ${child.pid}), which an earlier run that was killed had left`);
      }
    }
    if (leftBehind) {
      removeStateLocks(paths.directory);
    }
    stop.throwIfRequested();
    return await work(lock);
  } catch (error) {
    // The failure of a child that was stopped is not the cause.
    stop.throwIfRequested();
    throw error;
  } finally {
    lock.release();
  }
}

export interface EmulatorRequest {
  readonly accountId: string;
  readonly hostedZones: readonly string[];
  /** undefined: where it listens, or where one that died did, or else the default. 0: any that is free. */
  readonly port: number | undefined;
}

/**
 * The emulator that runs already, or a new one. The states of one that died are discarded, because what they describe
 * went with it.
 *
 * @throws Error where the running one is of another account, or listens on another port than asked for
 */
export async function ensureEmulator(
  { paths, progress, stop }: SessionOptions,
  { accountId, hostedZones, port }: EmulatorRequest,
): Promise<{ emulator: Emulator; reused: boolean }> {
  const running = await Emulator.find(paths.directory);
  if (running) {
    if (running.accountId !== accountId) {
      throw new Error(
        `the emulator in ${paths.directory} is account ${running.accountId}${inhabitants(paths.directory)}, and this ` +
          `environment belongs to ${accountId}. Remove that one first (npm run destroy:local), ` +
          `or use a second one: --directory .local/second --port ${running.port + 1}`,
      );
    }
    if (port !== undefined && port !== 0 && port !== running.port) {
      throw new Error(
        `the emulator listens on port ${running.port} already. Leave out --port, or npm run destroy:local first`,
      );
    }
    return { emulator: running, reused: true };
  }
  const listening = port ?? Emulator.lastPort(paths.directory) ?? defaultPort;
  if (Emulator.wasStarted(paths.directory)) {
    await Emulator.end(paths.directory);
    if (discardStates(paths)) {
      progress.note("The emulator of the last run is gone and everything in it: its state is discarded.");
    }
  }
  const { python } = checkPrerequisites();
  // Before minutes go into the virtual environment.
  await refuseUsedPort(listening);
  const program = await progress.step(
    "Python environment",
    (step) =>
      ensureVenv({
        root: paths.root,
        venv: paths.venv,
        python,
        stop,
        onProgress: step.update,
      }),
    () => "Python environment with the emulator's packages",
  );
  stop.throwIfRequested();
  const emulator = await progress.step(
    "Start the AWS emulator",
    () => Emulator.start({ ...paths, python: program, port: listening, accountId, hostedZones }, stop),
    ({ pid, url }) => `AWS emulator on ${url} (process ${pid}, account ${accountId})`,
  );
  return { emulator, reused: false };
}

function inhabitants(directory: string): string {
  const names = deployedEnvironments(directory);
  return names.length > 0 ? ` with ${names.join(", ")}` : "";
}

/** Names of the environments that were deployed into the emulator, and not destroyed. */
export function deployedEnvironments(directory: string): string[] {
  try {
    return JSON.parse(readFileSync(join(directory, "deployed.json"), "utf8")) as string[];
  } catch {
    return [];
  }
}

export function setDeployed(directory: string, environment: string, deployed: boolean): void {
  const others = deployedEnvironments(directory).filter((name) => name !== environment);
  writeFileSync(join(directory, "deployed.json"), JSON.stringify(deployed ? [...others, environment] : others));
}

/** Removes what describes a world that is gone; true where there was anything. */
export function discardStates(paths: LocalPaths): boolean {
  let found = false;
  for (const file of existsSync(paths.directory) ? readdirSync(paths.directory) : []) {
    if (/^\.?terraform\..+\.tfstate/.test(file)) {
      rmSync(join(paths.directory, file), { force: true });
      found = true;
    }
  }
  // The states of `cdktf deploy` lie in the stacks' folders. The folder above stays: cdktf makes the last one only.
  rmSync(join(paths.cdktf, "cdktf.out"), { recursive: true, force: true });
  rmSync(join(paths.directory, "deployed.json"), { force: true });
  for (const { stack } of readUnfinished(paths.directory)) {
    clearUnfinished(paths.directory, stack);
  }
  return found;
}

/** Ends the emulator and removes all that the local run keeps, but for the virtual environment. */
export async function discardAll(paths: LocalPaths): Promise<void> {
  await Emulator.end(paths.directory);
  discardStates(paths);
  for (const path of [paths.outdir, paths.cdktf, paths.logs, join(paths.directory, "emulator.log")]) {
    rmSync(path, { recursive: true, force: true });
  }
}

/** The lock information of a local state outlives a killed Terraform; the lock itself does not. */
function removeStateLocks(directory: string): void {
  for (const file of readdirSync(directory)) {
    if (/^\.terraform\..+\.tfstate\.lock\.info$/.test(file)) {
      rmSync(join(directory, file), { force: true });
    }
  }
}
