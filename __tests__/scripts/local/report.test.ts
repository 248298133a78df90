import { type DeployReport, findFailures } from "../../../scripts/local/deploy";
import { formatFindings } from "../../../scripts/local/findings";
import { formatDeployReport, formatDestroyReport, formatOutputs } from "../../../scripts/local/report";

const summary = { requests: 584, operations: 103, refused: [], unknownEnums: [], unimplemented: [], undelivered: [] };
const lost = {
  source: "arn:aws:sns:us-east-1:111111111111:page",
  target: "arn:aws:sqs:us-east-1:111111111111:q",
  reason: "no",
};
const stack: DeployReport["stacks"][number] = {
  stack: "skymanuals-development",
  resources: 91,
  created: 91,
  updated: 0,
  replaced: 0,
  deleted: 0,
  untainted: [],
  differences: [],
  seconds: { init: 1, plan: 2, apply: 90.04, verify: 10 },
};
const refusal = { service: "rds", operation: "CreateDBInstance", parameter: "Port", rule: "at least 1150", value: 1 };
const difference = {
  address: "aws_lb.main",
  action: "update" as const,
  attribute: "tags.Name",
  before: "a",
  after: "b",
  reason: undefined,
};

const report: DeployReport = {
  environment: "development",
  ok: true,
  failures: [],
  emulator: { url: "http://127.0.0.1:4780", pid: 7, accountId: "111111111111", log: "l", reused: false },
  findings: [],
  summary,
  stacks: [stack],
  rollouts: [],
  outputs: {},
  seconds: 125,
};

test.each([
  ["everything converged and was checked", stack, summary, 0],
  ["a listed exception", { ...stack, differences: [{ ...difference, reason: "documented" }] }, summary, 0],
  ["values unknown to the model", stack, { ...summary, unknownEnums: [{ ...refusal }] }, 0],
  ["a message that was lost, as on AWS", stack, { ...summary, undelivered: [lost] }, 0],
  ["a difference that is not listed", { ...stack, differences: [difference] }, summary, 1],
  ["a refused request", stack, { ...summary, refused: [refusal] }, 1],
  ["an unimplemented operation", stack, { ...summary, unimplemented: ["rds.Foo"] }, 1],
])("%s", (_name, stackReport, seen, failures) => {
  expect(findFailures([stackReport], seen)).toHaveLength(failures);
});

test("each finding is a line", () => {
  expect(formatFindings({ ...summary, refused: [refusal], unimplemented: ["rds.Foo"], undelivered: [lost] })).toEqual([
    "  refused: rds.CreateDBInstance: Port: at least 1150 (got 1)",
    "  not implemented by the emulator: rds.Foo",
    `  message lost: from ${lost.source} to ${lost.target}: no`,
  ]);
});

test("outputs are a table, sensitive ones without their value", () => {
  const table = formatOutputs({
    token: { sensitive: true, value: "secret" },
    api_url: { sensitive: false, value: "https://x" },
    zones: { sensitive: false, value: ["a", "b"] },
  });
  expect(table).toMatch(/api_url +│ https:\/\/x[\s\S]*token +│ \(sensitive\)[\s\S]*zones +│ \["a","b"\]/);
  expect(table).not.toContain("secret");
  expect(table).not.toContain("\x1b");
});

test("a value that no terminal is wide enough for stands below the table, in one piece", () => {
  const command = `aws ecs run-task ${"x".repeat(120)}`;
  const lines = formatOutputs({
    api_url: { sensitive: false, value: "https://x" },
    migrate_command: { sensitive: false, value: command },
  }).split("\n");
  expect(lines.slice(-2)).toEqual(["migrate_command:", `  ${command}`]);
  expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThan(60);
});

test("a deployment says in one line that nothing is left to change, and how to go on", () => {
  const text = formatDeployReport(report, "");
  expect(text).toContain("Nothing is left to change. development stands after 2 min 05 s.");
  expect(text).toContain("584 requests of 103 operations checked against AWS's API models: 0 refused");
  expect(text).toContain("skymanuals-development: 91 resources (91 created); seconds: init 1.0, plan 2.0, apply 90.0");
  expect(text).toContain('eval "$(npm run --silent emulator -- env)"');
  expect(text).toContain("  Use cdktf:    on an emulator of its own (README)");
  expect(text).not.toContain("or npx cdktf");
  expect(text).toMatch(/npm run destroy:local$/);
  expect(formatDeployReport(report, "staging --directory .local/second")).toContain(
    'emulator -- env --directory .local/second)"',
  );
});

test("a failed deployment names each difference and each refused request", () => {
  const failed = {
    ...report,
    ok: false,
    failures: ["reason"],
    stacks: [{ ...stack, differences: [difference] }],
    summary: { ...summary, refused: [refusal] },
  };
  const text = formatDeployReport(failed, "");
  expect(text).toContain('still changing: aws_lb.main: tags.Name: "a" -> "b"');
  expect(text).toContain("refused: rds.CreateDBInstance: Port: at least 1150 (got 1)");
  expect(text).toContain("FAILED: reason");
  expect(text).not.toContain("Nothing is left to change");
});

test("a destruction says what it proved, or what is left", () => {
  const destroyed = {
    environment: "development",
    ok: true,
    failures: [],
    existed: 70,
    destroyed: 93,
    protected: [],
    left: [],
    deregistered: [],
    discarded: [],
    ofCdktf: [],
    remaining: [],
    seconds: 60,
  };
  expect(formatDestroyReport(destroyed)).toBe(
    "development: 93 resources destroyed in 1 min 00 s; of the 70 objects that the emulator listed before, none is left.\n" +
      "The emulator is stopped, and its state removed.",
  );
  const kept = formatDestroyReport({ ...destroyed, protected: ["skymanuals-state: aws_s3_bucket.state"] });
  expect(kept).toContain("  protected: skymanuals-state: aws_s3_bucket.state\n");
  expect(kept).toContain("none but the stacks that are protected is left");
  const role = { type: "aws_iam_role", name: "twice", id: "twice" };
  const duplicated = formatDestroyReport({ ...destroyed, ofCdktf: [role] });
  expect(duplicated).toContain("  made by cdktf deploy, in its own state alone: aws_iam_role twice\n");
  expect(duplicated).not.toContain("none is left");
  expect(formatDestroyReport({ ...destroyed, remaining: ["staging"] })).toContain("goes on running for staging");
  expect(formatDestroyReport({ ...destroyed, deregistered: ["a:1", "a:2"] })).toContain(
    "  older revisions of task definitions, deregistered: a:1, a:2\n",
  );
});
