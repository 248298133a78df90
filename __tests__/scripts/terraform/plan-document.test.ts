import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Plan, readPlan } from "../../../scripts/terraform/plan";
import { terraform } from "../../../scripts/terraform/run";

jest.setTimeout(60_000);

/** Plans of the real Terraform, on the resource that it has built in: no provider, no AWS. */
const directory = mkdtempSync(join(tmpdir(), "plan "));
const options = { directory, env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1" } };
afterAll(() => rmSync(directory, { recursive: true }));

function write(size: string): void {
  const child = {
    resource: {
      terraform_data: { inner: { input: "inside", depends_on: ["terraform_data.inner_base"] }, inner_base: {} },
    },
  };
  mkdirSync(join(directory, "child"), { recursive: true });
  writeFileSync(join(directory, "child", "main.tf.json"), JSON.stringify(child));
  writeFileSync(
    join(directory, "cdk.tf.json"),
    JSON.stringify({
      variable: {
        size: { type: "string", default: "small" },
        password: { type: "string", default: "secret", sensitive: true },
        required: { type: "string" },
      },
      module: { part: { source: "./child" } },
      resource: {
        terraform_data: {
          base: { input: size },
          // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Terraform's
          sized: { input: { size: "${var.size}", password: "${var.password}" } },
          repeated: { count: 2, input: "${terraform_data.base.output}" },
        },
      },
      output: {
        size: { value: "${var.size}" },
        password: { value: "${var.password}", sensitive: true },
        later: { value: "${terraform_data.base.output}" },
        // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Terraform's
      },
    }),
  );
}

async function plan(...args: string[]): Promise<Plan> {
  await terraform(["plan", "-input=false", "-out=plan", "-var", "required=given", ...args], options);
  return readPlan("plan", options);
}

let first: Plan;
let second: Plan;

beforeAll(async () => {
  write("one");
  await terraform(["init", "-input=false"], options);
  first = await plan();
  await terraform(["apply", "-input=false", "plan"], options);
  write("two");
  second = await plan("-var", "size=large");
});

const find = <T extends { readonly address: string }>(items: readonly T[], address: string): T =>
  items.find((item) => item.address === address) as T;

const all = [
  "module.part.terraform_data.inner",
  "module.part.terraform_data.inner_base",
  "terraform_data.base",
  "terraform_data.repeated[0]",
  "terraform_data.repeated[1]",
  "terraform_data.sized",
];

test("the planned values are those after the apply, of every module, unchanged resources included", () => {
  expect(first.planned.resources.map(({ address }) => address).sort()).toEqual(all);
  expect(second.planned.resources.map(({ address }) => address).sort()).toEqual(all);
  expect(second.changes.filter(({ action }) => action === "no-op").map(({ address }) => address)).toEqual([
    "module.part.terraform_data.inner",
    "module.part.terraform_data.inner_base",
  ]);
  expect(find(second.planned.resources, "terraform_data.sized")).toMatchObject({
    mode: "managed",
    type: "terraform_data",
    name: "sized",
    index: undefined,
    tainted: false,
    values: { input: { size: "large", password: "secret" } },
    sensitive: { input: { password: true } },
  });
  expect(find(second.planned.resources, "terraform_data.repeated[1]")).toMatchObject({ name: "repeated", index: 1 });
  expect(find(second.planned.resources, "module.part.terraform_data.inner").values.output).toBe("inside");
});

test("what only the apply will tell is absent from the planned values, and named by the change", () => {
  const { values } = find(first.planned.resources, "terraform_data.base");
  expect(values).toMatchObject({ input: "one" });
  expect(values).not.toHaveProperty("id");
  expect(find(first.changes, "terraform_data.base").afterUnknown).toMatchObject({ id: true, output: true });
  expect(find(second.changes, "terraform_data.base").afterUnknown).toEqual({ output: true });
  expect(second.planned.outputs).toEqual({
    later: { value: undefined, sensitive: false },
    password: { value: "secret", sensitive: true },
    size: { value: "large", sensitive: false },
  });
});

test("variables have the values of the plan, overrides and defaults alike", () => {
  expect(first.variables).toEqual({ size: "small", password: "secret", required: "given" });
  expect(second.variables).toEqual({ size: "large", password: "secret", required: "given" });
});

test("the prior state has no resource before the first apply, and what stood before the second", () => {
  expect(first.prior).toEqual([]);
  expect(second.prior.map(({ address }) => address).sort()).toEqual(all);
  expect(find(second.prior, "terraform_data.base").values).toMatchObject({ input: "one", output: "one" });
});

test("the configuration tells constants, and what refers to what, without index", () => {
  const { resources, outputs, variables } = second.configuration;
  expect(resources.map(({ address }) => address).sort()).toEqual([
    "module.part.terraform_data.inner",
    "module.part.terraform_data.inner_base",
    "terraform_data.base",
    "terraform_data.repeated",
    "terraform_data.sized",
  ]);
  expect(find(resources, "terraform_data.base")).toMatchObject({
    mode: "managed",
    type: "terraform_data",
    name: "base",
    provider: "terraform",
    arguments: { input: { constantValue: "two", references: [] } },
    references: [],
    dependsOn: [],
  });
  expect(find(resources, "terraform_data.repeated").arguments).toEqual({
    input: { references: ["terraform_data.base.output", "terraform_data.base"] },
  });
  expect(find(resources, "terraform_data.sized").references).toEqual(["var.size", "var.password"]);
  expect(find(resources, "module.part.terraform_data.inner").dependsOn).toEqual(["terraform_data.inner_base"]);
  expect(outputs.later).toEqual({ references: ["terraform_data.base.output", "terraform_data.base"] });
  expect(variables).toEqual({
    size: { default: "small", sensitive: false },
    password: { default: "secret", sensitive: true },
    required: { default: undefined, sensitive: false },
  });
});
