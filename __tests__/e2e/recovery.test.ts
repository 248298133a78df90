import { PutObjectCommand } from "@aws-sdk/client-s3";
import { Progress } from "../../scripts/command/progress";
import { Stop } from "../../scripts/command/stop";
import { type Actions, type DrillResult, drill } from "../../scripts/recovery/drill";
import { withDatabase } from "../../scripts/recovery/evidence";
import { LocalRun } from "./support/local-run";
import { distribution, RecoveryPair } from "./support/recovery-pair";
import { story } from "./support/story";

const local = new LocalRun("recovery");
let pair: RecoveryPair;

function rehearse(id: string, actions: Partial<Actions> = {}): Promise<DrillResult> {
  return drill({
    id,
    primary: pair.primary,
    standby: pair.standby,
    connect: pair.connect,
    progress: new Progress({ write: () => {} }),
    stop: new Stop(),
    patience: 10,
    lose: (region) => local.emulator.loseRegion(region),
    giveBack: () => local.emulator.giveRegionsBack(),
    deploy: async () => {
      throw new Error("not deployed by this test");
    },
    ...actions,
  });
}

const steps = (result: DrillResult) => result.steps.map(({ step }) => step);

story(
  "a region is lost on the emulator, and what it held is found in another one",
  (step) => {
    step("a primary with a database and documents, and their copies", async () => {
      await local.startEmulator("production");
      pair = new RecoveryPair(local);
      await pair.create();
      pair.startRecording();
    });

    step("a drill whose region goes on answering fails, and says so", async () => {
      const result = await rehearse("answers", { lose: async () => {} });
      expect(result).toMatchObject({ ok: false, failures: [`lose: s3://${pair.primary.chunksBucket} still answers`] });
      expect(steps(result)).toEqual(["write", "copy"]);
    });

    step("a deployment that fails ends the drill, and the region is given back", async () => {
      const result = await rehearse("not-deployed");
      expect(result.failures).toEqual(["deploy: Error: not deployed by this test"]);
      expect(steps(result)).toEqual(["write", "copy", "lose", "backup"]);
      expect(await local.emulator.lostRegions()).toEqual([]);
    });

    step("row, chunks and an unbroken chain are found in the other region, and the name leads there", async () => {
      await pair.endRecording();
      pair.startRecording();
      const result = await rehearse("whole", { deploy: (backupArn) => pair.restore(backupArn) });
      expect(result).toMatchObject({ ok: true, failures: [] });
      expect(steps(result)).toEqual(["write", "copy", "lose", "backup", "deploy", "row", "chunks", "chain", "dns"]);
      expect(result.steps.at(-1)?.found).toBe(`api.skymanuals.com: d111111abcdef8.cloudfront.net -> ${distribution}`);
      expect(result.steps.find(({ step: name }) => name === "chain")?.found).toBe("9 records, every link holds");
      expect(result.databaseLossSeconds).toBe(0);
      expect(result.recoverySeconds).toBeGreaterThan(0);
    });

    step("a database that was restored before the drill has no row of it", async () => {
      await pair.endRecording();
      pair.startRecording();
      const result = await rehearse("restored-before", { deploy: async () => distribution });
      expect(result.failures).toEqual([
        `row: the database ${pair.standby.database} in us-west-2 has no row of this drill`,
      ]);
    });

    step("a record that is not as it was copied breaks the chain", async () => {
      await pair.endRecording();
      pair.startRecording();
      const { clients, auditBucket } = pair.standby;
      const Key = "custody/records/000000000002.json";
      await clients.s3.send(new PutObjectCommand({ Bucket: auditBucket, Key, Body: "{}" }));
      const result = await rehearse("broken", { deploy: () => deployWithRow("broken") });
      expect(result.failures).toEqual([`chain: s3://${auditBucket} is broken at record 2: more than one version`]);
      expect(steps(result).at(-1)).toBe("chunks");
    });

    step("chunks that are not copied fail the drill before the region is lost", async () => {
      await pair.endRecording();
      pair.startRecording();
      await pair.stopCopying(pair.primary.chunksBucket);
      const result = await rehearse("not-copied");
      expect(result.failures).toEqual([
        expect.stringMatching(
          /^copy: not copied: after 10 s still s3:\/\/production-skymanuals-chunks\/recovery-drill/,
        ),
      ]);
      expect(steps(result)).toEqual(["write"]);
    });
  },
  async () => {
    await pair?.endRecording();
    await local.remove();
  },
);

/** As if the database had been restored after the row was written. */
async function deployWithRow(id: string): Promise<string> {
  await withDatabase(pair.standby, pair.connect, (client) =>
    client.query("INSERT INTO recovery_drill (id) VALUES ($1)", [id]),
  );
  return distribution;
}
