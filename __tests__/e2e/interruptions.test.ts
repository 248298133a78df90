import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outsideStates } from "../../scripts/local/outside-states";
import { parseState } from "../../scripts/terraform/state";
import { type Command, waitFor } from "./support/command";
import { expectDestroyed, expectNobodyAtWork, showPlan, terraform } from "./support/development";
import { LocalRun } from "./support/local-run";
import { story } from "./support/story";

const stack = "skymanuals-development";
const local = new LocalRun("interruptions");

/** Waits for a point of the apply, at which `ready` tells. */
function applying(command: Command, what: string, ready: () => boolean | Promise<boolean>) {
  return waitFor(what, ready, { timeoutMs: 400_000, failed: () => command.result && "the command has ended" });
}

/**
 * What creates objects that have no name of their own, only those of others that are not in a state either: whether a killed run
 * got so far is up to the machine, and it could not be imported then.
 */
const withoutAddress = [
  { service: "ec2", operation: "AssociateRouteTable" },
  { service: "ecs", operation: "RegisterTaskDefinition" },
  { service: "iam", operation: "PutRolePolicy" },
  { service: "logs", operation: "PutSubscriptionFilter" },
  { service: "secretsmanager", operation: "PutSecretValue" },
  { service: "sns", operation: "Subscribe" },
];

