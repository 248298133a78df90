import { join } from "node:path";
import { production } from "../../environments/production";
import { productionDr } from "../../environments/production-dr";
import { LocalRun } from "./support/local-run";
import { synthesizePair } from "./support/replication-stack";
import { StackFolder } from "./support/stack-folder";
import { story } from "./support/story";

const local = new LocalRun("replication");
const outdir = join(local.folder("synth"), "cdktf.out");
const pilot = new StackFolder(local, outdir, "skymanuals-production-dr");
const primary = new StackFolder(local, outdir, "primary");
const chunks = `/${production.names.chunksBucket}/manuals/1`;
const copy = `/${productionDr.names.chunksBucket}/manuals/1`;

async function apply(stack: StackFolder): Promise<string> {
  const { stdout, stderr } = await stack.apply();
  expect(stderr).toBe("");
  return stdout;
}

story(
  "what a pilot light holds, and what copies to it",
  (step) => {
    step(
      "the pilot light is applied first, and nothing is left to change",
      async () => {
        await local.startEmulator("production");
        synthesizePair(outdir, { replicationTimeControl: true });
        await pilot.init();
        await apply(pilot);
        await pilot.expectEmptyPlan();
      },
      300,
    );

    step(
      "then the primary, and nothing is left to change",
      async () => {
        await primary.init();
        await apply(primary);
        await primary.expectEmptyPlan();
      },
      400,
    );

    step(
      "a chunk is copied under the key of the recovery region",
      async () => {
        expect((await local.emulator.s3("PUT", chunks, "a chunk")).status).toBe(200);
        const found = await local.emulator.s3("GET", copy);
        expect([found.status, await found.text()]).toEqual([200, "a chunk"]);
        expect(found.headers.get("x-amz-replication-status")).toBe("REPLICA");
        expect(found.headers.get("x-amz-server-side-encryption-aws-kms-key-id")).toContain(":us-west-2:");
      },
      30,
    );

    step(
      "what is deleted stays in the copy",
      async () => {
        expect((await local.emulator.s3("DELETE", chunks)).status).toBe(204);
        expect((await local.emulator.s3("GET", chunks)).status).toBe(404);
        expect((await local.emulator.s3("GET", copy)).status).toBe(200);
      },
      30,
    );

    step(
      "time control is switched off in place",
      async () => {
        synthesizePair(outdir, { replicationTimeControl: false });
        expect(await apply(primary)).toContain("0 added, 4 changed, 0 destroyed");
        await primary.expectEmptyPlan();
      },
      200,
    );
  },
  () => local.remove(),
);
