import { chmodSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { type Command, run, waitFor } from "./support/command";
import { terraform } from "./support/development";
import { type DestroyJson, LocalRun, root } from "./support/local-run";
import { nodeBinary, oldNode } from "./support/nodes";
import { story } from "./support/story";

const local = new LocalRun("failures");
const cdktf = new LocalRun("cdktf");

function expectNothingLeftBehind(): void {
  expect(local.processes()).toEqual([]);
  expect(local.files()).toEqual([]);
}

/** A folder of programs for PATH: scripts by name that print a text, and links to real programs. */
function programs(name: string, scripts: Readonly<Record<string, string>>, links: readonly string[] = []): string {
  const folder = local.folder("programs", name);
  for (const [program, prints] of Object.entries(scripts)) {
    writeFileSync(join(folder, program), `#!/bin/sh\ncat <<'END'\n${prints}\nEND\n`);
    chmodSync(join(folder, program), 0o755);
  }
  for (const target of links) {
    symlinkSync(target, join(folder, target.split("/").at(-1) as string));
  }
  return folder;
}

const deployWithPath = (PATH: string): Command => local.npm("deploy:local", [], { env: { ...process.env, PATH } });

story(
  "what a newcomer's machine may lack",
  (step) => {
    step("Terraform and Python are too old: one report names both, and how to get them", async () => {
      const folder = programs("too old", {
        terraform: JSON.stringify({ terraform_version: "1.10.5" }),
        ...Object.fromEntries(
          ["", "3", "3.10", "3.11", "3.12", "3.13", "3.14"].map((version) => [`python${version}`, "3.8.10\nTrue"]),
        ),
      });
      const { stderr, stdout } = await deployWithPath([folder, process.env.PATH].join(delimiter)).expectExit(1);
      expect(stdout).toBe("");
      expect(stderr).toContain("2 prerequisites are missing:");
      expect(stderr).toMatch(/Terraform >= 1\.11 \(found: 1\.10\.5\)\. developer\.hashicorp\.com/);
      expect(stderr).toMatch(/Python with venv >= 3\.10 \(found: 3\.8\.10\)\. python\.org/);
      expectNothingLeftBehind();
    });

    step("neither of them is there", async () => {
      const which = async (program: string) => (await run("sh", ["-c", `command -v ${program}`])).stdout.trim();
      const folder = programs("none", {}, [await which("node"), await which("npm"), await which("sh")]);
      const { stderr } = await deployWithPath(folder).expectExit(1);
      expect(stderr).toMatch(/Terraform >= 1\.11 \(found: none\)/);
      expect(stderr).toMatch(/Python with venv >= 3\.10 \(found: none\)/);
      expectNothingLeftBehind();
    });

    step("Node is too old", async () => {
      const node = await nodeBinary(oldNode);
      const PATH = [dirname(node), process.env.PATH].join(delimiter);
      const script = ["--require", "tsx/cjs", "scripts/deploy-local.ts", "--directory", local.directory];
      const { stderr } = await run(node, script, { cwd: root, env: { ...process.env, PATH }, expected: 1 });
      expect(stderr).toContain(`Node.js >= 20 (found: ${oldNode})`);
      expectNothingLeftBehind();
    });
  },
  () => local.remove(),
);

story(
  "what may go wrong on the way",
  (step) => {
    const other: Server = createServer();
    let deploy: Command;
    let url: string;

    step("an unknown environment is refused with those that exist", async () => {
      const { stderr } = await local.deploy("develpment").expectExit(2);
      expect(stderr).toMatch(/develpment/);
      expect(stderr).toMatch(/development, production, staging|did you mean "?development/i);
      expectNothingLeftBehind();
    });

    step("the port is in use: the message names it and the way out", async () => {
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const { port } = other.address() as { port: number };
      const { stderr } = await local.deploy("--port", String(port)).expectExit(1);
      other.close();
      expect(stderr).toContain(`port ${port} of 127.0.0.1 is in use by another program`);
      expect(stderr).toContain(`--port ${port + 1}`);
      expect(local.processes()).toEqual([]);
      expect(local.locks()).toEqual([]);
      expect(existsSync(join(local.directory, "emulator.json"))).toBe(false);
    });

    step("a second run at the same time is refused, and told which process is at work", async () => {
      await local.startEmulator("development");
      await local.emulator.plant({ service: "iam", operation: "CreateServiceLinkedRole", delaySeconds: 300 });
      deploy = local.deploy();
      await waitFor("the apply to be held", async () => (await local.emulator.faults())[0]?.hits === 1, {
        timeoutMs: 240_000,
        failed: () => deploy.result && "the command has ended",
      });
      for (const second of [local.deploy(), local.destroy()]) {
        const { stderr } = await second.expectExit(1);
        const [, pid] = /another run is at work: deploy:local development, process (\d+)/.exec(stderr) ?? [];
        expect(local.processes().map((process) => process.pid)).toContain(Number(pid));
      }
      expect(deploy.result).toBeUndefined();
    });

    step("the emulator is killed in the middle of an apply: the run ends soon, and says what is lost", async () => {
      url = local.emulator.url;
      const killed = performance.now();
      process.kill(local.emulatorPid, "SIGKILL");
      const { stderr } = await deploy.expectExit(1);
      expect((performance.now() - killed) / 1000).toBeLessThan(90);
      expect(stderr).toMatch(/the AWS emulator \(process \d+\) ended; its log: /);
      expect(stderr).toContain("Start anew: npm run deploy:local");
      expect(local.processes()).toEqual([]);
      expect(local.locks()).toEqual([]);
    });

    step(
      "the next run starts from nothing, on the same port: the state of the lost emulator is discarded",
      async () => {
        const { stderr } = await local.npm("emulator", ["start", "development"]).expectExit(0);
        expect(local.emulator.url).toBe(url);
        expect(stderr).toContain("The emulator of the last run is gone and everything in it: its state is discarded.");
        expect(local.files().filter((name) => name.includes("tfstate"))).toEqual([]);
      },
    );

    step("what no state knows is named by destroy:local, which fails and removes it all the same", async () => {
      const { emulator } = local;
      await emulator.call("logs", "Logs_20140328.CreateLogGroup", { logGroupName: "/made/by/hand" });
      const { stdout } = await local.destroy("--json").expectExit(1);
      const report = JSON.parse(stdout) as DestroyJson;
      expect(report.left).toMatchObject([{ type: "aws_cloudwatch_log_group", name: "/made/by/hand" }]);
      expect(report.failures.join()).toContain("/made/by/hand");
      await expect(emulator.health()).rejects.toThrow();
      expectNothingLeftBehind();
    });
  },
  () => local.remove(),
);

story(
  "cdktf deploy where a local run has created the objects already",
  (step) => {
    const stack = "skymanuals-development";
    // One that AWS takes a second time, two whose names it refuses; the whole stack would take minutes.
    const targets = ["aws_vpc.skymanuals", "aws_s3_bucket.chunks", "aws_iam_role.ecs_execution"];
    const limits = targets.map((address) => `-target=${address}`);
    let vpcs: readonly string[];
    const idsOfVpcs = async () =>
      (await cdktf.emulator.inventory()).filter(({ type }) => type === "aws_vpc").map(({ id }) => id);

    step("a few objects of development stand, in the state of the local run", async () => {
      await cdktf.deploy("--plan").expectExit(0);
      const apply = ["apply", "-no-color", "-input=false", "-auto-approve", ...limits];
      const { stdout } = await terraform(cdktf, cdktf.stackFolder(stack), apply);
      expect(stdout).toContain("Resources: 3 added, 0 changed, 0 destroyed");
      vpcs = await idsOfVpcs();
      expect(vpcs).toHaveLength(1);
    });

    step("it fails on the names, and leaves a duplicate of what needs none", async () => {
      const limited = { TF_CLI_ARGS_plan: limits.join(" "), TF_CLI_ARGS_apply: limits.join(" ") };
      const { stdout, stderr } = await run("npx", ["cdktf", "deploy", stack, "--auto-approve"], {
        cwd: root,
        env: { ...(await cdktf.environment()), ...limited },
        expected: 1,
      });
      expect(stdout + stderr).toMatch(/BucketAlreadyExists|BucketAlreadyOwnedByYou/);
      expect(stdout + stderr).toContain("EntityAlreadyExists");
      expect(await idsOfVpcs()).toHaveLength(2);
    });

    step("destroy:local names what only cdktf's state knows, destroys its own, and ends the emulator", async () => {
      const [duplicate] = (await idsOfVpcs()).filter((id) => !vpcs.includes(id));
      const { emulator } = cdktf;
      const { stdout } = await cdktf.destroy("--json").expectExit(0);
      const report = JSON.parse(stdout) as DestroyJson;
      expect(report).toMatchObject({ ok: true, failures: [], destroyed: 3, left: [], discarded: [] });
      expect(report.ofCdktf.map(({ type, id }) => `${type} ${id}`)).toContain(`aws_vpc ${duplicate}`);
      expect(report.ofCdktf.map(({ type }) => type)).not.toContain("aws_s3_bucket");
      await expect(emulator.health()).rejects.toThrow();
      expect(cdktf.processes()).toEqual([]);
      expect(cdktf.files()).toEqual([]);
    });
  },
  () => cdktf.remove(),
);
