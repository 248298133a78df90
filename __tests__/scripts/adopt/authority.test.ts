import { production } from "../../../environments/production";
import { authoritySteps } from "../../../scripts/adopt/authority";
import { change } from "./support";

const address = "aws_db_instance.postgres";

function steps(authority: string, applyImmediately: boolean): string[] {
  const before = { identifier: "prod-db", ca_cert_identifier: authority };
  const changes = [change(address, before, { ...before, ca_cert_identifier: "rds-ca-rsa2048-g1" })];
  return authoritySteps({ resource_changes: changes }, { database: { ...production.database, applyImmediately } });
}

test("an expired authority is changed before the first apply, where that would leave it to the maintenance window", () => {
  const [step, ...others] = steps("rds-ca-2019", false);
  expect(others).toEqual([]);
  expect(step).toContain(`${address} presents a certificate of rds-ca-2019, which has expired.`);
  expect(step).toMatch(
    /: aws rds modify-db-instance --db-instance-identifier prod-db --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately$/,
  );
});

test("where changes are applied at once, the first apply makes that one too, and no command is needed", () => {
  const [step] = steps("rds-ca-2015", true);
  expect(step).toMatch(/The first apply changes the authority to rds-ca-rsa2048-g1 at once\.$/);
  expect(step).not.toContain("aws rds");
});

test("an authority that is valid, and a database that is new, need nothing", () => {
  expect(steps("rds-ca-ecc384-g1", false)).toEqual([]);
  expect(authoritySteps({ resource_changes: [change(address, null, {})] }, production)).toEqual([]);
});
