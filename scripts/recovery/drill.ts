import { DescribeDBInstanceAutomatedBackupsCommand } from "@aws-sdk/client-rds";
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import type { Connect } from "../../functions/bootstrap-database/connect";
import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import { verifyBucket } from "../custody/verify-bucket";
import { type Switched, switchName } from "./dns";
import {
  CheckFailed,
  type Chunk,
  copied,
  findChunks,
  findRow,
  recorded,
  withDatabase,
  writeChunks,
  writeRow,
} from "./evidence";
import { recoverySteps, type StepId } from "./objectives";
import type { Place } from "./place";

/** What a drill does to the world, besides asking AWS. */
export interface Actions {
  /** Takes a region away as a whole. */
  readonly lose: (region: string) => Promise<void>;
  readonly giveBack: () => Promise<void>;
  /**
   * Deploys the recovery environment with the database of this backup; CloudFront's name of its distribution.
   */
  readonly deploy: (backupArn: string) => Promise<string>;
}

export interface DrillOptions extends Actions {
  /** Its name in the report, the row and the chunks' keys. */
  readonly id: string;
  readonly primary: Place;
  readonly standby: Place;
  readonly connect: Connect;
  readonly progress: Progress;
  readonly stop: Stop;
  /** Seconds that recording and copying may take before the drill fails. */
  readonly patience: number;
}

export interface StepResult {
  readonly step: StepId;
  readonly title: string;
  readonly seconds: number;
  readonly found: string;
}

export interface DrillResult {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly began: string;
  readonly ok: boolean;
  /** Each begins with the step that failed. */
  readonly failures: readonly string[];
  readonly steps: readonly StepResult[];
  /** Seconds from the loss of the region until the last step was done. */
  readonly recoverySeconds: number;
  /** Seconds between the newest time that the database can be restored to and the loss; null where no backup was found. */
  readonly databaseLossSeconds: number | null;
  /** Seconds from the first write until all of it was in the other region. */
  readonly copySeconds: number | null;
}

const chunkCount = 3;

/**
 * Writes data, loses the primary's region, and finds the data again in the recovery region. What fails ends the drill, and stands in
 * `failures`; the region is given back whatever happens.
 *
 * @throws Stopped where it was asked to stop
 */
export async function drill(options: DrillOptions): Promise<DrillResult> {
  const { primary, standby, connect, stop, id } = options;
  const began = new Date();
  const steps: StepResult[] = [];
  const run = stepRunner(options, steps);
  let lostAt: Date | undefined;
  let latest: Date | undefined;
  let failure: string | undefined;
  try {
    const written = await run("write", `Write a row and ${chunkCount} chunks in ${primary.region}`, async () => {
      await writeRow(primary, connect, id);
      const chunks = await writeChunks(primary, id, chunkCount);
      const records = await recorded(primary, chunks, options.patience, stop);
      return { value: { chunks, records }, found: `1 row, ${chunks.length} chunks, ${records.length} custody records` };
    });
    await run("copy", `Wait until ${standby.region} has the copies`, async () => {
      await copied(primary, placesOf(primary, written), options.patience, stop);
      return { value: undefined, found: `${written.chunks.length + written.records.length} objects` };
    });
    await run("lose", `Lose ${primary.region}`, async () => {
      lostAt = new Date();
      await options.lose(primary.region);
      await refuses(primary, connect);
      return { value: undefined, found: "bucket, secrets and database refuse" };
    });
    const backup = await run("backup", `Find the database's backup in ${standby.region}`, async () => {
      const found = await findBackup(primary, standby);
      latest = found.latest;
      return { value: found, found: `${found.arn}, until ${found.latest.toISOString()}` };
    });
    const target = await run("deploy", `Deploy ${standby.environment}`, async () => {
      const name = await options.deploy(backup.arn);
      return { value: name, found: name };
    });
    await run("row", "Find the row", async () => {
      const at = await findRow(standby, connect, id);
      return { value: undefined, found: `written ${at.toISOString()}` };
    });
    await run("chunks", "Find the chunks", async () => {
      await findChunks(standby, written.chunks);
      return { value: undefined, found: `${written.chunks.length} versions, content as written` };
    });
    await run("chain", "Verify the chain of custody", async () => {
      const records = await chainOf(standby, written.records);
      return { value: undefined, found: `${records} records, every link holds` };
    });
    await run("dns", "Switch the name", async () => {
      const switched = await switchedName(options, target);
      return {
        value: undefined,
        found: switched ? `${switched.name}: ${switched.from} -> ${switched.to}` : "no domain: nothing to switch",
      };
    });
  } catch (error) {
    stop.throwIfRequested();
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    await options.giveBack();
  }
  const counted = steps.filter(({ step }) => recoverySteps.includes(step));
  return {
    id,
    began: began.toISOString(),
    ok: failure === undefined,
    failures: failure === undefined ? [] : [failure],
    steps,
    recoverySeconds: counted.reduce((sum, { seconds }) => sum + seconds, 0),
    databaseLossSeconds: lostAt && latest ? Math.max(0, (lostAt.getTime() - latest.getTime()) / 1000) : null,
    copySeconds: steps.find(({ step }) => step === "copy")?.seconds ?? null,
  };
}

