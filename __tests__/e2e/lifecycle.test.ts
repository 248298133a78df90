import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, waitFor } from "./support/command";
import { expectDestroyed, terraform } from "./support/development";
import { LocalRun, root } from "./support/local-run";
import { story } from "./support/story";
import { readStack, synthesize } from "./support/synth";

const stack = "skymanuals-development";
const local = new LocalRun("lifecycle");

/** The master's password, once it is the one that its own secret, the migrations' URL and the database have. */
async function agreedPassword(): Promise<string> {
  const url = await local.emulator.secret(`${stack}/database-migration-url`);
  const password = decodeURIComponent(new URL(url).password);
  expect(await local.emulator.secret(`${stack}/database-password`)).toBe(password);
  expect(await local.emulator.databaseTakes(url)).toBe(true);
  return password;
}

/** A file that a plan is unpacked into, as text. */
async function unpacked(planFile: string): Promise<string> {
  const folder = local.folder("unpacked");
  await run("python3", ["-m", "zipfile", "-e", planFile, folder]);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain("tfplan");
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1")).join("\n");
}

story(
  "skymanuals-development on a machine with no AWS account",
  (step) => {
    const realState = join(root, `terraform.${stack}.tfstate`);
    const sentinel = JSON.stringify({ version: 4, serial: 7, lineage: "real", note: "must never be read or written" });
    const hadRealState = existsSync(realState);

    step("deploy:local converges: nothing refused, nothing unimplemented, nothing left to change", async () => {
      if (!hadRealState) {
        writeFileSync(realState, sentinel);
      }
      const report = await local.deployJson();
      expect(report).toMatchObject({ ok: true, failures: [], environment: "development" });
      expect(report.summary).toMatchObject({ refused: [], unimplemented: [] });
      expect(report.summary.requests).toBeGreaterThan(100);
      expect(report.summary.operations).toBeGreaterThan(50);
      const last = report.stacks.at(-1);
      expect(last).toMatchObject({ stack, differences: [], deleted: 0, replaced: 0 });
      expect(last?.resources).toBeGreaterThan(80);
      expect(report.outputs.database_url_secret_arn?.value).toMatch(/^arn:aws:secretsmanager:/);
      expect((await local.emulator.inventory()).length).toBeGreaterThan(60);
    });

    step("a run on what stands changes nothing, says so, and prints the outputs as a table", async () => {
      const { stdout, stderr } = await local.deploy().expectExit(0);
      expect(stderr).toContain(`${stack}: nothing to change`);
      expect(stdout).toContain("Nothing is left to change.");
      expect(stdout).toMatch(/│ database_address +│ \S+ +│/);
      expect(stdout).toMatch(/Emulator: \d+ requests of \d+ operations checked against AWS's API models: 0 refused/);
    });

    step("the state of a real deployment is as it was", async () => {
      if (!hadRealState) {
        expect(readFileSync(realState, "utf8")).toBe(sentinel);
      }
      expect(readdirSync(root).filter((name) => name.startsWith(`.terraform.${stack}`))).toEqual([]);
    });

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

    step("the passwords are in neither the synthesized JSON nor the plan nor the state", async () => {
      const password = await agreedPassword();
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
        "plan file": await unpacked(join(folder, "raised")),
        state: readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "latin1"),
      };
      expect(texts.plan).toContain("database_password");
      expect(texts.state).toContain("aws_db_instance");
      const holders = Object.entries(texts).filter(([, text]) => text.includes(password) || text.includes(application));
      expect(holders.map(([name]) => name)).toEqual([]);
    });

    step(
      "the application logs in with DATABASE_URL, as a user of its own, and a wrong password is refused",
      async () => {
        const url = new URL(await local.emulator.secret(`${stack}/database-url`));
        expect(url.username).toBe("skymanuals_api");
        expect(await local.emulator.databaseTakes(url.href)).toBe(true);
        url.password = "wrong";
        expect(await local.emulator.databaseTakes(url.href)).toBe(false);
      },
    );

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
      expect(await agreedPassword()).toBe(given);
      expect(await local.emulator.databaseTakes(before)).toBe(false);
      expect(readFileSync(join(local.directory, `terraform.${stack}.tfstate`), "latin1")).not.toContain(given);
    });

    step(
      "a chunk is recorded within seconds, and a message that nobody can read ends in the dead letters",
      async () => {
        const { url } = local.emulator;
        const put = (key: string, type: string, body: string) =>
          fetch(`${url}/development-skymanuals-chunks/${key}`, {
            method: "PUT",
            headers: { "content-type": type },
            body,
          });
        const sqs = async (queue: string, body: Record<string, string>) => {
          const answer = await fetch(`${url}/111111111111/${stack}-chunks-custody${queue}`, {
            method: "POST",
            body: new URLSearchParams(body),
          });
          return answer.text();
        };
        expect((await put("manuals/a.json", "application/json", "{}")).status).toBe(200);
        expect(await sqs("", { Action: "SendMessage", MessageBody: "poison" })).toContain("<MessageId>");
        expect((await put("manuals/b.txt", "text/plain", "Part B")).status).toBe(200);
        const verify = async () => {
          const { stdout } = await local.npm("verify:custody", ["development", "--json"]).finish();
          return JSON.parse(stdout);
        };
        const report = await waitFor("two records", async () => {
          const found = await verify();
          return found.records === 2 ? found : undefined;
        });
        expect(report).toMatchObject({ ok: true });
        await waitFor("the dead letter", async () =>
          (await sqs("-dead-letters", { Action: "ReceiveMessage" })).includes("<Body>poison</Body>"),
        );
        expect((await verify()).records).toBe(2);
      },
    );

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
      await run("npx", ["cdktf", "synth"], { cwd: root, env });
      // Before the state is there: Terraform would ask whether to migrate it.
      await run("terraform", ["init", "-no-color", "-input=false"], { cwd: stackOfCdktf, env });
      mkdirSync(stateOfCdktf, { recursive: true });
      cpSync(join(local.directory, `terraform.${stack}.tfstate`), join(stateOfCdktf, "terraform.tfstate"));
      const onStack = async (command: string, ...args: readonly string[]) =>
        (await run("npx", ["cdktf", command, stack, ...args, "--var-file", file], { cwd: root, env })).stdout;

      const deployed = await onStack("deploy", "--auto-approve");
      expect(deployed).toMatch(/Plan: 0 to add, \d+ to change, 0 to destroy/);
      expect(deployed).toMatch(/instance_class += "\S+" -> "db\.r6g\.large"/);
      expect(deployed).toMatch(/node_type += "\S+" -> "cache\.r6g\.large"/);
      expect(deployed).toMatch(/Resources: 0 added, \d+ changed, 0 destroyed/);
      expect(await onStack("diff")).toContain("No changes");
      expect(existsSync(realState) && !hadRealState ? readFileSync(realState, "utf8") : sentinel).toBe(sentinel);
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

    step("a release migrates the database and replaces the API's tasks", async () => {
      const env = await local.environment();
      await local.emulator.push(`${stack}-api`, "1.4.2");
      const npm = (script: string, args: readonly string[], expected: number) =>
        run("npm", ["run", "--silent", script, "--", ...args], { cwd: root, env, expected });
      await npm("release", ["development", "1.4.2"], 0);
      // Nobody has pushed Logstash's image.
      const { stdout } = await npm("rollout", ["development", "--json"], 1);
      expect(JSON.parse(stdout).rollouts).toMatchObject([
        { service: `${stack}-api`, state: "completed", image: expect.stringMatching(/:1\.4\.2$/) },
        { service: `${stack}-logstash`, state: "failed", imageMissing: expect.stringContaining("has no image") },
      ]);
    });

    step("destroy:local removes everything, the revisions before the release too, and proves it", async () => {
      // cdktf's state describes the same resources.
      rmSync(join(local.directory, "cdktf"), { recursive: true, force: true });
      const { deregistered } = await expectDestroyed(local);
      const families = deregistered.map((revision) => revision.replace(/:\d+$/, ""));
      expect([...new Set(families)].sort()).toEqual([`${stack}-api`, `${stack}-migrations`]);
    });
  },
  async () => {
    const realState = join(root, `terraform.${stack}.tfstate`);
    if (existsSync(realState) && readFileSync(realState, "utf8").includes("must never be read or written")) {
      rmSync(realState);
    }
    await local.remove();
  },
);
