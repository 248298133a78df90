import { notConverging } from "../../../scripts/local/not-converging";
import { formatDifference, remainingDifferences } from "../../../scripts/terraform/convergence";
import { type PlanDocument, parsePlan } from "../../../scripts/terraform/plan";

const change = (actions: string[], before: unknown, after: unknown) => ({ actions, before, after });
const plan = parsePlan({
  resource_changes: [
    {
      address: "aws_ecs_service.api",
      mode: "managed",
      type: "aws_ecs_service",
      change: change(["update"], { a: 1, b: 1 }, { a: 2, b: 2 }),
    },
    {
      address: "aws_lb.main",
      mode: "managed",
      type: "aws_lb",
      change: change(["delete", "create"], { a: 1 }, { a: 2 }),
    },
    { address: "aws_eip.nat", mode: "managed", type: "aws_eip", change: change(["create"], null, { a: 1 }) },
  ],
  output_changes: { api_url: change(["update"], "x", "y") },
} as PlanDocument);

const exception = (address: string, attribute: string) => ({ address, attribute, reason: "documented" });

test("no exception is listed: everything of the platform converges on the emulator", () => {
  expect(notConverging).toEqual([]);
});

test("every difference of a second plan is named with address, attribute, before and after", () => {
  expect(remainingDifferences(plan, []).map(formatDifference)).toEqual([
    "aws_ecs_service.api: a: 1 -> 2",
    "aws_ecs_service.api: b: 1 -> 2",
    "aws_lb.main: a: 1 -> 2 (replaces)",
    "aws_eip.nat: to create",
    'output.api_url: "x" -> "y"',
  ]);
});

test("an exception covers one attribute of one address, and no other", () => {
  const differences = remainingDifferences(plan, [exception("aws_ecs_service.api", "a")]);
  expect(differences.filter(({ reason }) => reason !== undefined)).toMatchObject([
    { address: "aws_ecs_service.api", attribute: "a", reason: "documented" },
  ]);
});

test("no exception covers a replacement or a creation", () => {
  const exceptions = [exception("aws_lb.main", "a"), exception("aws_eip.nat", ""), exception("output.api_url", "")];
  expect(remainingDifferences(plan, exceptions).every(({ reason }) => reason === undefined)).toBe(true);
});
