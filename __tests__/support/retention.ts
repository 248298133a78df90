import type { Account, Environment } from "../../environments/environment";
import { sevenYearsInDays } from "../../facts/retention";
import { type Kept, type Period, retentionTable } from "../../facts/retention-table";
import { at } from "./blocks";
import { parseJsonencode } from "./jsonencode";
import type { Block, Synthesized } from "./synth";

/** What a stack's records are held to: an environment has fields, and may be one that is to be destroyed. */
export interface Judged {
  readonly kind: Kept["stack"];
  readonly stack: Synthesized;
  /** Its file; none of the bucket of the states. */
  readonly environment?: Environment | Account;
  /** The stack has all that the table names for it. */
  readonly isWhole: boolean;
}

const perDay = { days: 1, hours: 24, seconds: 86_400 } as const;

/** Days, the last so many, or Infinity, by the environment's file. */
export function periodOf(period: Period, environment: Environment | Account | undefined): number | undefined {
  if (typeof period === "number") {
    return period;
  }
  if (period === "kept") {
    return Number.POSITIVE_INFINITY;
  }
  if ("last" in period) {
    return period.last;
  }
  const value = at(environment, period.field);
  const meant = period.values?.[String(value)] ?? value;
  return meant === "kept" ? Number.POSITIVE_INFINITY : meant === null ? undefined : Number(meant);
}

/** Everything of the table that the stack breaks, by record. */
export function retentionProblems(judged: Judged): string[] {
  return retentionTable.filter(({ stack }) => stack === judged.kind).flatMap((row) => problemsOf(row, judged));
}

function problemsOf(row: Kept, { stack, environment, isWhole }: Judged): string[] {
  const where = holders(row, stack);
  if (where.length === 0) {
    return isWhole && !isAbsent(row, environment) ? [`${row.record}: ${stack.name} has no ${row.where}`] : [];
  }
  const asked = periodOf(row.period, environment);
  if (asked === undefined) {
    return [`${row.record}: the environment's file asks for none, and there is ${where.join(", ")}`];
  }
  return where.flatMap((address) => {
    const found = earliest(row, address, stack, asked);
    return [
      ...(found < asked ? [`${row.record}: ${address} ends after ${found}, before ${asked}`] : []),
      ...(row.sevenYears && staysFor(environment) && Math.min(found, asked) < sevenYearsInDays
        ? [`${row.record}: ${address} ends before seven years`]
        : []),
      ...lockProblems(row, address, stack, environment),
    ];
  });
}

const isAbsent = ({ absentWhere }: Kept, environment: Environment | Account | undefined) =>
  absentWhere !== undefined && (at(environment, absentWhere.field) === null) === absentWhere.isNull;

const staysFor = (environment: Environment | Account | undefined) =>
  ["protection", "governance"].every((section) => at(environment, `${section}.forceDestroy`) !== true);

function holders({ where }: Kept, stack: Synthesized): string[] {
  if (!where.endsWith(".*")) {
    return stack.has(where) ? [where] : [];
  }
  const own = new Set(retentionTable.map((row) => row.where));
  return stack
    .resources(where.slice(0, -".*".length))
    .map(({ address }) => address)
    .filter((address) => !own.has(address));
}

