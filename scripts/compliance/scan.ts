import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signalProcess } from "../command/process";
import type { Stop } from "../command/stop";
import { pythonEnvironment } from "../terraform/environment-variables";
import { lastLines } from "../terraform/run";
import { withoutIndex } from "./planned";
import type { SubmittedPlan } from "./submitted-plan";
import type { Suppression } from "./suppressions";

/** What Checkov has against a resource of a plan. */
export interface ScanFinding {
  /** The environment, `account` or `state`. */
  readonly stack: string;
  /** Such as `CKV_AWS_158`. */
  readonly check: string;
  readonly name: string;
  /** With index. */
  readonly address: string;
}

export interface ScannedStack {
  readonly stack: string;
  readonly passed: number;
  /** Of these the suppressed ones are `suppressed`, and the others are findings. */
  readonly failed: number;
}

export interface Scan {
  /** No finding is left, and no suppression is stale. */
  readonly ok: boolean;
  readonly stacks: readonly (ScannedStack & { readonly suppressed: number })[];
  readonly findings: readonly ScanFinding[];
  readonly suppressed: readonly (ScanFinding & { readonly reason: string })[];
  /** Suppressions, by address and stack, that suppress nothing: the finding was mended, or the resource is gone. */
  readonly stale: readonly { readonly stack: string; readonly check: string; readonly address: string }[];
}

/**
 * The environment of a plan; `state` for the bucket of states, `account` for what else an account has once, and `account-region` for
 * what it has in each further region: the trail of all regions stands in one.
 */
export function stackOf({ plan }: SubmittedPlan): string {
  const { environment } = plan.variables;
  if (environment !== undefined) {
    return String(environment);
  }
  const has = (wanted: string) => plan.planned.resources.some(({ type, address }) => [type, address].includes(wanted));
  return has("aws_s3_bucket.state") ? "state" : has("aws_cloudtrail") ? "account" : "account-region";
}

export interface CheckovOptions {
  /** Checkov's program. */
  readonly program: string;
  readonly stop?: Stop | undefined;
}

/**
 * Runs Checkov over a plan, without a network.
 *
 * @throws Error with Checkov's last lines where it gives no result
 */
export async function runCheckov(
  plan: SubmittedPlan,
  { program, stop }: CheckovOptions,
): Promise<{ readonly scanned: ScannedStack; readonly findings: readonly ScanFinding[] }> {
  const stack = stackOf(plan);
  // A plan has sensitive values in clear: the folder is the user's own, and goes with the scan.
  const folder = mkdtempSync(join(tmpdir(), "checkov-"));
  try {
    const file = join(folder, "plan.json");
    writeFileSync(file, JSON.stringify(plan.document), { mode: 0o600 });
    const output = await run(
      program,
      ["--file", file, "--framework", "terraform_plan", "--output", "json", "--compact", "--quiet"].concat([
        "--skip-download",
        "--soft-fail",
      ]),
      folder,
      stop,
    );
    const document = parse(output);
    const { failed_checks = [] } = document.results ?? {};
    return {
      scanned: { stack, passed: document.summary?.passed ?? document.passed ?? 0, failed: failed_checks.length },
      findings: failed_checks.map(({ check_id, check_name, resource }) => ({
        stack,
        check: check_id,
        name: check_name,
        address: resource,
      })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Holds findings against the suppressions. A stack that was not scanned makes none of its suppressions stale. */
export function judgeScan(
  results: readonly { readonly scanned: ScannedStack; readonly findings: readonly ScanFinding[] }[],
  suppressions: readonly Suppression[],
): Scan {
  const scanned = new Set(results.map((result) => result.scanned.stack));
  const used = new Set<string>();
  const key = (stack: string, check: string, address: string) => `${stack} ${check} ${address}`;
  const findings: ScanFinding[] = [];
  const suppressed: (ScanFinding & { reason: string })[] = [];
  for (const finding of results.flatMap((result) => result.findings)) {
    const { stack, check, address } = finding;
    const matching = suppressions.flatMap((one) =>
      one.check === check && one.stacks.includes(stack)
        ? one.addresses.filter((pattern) => matches(pattern, address)).map((pattern) => ({ pattern, one }))
        : [],
    );
    for (const { pattern } of matching) {
      used.add(key(stack, check, pattern));
    }
    if (matching[0]) {
      suppressed.push({ ...finding, reason: matching[0].one.reason });
    } else {
      findings.push(finding);
    }
  }
  const stale = suppressions.flatMap(({ check, stacks, addresses }) =>
    stacks
      .filter((stack) => scanned.has(stack))
      .flatMap((stack) =>
        addresses
          .filter((address) => !used.has(key(stack, check, address)))
          .map((address) => ({ stack, check, address })),
      ),
  );
  return {
    ok: findings.length === 0 && stale.length === 0,
    stacks: results.map((result) => ({
      ...result.scanned,
      suppressed: suppressed.filter(({ stack }) => stack === result.scanned.stack).length,
    })),
    findings,
    suppressed,
    stale,
  };
}

/** An address without index; a last `*` stands for any rest. */
function matches(pattern: string, address: string): boolean {
  const bare = withoutIndex(address);
  return pattern.endsWith("*") ? bare.startsWith(pattern.slice(0, -1)) : bare === pattern;
}

export function formatScan({ stacks, findings, stale }: Scan): string {
  const width = Math.max(...stacks.map(({ stack }) => stack.length));
  return [
    ...stacks.map(
      ({ stack, passed, failed, suppressed }) =>
        `${stack.padEnd(width)}  ${passed} passed, ${failed - suppressed} failed, ${suppressed} suppressed`,
    ),
    ...findings.map(({ stack, check, address, name }) => `failed  ${stack}  ${check}  ${address}: ${name}`),
    ...stale.map(
      ({ stack, check, address }) =>
        `stale   ${stack}  ${check}  ${address}: it suppresses nothing; remove it from scripts/compliance/suppressions.ts`,
    ),
  ].join("\n");
}

interface CheckovDocument {
  /** Where nothing was checked, the counts stand by themselves. */
  readonly passed?: number;
  readonly summary?: { readonly passed: number };
  readonly results?: {
    readonly failed_checks?: readonly {
      readonly check_id: string;
      readonly check_name: string;
      readonly resource: string;
    }[];
  };
}

function parse(output: string): CheckovDocument {
  try {
    return JSON.parse(output) as CheckovDocument;
  } catch {
    throw new Error(`Checkov gave no result:\n${lastLines(output, 15)}`);
  }
}

function run(program: string, args: readonly string[], cwd: string, stop: Stop | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: pythonEnvironment(process.env),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = () => child.pid && signalProcess(child.pid, "SIGKILL", true);
    stop?.requested.addEventListener("abort", kill);
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      errors += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      stop?.requested.removeEventListener("abort", kill);
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`Checkov ended with exit code ${code}:\n${lastLines(errors || output, 15)}`));
      }
    });
  });
}
