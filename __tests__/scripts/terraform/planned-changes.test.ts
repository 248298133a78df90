import { type PlanDocument, parsePlan } from "../../../scripts/terraform/plan";
import { formatPlannedChanges, plannedChanges } from "../../../scripts/terraform/planned-changes";

const resource = (address: string, change: Record<string, unknown>) => ({
  address,
  mode: "managed",
  type: "t",
  change,
});

const plan = parsePlan({
  resource_changes: [
    resource("aws_vpc.same", { actions: ["no-op"], before: {}, after: {} }),
    resource("aws_sns_topic.new", { actions: ["create"], before: null, after: { name: "n" } }),
    resource("aws_db_instance.postgres", {
      actions: ["update"],
      before: { backup_retention_period: 7, password: "a", tags: { Name: "x" }, policy: "p".repeat(100) },
      after: { backup_retention_period: 14, password: "b", tags: { Name: "x" }, policy: "q".repeat(100) },
      after_unknown: { arn: true },
      before_sensitive: { password: true },
      after_sensitive: { password: true },
    }),
    resource("aws_lb.main", {
      actions: ["delete", "create"],
      before: { name: "a", idle_timeout: 60 },
      after: { name: "b", idle_timeout: 90 },
      replace_paths: [["name"]],
    }),
    resource("aws_route.gone", { actions: ["delete"], before: {}, after: null }),
    resource("aws_route.kept", { actions: ["forget"], before: {}, after: null }),
  ],
} as unknown as PlanDocument);

test("what is lost stands first, and each update has its arguments", () => {
  expect(formatPlannedChanges(plannedChanges(plan))).toEqual([
    "  -   aws_route.gone",
    "  -/+ aws_lb.main  replaced, because of name",
    '        name: "a" -> "b"',
    "  ~   aws_db_instance.postgres",
    "        backup_retention_period: 7 -> 14",
    "        password: (sensitive) -> (sensitive)",
    `        policy: "${"p".repeat(59)}... -> "${"q".repeat(59)}...`,
    "        arn: null -> (known after apply)",
    "  .   aws_route.kept",
    "  +   aws_sns_topic.new",
  ]);
});

test("no value of a secret is told", () => {
  expect(formatPlannedChanges(plannedChanges(plan)).join("\n")).not.toContain('password: "');
});

test("beyond the last line the rest is counted, and no change is cut", () => {
  expect(formatPlannedChanges(plannedChanges(plan), 5)).toEqual([
    "  -   aws_route.gone",
    "  -/+ aws_lb.main  replaced, because of name",
    '        name: "a" -> "b"',
    "  ... and 1 more to update, 1 more to forget, 1 more to create",
  ]);
});

test("one change with more arguments than lines is cut, and says so", () => {
  const [, , update] = plannedChanges(plan);
  expect(formatPlannedChanges(update ? [update] : [], 2)).toEqual([
    "  ~   aws_db_instance.postgres",
    "        backup_retention_period: 7 -> 14",
    "      ... 3 more arguments",
  ]);
});

test("a plan that changes nothing has no line", () => {
  expect(formatPlannedChanges([])).toEqual([]);
});