/** Days after which the first record of this kind may be gone. */
function earliest({ expiry }: Kept, address: string, stack: Synthesized, asked: number): number {
  const config = stack.resource(address);
  switch (expiry.by) {
    case "argument": {
      // CloudWatch: 0 is for ever.
      const value = Number(config[expiry.argument]);
      return value === 0 && expiry.argument === "retention_in_days"
        ? Number.POSITIVE_INFINITY
        : value / perDay[expiry.unit];
    }
    case "rules":
      return earliestByRules(stack, address, expiry);
    case "input": {
      const input = parseJsonencode(String(stack.resource(expiry.address).input));
      return Number(at(input, expiry.member));
    }
    case "images": {
      const { rules } = parseJsonencode(String(stack.resource(expiry.address).policy)) as {
        rules: { selection: { tagStatus: string; countType: string; countNumber: number } }[];
      };
      const counts = rules
        .map(({ selection }) => selection)
        .filter(({ tagStatus }) => tagStatus === "any" || (tagStatus === "tagged") === expiry.tagged)
        .map(({ countType, countNumber }) =>
          (countType === "imageCountMoreThan") === expiry.tagged ? countNumber : Number.NEGATIVE_INFINITY,
        );
      return Math.min(Number.POSITIVE_INFINITY, ...counts);
    }
    case "plan": {
      const rules = config.rule as Block[];
      const copies = rules.flatMap((rule) => (rule.copy_action as Block[] | undefined) ?? []);
      // Without a lifecycle AWS Backup keeps a recovery point for ever.
      return Math.min(
        ...[...rules, ...copies].map((each) => Number(at(each, "lifecycle.delete_after") ?? Number.POSITIVE_INFINITY)),
      );
    }
    case "AWS":
      return asked;
  }
}

function earliestByRules(
  stack: Synthesized,
  address: string,
  { of, folder = "" }: { readonly of: "current" | "superseded"; readonly folder?: string },
): number {
  const rules = stack
    .resources("aws_s3_bucket_lifecycle_configuration")
    .filter(({ config }) => config.bucket === `\${${address}.id}`)
    .flatMap(({ config }) => config.rule as Block[])
    .filter((rule) => {
      const prefix = String(at(rule, "filter.0.prefix") ?? "");
      return rule.status === "Enabled" && (folder.startsWith(prefix) || prefix.startsWith(folder));
    });
  const days = rules.flatMap((rule) =>
    of === "current" ? [at(rule, "expiration.0.days")] : [at(rule, "noncurrent_version_expiration.0.noncurrent_days")],
  );
  const versioned = stack
    .resources("aws_s3_bucket_versioning")
    .some(
      ({ config }) =>
        config.bucket === `\${${address}.id}` && at(config, "versioning_configuration.status") === "Enabled",
    );
  // Without versions nothing that is superseded is there.
  const none = of === "superseded" && !versioned ? [0] : [];
  return Math.min(Number.POSITIVE_INFINITY, ...none, ...days.filter((each) => each !== undefined).map(Number));
}

function lockProblems(
  { record, lock }: Kept,
  address: string,
  stack: Synthesized,
  environment: Environment | Account | undefined,
): string[] {
  if (!lock) {
    return [];
  }
  if (lock.vaultLock !== undefined) {
    return vaultProblems(record, lock.vaultLock, lock.days, stack, environment);
  }
  const configuration = stack
    .resources("aws_s3_bucket_object_lock_configuration")
    .find(({ config }) => config.bucket === `\${${address}.id}`)?.config;
  const found = at(configuration, "rule.default_retention") as { mode?: string; days?: number } | undefined;
  const mode = at(environment, lock.mode);
  const days = Number(at(environment, lock.days));
  return [
    ...(stack.resource(address).object_lock_enabled === true && found?.mode === mode
      ? []
      : [`${record}: ${address} is not locked in mode ${mode}`]),
    ...(Number(found?.days) >= days ? [] : [`${record}: ${address} is locked for ${found?.days} days, not ${days}`]),
    ...(staysFor(environment) && !(Number(found?.days) >= sevenYearsInDays)
      ? [`${record}: ${address} is locked for less than seven years`]
      : []),
  ];
}

/** AWS tells a vault's mode from days in which its lock may still be changed: backup.test.ts is about these. */
function vaultProblems(
  record: string,
  address: string,
  field: string,
  stack: Synthesized,
  environment: Environment | Account | undefined,
): string[] {
  const found = stack.has(address) ? Number(stack.resource(address).min_retention_days) : 0;
  const days = Number(at(environment, field) ?? 0);
  return [
    ...(found < days ? [`${record}: ${address} locks for ${found} days, not ${days}`] : []),
    ...(staysFor(environment) && found < sevenYearsInDays
      ? [`${record}: ${address} locks for less than seven years`]
      : []),
  ];
}
