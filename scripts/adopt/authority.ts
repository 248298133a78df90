import type { Environment } from "../../environments/environment";
import {
  databaseAuthority,
  expiredDatabaseAuthorities,
  rotateDatabaseAuthority,
} from "../../facts/database-authorities";
import type { PlanDocument } from "../terraform/plan";
import type { Values } from "./state-file";

/**
 * What is to be done, before the first apply, about a database whose certificate authority has expired. As AWS says it: the plan has
 * asked.
 */
export function authoritySteps(plan: PlanDocument, { database }: Pick<Environment, "database">): string[] {
  return (plan.resource_changes ?? [])
    .filter(({ type }) => type === "aws_db_instance")
    .flatMap(({ address, change }) => {
      const { ca_cert_identifier: authority, identifier } = (change.before ?? {}) as Values;
      if (!expiredDatabaseAuthorities.includes(String(authority))) {
        return [];
      }
      const expired =
        `${address} presents a certificate of ${authority}, which has expired. Clients that verify it need RDS's newer authorities ` +
        "first: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem.";
      return database.applyImmediately
        ? [`${expired} The first apply changes the authority to ${databaseAuthority} at once.`]
        : [
            `${expired} The first apply changes the authority to ${databaseAuthority}, but database.applyImmediately is false: the change ` +
              "would wait for the maintenance window, and the same apply would stop before the database's bootstrap, which verifies the " +
              `certificate. Make the change first, at an hour at which the database may restart: ${rotateDatabaseAuthority(String(identifier))}`,
          ];
    });
}
