import type { Finding } from "../preflight/finding";
import type { Rollout } from "../release/rollout";
import { TerraformError } from "../terraform/run";
import { applyStack, type StackReport } from "./apply";
import type { Emulator, EmulatorSummary } from "./emulator";
import { formatFindings } from "./findings";
import { type PrepareOptions, prepared } from "./prepare";
import { localRollouts, rolloutFailures } from "./rollouts";
import { setDeployed } from "./session";
import { type Output, stackOutputs } from "./stack-commands";
import type { LocalStack } from "./synth";

export interface DeployOptions extends PrepareOptions {
  /** Take what a killed run left outside of the state into it. */
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
  /** What the preflight warned of; an error ends the run. */
  readonly findings: readonly Finding[];
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
 * It also throws what `prepared` does.
 *
 * @throws OutsideState where a killed run left what cannot be taken into the state by itself
 * @throws Error where Terraform fails, with what the emulator had against its requests
 */
export async function deployLocal(options: DeployOptions): Promise<DeployReport> {
  const started = performance.now();
  return prepared(options, "deploy:local", async ({ target, emulator, reused, stacks, runOf, findings }) => {
    setDeployed(options.paths.directory, target.environment.name, true);
    const reports = await applyAll(stacks, (stack) =>
      applyStack(runOf(stack), stack, { importOutside: options.importOutside }),
    ).catch(async (error: unknown) => {
      throw error instanceof TerraformError ? await explain(error, emulator) : error;
    });
    const summary = await emulator.summary();
    const last = stacks.at(-1) as LocalStack;
    const rollouts = await localRollouts(runOf(last), target);
    const failures = [...findFailures(reports, summary), ...rolloutFailures(rollouts)];
    return {
      environment: target.environment.name,
      ok: failures.length === 0,
      failures,
      emulator: { url: emulator.url, pid: emulator.pid, accountId: emulator.accountId, log: emulator.log, reused },
      findings,
      summary,
      stacks: reports,
      rollouts,
      outputs: await stackOutputs(runOf(last), last),
      seconds: (performance.now() - started) / 1000,
    };
  });
}

async function applyAll(
  stacks: readonly LocalStack[],
  apply: (stack: LocalStack) => Promise<StackReport>,
): Promise<StackReport[]> {
  const reports: StackReport[] = [];
  for (const stack of stacks) {
    reports.push(await apply(stack));
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
