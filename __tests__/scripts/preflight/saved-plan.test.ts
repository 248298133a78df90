import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { development } from "../../../environments/development";
import { command } from "../../../scripts/preflight";
import { withVariables } from "../../../scripts/preflight/overrides";
import { formatSavedPlan, readSavedPlan } from "../../../scripts/preflight/saved-plan";
import { stackDirectory } from "../../../scripts/terraform/stack-directory";
import { terraform } from "../../support/terraform";

jest.setTimeout(60_000);

/** Plans of the real Terraform, on the resource that it has built in, in the folder of development's stack. */
const outdir = mkdtempSync(join(tmpdir(), "saved plan "));
const folder = stackDirectory(outdir, "skymanuals-development");
const env = { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1" };
afterAll(() => rmSync(outdir, { recursive: true }));

function write(resources: object): void {
  const variable = {
    environment: { type: "string", default: "development" },
    database_instance_class: { type: "string", default: "db.t3.micro" },
    allowed_ips: { type: "list(string)", default: [] },
    database_password: { type: "string", default: null, ephemeral: true },
  };
  writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify({ variable, resource: { terraform_data: resources } }));
}

function run(...args: string[]): void {
  const { status, stderr } = terraform(folder, args);
  expect([status, stderr]).toEqual([0, ""]);
}

function plan(file: string, ...args: string[]): Promise<Awaited<ReturnType<typeof readSavedPlan>>> {
  run("plan", `-out=${file}`, ...args);
  return readSavedPlan(join(folder, file), "development", outdir, env);
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  write({
    kept: { input: "same" },
    changed: { input: { size: "small", zone: "a" } },
    replaced: { input: "r", triggers_replace: 1 },
    removed: { input: "x" },
  });
  run("init");
  run("apply", "-auto-approve");
});

test("says each address by action, what is lost first, and the arguments of updates", async () => {
  write({
    kept: { input: "same" },
    changed: { input: { size: "large", zone: "a" } },
    replaced: { input: "r", triggers_replace: 2 },
    added: { count: 2, input: "n" },
  });
  const { plan: saved } = await plan("changes.tfplan");
  expect(formatSavedPlan(saved).split("\n")).toEqual([
    "skymanuals-development: 2 to create, 1 to update, 1 to replace, 1 to delete",
    "  -   terraform_data.removed",
    "  -/+ terraform_data.replaced  replaced, because of triggers_replace",
    "        triggers_replace: 1 -> 2",
    "  ~   terraform_data.changed",
    '        input.size: "small" -> "large"',
    '        output: {"size":"small","zone":"a"} -> (known after apply)',
    "  +   terraform_data.added[0]",
    "  +   terraform_data.added[1]",
  ]);
  expect(saved.changes.map(({ action, address }) => `${action} ${address}`)).toEqual([
    "delete terraform_data.removed",
    "replace terraform_data.replaced",
    "update terraform_data.changed",
    "create terraform_data.added[0]",
    "create terraform_data.added[1]",
  ]);
});

test("more than thirty lines are counted", async () => {
  write({ many: { count: 40, input: "n" } });
  const lines = formatSavedPlan((await plan("many.tfplan")).plan).split("\n");
  expect(lines).toHaveLength(32);
  expect(lines.at(-1)).toMatch(/^ {2}\.\.\. and \d+ more to create$/);
});

test("the plan's variables are those that the checks see, whatever the environment's file says", async () => {
  write({ kept: { input: "same" } });
  const { variables } = await plan(
    "variables.tfplan",
    "-var=database_instance_class=db.m3.large",
    '-var=allowed_ips=["203.0.113.7/32"]',
  );
  const planned = withVariables(development, variables);
  expect(planned.size.databaseInstanceClass).toBe("db.m3.large");
  expect(planned.network.allowedIps).toEqual(["203.0.113.7/32"]);
});

test("a plan that lies elsewhere is read by the stack's folder; one without changes says so", async () => {
  write({
    kept: { input: "same" },
    changed: { input: { size: "small", zone: "a" } },
    replaced: { input: "r", triggers_replace: 1 },
    removed: { input: "x" },
  });
  const elsewhere = join(outdir, "elsewhere.tfplan");
  run("plan", `-out=${elsewhere}`);
  const { plan: saved } = await readSavedPlan(elsewhere, "development", outdir, env);
  expect(formatSavedPlan(saved)).toBe("skymanuals-development: nothing to change");
});

describe("what is no plan of the environment is refused", () => {
  const reading = (file: string, environment: string, out = outdir) => readSavedPlan(file, environment, out, env);

  test("there is no such file", async () => {
    await expect(reading(join(folder, "none"), "development")).rejects.toThrow(
      /none: there is no such file\. Write one in the stack's folder: terraform plan -out=FILE$/,
    );
  });

  test("a plan of another environment", async () => {
    write({ kept: { input: "same" } });
    run("plan", "-out=other.tfplan");
    await expect(reading(join(folder, "other.tfplan"), "production")).rejects.toThrow(
      /it is not a plan of skymanuals-production, whose variable environment is production: it has development\.$/,
    );
  });

  test("no folder of the stack is there", async () => {
    const file = join(outdir, "alone.tfplan");
    writeFileSync(file, "");
    await expect(reading(file, "development", join(outdir, "none"))).rejects.toThrow(
      /has a cdk\.tf\.json\. Leave the plan in the folder in which it was made\.$/,
    );
  });

  test("a file that is no plan: Terraform's own words", async () => {
    writeFileSync(join(folder, "text.tfplan"), "no plan");
    await expect(reading(join(folder, "text.tfplan"), "development")).rejects.toThrow(/terraform show failed/);
  });
});

test("--var beside --plan is refused: the plan has its values", async () => {
  const error = jest.spyOn(console, "error").mockImplementation(() => {});
  try {
    expect(await command.main(["development", "--plan", "p.tfplan", "--var", "redis_node_type=cache.t3.small"])).toBe(
      2,
    );
    expect(error.mock.calls[0]?.[0]).toMatch(
      /^--var "redis_node_type=cache\.t3\.small" is not allowed; allowed: --plan FILE alone: the plan has the values of its variables; make the plan with -var/,
    );
  } finally {
    error.mockRestore();
  }
});
