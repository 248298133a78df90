import * as v from "valibot";
import { parseDatabaseBackup } from "../../facts/names";
import { flag, oneOf, orNull, record, suggestion, text } from "../validation/rules";
import { region } from "./identity";
import { bucketName, namePrefix } from "./names";

const environmentName = text(
  "the name of an environment of this account, such as production-dr",
  (name) => /^[a-z][a-z0-9-]*$/.test(name) || "write the environment's name, such as production-dr",
);

const databaseBackup = text(
  "the ARN of an automated backup or a snapshot: arn:aws:rds:<region>:<12 digits>:auto-backup:ab-<id> or ...:snapshot:<name>",
  (arn) =>
    parseDatabaseBackup(arn) !== undefined ||
    "copy it from the primary's output database_backup_arn, or from `aws rds describe-db-instance-automated-backups`",
);

const instant = text("a time in UTC, such as 2026-11-25T12:00:00Z", (time) => {
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(time) && !Number.isNaN(Date.parse(time));
  return isInstant || 'write it as "2026-11-25T12:00:00Z", or null for the latest that there is';
});

/** What a field of the other kind is answered with. */
function fieldsOf(type: "primary" | "standby", fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, `remove it: ${field} belongs to type "${type}"`]));
}

const primary = record(
  {
    /** What it holds is copied into another region, for the environment that stands in for it. */
    type: v.literal("primary"),
    /** The environment that stands in for this one. Its pilot light is applied before this one copies to it. */
    standby: environmentName,
    /** The region of that environment. */
    region,
    /** `names.prefix` of that environment: its keys are `alias/<prefix>-<purpose>`. */
    prefix: namePrefix,
    /** Where the chunks are copied to: `names.chunksBucket` of that environment. */
    chunksBucket: bucketName,
    /** Where the custody records are copied to: `audit.bucket` of that environment. */
    auditBucket: bucketName,
    /**
     * true: S3 copies 99.9 % of new objects within 15 minutes, by its service level agreement, for 0.015 USD a GB, and an alarm
     * follows after 15 minutes. false: most within minutes, without a promise, and an alarm after an hour.
     */
    replicationTimeControl: flag,
  },
  fieldsOf("standby", ["primary", "state", "backupArn", "restoreTime"]),
);

const standby = record(
  {
    /** It stands in for another environment. */
    type: v.literal("standby"),
    /** The environment that it stands in for. */
    primary: environmentName,
    /** `names.prefix` of that environment: its role `<prefix>-replication` copies to this one, and no other may. */
    prefix: namePrefix,
    /**
     * `pilot-light`: only what must be there before that region is lost: the buckets that are copied to, the keys, the names and
     * their certificates. `serving`: the whole platform, beside what stands, with the database of `backupArn`. Going back to
     * `pilot-light` destroys the platform.
     */
    state: oneOf(["pilot-light", "serving"]),
    /**
     * What the database is restored from when it is created, and never read again afterwards: the automated backup that the primary's
     * output `database_backup_arn` names, or a snapshot in this region. null: none yet.
     */
    backupArn: orNull(databaseBackup, "the ARN of an automated backup or a snapshot in this region, or null"),
    /** The time, in UTC, that an automated backup is restored to, such as `2026-11-25T12:00:00Z`; null for the latest that there is. */
    restoreTime: orNull(instant, "a time in UTC, or null for the latest that there is"),
  },
  fieldsOf("primary", ["standby", "region", "chunksBucket", "auditBucket", "replicationTimeControl"]),
);

/** An environment whose data is copied to another region. */
export type RecoveryPrimary = v.InferOutput<typeof primary>;

/** An environment in another region that stands in. */
export type RecoveryStandby = v.InferOutput<typeof standby>;

const types = '"primary" or "standby"';

export const recovery = orNull(
  v.variant(
    "type",
    [primary, standby] as unknown as [v.LooseObjectSchema<{ type: v.LiteralSchema<string, undefined> }, undefined>],
    (issue) =>
      issue.path
        ? types + suggestion(issue.input, ["primary", "standby"])
        : `an object with type ${types}, or null where no region stands in`,
  ) as unknown as v.GenericSchema<RecoveryPrimary | RecoveryStandby>,
  `an object with type ${types}, or null where no region stands in`,
);
