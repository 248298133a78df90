import type { Promised } from "../constructs/account/conformance-pack";
import type { Environment } from "../environments/environment";
import { logGroupRetentionDays } from "../facts/retention";

/** What an environment promises, as far as a rule of AWS Config can ask for it. */
export function promisedBy(environment: Environment): Promised {
  const { name, names, audit, network, edge, database, redis, size } = environment;
  return {
    environment: name,
    chunksBucket: names.chunksBucket,
    auditBucket: audit.bucket,
    auditLockMode: audit.lockMode,
    flowLogs: network.flowLogRetentionDays !== null,
    logRetentionDays: Math.min(
      logGroupRetentionDays,
      network.flowLogRetentionDays ?? logGroupRetentionDays,
      edge.logRetentionDays,
    ),
    databaseBackupRetentionDays: database.backupRetentionDays,
    // A read replica lies in one zone.
    databaseMultiAz: size.databaseMultiAz && size.databaseReadReplicas === 0,
    redisSnapshotRetentionDays: redis.snapshotRetentionDays,
  };
}
