import { join } from "node:path";
import type { Finding } from "../../scripts/preflight/finding";
import type { SavedPlan } from "../../scripts/preflight/saved-plan";
import { LocalRun } from "./support/local-run";
import { story } from "./support/story";

const local = new LocalRun("preflight");

interface PreflightJson {
  readonly ok: boolean;
  readonly checks: readonly string[];
  readonly findings: readonly Finding[];
  readonly plan: SavedPlan;
}

/** The command's report; the exit code is 1 where it is not ok. */
async function preflight(...args: readonly string[]): Promise<PreflightJson> {
  const { stdout, exitCode } = await local.npm("preflight", [...args, "--json"]).finish();
  const report = JSON.parse(stdout) as PreflightJson;
  expect(exitCode).toBe(report.ok ? 0 : 1);
  return report;
}

async function control(route: string, document: object): Promise<void> {
  const response = await fetch(`${local.emulator.url}/_emulator/${route}`, {
    method: "POST",
    body: JSON.stringify(document),
  });
  expect(response.status).toBe(200);
}

const brief = ({ check, severity, what }: Finding) => `${severity} ${check}: ${what}`;
const role = "error service-linked role: role AWSServiceRoleForAmazonElasticsearchService";

story(
  "what AWS would refuse, asked on the emulator",
  (step) => {
    step("a new account lacks what the account's stack creates, and nothing else", async () => {
      await local.startEmulator("development");
      const { findings, checks } = await preflight("development");
      expect(findings.map(brief)).toEqual([role]);
      expect(checks).toEqual(expect.arrayContaining(["zones", "database", "cache", "log store", "Fargate quota"]));
    });

    step("types, quotas and names are refused at once, each with what to do", async () => {
      await control("quotas", { service: "fargate", code: "L-3032A538", value: 6, region: "us-east-1" });
      await control("other-accounts-buckets", { name: "development-skymanuals-chunks" });
      await local.emulator.call("secretsmanager", "secretsmanager.CreateSecret", {
        Name: "skymanuals-development/database-url",
        SecretString: "x",
      });
      await local.emulator.call("secretsmanager", "secretsmanager.DeleteSecret", {
        SecretId: "skymanuals-development/database-url",
        RecoveryWindowInDays: 30,
      });
      const { findings } = await preflight(
        "development",
        "--var=database_instance_class=db.m3.large",
        "--var=redis_node_type=cache.m1.small",
        "--var=elasticsearch_instance_type=x9.large.elasticsearch",
      );
      expect(findings.map(brief)).toEqual([
        "error database: database class db.m3.large",
        "error cache: cache node type cache.m1.small",
        "error log store: log store type x9.large.elasticsearch",
        "error Fargate quota: Fargate On-Demand vCPU in us-east-1",
        "error bucket names: bucket development-skymanuals-chunks",
        "error secret names: secret skymanuals-development/database-url",
        role,
      ]);
      const byCheck = Object.fromEntries(findings.map((finding) => [finding.check, finding]));
      expect(byCheck.database?.fix).toMatch(/^use one of db\.m5\.large, .*\bdb\.r5\.large\b/);
      expect(byCheck["Fargate quota"]).toMatchObject({ got: "6", needed: expect.stringMatching(/^8: 4 API tasks/) });
      expect(byCheck["bucket names"]?.got).toContain("S3 answers 403");
    });

    step("a permission that is lacking is a finding, and the other checks go on", async () => {
      await local.emulator.plant({
        service: "ec2",
        operation: "DescribeVpcs",
        code: "UnauthorizedOperation",
        count: 9,
      });
      const { findings } = await preflight("development");
      await local.emulator.clearFaults();
      expect(findings.find(({ check }) => check === "VPC quota")).toMatchObject({
        what: "could not be asked",
        needed: "the permission ec2:DescribeVpcs",
      });
      expect(findings.map(({ check }) => check)).toContain("bucket names");
    });

    step("deploy:local stops before it plans, with every finding", async () => {
      const { stderr, stdout } = await local.deploy().expectExit(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("The preflight of development found 3 errors. Nothing was changed.");
      expect(stderr).toContain("error  Fargate quota: Fargate On-Demand vCPU in us-east-1");
      expect(stderr).not.toContain("Initialize");
      expect((await local.emulator.inventory()).filter(({ type }) => type !== "aws_secretsmanager_secret")).toEqual([]);
    });

    step("and plans once they are mended, saying what will change; --plan stops there", async () => {
      await control("quotas", { service: "fargate", code: "L-3032A538", value: 8, region: "us-east-1" });
      await local.emulator.call("secretsmanager", "secretsmanager.RestoreSecret", {
        SecretId: "skymanuals-development/database-url",
      });
      await local.emulator.call("secretsmanager", "secretsmanager.DeleteSecret", {
        SecretId: "skymanuals-development/database-url",
        ForceDeleteWithoutRecovery: true,
      });
      // The name of another account stays taken: a new emulator has none.
      await local.npm("destroy:local", []).finish();
      const { stdout } = await local.deploy("--plan").expectExit(0);
      expect(stdout.split("\n").slice(0, 3)).toEqual([
        "skymanuals-account-nonprod:",
        "  +   aws_accessanalyzer_analyzer.skymanuals",
        "  +   aws_ce_anomaly_monitor.services",
      ]);
      expect(stdout.match(/^skymanuals-.*:$/gm)).toEqual(["skymanuals-account-nonprod:", "skymanuals-development:"]);
      expect(stdout.match(/^ {2}\.\.\. and \d+ more to create$/gm)).toHaveLength(2);
      const planFile = join(local.directory, "logs", "skymanuals-development.tfplan");
      const { plan, findings } = await preflight("development", "--plan", planFile);
      expect(plan.summary).toBe(`${plan.changes.length} to create, ${plan.summary.split(", ")[1]}`);
      expect(new Set(plan.changes.map(({ action }) => action))).toEqual(new Set(["create"]));
      expect(plan.changes.map(({ address }) => address)).toContain("aws_cloudfront_vpc_origin.http");
      expect(findings.map(brief)).toEqual([role]);
      expect(await local.emulator.inventory()).toEqual([]);
    });
  },
  () => local.remove(),
);
