import { environmentOfStack, environmentStack } from "../facts/names";
import { accounts } from "./accounts";
import { accountsSource, problemsBetween, sourceOf } from "./between";
import { development } from "./development";
import type { Account, Environment } from "./environment";
import { production } from "./production";
import { productionDr } from "./production-dr";
import { accountSchema, environmentSchema } from "./schema";
import { staging } from "./staging";
import { didYouMean, InvalidInput, type Problem } from "./validation/problems";
import { problemsOf } from "./validation/rules";

/** The environments by their files, in the order in which changes reach them. */
const files = { development, staging, production, "production-dr": productionDr };

export const environments: readonly Environment[] = Object.values(files);

/** The file of each environment, whatever its `name` says. */
const filesOf: ReadonlyMap<unknown, string> = new Map(
  Object.entries(files).map(([file, environment]) => [environment, `environments/${file}.ts`]),
);

export { accounts };

/**
 * Every problem of environments and accounts, by themselves and between them; empty if there is none.
 * @param inFiles the files that literals stand in; any other literal stands in the file of its name.
 */
export function validateEnvironments(
  list: readonly Environment[],
  inAccounts: readonly Account[],
  inFiles = filesOf,
): Problem[] {
  const sources = list.map((environment, index) => inFiles.get(environment) ?? sourceOf(environment, index));
  return [
    ...list.flatMap((environment, index) => problemsOf(environmentSchema, environment, sources[index] as string)),
    ...inAccounts.flatMap((account, index) => problemsOf(accountSchema, account, accountsSource, `accounts[${index}]`)),
    ...problemsBetween(list, inAccounts, sources),
  ];
}

/** A recovery environment as on the day that its region serves. */
export interface Serving {
  /** Its name, such as `production-dr`. */
  readonly environment: string;
  /** What its database is restored from: `recovery.backupArn`. */
  readonly backupArn: string;
}

/**
 * The environments and accounts, checked.
 * @param serving a recovery environment whose file says `pilot-light`, and that a rehearsal deploys as on the day
 * @throws InvalidInput with every problem
 */
export function loadEnvironments(serving?: Serving): {
  environments: readonly Environment[];
  accounts: readonly Account[];
} {
  const changed = new Map(environments.map((each) => [serves(each, serving) ?? each, filesOf.get(each) ?? ""]));
  const problems = validateEnvironments([...changed.keys()], accounts, changed);
  if (problems.length > 0) {
    throw new InvalidInput(problems);
  }
  return { environments: [...changed.keys()], accounts };
}

function serves(environment: Environment, serving: Serving | undefined): Environment | undefined {
  const { recovery } = environment;
  return serving?.environment === environment.name && recovery?.type === "standby"
    ? { ...environment, recovery: { ...recovery, state: "serving", backupArn: serving.backupArn } }
    : undefined;
}

/**
 * The environment of this name, given as `production` or as its stack, `skymanuals-production`.
 * @param among where to look; by default the checked environments.
 * @throws InvalidInput where there is none, naming the known ones and the nearest
 */
export function findEnvironment(
  name: string,
  among: readonly Environment[] = loadEnvironments().environments,
): Environment {
  const found = among.find((environment) => environment.name === name || environmentStack(environment.name) === name);
  if (found) {
    return found;
  }
  const known = among.map((environment) => environment.name);
  const hint = didYouMean(environmentOfStack(name), known);
  throw new InvalidInput([
    {
      source: "command line",
      path: "environment",
      value: name,
      allowed: known.length === 0 ? "no environment is defined" : known.join(", "),
      fix:
        hint ||
        `name one of these, or add environments/${/^[a-z][a-z0-9-]*$/.test(name) ? name : "<name>"}.ts and its environment to the list in environments/index.ts`,
    },
  ]);
}
