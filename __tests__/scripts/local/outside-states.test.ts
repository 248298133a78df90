import { findAddresses, importBlocks, outsideStates } from "../../../scripts/local/outside-states";
import { type PlanDocument, parsePlan } from "../../../scripts/terraform/plan";
import { exampleState as state } from "../support/example-state";

test("what exists is outside of the states unless type and import id are in one of them", () => {
  const item = (type: string, id: string) => ({ type, id, name: id });
  const known = [
    item("aws_vpc", "vpc-1"),
    item("aws_db_instance", "skymanuals-postgres"),
    item("aws_ecs_service", "skymanuals/api"),
  ];
  const others = [item("aws_vpc", "vpc-2"), item("aws_subnet", "vpc-1"), item("aws_ecs_service", "other/api")];
  expect(outsideStates([...known, ...others], state)).toEqual(others);
});

test("a saved query, whose import id is an ARN, is known by the id that ends it", () => {
  const arn = "arn:aws:logs:us-east-1:111111111111:query-definition";
  const known = {
    address: "aws_cloudwatch_query_definition.errors",
    type: "aws_cloudwatch_query_definition",
    tainted: false,
    values: { id: "269951d7-1111", query_definition_id: "269951d7-1111", name: "skymanuals/errors" },
  };
  const items = ["269951d7-1111", "269951d7-2222"].map((id) => ({
    type: known.type,
    id: `${arn}:${id}`,
    name: "skymanuals/errors",
  }));
  expect(outsideStates(items, [known])).toEqual([items[1]]);
});

describe("objects outside of the state", () => {
  const create = (address: string, after: Record<string, unknown>) => ({
    address,
    mode: "managed",
    type: address.split(".")[0],
    change: { actions: ["create"], before: null, after },
  });
  const { create: creations } = parsePlan({
    resource_changes: [
      create("aws_subnet.private[0]", { tags_all: { Name: "private-1" } }),
      create("aws_subnet.private[1]", { tags_all: { Name: "private-2" } }),
      create("aws_vpc.skymanuals", {}),
      create("aws_security_group.rds", { name_prefix: "skymanuals-rds-" }),
      create("aws_security_group.ecs", { name_prefix: "skymanuals-ecs-" }),
      create("aws_eip.nat[0]", {}),
      create("aws_eip.nat[1]", {}),
    ],
  } as unknown as PlanDocument);
  const orphans = findAddresses(
    [
      { type: "aws_subnet", id: "subnet-2", name: "private-2" },
      { type: "aws_vpc", id: "vpc-9", name: "" },
      { type: "aws_security_group", id: "sg-1", name: "skymanuals-ecs-20260101" },
      { type: "aws_eip", id: "eipalloc-1", name: "" },
      { type: "aws_s3_bucket", id: "someone's", name: "someone's" },
    ],
    creations,
  );

  test("get the address of the planned creation with their name, or of the only one of their type", () => {
    expect(orphans.map(({ id, address }) => [id, address])).toEqual([
      ["subnet-2", "aws_subnet.private[1]"],
      ["vpc-9", "aws_vpc.skymanuals"],
      ["sg-1", "aws_security_group.ecs"],
      ["eipalloc-1", undefined],
      ["someone's", undefined],
    ]);
  });

  test("become import blocks, in comments where the address cannot be told", () => {
    expect(importBlocks(orphans.slice(0, 1))).toBe('import {\n  to = aws_subnet.private[1]\n  id = "subnet-2"\n}');
    const unknown = importBlocks(orphans.slice(4)).split("\n");
    expect(unknown.every((line) => line.startsWith("# "))).toBe(true);
    expect(unknown).toContain(`#   id = "someone's"`);
  });
});
