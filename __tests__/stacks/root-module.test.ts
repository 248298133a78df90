import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { TerraformLocal, TerraformOutput, TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { Ephemeral } from "../../constructs/parts/ephemeral";
import { Import } from "../../constructs/parts/import";
import { Output } from "../../constructs/parts/output";
import type { Adopted, Backend } from "../../environments/environment";
import { InvalidInput } from "../../environments/validation/problems";
import { RootModule } from "../../stacks/root-module";
import { at } from "../support/blocks";
import { synthesize, synthesizeConstructs } from "../support/synth";

describe("addresses", () => {
  test("are the construct ids, however deep the scope", () => {
    const stack = synthesizeConstructs((scope) => {
      new Vpc(new Construct(new Construct(scope, "outer"), "inner"), "main", { cidrBlock: "10.0.0.0/16" });
      new DataAwsCallerIdentity(new Construct(scope, "data"), "current");
      new TerraformVariable(new Construct(scope, "variables"), "aws_region", {});
      new Output(new Construct(scope, "outputs"), "vpc_id", "x", "The VPC");
      new TerraformLocal(new Construct(scope, "locals"), "answer", "42");
      new Ephemeral(new Construct(scope, "e"), "token", "aws_secretsmanager_random_password", { password_length: 8 });
    });
    expect(stack.resource("aws_vpc.main")).toEqual({ cidr_block: "10.0.0.0/16" });
    expect(stack.resource("data.aws_caller_identity.current")).toEqual({});
    expect(stack.resource("ephemeral.aws_secretsmanager_random_password.token")).toEqual({ password_length: 8 });
    expect(stack.variable("aws_region")).toBeDefined();
    expect(stack.output("vpc_id")).toEqual({ value: "x", description: "The VPC" });
    expect(stack.json.locals).toEqual({ answer: "42" });
  });

  test("lose the type by which siblings of one label are told apart", () => {
    const stack = synthesizeConstructs((scope) => {
      const vpc = new Vpc(scope, "aws_vpc.main", { cidrBlock: "10.0.0.0/16" });
      new CloudwatchLogGroup(scope, "aws_cloudwatch_log_group.main", { name: vpc.id });
    });
    expect(stack.resource("aws_cloudwatch_log_group.main")).toEqual({ name: "${aws_vpc.main.id}" });
  });

  test("may repeat a label over types and block kinds", () => {
    const create = (scope: Construct) => {
      new Vpc(new Construct(scope, "a"), "current", { cidrBlock: "10.0.0.0/16" });
      new CloudwatchLogGroup(new Construct(scope, "b"), "current", {});
      new DataAwsCallerIdentity(new Construct(scope, "c"), "current");
      new TerraformVariable(new Construct(scope, "d"), "current", {});
    };
    expect(() => synthesizeConstructs(create)).not.toThrow();
  });

  test.each<[string, string, (scope: Construct) => void]>([
    [
      "aws_vpc.main",
      "a/main and bare/b/aws_vpc.main",
      (scope) => twice(scope, (in_, id) => new Vpc(in_, id, { cidrBlock: "10.0.0.0/16" }), "aws_vpc.main"),
    ],
    [
      "data.aws_caller_identity.main",
      "a/main and bare/b/data.aws_caller_identity.main",
      (scope) => twice(scope, (in_, id) => new DataAwsCallerIdentity(in_, id), "data.aws_caller_identity.main"),
    ],
    [
      "var.main",
      "a/main and bare/b/var.main",
      (scope) => twice(scope, (in_, id) => new TerraformVariable(in_, id, {}), "var.main"),
    ],
    [
      "ephemeral.aws_x.main",
      "a/main and bare/b/ephemeral.aws_x.main",
      (scope) => twice(scope, (in_, id) => new Ephemeral(in_, id, "aws_x", {}), "ephemeral.aws_x.main"),
    ],
    [
      "output.main",
      "a/output.main and bare/b/output.main",
      (scope) => {
        new Output(new Construct(scope, "a"), "main", "x");
        new Output(new Construct(scope, "b"), "main", "y");
      },
    ],
    [
      "output.main",
      "a/output.main and bare/b/main",
      (scope) => {
        new Output(new Construct(scope, "a"), "main", "x");
        new TerraformOutput(new Construct(scope, "b"), "main", { value: "y", staticId: true });
      },
    ],
  ])("guard: two elements at %s are an error that names both", (address, paths, create) => {
    expect(() => synthesizeConstructs(create)).toThrow(
      `${address}: both bare/${paths} have this Terraform address; give one of them another construct id`,
    );
  });
});

function twice(scope: Construct, create: (scope: Construct, id: string) => void, longId: string): void {
  create(new Construct(scope, "a"), "main");
  create(new Construct(scope, "b"), longId);
}

describe("adopted", () => {
  const synthesizeVpc = (adopted: Partial<Adopted>) =>
    synthesizeConstructs(
      (scope) => {
        const vpc = new Vpc(new Construct(scope, "network"), "aws_vpc.main", { cidrBlock: "10.0.0.0/16" });
        new CloudwatchLogGroup(scope, "aws_cloudwatch_log_group.main", { name: vpc.id, retentionInDays: 30 });
        new CloudwatchLogGroup(scope, "aws_cloudwatch_log_group.counted", { count: 2, name: "x" });
        new S3Bucket(scope, "aws_s3_bucket.data", {});
        new DbInstance(scope, "aws_db_instance.data", { instanceClass: "db.t3.micro", deletionProtection: true });
      },
      { adopted },
    );

  test("nothing: no moved and no removed blocks", () => {
    expect(synthesizeVpc({}).json).not.toHaveProperty("moved");
    expect(synthesizeVpc({}).json).not.toHaveProperty("removed");
  });

  test("keep: arguments of the state replace ours, others stay", () => {
    const stack = synthesizeVpc({
      keep: { "aws_cloudwatch_log_group.main": { retention_in_days: 14, "tags.Name": "x" } },
    });
    expect(stack.resource("aws_cloudwatch_log_group.main")).toEqual({
      name: "${aws_vpc.main.id}",
      retention_in_days: 14,
      tags: { Name: "x" },
    });
  });

  test("renamed: the resource and every reference to it have the other address", () => {
    const stack = synthesizeVpc({ renamed: { "aws_vpc.main": "aws_vpc.ours" } });
    expect(stack.has("aws_vpc.main")).toBe(false);
    expect(stack.resource("aws_vpc.ours")).toEqual({ cidr_block: "10.0.0.0/16" });
    expect(stack.resource("aws_cloudwatch_log_group.main")).toHaveProperty("name", "${aws_vpc.ours.id}");
  });

  test("keep of a renamed resource goes by the address that it has then", () => {
    const stack = synthesizeVpc({
      renamed: { "aws_vpc.main": "aws_vpc.ours" },
      keep: { "aws_vpc.ours": { enable_dns_support: false } },
    });
    expect(stack.resource("aws_vpc.ours")).toHaveProperty("enable_dns_support", false);
  });

  test("moved: one block each, also to one instance of a counted resource", () => {
    const moved = [
      { from: "aws_vpc.theirs", to: "aws_vpc.main" },
      { from: "aws_cloudwatch_log_group.theirs", to: "aws_cloudwatch_log_group.counted[1]" },
    ];
    expect(synthesizeVpc({ moved }).json.moved).toEqual(moved);
  });

  test("removed: forgotten, never destroyed", () => {
    expect(synthesizeVpc({ removed: ["aws_route_table.theirs"] }).json.removed).toEqual([
      { from: "aws_route_table.theirs", lifecycle: { destroy: false } },
    ]);
  });

  const policy = '{"Resource":"arn:aws:s3:::b/${aws:username}/*"}';

  test.each<[string, Partial<Adopted>, path: string, value: unknown, allowed: string, fix: string]>([
    [
      "a mistyped argument",
      { keep: { "aws_cloudwatch_log_group.main": { retention_in_day: 14 } } },
      'adopted.keep["aws_cloudwatch_log_group.main"].retention_in_day',
      14,
      "an argument of aws_cloudwatch_log_group",
      'did you mean "retention_in_days"?',
    ],
    [
      "an argument of another type",
      { keep: { "aws_vpc.main": { engine_version: "15.4" } } },
      'adopted.keep["aws_vpc.main"].engine_version',
      "15.4",
      "an argument of aws_vpc",
      "remove the line",
    ],
    [
      "what the provider computes",
      { keep: { "aws_vpc.main": { id: "vpc-1" } } },
      'adopted.keep["aws_vpc.main"].id',
      "vpc-1",
      "an argument of aws_vpc",
      "remove the line",
    ],
    [
      "lifecycle",
      { keep: { "aws_db_instance.data": { lifecycle: { prevent_destroy: false } } } },
      'adopted.keep["aws_db_instance.data"].lifecycle',
      { prevent_destroy: false },
      "an argument of aws_db_instance: lifecycle is Terraform's own, and the stack's",
      "remove the line; protection.preventDestroy says what Terraform may destroy",
    ],
    [
      "count",
      { keep: { "aws_vpc.main": { count: 0 } } },
      'adopted.keep["aws_vpc.main"].count',
      0,
      "an argument of aws_vpc: count is Terraform's own, and the stack's",
      "remove the line",
    ],
    [
      "a protection switched off",
      { keep: { "aws_db_instance.data": { deletion_protection: false } } },
      'adopted.keep["aws_db_instance.data"].deletion_protection',
      false,
      "true, which the environment's protection says",
      "remove the line, or change protection",
    ],
    [
      "a bucket that is emptied by force",
      { keep: { "aws_s3_bucket.data": { force_destroy: true } } },
      'adopted.keep["aws_s3_bucket.data"].force_destroy',
      true,
      "false, which the environment's protection says",
      "remove the line, or change protection",
    ],
    [
      "a variable of a policy",
      { keep: { "aws_s3_bucket.data": { policy } } },
      'adopted.keep["aws_s3_bucket.data"].policy',
      policy,
      "text, in which ${ begins an expression of Terraform",
      "write $${aws:username} where it is meant as it stands, such as a variable of a policy",
    ],
    [
      "an expression that does not end",
      { keep: { "aws_vpc.main": { tags: { Name: "${var.environment" } } } },
      'adopted.keep["aws_vpc.main"].tags',
      { Name: "${var.environment" },
      "text, in which ${ begins an expression of Terraform",
      "write $${...} where it is meant as it stands, such as a variable of a policy",
    ],
    [
      "a reference to nothing",
      { keep: { "aws_cloudwatch_log_group.main": { name: "${aws_vpc.mian.id}" } } },
      'adopted.keep["aws_cloudwatch_log_group.main"].name',
      "${aws_vpc.mian.id}",
      "an expression that names resources of this stack",
      'did you mean "aws_vpc.main"?',
    ],
    [
      "an index of a resource that is one",
      { moved: [{ from: "aws_vpc.old", to: 'aws_vpc.main["x"]' }] },
      "adopted.moved[0].to",
      'aws_vpc.main["x"]',
      "aws_vpc.main, which is one: it has neither count nor for_each",
      "write aws_vpc.main",
    ],
    [
      "an index that the count does not reach",
      { moved: [{ from: "aws_cloudwatch_log_group.old", to: "aws_cloudwatch_log_group.counted[2]" }] },
      "adopted.moved[0].to",
      "aws_cloudwatch_log_group.counted[2]",
      "aws_cloudwatch_log_group.counted[0] to aws_cloudwatch_log_group.counted[1]",
      "choose one of these, or list the object under adopted.removed",
    ],
    [
      "a key of a counted resource",
      { moved: [{ from: "aws_cloudwatch_log_group.old", to: 'aws_cloudwatch_log_group.counted["a"]' }] },
      "adopted.moved[0].to",
      'aws_cloudwatch_log_group.counted["a"]',
      "aws_cloudwatch_log_group.counted[0] to aws_cloudwatch_log_group.counted[1]",
      "choose one of these, or list the object under adopted.removed",
    ],
  ])("refused: %s", (_, adopted, path, value, allowed, fix) => {
    const error = errorOf(() => synthesizeVpc(adopted)) as InvalidInput;
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error.problems).toEqual([{ source: "environments/bare.ts", path, value, allowed, fix }]);
  });

  test("kept: what is escaped, an expression of this stack, a protection switched on", () => {
    const escaped = policy.replace("${", () => "$${");
    const stack = synthesizeVpc({
      keep: {
        "aws_s3_bucket.data": { policy: escaped, force_destroy: false },
        "aws_cloudwatch_log_group.counted": { name: '${["a", aws_vpc.main.id][count.index]}' },
        "aws_db_instance.data": { deletion_protection: true },
      },
    });
    expect(stack.resource("aws_s3_bucket.data")).toEqual({ policy: escaped, force_destroy: false });
    expect(stack.resource("aws_cloudwatch_log_group.counted")).toHaveProperty(
      "name",
      '${["a", aws_vpc.main.id][count.index]}',
    );
  });

  test("every line that fits no resource is reported, in one error", () => {
    const adopted: Partial<Adopted> = {
      keep: { "aws_vpc.unknown": { cidr_block: "10.1.0.0/16" } },
      renamed: { "aws_vpc.missing": "aws_vpc.theirs" },
      moved: [{ from: "aws_subnet.a", to: "aws_subnet.private[0]" }],
      removed: ["aws_vpc.main"],
    };
    const error = errorOf(() => synthesizeVpc(adopted));
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as InvalidInput).problems).toEqual(
      [
        { path: "adopted.keep", value: "aws_vpc.unknown" },
        { path: "adopted.renamed", value: expect.stringMatching(/^aws_vpc\.(missing|theirs)$/) },
        { path: "adopted.moved", value: "aws_subnet.private[0]" },
        {
          path: "adopted.removed",
          value: "aws_vpc.main",
          allowed: "the address of a resource that this stack does not have",
        },
      ].map((problem) =>
        expect.objectContaining({ source: "environments/bare.ts", fix: expect.any(String), ...problem }),
      ),
    );
  });

  test("renamed: an address of ours that does not exist is reported though the other one does", () => {
    const adopted = { renamed: { "aws_vpc.missing": "aws_vpc.main" } };
    expect(() => synthesizeVpc(adopted)).toThrow(InvalidInput);
  });

  test("renamed onto an address that another resource has is the guard's error", () => {
    const create = (scope: Construct) => {
      new Vpc(scope, "one", { cidrBlock: "10.0.0.0/16" });
      new Vpc(scope, "two", { cidrBlock: "10.1.0.0/16" });
    };
    expect(() => synthesizeConstructs(create, { adopted: { renamed: { "aws_vpc.one": "aws_vpc.two" } } })).toThrow(
      "aws_vpc.two: both bare/one and bare/two",
    );
  });
});

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("no error");
}

