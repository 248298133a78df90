import { regions } from "./regions";

/**
 * Forms of values that an environment's literal and a Terraform variable share: regular expressions that JavaScript and
 * Terraform (RE2) read alike.
 */

/** A text has the form when every expression matches. */
export type Form = readonly string[];

export function hasForm(text: string, form: Form): boolean {
  return form.every((expression) => new RegExp(expression).test(text));
}

const repositorySegment = "[a-z0-9]+(?:[._-][a-z0-9]+)*";

/**
 * `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`, the repository's name of 2 to 256 characters.
 * Source: Amazon ECR API, CreateRepository.
 */
export const ecrRepositoryUrlForm: Form = [
  `^[0-9]{12}[.]dkr[.]ecr[.](?:${regions.join("|")})[.]amazonaws[.]com/${repositorySegment}(?:/${repositorySegment})*$`,
  "^[^/]*/.{2,256}$",
];

/** A tag, or `sha256:<digest>`; not `latest`, which says nothing of what runs. Source: Amazon ECR API, ImageIdentifier. */
export const imageTagForm: Form = ["^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64})$"];

/** Characters of a database user's name. Source: Amazon RDS API, CreateDBInstance, MasterUsername for PostgreSQL. */
export const databaseUsernameMaximum = 63;

/** A database user's name. Source: as above; reserved words are `reservedUsernames`. */
export const databaseUsernameForm: Form = [`^[A-Za-z][A-Za-z0-9_]{0,${databaseUsernameMaximum - 1}}$`];

/** The widest block that `allowedIps` may name: /8. A wider one admits a large part of the internet. */
export const allowedIpPrefixMinimum = 8;
