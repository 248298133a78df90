import type { BackupClient, ListRestoreJobsCommandInput } from "@aws-sdk/client-backup";
import { BackupClient as Client } from "@aws-sdk/client-backup";
import type { DrillResult } from "../../../scripts/recovery/drill";
import { objectives, pointAssumptions, recoveryAssumptions, totalOf } from "../../../scripts/recovery/objectives";
import { edgeServices, type Rehearsal, recoveryPair } from "../../../scripts/recovery/rehearsal";
import { formatDrillReport, reportOf } from "../../../scripts/recovery/report";
import { longestDatabaseRestore, readRestoreTests } from "../../../scripts/recovery/restore-tests";

const result: DrillResult = {
  id: "drill-20261125190000",
  began: "2026-11-25T19:00:00.000Z",
  ok: true,
  failures: [],
  steps: [
    { step: "write", title: "Write", seconds: 4, found: "1 row" },
    { step: "deploy", title: "Deploy production-dr", seconds: 300, found: "d222222abcdef8.cloudfront.net" },
  ],
  recoverySeconds: 300,
  databaseLossSeconds: 0,
  copySeconds: 1,
};

const rehearsal: Rehearsal = {
  environment: "production",
  standby: "production-dr",
  result,
  kept: edgeServices,
  preparationSeconds: 0,
  standing: true,
};

/** AWS Backup with one plan and these jobs. */
function backupWith(jobs: readonly object[]): { readonly client: BackupClient; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const client = new Client({ region: "us-west-2", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  client.send = async (command: {
    readonly input: ListRestoreJobsCommandInput;
    readonly constructor: { name: string };
  }) => {
    asked.push(command.input);
    return command.constructor.name === "ListRestoreTestingPlansCommand"
      ? { RestoreTestingPlans: [{ RestoreTestingPlanName: "monthly", RestoreTestingPlanArn: "arn:plan" }] }
      : { RestoreJobs: jobs };
  };
  return { client, asked };
}

const at = (time: string) => new Date(`2026-11-01T${time}Z`);
const restore = {
  ResourceType: "RDS",
  Status: "COMPLETED",
  ValidationStatus: "SUCCESSFUL",
  CreationDate: at("02:00:00"),
  CompletionDate: at("02:41:00"),
};

describe("an objective", () => {
  test("is 4 hours for the recovery and 1 hour for the data", () => {
    expect(objectives).toEqual({ recoverySeconds: 14_400, pointSeconds: 3600 });
  });

  test.each([
    ["met where every part has a figure and they fit", [{ least: 0, most: 3600 }], true],
    ["not met where the figures alone are longer", [{ least: 0, most: 14_401 }, null], false],
    ["not proven where a part has no figure", [{ least: 0, most: 3600 }, null], null],
  ])("is %s", (_, ranges, within) => {
    const parts = ranges.map((range, index) => ({ what: `part ${index}`, range }));
    expect(totalOf(parts, objectives.recoverySeconds).within).toBe(within);
  });

  test("every assumption has a source, and says where AWS publishes no figure", () => {
    for (const { range, source } of [...recoveryAssumptions, ...pointAssumptions]) {
      expect(source).not.toBe("");
      if (range === null) {
        expect(source).toMatch(/AWS publishes none|docs\/custody\.md/);
      }
    }
  });
});

describe("AWS Backup's restore tests", () => {
  test("are read by the plan that made them, newest first, with their seconds", async () => {
    const running = { ResourceType: "S3", Status: "RUNNING", CreationDate: at("03:00:00") };
    const { client, asked } = backupWith([restore, running]);
    expect(await readRestoreTests(client, "us-west-2")).toEqual({
      region: "us-west-2",
      plans: [
        {
          name: "monthly",
          jobs: [
            {
              resourceType: "S3",
              status: "RUNNING",
              validation: null,
              created: "2026-11-01T03:00:00.000Z",
              seconds: null,
            },
            {
              resourceType: "RDS",
              status: "COMPLETED",
              validation: "SUCCESSFUL",
              created: "2026-11-01T02:00:00.000Z",
              seconds: 2460,
            },
          ],
        },
      ],
    });
    expect(asked).toContainEqual(expect.objectContaining({ ByRestoreTestingPlanArn: "arn:plan" }));
  });

  test("the longest completed restore of a database counts, and no other", async () => {
    const { client } = backupWith([
      restore,
      { ...restore, CompletionDate: at("02:30:00") },
      { ...restore, Status: "FAILED", CompletionDate: at("05:00:00") },
      { ...restore, ResourceType: "S3", CompletionDate: at("06:00:00") },
    ]);
    expect(longestDatabaseRestore(await readRestoreTests(client, "us-west-2"))?.seconds).toBe(2460);
  });
});

describe("the report", () => {
  test("sets the drill's own steps and what AWS adds against 4 hours", () => {
    const report = reportOf(rehearsal, null);
    expect(report.recovery).toMatchObject({ known: 300 + 90 * 60, objective: 14_400, within: null });
    expect(report.recovery.unknown).toContain("start of the API's tasks on Fargate");
    expect(report.point.database).toMatchObject({ known: 300, objective: 3600, within: null });
    expect(report.point.documents).toMatchObject({ known: 900, objective: 3600, within: true });
  });

  test("takes a measured restore in place of the assumed one", async () => {
    const { client } = backupWith([restore]);
    const report = reportOf(rehearsal, await readRestoreTests(client, "us-west-2"));
    expect(report.recovery.known).toBe(300 + 2460);
    expect(report.assumptions[0]?.source).toBe("AWS Backup restore testing, 2026-11-01T02:00:00.000Z");
    expect(formatDrillReport(report)).toContain(
      "| monthly | RDS | 2026-11-01T02:00:00.000Z | 41 min 00 s | COMPLETED | SUCCESSFUL |",
    );
  });

  test("is dated, and says what was measured, what is assumed and what was not lost", () => {
    const text = formatDrillReport(reportOf(rehearsal, null));
    expect(text).toContain("# Recovery drill of production, 2026-11-25\n");
    expect(text).toContain("| Write (before the clock starts) | 4.0 | 1 row |");
    expect(text).toContain("| Deploy production-dr | 300.0 | d222222abcdef8.cloudfront.net |");
    expect(text).toContain("From the loss of the region to the switched name: 5 min 00 s.");
    expect(text).toContain("Not lost in this drill: acm, cloudwatch, kms, logs, sns, wafv2.");
    expect(text).toContain("| start of the API's tasks on Fargate | no figure | AWS publishes none |");
    expect(text).toContain("not proven: 95 min 00 s for what has a figure, at most, which leaves 145 min 00 s");
  });

  test("names the check that failed", () => {
    const failed = { ...rehearsal, result: { ...result, ok: false, failures: ["chunks: one is not there"] } };
    const report = reportOf(failed, null);
    expect(report).toMatchObject({ ok: false, failures: ["chunks: one is not there"] });
    expect(formatDrillReport(report)).toMatch(/^FAILED\. [\s\S]*\n- chunks: one is not there$/m);
  });
});

describe("the environments of a drill", () => {
  test("are the primary and the one that stands in for it", () => {
    const { primary, standby } = recoveryPair("production");
    expect([primary.region, standby.name, standby.region]).toEqual(["us-east-1", "production-dr", "us-west-2"]);
  });

  test("one without another region is refused, and those that have one are named", () => {
    expect(() => recoveryPair("development")).toThrow(
      'no environment stands in for development: its recovery is not of type "primary". Environments that have one: production',
    );
  });
});
