/**
 * Who signs the database's certificate. Any client that knows RDS's authorities trusts it, and RDS renews what it signed by
 * itself. Also the default of new databases since January 2024 (Amazon RDS User Guide, "Using SSL/TLS to encrypt a connection to a
 * DB instance or cluster", certificate authorities).
 */
export const databaseAuthority = "rds-ca-rsa2048-g1";

/**
 * Authorities that have expired: rds-ca-2015 in March 2020, rds-ca-2019 in August 2024. A database keeps its authority until somebody
 * changes it (Amazon RDS User Guide, "Rotating your SSL/TLS certificate").
 */
export const expiredDatabaseAuthorities: readonly string[] = ["rds-ca-2015", "rds-ca-2019"];

/** What changes the authority at once, and not in the maintenance window. */
export function rotateDatabaseAuthority(identifier: string): string {
  return (
    `aws rds modify-db-instance --db-instance-identifier ${identifier} ` +
    `--ca-certificate-identifier ${databaseAuthority} --apply-immediately`
  );
}
