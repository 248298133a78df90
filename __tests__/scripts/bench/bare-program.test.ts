import { resolve } from "node:path";
import { bareProgram } from "../../../scripts/bench/bare-program";
import type { JsonObject } from "../../../scripts/bench/synthesized";

const root = resolve(__dirname, "../../..");
const stack = (json: JsonObject) => [
  { name: "one", json: { terraform: { backend: { local: { path: "one.tfstate" } } }, ...json } },
];

describe("bareProgram", () => {
  const program = bareProgram(
    root,
    stack({
      provider: { aws: [{ region: "us-east-1" }, { alias: "other", region: "eu-west-1" }] },
      variable: { size: { type: "number", default: null, ephemeral: true } },
      resource: {
        aws_db_instance: {
          main: { "//": { path: "one/main" }, instance_class: "db.t3.micro", allocated_storage: "${var.size}" },
        },
        aws_security_group: {
          main: {
            depends_on: ["aws_vpc.main"],
            ingress: [{ from_port: 443, description: null, cidr_blocks: "${var.blocks}" }],
            tags: { cost_center: "a" },
          },
        },
        aws_vpc: { main: { provider: "aws.other", cidr_block: "10.0.0.0/16" } },
      },
      data: { aws_caller_identity: { current: {} } },
      output: { id: { value: "${aws_vpc.main.id}" } },
      moved: [{ from: "aws_vpc.old", to: "aws_vpc.main" }],
    }),
  );

  test("finds each class by its Terraform type, by deep import", () => {
    expect(program).toContain('import { Vpc } from "@cdktf/provider-aws/lib/vpc";');
    expect(program).toContain(
      'import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";',
    );
    expect(program).toContain('new DataAwsCallerIdentity(stack, "data_aws_caller_identity_current", {  });');
  });

  test("sets each address", () => {
    expect(program).toContain('aws_vpc_main.overrideLogicalId("main");');
  });

  test("writes arguments as the bindings take them, and keys of the user's own as they are", () => {
    expect(program).toContain('{ ingress: [{ fromPort: 443, cidrBlocks: Token.asList("${var.blocks}") }]');
    expect(program).toContain('tags: { "cost_center": "a" }');
    expect(program).toContain('allocatedStorage: Token.asNumber("${var.size}")');
  });

  test("refers to providers and dependencies by object, and makes those first", () => {
    expect(program).toContain("provider: provider_aws_other }");
    expect(program).toContain("dependsOn: [aws_vpc_main] }");
    expect(program.indexOf("new Vpc(")).toBeLessThan(program.indexOf("new SecurityGroup("));
  });

  test("overrides what has no binding", () => {
    expect(program).toContain('var_size.addOverride("ephemeral", true);');
    expect(program).toContain('var_size.addOverride("default", null);');
    expect(program).toContain('stack.addOverride("moved", [{"from":"aws_vpc.old","to":"aws_vpc.main"}]);');
  });

  test("leaves cdktf's stack traces and metadata alone", () => {
    expect(program).not.toContain("captureStackTrace");
    expect(program).not.toContain('"//"');
  });

  test("refuses an argument that the bindings lack", () => {
    expect(() => bareProgram(root, stack({ resource: { aws_vpc: { main: { cidr: "10.0.0.0/16" } } } }))).toThrow(
      "aws_vpc.main.cidr: the bindings have no argument cidr",
    );
  });
});