type Run = <T>(
  step: StepId,
  title: string,
  work: () => Promise<{ readonly value: T; readonly found: string }>,
) => Promise<T>;

/** Measures each step and keeps what it found. Its errors begin with the step's name. */
function stepRunner({ progress, stop }: DrillOptions, steps: StepResult[]): Run {
  return async (step, title, work) => {
    stop.throwIfRequested();
    const started = performance.now();
    try {
      const { value, found } = await progress.step(title, work, (done) => `${title}: ${done.found}`);
      steps.push({ step, title, seconds: (performance.now() - started) / 1000, found });
      return value;
    } catch (error) {
      stop.throwIfRequested();
      const reason =
        error instanceof CheckFailed ? error.message : `${(error as Error).name}: ${(error as Error).message}`;
      throw new Error(`${step}: ${reason}`, { cause: error });
    }
  };
}

function placesOf(
  place: Place,
  { chunks, records }: { readonly chunks: readonly Chunk[]; readonly records: readonly string[] },
) {
  return [
    ...chunks.map(({ key }) => ({ bucket: place.chunksBucket, key })),
    ...records.map((key) => ({ bucket: place.auditBucket, key })),
  ];
}

/** The region must be gone for a drill to mean anything. */
async function refuses(place: Place, connect: Connect): Promise<void> {
  const questions: readonly [string, () => Promise<unknown>][] = [
    [`s3://${place.chunksBucket}`, () => place.clients.s3.send(new HeadBucketCommand({ Bucket: place.chunksBucket }))],
    [`the database ${place.database}`, () => withDatabase(place, connect, async (client) => client.query("SELECT 1"))],
  ];
  for (const [name, ask] of questions) {
    const answered = await ask().then(
      () => true,
      () => false,
    );
    if (answered) {
      throw new CheckFailed(`${name} still answers`);
    }
  }
}

/** The replicated backups of the primary's database, and until when they reach. */
async function findBackup(primary: Place, standby: Place): Promise<{ readonly arn: string; readonly latest: Date }> {
  const { DBInstanceAutomatedBackups = [] } = await standby.clients.rds.send(
    new DescribeDBInstanceAutomatedBackupsCommand({}),
  );
  const found = DBInstanceAutomatedBackups.find(
    ({ DBInstanceIdentifier, Region, DBInstanceAutomatedBackupsArn }) =>
      DBInstanceIdentifier === primary.database && Region === primary.region && DBInstanceAutomatedBackupsArn,
  );
  const { DBInstanceAutomatedBackupsArn: arn, RestoreWindow } = found ?? {};
  if (arn === undefined || RestoreWindow?.LatestTime === undefined) {
    throw new CheckFailed(
      `${standby.region} has no automated backup of ${primary.database} of ${primary.region}: is its replication on?`,
    );
  }
  return { arn, latest: RestoreWindow.LatestTime };
}

/**
 * How many records the copied chain has.
 *
 * @throws CheckFailed where a link is broken, or a record of the drill is not in it
 */
async function chainOf(standby: Place, records: readonly string[]): Promise<number> {
  // Not the objects: a record names the version in the primary's bucket, which is lost. The chunks were compared before.
  const report = await verifyBucket(standby.clients.s3, standby.auditBucket, { objects: false });
  if (report.broken) {
    const { sequence, problem } = report.broken;
    throw new CheckFailed(`s3://${standby.auditBucket} is broken at record ${sequence}: ${problem}`);
  }
  const last = [...records].sort().at(-1) ?? "";
  const sequence = Number(/(\d+)\.json$/.exec(last)?.[1]);
  if (!(report.records >= sequence)) {
    throw new CheckFailed(`s3://${standby.auditBucket} ends at record ${report.records}, before ${last}`);
  }
  return report.records;
}

async function switchedName({ primary, standby, stop }: DrillOptions, target: string): Promise<Switched | undefined> {
  return primary.name ? switchName(standby.clients.route53, primary.name, target, stop) : undefined;
}
