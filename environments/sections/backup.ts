import { longestBackupDays, longestValidationHours, shortestGraceDays } from "../../facts/backup";
import { integer, number, oneOf, orNull, record, ruled } from "../validation/rules";

const coldStorage = 'remove it: RDS snapshots have no cold storage (AWS Backup, "Feature availability by resource")';

const graceDays = number(
  `a whole number of days from ${shortestGraceDays} to ${longestBackupDays}`,
  (days) =>
    (Number.isInteger(days) && days >= shortestGraceDays && days <= longestBackupDays) ||
    `use ${days > longestBackupDays ? longestBackupDays : shortestGraceDays}`,
  `a whole number of days from ${shortestGraceDays} to ${longestBackupDays}: AWS leaves 72 hours at least, in which the lock can be removed`,
);

const vaultLock = ruled(
  record({
    /**
     * GOVERNANCE: who may delete the lock can (`backup:DeleteBackupVaultLockConfiguration`), and then what it kept. COMPLIANCE: after
     * `changeableForDays` nobody can, the account's root user and AWS included, until every recovery point's time has come.
     */
    mode: oneOf(["COMPLIANCE", "GOVERNANCE"]),
    /** The vault fails a job whose recovery point would be kept for fewer days. */
    minimumRetentionDays: integer(1, longestBackupDays, "days"),
    /** The vault fails a job whose recovery point would be kept for more days, or for ever. */
    maximumRetentionDays: integer(1, longestBackupDays, "days"),
    /**
     * Days after the apply in which a COMPLIANCE lock can still be changed and removed: at least 3. The day on which they end is the lock
     * date, and final. null with GOVERNANCE: a lock with such days is AWS's COMPLIANCE mode.
     */
    changeableForDays: orNull(
      graceDays,
      `${shortestGraceDays} to ${longestBackupDays} days with COMPLIANCE, null with GOVERNANCE`,
    ),
  }),
  {
    reads: ["mode", "changeableForDays"],
    find: ({ mode, changeableForDays: days }) => [
      mode === "COMPLIANCE" &&
        days === null && {
          path: ["changeableForDays"],
          allowed: `${shortestGraceDays} days or more with COMPLIANCE: how long the lock can still be removed is stated`,
          fix: "use 30, or GOVERNANCE, which can always be removed",
        },
      mode === "GOVERNANCE" &&
        days !== null && {
          path: ["changeableForDays"],
          allowed: "null with GOVERNANCE: after such days AWS lets nobody remove a lock, which is COMPLIANCE",
          fix: 'use null, or mode: "COMPLIANCE" if nobody shall ever remove it',
        },
    ],
  },
  {
    reads: ["minimumRetentionDays", "maximumRetentionDays"],
    find: ({ minimumRetentionDays: minimum, maximumRetentionDays: maximum }) =>
      minimum > maximum && {
        path: ["minimumRetentionDays"],
        allowed: `at most maximumRetentionDays, ${maximum}: AWS refuses the lock, and no job could meet it`,
        fix: `use ${maximum}, or raise maximumRetentionDays`,
      },
  },
);

export const backup = ruled(
  record(
    {
      /**
       * Days that AWS Backup keeps the snapshot of the database of the first of each month: at least 2557, which cover any seven years,
       * unless everything may be deleted (`protection.forceDestroy`). A restore to a point in time is RDS's:
       * `database.backupRetentionDays`.
       */
      monthlyRetentionDays: integer(1, longestBackupDays, "days"),
      /** What keeps a recovery point from being deleted before its time; null: only the vault's policy, or nothing with `forceDestroy`. */
      vaultLock: orNull(
        vaultLock,
        "a lock: { mode, minimumRetentionDays, maximumRetentionDays, changeableForDays }, or null",
      ),
      /**
       * Each month the newest recovery point is restored. Hours that the restored database stays for a validation, 1 to 168; null: no
       * restore test.
       */
      restoreTestValidationHours: orNull(
        integer(1, longestValidationHours, "hours"),
        `1 to ${longestValidationHours} hours, or null for no restore test`,
      ),
    },
    {
      coldStorageAfterDays: coldStorage,
      moveToColdStorageAfterDays: coldStorage,
      continuousBackup: "remove it: RDS owns the restore to a point in time, database.backupRetentionDays",
      enableContinuousBackup: "remove it: RDS owns the restore to a point in time, database.backupRetentionDays",
    },
    "write backup: { monthlyRetentionDays: 2557, vaultLock: null, restoreTestValidationHours: null }",
  ),
  {
    reads: ["monthlyRetentionDays", "vaultLock"],
    find: ({ monthlyRetentionDays: days, vaultLock }) =>
      vaultLock !== null && [
        days < vaultLock.minimumRetentionDays && {
          path: ["monthlyRetentionDays"],
          allowed: `at least vaultLock.minimumRetentionDays, ${vaultLock.minimumRetentionDays}: the vault would fail every job`,
          fix: `use ${vaultLock.minimumRetentionDays}, or lower vaultLock.minimumRetentionDays`,
        },
        days > vaultLock.maximumRetentionDays && {
          path: ["monthlyRetentionDays"],
          allowed: `at most vaultLock.maximumRetentionDays, ${vaultLock.maximumRetentionDays}: the vault would fail every job`,
          fix: `use ${vaultLock.maximumRetentionDays}, or raise vaultLock.maximumRetentionDays`,
        },
      ],
  },
);
