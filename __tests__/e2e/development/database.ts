import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../support/command";
import { terraform } from "../support/development";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

const stack = "skymanuals-development";

/** The master's password, once it is the one that its own secret, the migrations' URL and the database have. */
async function agreedPassword(local: LocalRun): Promise<string> {
  const url = await local.emulator.secret(`${stack}/database-migration-url`);
  const password = decodeURIComponent(new URL(url).password);
  expect(await local.emulator.secret(`${stack}/database-password`)).toBe(password);
  expect(await local.emulator.databaseTakes(url)).toBe(true);
  return password;
}

/** A file that a plan is unpacked into, as text. */
async function unpacked(local: LocalRun, planFile: string): Promise<string> {
  const folder = local.folder("unpacked");
  await run("python3", ["-m", "zipfile", "-e", planFile, folder]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain("tfplan");
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1")).join("\n");
}

/** Where its passwords are, and how one is changed: it ends with the operator's own, under number 2. */
export function databaseChapter(step: Step, local: LocalRun): void {
  step("the passwords are in neither the synthesized JSON nor the plan nor the state", async () => {
    const password = await agreedPassword(local);
    const application = await local.emulator.secret(`${stack}/database-application-password`);
    for (const generated of [password, application]) {
      expect(generated).toMatch(/^[A-Za-z0-9]{32}$/);
    }
    expect(application).not.toBe(password);
    const folder = local.stackFolder(stack);
    // A plan that writes the password anew, and the state that holds everything.
    await terraform(local, folder, ["plan", "-input=false", "-out=raised", "-var=database_password_version=2"]);
    const texts = {
      synthesized: readFileSync(join(folder, "cdk.tf.json"), "latin1"),
      plan: (await terraform(local, folder, ["show", "-json", "raised"])).stdout,
      "plan file": await unpacked(local, join(folder, "raised")),
      state: readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "latin1"),
    };
    expect(texts.plan).toContain("database_password");
    expect(texts.state).toContain("aws_db_instance");
    const holders = Object.entries(texts).filter(([, text]) => text.includes(password) || text.includes(application));
    expect(holders.map(([name]) => name)).toEqual([]);
  });

  step("the application logs in with DATABASE_URL, as a user of its own, and a wrong password is refused", async () => {
    const url = new URL(await local.emulator.secret(`${stack}/database-url`));
    expect(url.username).toBe("skymanuals_api");
    expect(await local.emulator.databaseTakes(url.href)).toBe(true);
    url.password = "wrong";
    expect(await local.emulator.databaseTakes(url.href)).toBe(false);
  });

  step("a new password that the database refuses reaches it with the next run, under the same number", async () => {
    const before = await local.emulator.secret(`${stack}/database-migration-url`);
    const given = "Given-by-the-operator_2";
    const raised = ["--var", "database_password_version=2", "--var", `database_password=${given}`];
    await local.emulator.plant({
      service: "rds",
      operation: "ModifyDBInstance",
      code: "InternalFailure",
      message: "planted: the database keeps its password",
    });
    const { stderr } = await local.deploy(...raised).expectExit(1);
    expect(stderr).toContain("planted: the database keeps its password");
    expect(await local.emulator.databaseTakes(before)).toBe(true);

    // The provider records number 2 as set although it failed; the bootstrap finds out by logging in.
    expect((await local.deployJson(...raised)).ok).toBe(true);
    expect(await agreedPassword(local)).toBe(given);
    expect(await local.emulator.databaseTakes(before)).toBe(false);
    expect(readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "latin1")).not.toContain(given);
  });
}
