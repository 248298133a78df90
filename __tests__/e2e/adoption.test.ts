import { copyFileSync, cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { ModifyDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { App } from "cdktf";
import type { Environment } from "../../environments/environment";
import { production } from "../../environments/production";
import { sizes } from "../../environments/sizes";
import type { Adoption } from "../../scripts/adopt/adoption";
import { parsePlan } from "../../scripts/terraform/plan";
import { Platform } from "../../stacks/platform";
import { type CommandResult, run } from "./support/command";
import type { InventoryItem } from "./support/emulator-control";
import { LocalRun, root } from "./support/local-run";
import { story } from "./support/story";

const stack = "skymanuals-production";
const local = new LocalRun("adoption");
const documentedPassword = "correct-horse-battery";
const changeOfAuthority =
  "aws rds modify-db-instance --db-instance-identifier skymanuals-postgres " +
  "--ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately";

async function terraform(folder: string, args: readonly string[], expected = 0): Promise<CommandResult> {
  const env = { ...(await local.terraformEnvironment()), TF_VAR_database_password: documentedPassword };
  return run("terraform", args, { cwd: folder, env, expected, timeoutMs: 560_000 });
}

/** production.ts with the printed lines in place of its own, and its state in a file of the test's. */
function withLines(lines: string): Environment {
  const printed = runInNewContext(`({${lines}})`, { sizes }) as Partial<Environment>;
  // Values of another realm are no instances of this one's Object and Array.
  // What stands in for it is applied first: production.test.ts does that.
  return { ...production, ...structuredClone(printed), backend: { type: "local" }, recovery: null };
}

story(
  "a state of the documented root module",
  (step) => {
    const documented = local.folder("documented");
    const given = join(documented, "terraform.tfstate");
    const realState = join(root, `terraform.${stack}.tfstate`);
    const adopted = local.folder("adopted");
    const folder = join(adopted, "cdktf.out", "stacks", stack);
    let adoption: Adoption & { readonly lines: string };
    let before: InventoryItem[];

    step(
      "is made by plain Terraform from the guide's files",
      async () => {
        await local.startEmulator("production");
        cpSync(join(root, "__tests__/fixtures/documented"), documented, { recursive: true });
        await terraform(documented, ["init", "-input=false", "-no-color"]);
        await terraform(documented, [
          "apply",
          "-auto-approve",
          "-input=false",
          "-no-color",
          "-var-file=production.tfvars",
        ]);
        before = await local.emulator.inventory();
        expect(before.map(({ type }) => type)).toEqual(
          expect.arrayContaining(["aws_vpc", "aws_db_instance", "aws_lb"]),
        );
      },
      600,
    );

    step(
      "is read by npm run adopt, which writes neither it nor the environment's own state",
      async () => {
        const stateBefore = readFileSync(given, "utf8");
        const realBefore = existsSync(realState) ? readFileSync(realState, "utf8") : undefined;
        const { stdout, stderr } = await run("npm", ["run", "--silent", "adopt", "--", "--state", given, "--json"], {
          cwd: root,
          env: await local.environment(),
          timeoutMs: 560_000,
        });
        expect(stderr).toContain("Planning against the emulator at http://127.0.0.1:");
        expect(readFileSync(given, "utf8")).toBe(stateBefore);
        expect(existsSync(realState) ? readFileSync(realState, "utf8") : undefined).toBe(realBefore);
        adoption = JSON.parse(stdout);
        expect(adoption.outcome.refused).toEqual([]);
        expect(stdout).not.toContain(documentedPassword);
      },
      600,
    );

    step(
      "is reported with the expired certificate authority of its database, and the command that changes it",
      async () => {
        expect(adoption.beforeApply).toEqual([
          expect.stringMatching(
            /^aws_db_instance\.postgres presents a certificate of rds-ca-2019, which has expired\./,
          ),
        ]);
        expect(adoption.beforeApply[0]).toContain(changeOfAuthority);
        expect(adoption.adopted.keep["aws_db_instance.postgres"] ?? {}).not.toHaveProperty("ca_cert_identifier");
      },
    );

    step("gives lines for what was chosen by hand, has another name, or would be lost", async () => {
      const fields = Object.fromEntries(adoption.fields.map(({ field, value }) => [field, value]));
      expect(fields).toEqual({
        "database.username": "skymanuals_app",
        "database.engineVersion": "15.4",
        "database.backupRetentionDays": 14,
        "size.redisNodeType": "cache.r5.xlarge",
        "size.apiDesiredCount": 3,
        "size.elasticsearchInstanceCount": 4,
        "size.elasticsearchVolumeSizeGiB": 150,
        "redis.authTokenUpdateStrategy": "ROTATE",
      });
      const { keep, renamed, removed } = adoption.adopted;
      expect(keep).toMatchObject({
        "aws_lb.main": { name: "prod-api-lb", idle_timeout: 120 },
        "aws_lb_target_group.api": { name: "prod-api-tg", port: 80, health_check: [{ path: "/healthz" }] },
        "aws_iam_role.ecs_execution": { name: "prod-task-starter", path: "/platform/" },
        "aws_cloudwatch_log_group.api": { retention_in_days: 90 },
        "aws_cloudwatch_log_group.logstash": { name: "/ecs/log-shipper", retention_in_days: 14 },
        "aws_lb_listener_rule.cloudfront": { priority: 2 },
      });
      expect(JSON.stringify(keep["aws_route_table.private"])).toContain("172.16.0.0/16");
      expect(JSON.stringify(keep["aws_security_group.ecs"]?.ingress)).toContain("9090");
      expect(renamed).toEqual({
        "aws_security_group.alb": "aws_security_group.public",
        "aws_iam_role_policy.ecs_task": "aws_iam_role_policy.ecs_task_platform",
      });
      expect(removed).toEqual(expect.arrayContaining(["aws_security_group.alb", "aws_route.airline"]));
    });

    step(
      "destroys and replaces nothing but task definition revisions with these lines; applied as it is, it stops before the bootstrap",
      async () => {
        const app = new App({ outdir: join(adopted, "cdktf.out"), stackTraces: false });
        new Platform(app, withLines(adoption.lines));
        app.synth();
        copyFileSync(given, join(adopted, `terraform.${stack}.tfstate`));
        await terraform(folder, ["init", "-input=false", "-no-color"]);
        await terraform(folder, ["plan", "-input=false", "-no-color", "-out=first.tfplan"]);
        const plan = parsePlan(JSON.parse((await terraform(folder, ["show", "-json", "first.tfplan"])).stdout));
        expect(plan.delete).toEqual([]);
        expect(plan.replace.map(({ address }) => address).sort()).toEqual([
          "aws_ecs_task_definition.api",
          "aws_ecs_task_definition.logstash",
        ]);
        const { stderr } = await terraform(folder, ["apply", "-input=false", "-no-color", "first.tfplan"], 1);
        const said = stderr.replace(/\s+/g, " ");
        expect(said.match(/Error: /g)).toHaveLength(1);
        expect(said).toContain("on cdk.tf.json");
        expect(said).toContain(
          "The database skymanuals-postgres presents a certificate of rds-ca-2019, which has expired",
        );
        expect(said).toContain(changeOfAuthority);
      },
      900,
    );

    step(
      "is applied once the authority has been changed as it says",
      async () => {
        const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = await local.environment();
        const rds = new RDSClient({
          endpoint: AWS_ENDPOINT_URL,
          region: production.region,
          credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
        });
        await rds.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: "skymanuals-postgres",
            CACertificateIdentifier: "rds-ca-rsa2048-g1",
            ApplyImmediately: true,
          }),
        );
        await terraform(folder, ["apply", "-auto-approve", "-input=false", "-no-color"]);
      },
      900,
    );

    step("has nothing left to change after that", async () => {
      await terraform(folder, ["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    });

    step("loses none of its objects, and keeps the database's password", async () => {
      // A subnet that shared a route table has one of its own now: its association names another table.
      const identity = ({ type, id }: InventoryItem) =>
        `${type} ${type === "aws_route_table_association" ? id.split("/")[0] : id}`;
      const after = new Set((await local.emulator.inventory()).map(identity));
      const lost = before.filter((item) => item.type !== "aws_ecs_task_definition" && !after.has(identity(item)));
      expect(lost).toEqual([]);
      expect(await local.emulator.secret("skymanuals/database-password")).toBe(documentedPassword);
      const master = await local.emulator.secret("skymanuals/database-migration-url");
      const { username, password } = new URL(master);
      expect(`${username}:${password}`).toBe(`skymanuals_app:${documentedPassword}`);
      expect(await local.emulator.databaseTakes(master)).toBe(true);
    });

    step("gives the application a user of its own in the database that was there", async () => {
      const url = await local.emulator.secret("skymanuals/database-url");
      expect(new URL(url).username).toBe("skymanuals_api");
      expect(await local.emulator.databaseTakes(url)).toBe(true);
    });
  },
  () => local.remove(),
);