story(
  "an apply of skymanuals-development that is interrupted again and again",
  (step) => {
    step("an apply is killed while requests are under way", async () => {
      await local.startEmulator("development");
      const deploy = local.deploy();
      // The account's stack is left in peace: its second plan, which follows, takes longer than planting.
      await applying(deploy, "the account's stack", () =>
        /account-nonprod: \d+ of \d+ changes applied/.test(deploy.stderr),
      );
      const held = [
        { service: "rds", operation: "CreateDBSubnetGroup" },
        { service: "s3", operation: "CreateBucket" },
        { service: "ecs", operation: "CreateCluster" },
        { service: "ec2", operation: "AllocateAddress" },
      ];
      await local.emulator.plant(...held.map((fault) => ({ ...fault, delaySeconds: 120 })));
      await local.emulator.plant(
        ...withoutAddress.map((fault) => ({ ...fault, code: "AccessDenied", message: "planted", count: 999 })),
      );
      await applying(deploy, "the held requests", async () =>
        (await local.emulator.faults()).every(({ delaySeconds, hits }) => !delaySeconds || hits === 1),
      );
      // The runner and Terraform; Terraform's provider is left to itself.
      for (const { pid, commandLine } of local.processes()) {
        if (/^(npm|sh|node|terraform) /.test(commandLine) || commandLine.includes("deploy-local")) {
          process.kill(pid, "SIGKILL");
        }
      }
      await deploy.finish();
      await local.emulator.clearFaults();
      await waitFor("the requests to be carried out", async () => {
        const inventory = await local.emulator.inventory();
        return ["aws_db_subnet_group", "aws_s3_bucket", "aws_ecs_cluster", "aws_eip"].every((wanted) =>
          // The account has buckets of its own.
          inventory.some(
            ({ type, name }) =>
              type === wanted && !name.startsWith("skymanuals-trail-") && !name.startsWith("skymanuals-config-"),
          ),
        );
      });
    });

    step("the next run names what exists outside the state, and prints import blocks that are right", async () => {
      const { stderr } = await local.deploy().expectExit(1);
      for (const named of [
        "aws_db_subnet_group skymanuals-development-db-subnet-group",
        "aws_s3_bucket ",
        "aws_eip ",
      ]) {
        expect(stderr).toContain(named);
      }
      expectNobodyAtWork(local);

      const blocks = stderr.match(/^import \{\n {2}to = .*\n {2}id = .*\n\}$/gm) ?? [];
      expect(blocks.length).toBeGreaterThanOrEqual(4);
      const folder = local.stackFolder(stack);
      writeFileSync(join(folder, "imports.tf"), blocks.join("\n"));
      await terraform(local, folder, ["plan", "-input=false", "-out=with-imports"]);
      const plan = await showPlan(local, folder, "with-imports");
      rmSync(join(folder, "imports.tf"));
      expect(plan.import.map(({ address, importId }) => `to = ${address}\n  id = "${importId}"`).sort()).toEqual(
        blocks.map((block) => block.slice("import {\n  ".length, -"\n}".length)).sort(),
      );
      expect([...plan.delete, ...plan.replace].map(({ address }) => address)).toEqual([]);
    });

    step("with --import it takes them in and goes on; Ctrl-C in the middle ends it in good order", async () => {
      await local.emulator.plant(
        { service: "ec2", operation: "CreateNatGateway", delaySeconds: 900 },
        { service: "rds", operation: "CreateDBInstance", code: "InsufficientDBInstanceCapacity", message: "planted" },
      );
      const deploy = local.deploy("--import");
      await applying(
        deploy,
        "thirty resources done, the database refused, the NAT gateway's request held",
        async () =>
          local.applyEvents(stack, "apply_complete").length >= 30 &&
          (await local.emulator.faults()).every(({ hits }) => hits === 1),
      );
      // The terminal signals the whole group, and npm once more.
      deploy.signalGroup("SIGINT");
      deploy.signalGroup("SIGINT");
      const { stderr } = await deploy.expectExit(130);
      // Which of the buckets was under way when the first run was killed is up to Terraform.
      expect(stderr).toMatch(/aws_s3_bucket\.(\w+) is taken into the state: development-skymanuals-/);
      expect(stderr).toContain("aws_ecs_cluster.skymanuals is taken into the state: skymanuals-development");
      expect(stderr).toContain("Stopped by SIGINT.");
      expect(stderr).toContain("Terraform ended in good order");
      expectNobodyAtWork(local);
      // AWS carries out what it has received, whether or not the caller still waits.
      await local.emulator.clearFaults();
      await waitFor("the NAT gateway", async () =>
        (await local.emulator.inventory()).some(({ type }) => type === "aws_nat_gateway"),
      );
    });

    step("run again, it takes in what was created after that; SIGTERM ends it at work on the database", async () => {
      const deploy = local.deploy();
      await applying(deploy, "the database in the emulator", async () =>
        (await local.emulator.inventory()).some(({ type }) => type === "aws_db_instance"),
      );
      // npm hands it on.
      deploy.signal("SIGTERM");
      const { stderr } = await deploy.expectExit(143);
      expect(stderr).toMatch(/aws_nat_gateway\.skymanuals\[0\] is taken into the state: nat-/);
      expect(stderr).toContain("Stopped by SIGTERM.");
      expectNobodyAtWork(local);
    });

    step("an apply whose write of the database URL is refused fails with AWS's words", async () => {
      const message = "planted: the secret is not written";
      await local.emulator.plant({
        service: "secretsmanager",
        operation: "PutSecretValue",
        count: 9,
        code: "AccessDeniedException",
        message,
      });
      const { stderr } = await local.deploy().expectExit(1);
      expect(stderr).toContain("aws_db_instance.postgres exists and matches; an interruption had left it tainted");
      expect(stderr).toContain("aws_secretsmanager_secret_version.database_url");
      expect(stderr).toContain(message);
      expectNobodyAtWork(local);
      await local.emulator.clearFaults();
    });

    step("run again, it converges, and what exists is what the states hold", async () => {
      const report = await local.deployJson();
      expect(report).toMatchObject({ ok: true, failures: [] });
      expect(report.stacks.at(-1)).toMatchObject({ stack, differences: [], deleted: 0, replaced: 0 });
      const states = [];
      for (const name of ["skymanuals-account-nonprod", stack]) {
        const { stdout } = await terraform(local, local.stackFolder(name), ["show", "-json"]);
        states.push(...parseState(JSON.parse(stdout)));
      }
      expect(outsideStates(await local.emulator.inventory(), states)).toEqual([]);
    });

    step("destroy:local removes everything and proves that nothing is left", async () => {
      await expectDestroyed(local);
    });
  },
  () => local.remove(),
);
