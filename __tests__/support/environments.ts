import { accounts, environments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { production } from "../../environments/production";
import { productionDr } from "../../environments/production-dr";
import { isPilotLight } from "../../environments/recovery";
import { type Synthesized, synthesizeAccount, synthesizePlatform, synthesizeStateBackend } from "./synth";

/** Replaces fields, at any depth, of an environment; lists and other values as a whole. */
export type Changes<T> = { readonly [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : Changes<T[K]> | T[K] };

/** A copy with other fields. */
export function changed<T extends object>(value: T, changes: Changes<T>): T {
  return Object.fromEntries(
    [...new Set([...Object.keys(value), ...Object.keys(changes)])].map((key) => {
      const old = value[key as keyof T];
      const change = changes[key as keyof T];
      if (!(key in changes)) {
        return [key, old];
      }
      const nested = isPlainObject(old) && isPlainObject(change) && !("type" in change);
      return [key, nested ? changed(old, change) : change];
    }),
  ) as T;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Production, with other fields. */
export function synthesizeProduction(changes: Changes<typeof production> = {}): Synthesized {
  return synthesizePlatform(changed(production, changes));
}

/** The stacks of every committed environment. */
export function synthesizeEnvironments(): Synthesized[] {
  return environments.map(synthesizePlatform);
}

/** The committed environments that have the whole platform: all but a pilot light. */
export const servingEnvironments: readonly Environment[] = environments.filter((each) => !isPilotLight(each));

/** Their stacks. */
export function synthesizeServing(): Synthesized[] {
  return servingEnvironments.map(synthesizePlatform);
}

/** Production's recovery environment on the day: the whole platform, with the database of a backup. */
export const servingStandby: Environment = changed(productionDr, {
  recovery: {
    type: "standby",
    primary: "production",
    prefix: "skymanuals",
    state: "serving",
    backupArn: `arn:aws:rds:us-west-2:${productionDr.accountId}:auto-backup:ab-l2ijcexjp7xq7hoj4siexample`,
    restoreTime: null,
  },
});

/** The stacks of every committed account. */
export function synthesizeAccounts(): Synthesized[] {
  return accounts.flatMap((account) => [synthesizeAccount(account), synthesizeStateBackend(account)]);
}