describe("provider", () => {
  class Module extends RootModule {
    constructor(scope: Construct, environment: string | undefined, use: (module: Module) => void) {
      super(scope, "module", { backend: { type: "local" } });
      if (environment !== "none") {
        this.addAws({ accountId: "111111111111", region: "eu-north-1", environment });
      }
      use(this);
    }

    addLogGroupInUsEast1(label: string): void {
      new CloudwatchLogGroup(this, label, { provider: this.usEast1 });
    }
  }
  const providerOf = (environment: string | undefined, use: (module: Module) => void = () => {}) =>
    synthesize((app) => new Module(app, environment, use)).json.provider;

  test("one account, one region, and tags that every resource has", () => {
    expect(providerOf("staging")).toEqual({
      aws: [
        {
          region: "eu-north-1",
          allowed_account_ids: ["111111111111"],
          default_tags: [{ tags: { Project: "skymanuals", Environment: "staging", ManagedBy: "terraform" } }],
        },
      ],
    });
  });

  test("no tag Environment on what environments share", () => {
    expect(providerOf(undefined)).toHaveProperty("aws.0.default_tags.0.tags", {
      Project: "skymanuals",
      ManagedBy: "terraform",
    });
  });

  test("us-east-1 is a second provider of the same account and tags, made once, where it is asked for", () => {
    const use = (module: Module) => {
      module.addLogGroupInUsEast1("one");
      module.addLogGroupInUsEast1("two");
    };
    const [aws, usEast1, ...others] = (providerOf("staging", use) as { aws: object[] }).aws;
    expect(usEast1).toEqual({ ...aws, alias: "us_east_1", region: "us-east-1" });
    expect(others).toEqual([]);
  });

  test("us-east-1 before the account is known is an error that says so", () => {
    expect(() => providerOf("none", (module) => module.addLogGroupInUsEast1("one"))).toThrow(
      "module: addAws comes before usEast1, which has its account and tags",
    );
  });
});

