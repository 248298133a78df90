import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { TerraformCount, TerraformOutput } from "cdktf";
import { firstId, idAt, splatIds } from "../../../constructs/parts/splat";
import { synthesizeConstructs } from "../../support/synth";

test("addresses of a counted resource carry their index", () => {
  const stack = synthesizeConstructs((scope) => {
    const subnet = new Subnet(scope, "private", { vpcId: "vpc-1", count: TerraformCount.of(2) });
    const output = (name: string, value: unknown) => new TerraformOutput(scope, name, { value, staticId: true });
    output("all", splatIds(subnet));
    output("same", idAt(subnet, TerraformCount.of(2).index));
    output("first", firstId(subnet));
  });
  expect(stack.output("all").value).toBe("${aws_subnet.private[*].id}");
  expect(stack.output("same").value).toBe("${aws_subnet.private[count.index].id}");
  expect(stack.output("first").value).toBe("${element(aws_subnet.private[*].id, 0)}");
});
