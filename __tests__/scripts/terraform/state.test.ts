import { parseState } from "../../../scripts/terraform/state";
import { exampleState as state } from "../support/example-state";

test("the state lists managed resources of every module, tainted ones as such", () => {
  expect(state.map(({ address, tainted }) => [address, tainted])).toEqual([
    ["aws_vpc.skymanuals", false],
    ["aws_db_instance.postgres", true],
    ["module.x.aws_ecs_service.api", false],
  ]);
  expect(parseState({})).toEqual([]);
});
