import { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { DbSubnetGroup } from "@cdktf/provider-aws/lib/db-subnet-group";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { App } from "cdktf";
import { AlertTopics } from "../../../constructs/alert-topics";
import { Backup, type BackupProps } from "../../../constructs/backup";
import { BackupVault, type BackupVaultProps } from "../../../constructs/backup-vault";
import { development } from "../../../environments/development";
import { databaseName } from "../../../facts/names";
import { RootModule } from "../../../stacks/root-module";

const { accountId, region, names, name: environment, zones, alerts, complianceEmail } = development;

export type BackupSettings = Pick<BackupProps, "monthlyRetentionDays" | "restoreTestValidationHours" | "copyTo"> &
  Pick<BackupVaultProps, "vaultLock" | "forceDestroy">;

/** A database, the topics and its backups. */
class BackupStack extends RootModule {
  constructor(app: App, settings: BackupSettings) {
    super(app, "backup", development);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
    const deployment = { prefix: names.prefix, environment, region, accountId };
    const emails = { page: alerts.pageEmail, ticket: alerts.ticketEmail, compliance: complianceEmail };
    const { alerting } = new AlertTopics(this, "alert-topics", { deployment, emails, preventDestroy: false });
    const identifier = databaseName(names.prefix);
    const vpc = new Vpc(this, "aws_vpc.skymanuals", { cidrBlock: "10.0.0.0/16" });
    const subnets = zones.map(
      (availabilityZone, index) =>
        new Subnet(this, `aws_subnet.private_${index}`, {
          vpcId: vpc.id,
          cidrBlock: `10.0.${index}.0/24`,
          availabilityZone,
        }),
    );
    const group = new SecurityGroup(this, "aws_security_group.rds", { vpcId: vpc.id });
    const database = new DbInstance(this, "aws_db_instance.postgres", {
      identifier,
      engine: "postgres",
      engineVersion: "15",
      instanceClass: "db.t3.micro",
      allocatedStorage: 20,
      storageEncrypted: true,
      username: "skymanuals",
      password: "of-a-test-only",
      dbSubnetGroupName: new DbSubnetGroup(this, "aws_db_subnet_group.skymanuals", {
        subnetIds: subnets.map(({ id }) => id),
      }).name,
      vpcSecurityGroupIds: [group.id],
      skipFinalSnapshot: true,
      tags: { Name: identifier },
    });
    const vault = new BackupVault(this, "backup-vault", { deployment, ...settings, preventDestroy: false });
    new Backup(this, "backup", { deployment, database, vault, ...settings, alerting });
  }
}

/** Writes `<outdir>/stacks/backup`. */
export function synthesizeBackup(outdir: string, settings: BackupSettings): void {
  const app = new App({ outdir, stackTraces: false });
  new BackupStack(app, settings);
  app.synth();
}
