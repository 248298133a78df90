import { join } from "node:path";
import {
  BackupClient,
  DeleteRecoveryPointCommand,
  DescribeBackupJobCommand,
  DescribeRestoreJobCommand,
  ListCopyJobsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  ListRestoreJobsCommand,
  StartBackupJobCommand,
} from "@aws-sdk/client-backup";
import { development } from "../../environments/development";
import { backupPlanName, backupVaultName, databaseName, restoreTestName } from "../../facts/names";
import { type BackupSettings, synthesizeBackup } from "./support/backup-stack";
import { waitFor } from "./support/command";
import type { Listener } from "./support/emulator-control";
import { LocalRun } from "./support/local-run";
import { StackFolder } from "./support/stack-folder";
import { story } from "./support/story";

const local = new LocalRun("backup");
const outdir = join(local.folder("synth"), "cdktf.out");
const { accountId, region, names } = development;
const vault = backupVaultName(names.prefix);
const database = `arn:aws:rds:${region}:${accountId}:db:${databaseName(names.prefix)}`;
const locked: BackupSettings = {
  monthlyRetentionDays: 2557,
  vaultLock: {
    mode: "GOVERNANCE",
    minimumRetentionDays: 2557,
    maximumRetentionDays: 3653,
    changeableForDays: null,
  },
  restoreTestValidationHours: 1,
  copyTo: { region: "us-west-2", prefix: "no-such" },
  forceDestroy: false,
};

const stack = new StackFolder(local, outdir, "backup");

let backup: BackupClient;
let listener: Listener;
let restored: string;

/** The job when it has ended, within a minute. */
const ended = <T extends { readonly State?: string; readonly Status?: string }>(ask: () => Promise<T>) =>
  waitFor(
    "the job to end",
    async () => {
      const job = await ask();
      return ["COMPLETED", "FAILED"].includes(job.State ?? job.Status ?? "") ? job : undefined;
    },
    { timeoutMs: 60_000 },
  );

const job = (BackupJobId?: string) => ended(() => backup.send(new DescribeBackupJobCommand({ BackupJobId })));

async function points() {
  const { RecoveryPoints = [] } = await backup.send(
    new ListRecoveryPointsByBackupVaultCommand({ BackupVaultName: vault }),
  );
  return RecoveryPoints;
}

story(
  "the monthly backup of a database, applied",
  (step) => {
    step("vault, lock, plan and restore test are applied, and planned to nothing", async () => {
      await local.startEmulator("development");
      backup = new BackupClient({
        endpoint: local.emulator.url,
        region,
        credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" },
      });
      synthesizeBackup(outdir, locked);
      await stack.init();
      await stack.apply();
      await stack.expectEmptyPlan();
    });

    step("the plan takes a snapshot of the database, which stays for seven years", async () => {
      listener = await local.emulator.listen(`arn:aws:sns:${region}:${accountId}:${names.prefix}-ticket-alerts`);
      const [id] = await local.emulator.comesDue(region, backupPlanName(names.prefix));
      expect(await job(id)).toMatchObject({ State: "COMPLETED", ResourceArn: database });
      expect(await points()).toMatchObject([{ ResourceArn: database, Lifecycle: { DeleteAfterDays: 2557 } }]);
    });

    step("neither lock nor policy let anybody delete it", async () => {
      const [point] = await points();
      await expect(
        backup.send(
          new DeleteRecoveryPointCommand({ BackupVaultName: vault, RecoveryPointArn: point?.RecoveryPointArn }),
        ),
      ).rejects.toMatchObject({ name: "AccessDeniedException" });
      expect(await points()).toHaveLength(1);
    });

    step("a copy into a vault that is not there, and a job that the lock refuses, are heard", async () => {
      await ended(async () => (await backup.send(new ListCopyJobsCommand({}))).CopyJobs?.[0] ?? {});
      const { CopyJobs = [] } = await backup.send(new ListCopyJobsCommand({}));
      expect(CopyJobs).toMatchObject([{ State: "FAILED", StatusMessage: expect.stringContaining("no-such-backups") }]);
      const { BackupJobId } = await backup.send(
        new StartBackupJobCommand({
          BackupVaultName: vault,
          ResourceArn: database,
          IamRoleArn: `arn:aws:iam::${accountId}:role/${names.prefix}-backup`,
          Lifecycle: { DeleteAfterDays: 30 },
        }),
      );
      expect(await job(BackupJobId)).toMatchObject({ State: "FAILED" });
      const heard = (await listener.messages()).map(({ message }) => JSON.parse(message));
      expect(heard).toMatchObject([
        { AlarmName: `${names.prefix}-backup-copy-failed`, NewStateValue: "ALARM" },
        { AlarmName: `${names.prefix}-backup-failed`, NewStateValue: "ALARM" },
      ]);
      await listener.close();
    });

    step("the restore test restores it, and its duration can be read", async () => {
      const [RestoreJobId] = await local.emulator.comesDue(region, restoreTestName(names.prefix));
      const done = await ended(() => backup.send(new DescribeRestoreJobCommand({ RestoreJobId })));
      expect(done).toMatchObject({ Status: "COMPLETED", ResourceType: "RDS" });
      const { RestoreJobs = [] } = await backup.send(
        new ListRestoreJobsCommand({ ByRestoreTestingPlanArn: done.CreatedBy?.RestoreTestingPlanArn }),
      );
      expect(RestoreJobs).toHaveLength(1);
      expect(Number(RestoreJobs[0]?.CompletionDate)).toBeGreaterThan(Number(RestoreJobs[0]?.CreationDate));
      expect(done.ValidationStatus).toBe("VALIDATING");
      restored = (done.CreatedResourceArn ?? "").split(":").at(-1) ?? "";
    });

    step("without lock and with forceDestroy everything goes, the recovery point too", async () => {
      synthesizeBackup(outdir, { ...locked, vaultLock: null, copyTo: undefined, forceDestroy: true });
      await stack.apply();
      await stack.destroy();
      // AWS Backup deletes it after the hour of its validation.
      expect(await local.emulator.inventory()).toMatchObject([{ type: "aws_db_instance", id: restored }]);
    });
  },
  () => local.remove(),
);
