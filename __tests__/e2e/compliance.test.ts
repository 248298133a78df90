import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadEnvironments } from "../../environments";
import { checkPrerequisites } from "../../scripts/command/prerequisites";
import { Progress } from "../../scripts/command/progress";
import { Stop } from "../../scripts/command/stop";
import { type ComplianceReport, judge } from "../../scripts/compliance/judge";
import { makeOfflinePlans } from "../../scripts/compliance/offline-plans";
import { requirements } from "../../scripts/compliance/requirements";
import { judgeScan, runCheckov } from "../../scripts/compliance/scan";
import type { SubmittedPlan } from "../../scripts/compliance/submitted-plan";
import { suppressions } from "../../scripts/compliance/suppressions";
import { localPaths } from "../../scripts/local/project";
import { ensureVenv } from "../../scripts/local/venv";
import { mutated, mutations } from "../support/compliance/mutations";
import { Command } from "./support/command";
import { LocalRun, root } from "./support/local-run";
import { story } from "./support/story";

const local = new LocalRun("compliance");
const { environments } = loadEnvironments();
const plans = new Map<string, readonly SubmittedPlan[]>();
let python = "";

/** Requirements of the environment's own stack that production's plan satisfies. */
const satisfied = [
  "retention.chunks",
  "retention.custody",
  "retention.logs",
  "custody.chain",
  "framework.settings",
  "audit.reporting",
  "network.private-subnets",
  "network.waf",
  "encryption.database",
  "encryption.cache",
  "encryption.https",
  "encryption.log-store",
  "access.database",
  "access.api-tokens",
  "recovery.snapshots",
  "recovery.state",
  "recovery.database-failover",
  "recovery.protection",
];

function plansOf(environment: string): readonly SubmittedPlan[] {
  return plans.get(environment) as readonly SubmittedPlan[];
}

function accountOf(environment: string): string {
  return environments.find(({ name }) => name === environment)?.accountId ?? "";
}

function idsOf(report: ComplianceReport, verdict: string): string[] {
  return report.answers.filter((answer) => answer.verdict === verdict).map(({ id }) => id);
}

/** The plans as `terraform show -json` prints them, each in a file. */
function files(environment: string): string[] {
  const folder = local.folder(environment);
  return plansOf(environment).map(({ file, document }) => {
    const path = join(folder, `${file}.json`);
    writeFileSync(path, JSON.stringify(document));
    return path;
  });
}

function compliance(args: readonly string[]) {
  return Command.start("npm", ["run", "--silent", "compliance", "--", ...args], { cwd: root }).finish();
}

story(
  "what plans say of every environment",
  (step) => {
    step("plans are made without an account, on an emulator that ends with them", async () => {
      for (const accountId of new Set(environments.map((environment) => environment.accountId))) {
        const names = environments.filter((one) => one.accountId === accountId).map(({ name }) => name);
        const paths = localPaths(undefined, local.folder(`account ${accountId}`));
        for (const [name, made] of await makeOfflinePlans(
          { paths, progress: new Progress(), stop: new Stop() },
          names,
        )) {
          plans.set(name, made);
        }
      }
      expect([...plans.keys()].sort()).toEqual(environments.map(({ name }) => name).sort());
    });

    step("production's plan satisfies what the guide promises of it", async () => {
      const report = judge(plansOf("production"), accountOf("production"));
      expect(satisfied.filter((id) => !idsOf(report, "satisfied").includes(id))).toEqual([]);
    });

    step("each requirement fails by name where production's plan is broken", async () => {
      const accountId = accountOf("production");
      const before = judge(plansOf("production"), accountId);
      expect(idsOf(before, "not-applicable")).toEqual([]);
      expect(requirements.map(({ id }) => id).filter((id) => mutations[id] === undefined)).toEqual([]);
      const failed = idsOf(before, "failed");
      const held = Object.entries(mutations)
        .filter(([id]) => !failed.includes(id))
        .flatMap(([id, ways]) =>
          Object.entries(ways)
            .filter(([, way]) => !idsOf(judge(mutated(plansOf("production"), way), accountId), "failed").includes(id))
            .map(([name]) => `${id}: ${name}`),
        );
      expect(held).toEqual([]);
    });

    step("an environment that holds records is told from one that may be destroyed by its plan", async () => {
      const holds = judge(
        mutated(plansOf("staging"), (document) => {
          const chunks = document.planned_values.root_module.resources.find(
            ({ address }) => address === "aws_s3_bucket.chunks",
          );
          Object.assign(chunks?.values ?? {}, { force_destroy: false });
        }),
        accountOf("staging"),
      );
      expect(idsOf(judge(plansOf("staging"), accountOf("staging")), "not-applicable")).toContain("recovery.protection");
      expect(idsOf(holds, "not-applicable")).toEqual([]);
      expect(idsOf(holds, "failed")).toEqual(
        expect.arrayContaining(["recovery.protection", "recovery.database-failover"]),
      );
    });

    step("the command reads plans, and writes both documents; the same plans make the same documents", async () => {
      const folder = local.folder("documents");
      const [oscal, again, prowler] = ["oscal.json", "again.json", "prowler.json"].map((name) => join(folder, name));
      const given = files("production").flatMap((file) => ["--plan", file]);
      const first = await compliance([
        "production",
        ...given,
        "--json",
        "--oscal",
        `${oscal}`,
        "--prowler",
        `${prowler}`,
      ]);
      const report = JSON.parse(first.stdout) as ComplianceReport;
      expect(first.exitCode).toBe(report.ok ? 0 : 1);
      expect(report.answers.map(({ id }) => id)).toEqual(requirements.map(({ id }) => id));
      await compliance(["production", ...given, "--oscal", `${again}`]);
      expect(readFileSync(`${again}`, "utf8")).toBe(readFileSync(`${oscal}`, "utf8"));
      expect(JSON.parse(readFileSync(`${prowler}`, "utf8")).Requirements).toHaveLength(requirements.length);
    });

    step("a plan of another environment or account is refused", async () => {
      const [development] = files("development");
      const { exitCode, stderr } = await compliance(["production", "--plan", `${development}`]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("it is a plan of the environment development, and not of production");
    });

    step("OSCAL's bindings, made from NIST's schema, take the document", async () => {
      python = await ensureVenv({
        root,
        venv: join(root, ".local", "venv-compliance"),
        requirements: "requirements-compliance.txt",
        python: checkPrerequisites().python,
      });
      const validate = (file: string) =>
        execFileSync(python, [
          "-c",
          "import sys; from oscal_bindings.parser import parse_assessment_results as p; print(len(p(open(sys.argv[1]).read()).assessment_results.results[0].findings))",
          file,
        ]).toString();
      const oscal = join(local.folder("documents"), "oscal.json");
      expect(Number(validate(oscal))).toBe(requirements.length);
      const broken = join(local.folder("documents"), "broken.json");
      writeFileSync(broken, readFileSync(oscal, "utf8").replace('"objective-id"', '"objective"'));
      expect(() => validate(broken)).toThrow("OscalParseError");
    });

    step("Checkov has nothing against any plan, and no suppression is stale", async () => {
      const program = join(dirname(python), "checkov");
      const unique = new Map([...plans.values()].flat().map((plan) => [plan.file, plan]));
      const results = [];
      for (const plan of unique.values()) {
        results.push(await runCheckov(plan, { program }));
      }
      const { findings, stale, stacks } = judgeScan(results, suppressions);
      expect(findings).toEqual([]);
      expect(stale).toEqual([]);
      expect(stacks.every(({ passed }) => passed > 0)).toBe(true);
    });
  },
  () => local.remove(),
);
