import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { App } from "cdktf";
import { AlertTopics } from "../../../constructs/alert-topics";
import { AuditRecords } from "../../../constructs/audit-records";
import { custodyRoleArns } from "../../../constructs/custody";
import { Keys } from "../../../constructs/keys";
import type { Rds } from "../../../constructs/rds";
import { Replication } from "../../../constructs/replication";
import { S3 } from "../../../constructs/s3";
import type { Environment } from "../../../environments/environment";
import { production } from "../../../environments/production";
import { productionDr } from "../../../environments/production-dr";
import { databaseName } from "../../../facts/names";
import { Platform } from "../../../stacks/platform";
import { RootModule } from "../../../stacks/root-module";
import { changed } from "../../support/environments";

/** Everything of it may be deleted. */
function deletable(environment: Environment): Environment {
  return changed(environment, {
    backend: { type: "local" },
    audit: { lockMode: "GOVERNANCE" },
    protection: { preventDestroy: false, deletionProtection: false, finalSnapshot: false, forceDestroy: true },
  });
}

/** Production's buckets and keys, a bare database in place of its own, and what copies all of it. */
class PrimaryStack extends RootModule {
  constructor(app: App, config: Environment, replicationTimeControl: boolean) {
    super(app, "primary", config);
    const { accountId, region, names, protection } = config;
    if (config.recovery?.type !== "primary") {
      throw new Error(`${config.name} has no recovery region`);
    }
    this.addAws({ accountId, region, environment: config.name });
    const place = { prefix: names.prefix, environment: config.name, region, accountId };
    const keys = new Keys(this, "keys", { deployment: place, region, encryption: "customer-managed", ...protection });
    const deployment = { ...place, keys };
    const { alerting } = new AlertTopics(this, "alert-topics", {
      deployment,
      emails: { page: "page@example.com", ticket: "ticket@example.com", compliance: "compliance@example.com" },
      ...protection,
    });
    const instance = new DbInstance(this, "aws_db_instance.postgres", {
      identifier: databaseName(names.prefix),
      engine: "postgres",
      engineVersion: "15",
      instanceClass: "db.t3.medium",
      allocatedStorage: 20,
      storageEncrypted: true,
      username: "skymanuals",
      passwordWo: "of-the-emulator-only",
      passwordWoVersion: 1,
      backupRetentionPeriod: 7,
      skipFinalSnapshot: true,
    });
    new Replication(this, "replication", {
      deployment,
      standby: config.recovery,
      provider: this.providerIn(config.recovery.region),
      replicationTimeControl,
      storage: new S3(this, "s3", { deployment, bucketName: names.chunksBucket, ...config.storage, ...protection }),
      records: new AuditRecords(this, "audit-records", {
        deployment,
        bucketName: config.audit.bucket,
        writers: custodyRoleArns(deployment),
        ...config.audit,
        ...protection,
      }),
      database: { instance } as unknown as Rds,
      backupRetentionDays: 7,
      alerting,
    });
  }
}

/** Writes `<outdir>/stacks/skymanuals-production-dr`, the pilot light, and `<outdir>/stacks/primary`. */
export function synthesizePair(outdir: string, { replicationTimeControl }: { replicationTimeControl: boolean }): void {
  const app = new App({ outdir, stackTraces: false });
  new Platform(app, deletable(productionDr));
  new PrimaryStack(app, deletable(production), replicationTimeControl);
  app.synth();
}
