import { importBarrel } from "../../../scripts/bench/barrel-program";

const namespaces = new Map([
  ["vpc", "vpc"],
  ["data-aws-caller-identity", "dataAwsCallerIdentity"],
]);

const rewrite = (source: string) => importBarrel(source, namespaces, "constructs/vpc.ts");

describe("importBarrel", () => {
  test("replaces a deep import by one of the barrel, with the class under its own name", () => {
    expect(rewrite('import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";\n')).toBe(
      [
        'import { dataAwsCallerIdentity as dataAwsCallerIdentityModule } from "@cdktf/provider-aws";',
        "import DataAwsCallerIdentity = dataAwsCallerIdentityModule.DataAwsCallerIdentity;",
        "",
      ].join("\n"),
    );
  });

  test("keeps the local name of a renamed import", () => {
    expect(rewrite('import { Vpc as AwsVpc } from "@cdktf/provider-aws/lib/vpc";')).toContain(
      "\nimport AwsVpc = vpcModule.Vpc;",
    );
  });

  test("keeps a type import a type", () => {
    expect(rewrite('import type { Vpc } from "@cdktf/provider-aws/lib/vpc";')).toBe(
      'import type { vpc as vpcModule } from "@cdktf/provider-aws";\ntype Vpc = vpcModule.Vpc;',
    );
  });

  test("takes several names over several lines, a type among them", () => {
    expect(rewrite('import {\n  Vpc,\n  type VpcConfig as Config,\n} from "@cdktf/provider-aws/lib/vpc";')).toBe(
      [
        'import { vpc as vpcModule } from "@cdktf/provider-aws";',
        "import Vpc = vpcModule.Vpc;",
        "type Config = vpcModule.VpcConfig;",
      ].join("\n"),
    );
  });

  test("leaves every other line as it is", () => {
    const source = 'import { Fn } from "cdktf";\nimport { Vpc } from "../constructs/vpc";\nnew Vpc();\n';
    expect(rewrite(source)).toBe(source);
  });

  test("refuses a resource that the barrel lacks", () => {
    expect(() => rewrite('import { Moon } from "@cdktf/provider-aws/lib/moon";')).toThrow(
      "constructs/vpc.ts: @cdktf/provider-aws exports no moon",
    );
  });

  test.each([
    'import * as vpc from "@cdktf/provider-aws/lib/vpc";',
    'export { Vpc } from "@cdktf/provider-aws/lib/vpc";',
    'const { Vpc } = require("@cdktf/provider-aws/lib/vpc");',
  ])("refuses %s, which would stay a deep import", (source) => {
    expect(() => rewrite(source)).toThrow("the bench rewrites import { ... }");
  });
});
