import { accounts, validateEnvironments } from "../../environments";
import type { Account, Environment } from "../../environments/environment";
import { production } from "../../environments/production";
import { staging } from "../../environments/staging";
import { synthesizePlatform } from "../support/synth";
import { withValues } from "./edit";

const recoveryRegion = "us-west-2";
const stateBucket = `skymanuals-terraform-state-${production.accountId}-${recoveryRegion}`;

/** The recovery environment of another, named as docs/decisions/0013 says. */
function recoveryOf(environment: Environment, prefix: string): Environment {
  const name = `${environment.name}-dr`;
  return withValues(environment, {
    name,
    region: recoveryRegion,
    zones: ["a", "b", "c"].map((letter) => `${recoveryRegion}${letter}`),
    "names.prefix": prefix,
    "names.chunksBucket": `${name}-skymanuals-chunks`,
    "names.logsBucket": `${name}-skymanuals-logs`,
    "audit.bucket": `${name}-skymanuals-audit`,
    "elasticsearch.snapshotsBucket": `${name}-skymanuals-log-snapshots`,
    "domain.zoneName": "dr.skymanuals.com",
    "domain.apiName": "api.dr.skymanuals.com",
    "backend.bucket": stateBucket,
    "backend.region": recoveryRegion,
    "backend.key": `skymanuals-${name}/terraform.tfstate`,
  });
}

const secondRegion = accounts.find(({ name }) => name === "production-dr") as Account;
const recovery = recoveryOf(production, "skymanuals-dr");

test("the account's entry of the recovery region leaves to production's what AWS has once", () => {
  expect(secondRegion).toMatchObject({
    accountId: production.accountId,
    region: recoveryRegion,
    singletons: { elasticsearchServiceLinkedRole: "elsewhere", elasticsearchLogPolicy: "create" },
    costs: null,
    stateBucket: { bucket: stateBucket },
  });
});

test("production-dr, with the prefix skymanuals-dr, stands beside production in the same account", () => {
  expect(validateEnvironments([production, recovery], accounts)).toEqual([]);
});

test("its names are its own in the account, IAM's and the budget's included", () => {
  const stack = synthesizePlatform(recovery);
  expect(stack.name).toBe("skymanuals-production-dr");
  expect(stack.resource("aws_elasticsearch_domain.skymanuals")).toHaveProperty("domain_name", "skymanuals-dr-logs");
  const namesIn = (environment: Environment) =>
    synthesizePlatform(environment)
      .resources()
      .filter(({ type }) => ["aws_iam_role", "aws_budgets_budget", "aws_wafv2_web_acl"].includes(type))
      .map(({ type, config }) => `${type} ${config.name}`);
  const own = namesIn(recovery);
  expect(own.length).toBeGreaterThan(5);
  expect(namesIn(production).filter((name) => own.includes(name))).toEqual([]);
});

test("the ending fits staging's name and prefix too", () => {
  const one = withValues(recoveryOf(staging, `${staging.names.prefix}-dr`), { "backend.key": "x/terraform.tfstate" });
  expect(validateEnvironments([one], accounts).filter(({ path }) => /^name/.test(path))).toEqual([]);
});

test("the long form does not fit", () => {
  const long = withValues(recovery, { name: "production-recovery", "names.prefix": "skymanuals-production-recovery" });
  expect(validateEnvironments([long], [secondRegion]).map(({ path }) => path)).toEqual(
    expect.arrayContaining(["name", "names.prefix"]),
  );
});
