import { Resolver } from "node:dns/promises";
import type { Account, Environment } from "../../environments/environment";
import { type Ask, NotAnswered, type Operation, permissionFor } from "./aws";
import type { Check, Subject } from "./check";
import { credentials, serviceLinkedRole } from "./checks/account";
import { certificates, delegation } from "./checks/domain";
import { images } from "./checks/images";
import { buckets, secrets } from "./checks/names";
import { addresses, endpoints, fargate, gateways, logPolicies, rules, vpcs } from "./checks/quotas";
import { cache, database, logStore } from "./checks/types";
import { vpcOrigins } from "./checks/vpc-origins";
import { scalingWindows } from "./checks/windows";
import { zones } from "./checks/zones";
import type { Finding, PreflightReport, Skipped, Unknown } from "./finding";
import type { SynthesizedPlatform } from "./platform";

/** All checks, after that of the credentials, on which each depends. */
export const checks: readonly Check[] = [
  zones,
  database,
  cache,
  logStore,
  fargate,
  addresses,
  gateways,
  vpcs,
  rules,
  endpoints,
  vpcOrigins,
  logPolicies,
  buckets,
  secrets,
  delegation,
  certificates,
  serviceLinkedRole,
  scalingWindows,
  images,
];

/** The permissions that the checks need, in order. GetCallerIdentity needs none. */
export function permissions(): string[] {
  const operations = new Set<Operation>(checks.flatMap(({ asks }) => asks));
  return [...operations].map(permissionFor).sort();
}

export interface PreflightOptions {
  /** With the values of the variables that a plan would have. */
  readonly environment: Environment;
  /** Every environment and account entry: those of the same account and region share its quotas and singletons. */
  readonly environments: readonly Environment[];
  readonly accounts: readonly Account[];
  readonly platform: SynthesizedPlatform;
  readonly ask: Ask;
  /** Default: AWS itself answers. */
  readonly emulated?: boolean;
  /** Default: the account's own stacks have been applied already. */
  readonly accountFollows?: boolean;
  /** Default: the public DNS, as this machine reaches it. */
  readonly nameServers?: (domain: string) => Promise<string[]>;
  /** Default: the clock of this machine. */
  readonly now?: Date;
  /** How many checks have been made. */
  readonly onCheck?: (made: number, of: number) => void;
}

/**
 * Asks what AWS would only say in the middle of an apply. It changes nothing, and throws nothing that AWS says: what could not
 * be asked is a finding.
 */
export async function preflight(options: PreflightOptions): Promise<PreflightReport> {
  const started = performance.now();
  const { environment, environments, accounts } = options;
  const isHere = (other: { readonly accountId: string; readonly region: string }) =>
    other.accountId === environment.accountId && other.region === environment.region;
  const subject: Subject = {
    emulated: false,
    accountFollows: false,
    nameServers: publicNameServers,
    now: new Date(),
    ...options,
    account: accounts.find(isHere),
    neighbours: environments.filter((other) => isHere(other) && other.name !== environment.name),
  };
  const findings: Finding[] = [];
  const skipped: Skipped[] = [];
  const unknown: Unknown[] = [];
  const made: string[] = [];
  const make = async (check: Check) => {
    const outcome = await askOne(check, subject);
    findings.push(...outcome.findings.map((finding) => ({ check: check.name, ...finding })));
    if (outcome.unknown !== undefined) {
      unknown.push({ check: check.name, what: outcome.unknown });
    }
    if (outcome.skipped === undefined) {
      made.push(check.name);
    } else {
      skipped.push({ check: check.name, reason: outcome.skipped });
    }
    options.onCheck?.(made.length + skipped.length, checks.length + 1);
  };
  await make(credentials);
  if (findings.length > 0) {
    skipped.push(...checks.map(({ name }) => ({ check: name, reason: "it would be asked of another account" })));
  } else {
    await Promise.all(checks.map(make));
  }
  const inOrder = [credentials, ...checks].map(({ name }) => name);
  const byCheck = (one: { check: string }, other: { check: string }) =>
    inOrder.indexOf(one.check) - inOrder.indexOf(other.check);
  return {
    environment: environment.name,
    account: environment.accountId,
    region: environment.region,
    ok: findings.every(({ severity }) => severity !== "error"),
    checks: inOrder.filter((name) => made.includes(name)),
    findings: findings.sort(byCheck),
    skipped: skipped.sort(byCheck),
    unknown: unknown.sort(byCheck),
    seconds: (performance.now() - started) / 1000,
  };
}

/** The check's answer, or the finding that it had none. */
async function askOne(check: Check, subject: Subject): ReturnType<Check["run"]> {
  try {
    return await check.run(subject);
  } catch (error) {
    if (!(error instanceof NotAnswered)) {
      throw error;
    }
    return {
      findings: [
        {
          severity: "error",
          what: "could not be asked",
          got: error.message,
          needed: error.isDenied ? `the permission ${permissionFor(error.operation)}` : "an answer of AWS",
          fix: fixOf(error, check),
        },
      ],
    };
  }
}

function fixOf(error: NotAnswered, { name }: Check): string {
  if (error.isDenied) {
    return "give the credentials the policy of docs/preflight.md";
  }
  return name === credentials.name
    ? "log in, such as aws sso login, or export AWS_PROFILE=<profile>"
    : "run the command again; where it stays, see the message of AWS";
}

/** Two seconds for each of two attempts: a resolver that is not reached must not hold up the rest. */
function publicNameServers(domain: string): Promise<string[]> {
  return new Resolver({ timeout: 2_000, tries: 2 }).resolveNs(domain);
}
