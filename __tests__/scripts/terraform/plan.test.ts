import { isEmpty, type PlanDocument, parsePlan } from "../../../scripts/terraform/plan";

function resource(address: string, change: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  return { address, mode: "managed" as const, type: address.split(".")[0] as string, change, ...rest };
}

const document = {
  resource_changes: [
    resource("aws_vpc.skymanuals", { actions: ["no-op"], before: { id: "vpc-1" }, after: { id: "vpc-1" } }),
    resource("aws_subnet.private[0]", { actions: ["create"], before: null, after: { cidr_block: "10.0.1.0/24" } }),
    resource("aws_db_instance.postgres", {
      actions: ["update"],
      before: { instance_class: "db.t3.medium", password: "a", tags: { Name: "x", Team: "y" }, ports: [1, 2] },
      after: { instance_class: "db.t3.large", password: "b", tags: { Name: "z", Team: "y" }, ports: [1, 3] },
      after_unknown: { latest_restorable_time: true, tags: {}, ports: [false, false] },
      before_sensitive: { password: true },
      after_sensitive: { password: true },
    }),
    resource(
      "aws_lb.main",
      {
        actions: ["delete", "create"],
        before: { name: "a", arn: "arn:1" },
        after: { name: "b" },
        after_unknown: { arn: true },
        replace_paths: [["name"], ["subnet_mapping", 0, "subnet_id"]],
      },
      { action_reason: "replace_because_cannot_update" },
    ),
    resource("aws_lb.other", { actions: ["create", "delete"], before: {}, after: {} }),
    resource("aws_route.extra", { actions: ["delete"], before: {}, after: null }),
    resource("aws_route.kept", { actions: ["forget"], before: {}, after: null }),
    resource(
      "aws_eip.nat",
      { actions: ["no-op"], before: {}, after: {}, importing: { id: "eipalloc-1" } },
      { previous_address: "aws_eip.old" },
    ),
    { ...resource("data.aws_iam_policy_document.x", { actions: ["read"] }), mode: "data" as const },
  ],
  output_changes: {
    api_url: { actions: ["update"], before: "a", after: "b" },
    token: { actions: ["create"], before: null, after: "t", after_sensitive: true },
    same: { actions: ["no-op"], before: "a", after: "a" },
  },
} as unknown as PlanDocument;

describe("a plan read from Terraform's JSON", () => {
  const plan = parsePlan(document);
  const addresses = (changes: readonly { address: string }[]) => changes.map(({ address }) => address);

  test("sorts managed resources by what happens to them", () => {
    expect(addresses(plan.create)).toEqual(["aws_subnet.private[0]"]);
    expect(addresses(plan.update)).toEqual(["aws_db_instance.postgres"]);
    expect(addresses(plan.replace)).toEqual(["aws_lb.main", "aws_lb.other"]);
    expect(addresses(plan.delete)).toEqual(["aws_route.extra"]);
    expect(addresses(plan.forget)).toEqual(["aws_route.kept"]);
    expect(addresses(plan.import)).toEqual(["aws_eip.nat"]);
    expect(addresses(plan.moved)).toEqual(["aws_eip.nat"]);
    expect(addresses(plan.changes)).not.toContain("data.aws_iam_policy_document.x");
  });

  test("names each changed value by its path, unknown and sensitive ones as such", () => {
    expect(plan.update[0]?.differences).toEqual([
      { attribute: "instance_class", before: "db.t3.medium", after: "db.t3.large" },
      { attribute: "password", before: "(sensitive)", after: "(sensitive)" },
      { attribute: "tags.Name", before: "x", after: "z" },
      { attribute: "ports[1]", before: 2, after: 3 },
      { attribute: "latest_restorable_time", before: null, after: "(known after apply)" },
    ]);
  });

  test("tells the cause of a replacement", () => {
    expect(plan.replace[0]).toMatchObject({
      reason: "replace_because_cannot_update",
      causes: ["name", "subnet_mapping[0].subnet_id"],
      differences: [
        { attribute: "name", before: "a", after: "b" },
        { attribute: "arn", before: "arn:1", after: "(known after apply)" },
      ],
    });
  });

  test("lists outputs with a new value, and hides sensitive ones", () => {
    expect(plan.outputs).toEqual([
      { attribute: "api_url", before: "a", after: "b" },
      { attribute: "token", before: "(sensitive)", after: "(sensitive)" },
    ]);
  });

  test.each([
    ["nothing", {}, true],
    ["a no-op", { resource_changes: [document.resource_changes?.[0]] }, true],
    ["a creation", { resource_changes: [document.resource_changes?.[1]] }, false],
    ["a move and an import", { resource_changes: [document.resource_changes?.[7]] }, false],
    ["an output", { output_changes: { api_url: document.output_changes?.api_url } }, false],
  ])("%s: empty is %s", (_name, part, expected) => {
    expect(isEmpty(parsePlan(part as PlanDocument))).toBe(expected);
  });
});
