import { articles } from "../../../scripts/compliance/articles";
import { type ComplianceReport, judge } from "../../../scripts/compliance/judge";
import { oscalAssessmentResults, uuidOf } from "../../../scripts/compliance/oscal";
import { prowlerFramework } from "../../../scripts/compliance/prowler";
import { formatCompliance } from "../../../scripts/compliance/report";
import { requirements } from "../../../scripts/compliance/requirements";
import { submit } from "../../../scripts/compliance/submitted-plan";
import type { PlanDocument } from "../../../scripts/terraform/plan";

/** A plan of a database alone. */
function planOf(environment: string, values: object): ReturnType<typeof submit> {
  const document: PlanDocument = {
    timestamp: "2026-11-25T12:00:00Z",
    resource_changes: [],
    variables: { environment: { value: environment } },
    planned_values: {
      root_module: {
        resources: [
          {
            address: "aws_db_instance.postgres",
            mode: "managed",
            type: "aws_db_instance",
            name: "postgres",
            values: { ...values },
          },
        ],
      },
    },
    configuration: {},
  };
  return submit(`/somewhere/${environment}.json`, Buffer.from(JSON.stringify(document)), document);
}

const report: ComplianceReport = judge(
  [planOf("production", { storage_encrypted: true, multi_az: false, backup_retention_period: 7 })],
  "222222222222",
);
const answer = (id: string) => report.answers.find((one) => one.id === id);

test("what is not planned has failed, and what is planned is told by address, attribute and value", () => {
  expect(report.ok).toBe(false);
  expect(answer("encryption.database")).toMatchObject({
    verdict: "satisfied",
    findings: [
      {
        plan: "production.json",
        address: "aws_db_instance.postgres",
        attribute: "storage_encrypted",
        value: "true",
        needed: "true",
        ok: true,
      },
    ],
  });
  expect(answer("recovery.database-failover")).toMatchObject({
    verdict: "failed",
    findings: [{ attribute: "multi_az", value: "false", needed: "true", ok: false }],
  });
  expect(answer("audit.cloudtrail")).toMatchObject({
    verdict: "failed",
    findings: [{ plan: "", address: "aws_cloudtrail", value: "not planned", ok: false }],
  });
  expect(report.plans).toEqual([
    { file: "production.json", timestamp: "2026-11-25T12:00:00Z", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  ]);
});

test("each requirement has an id of its own, a source and what an account shows; each rule is served", () => {
  const ids = requirements.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, source, promise, inAccount } of requirements) {
    expect(id).toMatch(/^[a-z]+(\.[a-z0-9-]+)+$/);
    expect([source, promise, inAccount].every((text) => text.length > 3)).toBe(true);
  }
  expect([...new Set(requirements.flatMap(({ serves }) => serves))].sort()).toEqual(Object.keys(articles).sort());
});

test.each([[40], [80], [100], [120], [400]])(
  "in a terminal of %d columns no line is longer than 80 to 120",
  (columns) => {
    const width = Math.min(120, Math.max(80, columns));
    const lines = formatCompliance(report, columns).split("\n");
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
    expect(lines).toContain("FAILED      recovery.database-failover: The database fails over by itself");
    expect(lines).toContain("            lacks    aws_db_instance.postgres multi_az = false; needed: true");
  },
);

test("a pilot light is not asked for what is deployed on the day, and for what is there it is", () => {
  const standby = judge([{ ...planOf("production-dr", {}), ...withoutDatabase("production-dr") }], "222222222222");
  const verdict = (id: string) => standby.answers.find((one) => one.id === id)?.verdict;
  expect(verdict("encryption.database")).toBe("not-applicable");
  expect(verdict("audit.cloudtrail")).toBe("failed");
});

function withoutDatabase(environment: string) {
  const { document } = planOf(environment, {});
  const empty = { ...document, planned_values: { root_module: { resources: [] } } };
  return submit("empty.json", Buffer.from("{}"), empty);
}

test("Prowler's framework has each requirement once, in Prowler's shape", () => {
  const framework = prowlerFramework();
  expect(Object.keys(framework)).toEqual(["Framework", "Name", "Version", "Provider", "Description", "Requirements"]);
  expect(framework).toMatchObject({ Framework: "SkyManuals-Aviation", Provider: "AWS" });
  expect(framework.Requirements.map(({ Id }) => Id)).toEqual(requirements.map(({ id }) => id));
  for (const requirement of framework.Requirements) {
    expect(Object.keys(requirement)).toEqual(["Id", "Name", "Description", "Attributes", "Checks"]);
    expect(requirement.Attributes).toEqual([{ ItemId: requirement.Id, Section: expect.any(String), Service: "aws" }]);
    expect(requirement.Checks.every((check) => /^[a-z0-9]+(_[a-z0-9]+)+$/.test(check))).toBe(true);
  }
});

describe("OSCAL's assessment results", () => {
  const { "assessment-results": document } = oscalAssessmentResults(report);
  const [result] = document.results;
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test("are the same for the same plans, others for others, and of the plan's time", () => {
    expect(oscalAssessmentResults(report)).toEqual({ "assessment-results": document });
    const other = judge([planOf("production", { multi_az: true })], "222222222222");
    expect(oscalAssessmentResults(other)["assessment-results"].uuid).not.toBe(document.uuid);
    expect([document.metadata["last-modified"], result?.start]).toEqual(Array(2).fill("2026-11-25T12:00:00Z"));
    expect(document.metadata["oscal-version"]).toBe("1.1.2");
  });

  test("have a finding for each requirement, whose observations exist, with the plan's digest", () => {
    expect(result?.findings.map(({ target }) => target["target-id"])).toEqual(requirements.map(({ id }) => id));
    const known = new Map(result?.observations.map((observation) => [observation.uuid, observation]));
    for (const finding of result?.findings ?? []) {
      expect(finding.uuid).toMatch(uuid);
      for (const related of finding["related-observations"]) {
        expect(known.has(related["observation-uuid"])).toBe(true);
      }
    }
    const observation = [...known.values()].find(({ description }) => description.includes("storage_encrypted"));
    expect(Object.fromEntries((observation?.props ?? []).map(({ name, value }) => [name, value]))).toMatchObject({
      address: "aws_db_instance.postgres",
      attribute: "storage_encrypted",
      holds: "true",
      "plan-sha256": report.plans[0]?.sha256,
    });
  });

  test('say that "satisfied" means as planned', () => {
    const status = result?.findings.find(({ target }) => target["target-id"] === "encryption.database")?.target.status;
    expect(status).toMatchObject({
      state: "satisfied",
      reason: "pass",
      remarks: expect.stringMatching(/^As planned\./),
    });
    expect(document.metadata.remarks).toContain('"satisfied" means as planned');
  });
});

// The example of RFC 9562, appendix A.4.
test("UUIDs are of version 5", () => {
  expect(uuidOf("www.example.com", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")).toBe(
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  );
});
