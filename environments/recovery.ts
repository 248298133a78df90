import { parseDatabaseBackup } from "../facts/names";
import type { Environment } from "./environment";
import type { CrossRule } from "./validation/rules";

/** Whether only what must be there before the other region is lost stands: the data and its keys. */
export function isPilotLight({ recovery }: Pick<Environment, "recovery">): boolean {
  return recovery?.type === "standby" && recovery.state === "pilot-light";
}

/** The recovery region is another one, and what is copied to is somewhere else. */
const elsewhere: CrossRule<Environment> = {
  reads: ["recovery", "region", "names.prefix", "names.chunksBucket", "audit.bucket"],
  find: ({ recovery, region, names, audit }) => {
    if (recovery?.type !== "primary") {
      return [];
    }
    return [
      recovery.region === region && {
        path: ["recovery", "region"],
        allowed: `another region than ${region}: what is lost with the region must be elsewhere`,
        fix: `use ${region === "us-west-2" ? "us-east-1" : "us-west-2"}, the region of ${recovery.standby}`,
      },
      recovery.prefix === names.prefix && {
        path: ["recovery", "prefix"],
        allowed: `another prefix than ${names.prefix}: roles and the budget have one name in all regions`,
        fix: `use ${names.prefix}-dr`,
      },
      recovery.chunksBucket === names.chunksBucket && {
        path: ["recovery", "chunksBucket"],
        allowed: "another bucket than names.chunksBucket",
        fix: `name the bucket of ${recovery.standby}`,
      },
      recovery.auditBucket === audit.bucket && {
        path: ["recovery", "auditBucket"],
        allowed: "another bucket than audit.bucket",
        fix: `name the bucket of ${recovery.standby}`,
      },
    ];
  },
};

/** What stands in must be planned while the first region is down, and be restored from what this region has. */
const standingIn: CrossRule<Environment> = {
  reads: ["recovery", "region", "accountId", "backend", "encryption"],
  find: ({ recovery, region, accountId, backend, encryption }) => {
    if (recovery?.type !== "standby") {
      return [];
    }
    const { state, backupArn, restoreTime } = recovery;
    const backup = backupArn === null ? undefined : parseDatabaseBackup(backupArn);
    return [
      backend.type === "s3" &&
        backend.region !== region && {
          path: ["backend", "region"],
          allowed: `${region}, the environment's own: a state in the region that is lost cannot be read on the day`,
          fix: `use the state bucket of the account's entry in ${region}`,
        },
      encryption !== "customer-managed" && {
        path: ["encryption"],
        allowed:
          "customer-managed where recovery is of type standby: backups, and objects under a KMS key, are copied under keys of the copy's region",
        fix: "use customer-managed",
      },
      state === "serving" &&
        backupArn === null && {
          path: ["recovery", "backupArn"],
          allowed: "an automated backup or a snapshot, where state is serving: the database is restored from it",
          fix: `copy it from \`aws rds describe-db-instance-automated-backups --region ${region}\``,
        },
      backup !== undefined &&
        backup.region !== region && {
          path: ["recovery", "backupArn"],
          allowed: `a backup in ${region}: a database is restored in the region of its backup`,
          fix: `copy it from \`aws rds describe-db-instance-automated-backups --region ${region}\``,
        },
      backup !== undefined &&
        backup.accountId !== accountId && {
          path: ["recovery", "backupArn"],
          allowed: `a backup of account ${accountId}`,
          fix: "copy it with the credentials of that account",
        },
      restoreTime !== null &&
        backup?.kind !== "auto-backup" && {
          path: ["recovery", "restoreTime"],
          allowed: "null, but for an automated backup in backupArn: a snapshot has one time only",
          fix: "set restoreTime: null, or name an automated backup",
        },
    ];
  },
};

export const recoveryRules: readonly CrossRule<Environment>[] = [elsewhere, standingIn];
