import { checkPrerequisites } from "../command/prerequisites";
import type { Rollout } from "../release/rollout";
import { terraformEnvironment } from "../terraform/environment-variables";
import { TerraformError } from "../terraform/run";
import { applyStack, type StackReport } from "./apply";
import type { Emulator, EmulatorSummary } from "./emulator";
import { formatFindings } from "./findings";
import { localRollouts, rolloutFailures } from "./rollouts";
import { ensureEmulator, findTarget, type SessionOptions, setDeployed, withLock } from "./session";
import { type Output, type Run, stackOutputs } from "./stack-commands";
import { type LocalStack, prepareStack, synthesize } from "./synth";

export interface DeployOptions extends SessionOptions {
  /** Name of the environment. */
  readonly environment: string;
  readonly port: number | undefined;
  /** Values of Terraform variables of the environment's stack. */
  readonly variables: Readonly<Record<string, string>>;
  readonly importOutside: boolean;
}

export interface DeployReport {
  readonly environment: string;
  /** Nothing unexpected is left to change, and no request was refused or unknown to the emulator. */
  readonly ok: boolean;
  /** Why it is not `ok`; empty otherwise. */
  readonly failures: readonly string[];
  readonly emulator: {
    readonly url: string;
    readonly pid: number;
    readonly accountId: string;
    readonly log: string;
    /** It ran before this run. */
    readonly reused: boolean;
  };
  readonly summary: EmulatorSummary;
  readonly stacks: readonly StackReport[];
  /** How far the services are with their newest task definitions. */
  readonly rollouts: readonly Rollout[];
  readonly outputs: Readonly<Record<string, Output>>;
  readonly seconds: number;
}

/**
 * Synthesizes an environment and applies it to the emulator, with the stacks of its account that it needs.
 *
 * @throws InvalidInput where the environment is unknown, or the environments have problems
 * @throws MissingPrerequisites with all that is missing
 * @throws Locked where another run is at work
 * @throws OutsideState where a killed run left what cannot be taken into the state by itself
 * @throws Error where Terraform fails, with what the emulator had against its requests
 * @throws Stopped where the run was asked to stop
 */
export async function deployLocal(options: DeployOptions): Promise<DeployReport> {
  const started = performance.now();
  const { paths, progress, stop } = options;
  const target = findTarget(options.environment);
  checkPrerequisites();
  return withLock(options, `deploy:local ${target.environment.name}`, async (lock) => {
    const { emulator, reused } = await ensureEmulator(options, {
      accountId: target.environment.accountId,
      hostedZones: target.hostedZones,
      port: options.port,
    });
    await emulator.resetSummary();
    const stacks = await progress.step("Synthesize", async () => {
      await synthesize(paths.root, paths.outdir, stop);
      stop.throwIfRequested();
      return [...target.prerequisiteStacks, target.stack].map((name) =>
        prepareStack(paths.outdir, name, paths.directory),
      );
    });
    for (const { name } of stacks.filter(({ cloudReplaced }) => cloudReplaced)) {
      progress.note(`  ${name}: its state is kept in a local file here; a real deployment keeps it in HCP Terraform`);
    }
    const last = stacks.at(-1) as LocalStack;
    refuseUnknownVariables(last, options.variables);

    setDeployed(paths.directory, target.environment.name, true);
    const endWatch = emulator.watch(stop);
    try {
      const run: Run = { paths, progress, stop, lock, emulator, env: terraformEnvironment(process.env, emulator.url) };
      const environmentRun = { ...run, env: terraformEnvironment(process.env, emulator.url, options.variables) };
      const reports = await applyAll(stacks, (stack, isLast) =>
        applyStack(isLast ? environmentRun : run, stack, { importOutside: options.importOutside }),
      ).catch(async (error: unknown) => {
        throw error instanceof TerraformError ? await explain(error, emulator) : error;
      });
      const summary = await emulator.summary();
      const rollouts = await localRollouts(run, target);
      const failures = [...findFailures(reports, summary), ...rolloutFailures(rollouts)];
      return {
        environment: target.environment.name,
        ok: failures.length === 0,
        failures,
        emulator: { url: emulator.url, pid: emulator.pid, accountId: emulator.accountId, log: emulator.log, reused },
        summary,
        stacks: reports,
        rollouts,
        outputs: await stackOutputs(environmentRun, last),
        seconds: (performance.now() - started) / 1000,
      };
    } finally {
      endWatch();
    }
  });
}

async function applyAll(
  stacks: readonly LocalStack[],
  apply: (stack: LocalStack, isLast: boolean) => Promise<StackReport>,
): Promise<StackReport[]> {
  const reports: StackReport[] = [];
  for (const [index, stack] of stacks.entries()) {
    reports.push(await apply(stack, index === stacks.length - 1));
  }
  return reports;
}

/** The failure, and what the emulator had against the requests that may have led to it. */
async function explain(error: TerraformError, emulator: Emulator): Promise<Error> {
  const findings = formatFindings(await emulator.summary());
  const lines = [
    error.message,
    ...(findings.length > 0 ? ["", "From the emulator:", ...findings] : []),
    "",
    `The emulator goes on running on ${emulator.url} (log: ${emulator.log}). Run the same command again to go on, or npm run destroy:local.`,
  ];
  return new Error(lines.join("\n"), { cause: error });
}

function refuseUnknownVariables({ name, variables }: LocalStack, given: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(given).filter((variable) => !variables.includes(variable));
  if (unknown.length > 0) {
    throw new Error(`--var ${unknown.join(", ")}: ${name} has no such variable. It has: ${variables.join(", ")}`);
  }
}

/** Each reason why a run that went through is not a success. */
export function findFailures(reports: readonly StackReport[], summary: EmulatorSummary): string[] {
  const unexpected = reports.flatMap(({ differences }) => differences.filter(({ reason }) => reason === undefined));
  return [
    ...(unexpected.length > 0
      ? ["the second plan would still change something that is not listed as an exception"]
      : []),
    ...(summary.refused.length > 0 ? ["the emulator refused requests that break AWS's API model"] : []),
    ...(summary.unimplemented.length > 0 ? ["the emulator lacks operations that were called"] : []),
  ];
}