test("import: one block for each, by the address that the resource has then", () => {
  const stack = synthesizeConstructs(
    (scope) => {
      const vpc = new Vpc(new Construct(scope, "network"), "aws_vpc.main", { cidrBlock: "10.0.0.0/16" });
      new Import(scope, vpc, "vpc-1");
      new Import(scope, new CloudwatchLogGroup(scope, "api", {}), "/ecs/api");
    },
    { adopted: { renamed: { "aws_vpc.main": "aws_vpc.ours" } } },
  );
  expect(stack.json.import).toEqual([
    { to: "aws_vpc.ours", id: "vpc-1" },
    { to: "aws_cloudwatch_log_group.api", id: "/ecs/api" },
  ]);
  expect(synthesizeConstructs(() => {}).json).not.toHaveProperty("import");
});

describe("backend", () => {
  const terraform = (backend: Backend) => synthesizeConstructs(() => {}, { backend }).json.terraform;

  test("local: beside cdktf.out, by a path that holds no folder of this machine", () => {
    expect(at(terraform({ type: "local" }), "backend")).toEqual({
      local: { path: "../../../terraform.bare.tfstate" },
    });
  });

  test("s3: encrypted under the key, locked natively", () => {
    const backend: Backend = {
      type: "s3",
      bucket: "states",
      key: "bare/terraform.tfstate",
      region: "eu-north-1",
      kmsKeyId: "alias/states",
    };
    expect(at(terraform(backend), "backend")).toEqual({
      s3: {
        bucket: "states",
        key: "bare/terraform.tfstate",
        region: "eu-north-1",
        kms_key_id: "alias/states",
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  test("cloud: a workspace by name, or by tags, with or without a project", () => {
    const cloud = (workspace: { name: string } | { tags: string[] }, project: string | null) =>
      at(terraform({ type: "cloud", organization: "skymanuals", project, workspace }), "cloud");
    expect(cloud({ name: "skymanuals-production" }, "platform")).toEqual({
      organization: "skymanuals",
      workspaces: { name: "skymanuals-production", project: "platform" },
    });
    expect(cloud({ tags: ["skymanuals", "production"] }, null)).toEqual({
      organization: "skymanuals",
      workspaces: { tags: ["skymanuals", "production"] },
    });
  });

  test("cloud: Terraform is not run at synth", () => {
    const { PATH } = process.env;
    process.env.PATH = "";
    try {
      const backend: Backend = { type: "cloud", organization: "o", project: null, workspace: { name: "w" } };
      expect(terraform(backend)).not.toHaveProperty("backend");
    } finally {
      process.env.PATH = PATH;
    }
  });

  test.each<Backend["type"]>(["local", "s3", "cloud"])("%s: Terraform 1.11, for write-only arguments", (type) => {
    const backends: Record<Backend["type"], Backend> = {
      local: { type: "local" },
      s3: { type: "s3", bucket: "b", key: "k", region: "us-east-1", kmsKeyId: "alias/k" },
      cloud: { type: "cloud", organization: "o", project: null, workspace: { name: "w" } },
    };
    expect(terraform(backends[type])).toHaveProperty("required_version", ">= 1.11.0");
  });
});
