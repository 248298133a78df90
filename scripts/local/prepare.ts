import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEnvironments, type Serving } from "../../environments";
import { checkPrerequisites } from "../command/prerequisites";
import { askAws } from "../preflight/aws";
import { type Finding, formatFindings, summaryOf } from "../preflight/finding";
import { withVariables } from "../preflight/overrides";
import { readPlatform } from "../preflight/platform";
import { preflight } from "../preflight/preflight";
import { terraformEnvironment } from "../terraform/environment-variables";
import type { Emulator } from "./emulator";
import { ensureEmulator, findTarget, type SessionOptions, type Target, withLock } from "./session";
import type { Run } from "./stack-commands";
import { type LocalStack, prepareStack, synthesize } from "./synth";

export interface PrepareOptions extends SessionOptions {
  /** Name of the environment. */
  readonly environment: string;
  readonly port: number | undefined;
  /** Values of Terraform variables of the environment's stack. */
  readonly variables: Readonly<Record<string, string>>;
  /** The environment, where a rehearsal deploys it as on the day that it serves. */
  readonly serving?: Serving;
}

/** Everything that a plan or an apply on the emulator begins with. */
export interface Prepared {
  readonly target: Target;
  readonly emulator: Emulator;
  /** The emulator ran before this run. */
  readonly reused: boolean;
  /** The environment's stack last, those of its account that it needs before it. */
  readonly stacks: readonly LocalStack[];
  /** Runs Terraform on one of the stacks: that of the environment gets the variables. */
  readonly runOf: (stack: LocalStack) => Run;
  /** What the preflight warned of. */
  readonly findings: readonly Finding[];
}

/** What AWS would refuse; nothing has been planned or changed. */
export class PreflightFailed extends Error {
  override readonly name = "PreflightFailed";

  constructor(
    readonly findings: readonly Finding[],
    environment: string,
  ) {
    const errors = findings.filter(({ severity }) => severity === "error").length;
    super(
      [
        `The preflight of ${environment} found ${errors} error${errors === 1 ? "" : "s"}. Nothing was changed.`,
        "",
        ...formatFindings(findings),
      ].join("\n"),
    );
  }
}

/**
 * Starts or finds the emulator, synthesizes, asks what AWS would refuse, and then does the work, with the exclusive right to the
 * folder of the local run.
 *
 * @throws InvalidInput where the environment is unknown, or the environments have problems
 * @throws MissingPrerequisites with all that is missing
 * @throws Locked where another run is at work
 * @throws PreflightFailed with every finding
 * @throws Stopped where the run was asked to stop
 */
export async function prepared<T>(
  options: PrepareOptions,
  command: string,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const { paths, progress, stop, variables } = options;
  const target = findTarget(options.environment, options.serving);
  checkPrerequisites();
  return withLock(options, `${command} ${target.environment.name}`, async (lock) => {
    const { emulator, reused } = await ensureEmulator(options, {
      accountId: target.environment.accountId,
      hostedZones: target.hostedZones,
      port: options.port,
    });
    const stacks = await progress.step("Synthesize", async () => {
      await synthesize(paths.root, paths.outdir, stop, options.serving);
      stop.throwIfRequested();
      return [...target.prerequisiteStacks, ...target.standbyStacks, target.stack].map((name) =>
        prepareStack(paths.outdir, name, paths.directory),
      );
    });
    for (const { name } of stacks.filter(({ cloudReplaced }) => cloudReplaced)) {
      progress.note(`  ${name}: its state is kept in a local file here; a real deployment keeps it in HCP Terraform`);
    }
    const last = stacks.at(-1) as LocalStack;
    refuseUnknownVariables(last, variables);
    const endWatch = emulator.watch(stop);
    try {
      const findings = await askBefore(options, target, emulator, last);
      // What the platform itself asks is counted from here.
      await emulator.resetSummary();
      const run = { paths, progress, stop, lock, emulator };
      const runOf = (stack: LocalStack): Run => ({
        ...run,
        env: terraformEnvironment(process.env, emulator.url, stack === last ? variables : {}),
      });
      return await work({ target, emulator, reused, stacks, runOf, findings });
    } finally {
      endWatch();
    }
  });
}

/** The preflight's warnings, which are shown. */
async function askBefore(
  { progress, stop, variables, serving }: PrepareOptions,
  { environment }: Target,
  emulator: Emulator,
  { directory }: LocalStack,
): Promise<readonly Finding[]> {
  const planned = withVariables(environment, variables);
  const json: unknown = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  const report = await progress.step(
    "Preflight",
    () =>
      preflight({
        ...loadEnvironments(serving),
        environment: planned,
        platform: readPlatform(json, planned),
        ask: askAws(environment.region, emulator.clientConfig),
        emulated: true,
        accountFollows: true,
      }),
    (made) => `Preflight: ${summaryOf(made)}`,
  );
  stop.throwIfRequested();
  if (!report.ok) {
    throw new PreflightFailed(report.findings, environment.name);
  }
  for (const line of formatFindings(report.findings)) {
    progress.note(`  ${line}`);
  }
  return report.findings;
}

function refuseUnknownVariables({ name, variables }: LocalStack, given: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(given).filter((variable) => !variables.includes(variable));
  if (unknown.length > 0) {
    throw new Error(`--var ${unknown.join(", ")}: ${name} has no such variable. It has: ${variables.join(", ")}`);
  }
}
