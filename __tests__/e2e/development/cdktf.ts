import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/command";
import { terraform } from "../support/development";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";
import { readStack, synthesize } from "../support/synth";

const stack = "skymanuals-development";

/** cdktf and Terraform in a shell of the emulator, beside the state of a real deployment. */
export function cdktfChapter(step: Step, local: LocalRun): void {
  step("Terraform in the folder of a real deployment keeps off its state, in a shell of the emulator", async () => {
    const outdir = join(local.folder("real"), "cdktf.out");
    const account = "skymanuals-account-nonprod";
    const state = join(local.folder("real"), `terraform.${account}.tfstate`);
    await synthesize(outdir);
    const unreadable = "of a real deployment: no Terraform can read it";
    writeFileSync(state, unreadable);
    const folder = join(outdir, "stacks", account);
    expect(readStack(outdir, account).terraform.backend?.local?.path).toBe(`../../../terraform.${account}.tfstate`);
    const env = await local.environment();
    const inFolder = async (...args: string[]) => (await run("terraform", args, { cwd: folder, env })).stdout;
    await inFolder("init", "-no-color", "-input=false");
    expect(await inFolder("plan", "-no-color", "-input=false")).toMatch(/Plan: \d+ to add, 0 to change/);
    expect(await inFolder("workspace", "show")).toBe("emulator\n");
    expect(readFileSync(state, "utf8")).toBe(unreadable);
  });

  step("cdktf changes sizes in place by --var-file, with a state of its own", async () => {
    const file = join(local.folder("variables"), "larger.tfvars");
    writeFileSync(
      file,
      [
        'database_instance_class = "db.r6g.large"',
        'redis_node_type = "cache.r6g.large"',
        "api_desired_count = 2",
        "database_password_version = 2",
        'database_password = "Given-by-the-operator_2"',
      ].join("\n"),
    );
    // What cdktf would have deployed there itself.
    const stackOfCdktf = join(local.directory, "cdktf", "cdktf.out", "stacks", stack);
    const stateOfCdktf = join(stackOfCdktf, "terraform.tfstate.d", "emulator");
    const env = await local.environment();
    await run("npx", ["cdktf", "synth"], { cwd: local.project, env });
    // Before the state is there: Terraform would ask whether to migrate it.
    await run("terraform", ["init", "-no-color", "-input=false"], { cwd: stackOfCdktf, env });
    mkdirSync(stateOfCdktf, { recursive: true });
    cpSync(join(local.directory, `terraform.${stack}.tfstate`), join(stateOfCdktf, "terraform.tfstate"));
    const onStack = async (command: string, ...args: readonly string[]) =>
      (await run("npx", ["cdktf", command, stack, ...args, "--var-file", file], { cwd: local.project, env })).stdout;

    const deployed = await onStack("deploy", "--auto-approve");
    expect(deployed).toMatch(/Plan: 0 to add, \d+ to change, 0 to destroy/);
    expect(deployed).toMatch(/instance_class += "\S+" -> "db\.r6g\.large"/);
    expect(deployed).toMatch(/node_type += "\S+" -> "cache\.r6g\.large"/);
    expect(deployed).toMatch(/Resources: 0 added, \d+ changed, 0 destroyed/);
    expect(await onStack("diff")).toContain("No changes");
  });

  step("terraform in the stack's folder takes the same file of variables", async () => {
    const file = join(local.folder("variables"), "larger.tfvars");
    // Its state has not seen cdktf's changes; the refresh of the plan does.
    const { stdout } = await terraform(local, local.stackFolder(stack), [
      "plan",
      "-no-color",
      "-input=false",
      `-var-file=${file}`,
    ]);
    expect(stdout).not.toMatch(/must be replaced|will be destroyed|will be updated in-place/);
  });

  step("the stack's folder, copied elsewhere, initializes and plans by itself", async () => {
    const folder = local.folder("elsewhere", "a", "b", stack);
    cpSync(join(local.stackFolder(stack)), folder, {
      recursive: true,
      filter: (source) => !source.includes(".terraform") && !/(with-imports|raised)$/.test(source),
    });
    await terraform(local, folder, ["init", "-no-color", "-input=false"]);
    const { stdout } = await terraform(local, folder, ["plan", "-no-color", "-input=false"]);
    expect(stdout).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
  });
}
