import { nearest } from "../../environments/validation/nearest";
import {
  didYouMean,
  formatProblems,
  formatValue,
  InvalidInput,
  type Problem,
} from "../../environments/validation/problems";
import { formatPath } from "../../environments/validation/rules";

const problems: readonly Problem[] = [
  {
    source: "environments/production.ts",
    path: "network.vpcCidrBlock",
    value: "10.0.0.1/16",
    allowed: "no host bits",
    fix: "write 10.0.0.0/16",
  },
  {
    source: "environments/staging.ts",
    path: "api.cpu",
    value: undefined,
    allowed: "256, 512",
    fix: "add the field cpu",
  },
  { source: "environments/production.ts", path: "zones[1]", value: 7, allowed: "a zone", fix: "use us-east-1b" },
];

test("the report groups problems by source, each with path, value, allowed and fix", () => {
  expect(formatProblems(problems)).toBe(
    `Invalid input: 3 problems.

environments/production.ts
  network.vpcCidrBlock
    value    "10.0.0.1/16"
    allowed  no host bits
    fix      write 10.0.0.0/16
  zones[1]
    value    7
    allowed  a zone
    fix      use us-east-1b

environments/staging.ts
  api.cpu
    value    missing
    allowed  256, 512
    fix      add the field cpu`,
  );
});

test("InvalidInput is an error whose message is the report and whose JSON is the problems", () => {
  const error = new InvalidInput(problems.slice(0, 1));
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("InvalidInput");
  expect(error.message).toBe(formatProblems(problems.slice(0, 1)));
  expect(error.message).toContain("Invalid input: 1 problem.\n");
  expect(JSON.parse(JSON.stringify(error))).toEqual({ problems: [problems[0]] });
});

test.each([
  [undefined, "missing"],
  [null, "null"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [10n, "10"],
  ['a "b"\n', '"a \\"b\\"\\n"'],
  [["a", 1], '["a",1]'],
  ["x".repeat(500), `"${"x".repeat(159)}...`],
])("value %p is shown as %s", (value, shown) => {
  expect(formatValue(value)).toBe(shown);
});

test("a value that holds itself is shown all the same", () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  expect(formatValue(value)).toBe("[object Object]");
});

test.each([
  ["prodution", "production"],
  ["PRODUCTION", "production"],
  ["stagnig", "staging"],
  ["quux", undefined],
  ["", undefined],
])("nearest to %j is %j", (word, expected) => {
  expect(nearest(word, ["development", "staging", "production"])).toBe(expected);
});

test("didYouMean is empty for what is no string", () => {
  expect(didYouMean(7, ["7"])).toBe("");
});

test("paths: fields, indexes, keys that are no identifiers", () => {
  expect(formatPath(["adopted", "keep", "aws_lb.main", "name"])).toBe('adopted.keep["aws_lb.main"].name');
  expect(formatPath(["zones", 1])).toBe("zones[1]");
  expect(formatPath(["region"], "accounts[0]")).toBe("accounts[0].region");
});
