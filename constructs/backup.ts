import { BackupPlan } from "@cdktf/provider-aws/lib/backup-plan";
import { BackupRestoreTestingPlan } from "@cdktf/provider-aws/lib/backup-restore-testing-plan";
import { BackupRestoreTestingSelection } from "@cdktf/provider-aws/lib/backup-restore-testing-selection";
import { BackupSelection } from "@cdktf/provider-aws/lib/backup-selection";
import type { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { monthlyBackup, monthlyRestoreTest } from "../facts/backup";
import { backupPlanName, backupVaultName, databaseName, restoreTestName } from "../facts/names";
import type { BackupVault } from "./backup-vault";
import { Alarm, type AlarmProps, type Alerting, metricsOf } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { assumedBy } from "./parts/policy-document";

export interface BackupProps {
  readonly deployment: Deployment;
  readonly database: DbInstance;
  readonly vault: BackupVault;
  /** Days that each monthly snapshot is kept, and its copy. */
  readonly monthlyRetentionDays: number;
  /** Where the snapshots are copied to, besides: the vault of the environment with this prefix, in its region. Default: nowhere. */
  readonly copyTo?: { readonly region: string; readonly prefix: string };
  /** Hours that a restored database stays, for its validation; null: nothing is restored. */
  readonly restoreTestValidationHours: number | null;
  readonly alerting: Alerting;
}

/**
 * The long-term backups of the database: AWS Backup takes a snapshot on the first of each month, keeps it in the vault, copies it into
 * the region that stands in, and restores the newest one each month to see that it can be restored.
 *
 * One owner for each kind of backup. The restore to a point in time is RDS's: `backup_retention_period` in rds.ts. AWS Backup has no
 * continuous backup here: it would set that period to its own, and Terraform would set it back (AWS Backup Developer Guide,
 * "Continuous backups and point-in-time recovery"). Snapshots of RDS have no cold storage (as above, "Feature availability by
 * resource"). The chunks are not in the plan: S3 has versions, lock and replication of its own.
 *
 * Cost: a snapshot of RDS for PostgreSQL is 0.095 USD per GB and month, and holds what changed since the one before it (Amazon RDS
 * for PostgreSQL pricing, backup storage, us-east-1). 84 monthly snapshots of 100 GB of which a tenth changes come to some 88 USD a
 * month after seven years; a COMPLIANCE lock makes that a promise to pay. Copies cost the same again, and 0.02 USD per GB for their
 * way. A restore test is a database of the same class for its hours: db.r5.large for five hours, some 1.25 USD.
 *
 * Alarms and no notifications of the vault: its notifications tell of every job that ends, failed or not (as above, "Notification
 * options with AWS Backup": BACKUP_JOB_FAILED is deprecated). A month without any job has no metric; CloudWatch looks at seven days at
 * most.
 */
export class Backup extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: BackupProps,
  ) {
    super(scope, id);
    this.addPlan();
    // Also without a test: it is the role of a restore by hand.
    const role = this.addRole("restore", "AWSBackupServiceRolePolicyForRestores");
    if (props.restoreTestValidationHours !== null) {
      this.addRestoreTest(role, props.restoreTestValidationHours);
    }
    this.watch();
  }

  private get prefix(): string {
    return this.props.deployment.prefix;
  }

  private addPlan(): void {
    const { monthlyRetentionDays: deleteAfter, deployment, vault, copyTo } = this.props;
    const name = backupPlanName(this.prefix);
    const plan = new BackupPlan(this, "aws_backup_plan.monthly", {
      name,
      rule: [
        {
          ruleName: "monthly",
          targetVaultName: vault.vault.name,
          schedule: monthlyBackup.schedule,
          startWindow: monthlyBackup.startWindowMinutes,
          completionWindow: monthlyBackup.completionWindowMinutes,
          enableContinuousBackup: false,
          lifecycle: { deleteAfter },
          copyAction: copyTo && [
            {
              destinationVaultArn: `arn:aws:backup:${copyTo.region}:${deployment.accountId}:backup-vault:${backupVaultName(copyTo.prefix)}`,
              lifecycle: { deleteAfter },
            },
          ],
          recoveryPointTags: { Name: name },
        },
      ],
      tags: { Name: name },
      dependsOn: [...vault.protections],
    });
    new BackupSelection(this, "aws_backup_selection.database", {
      name: databaseName(this.prefix),
      planId: plan.id,
      iamRoleArn: this.addRole("backup", "AWSBackupServiceRolePolicyForBackup").arn,
      // Both: of the databases of this region, the one with this tag. Replicas have another.
      resources: [`arn:aws:rds:${deployment.region}:${deployment.accountId}:db:*`],
      condition: [{ stringEquals: [{ key: "aws:ResourceTag/Name", value: databaseName(this.prefix) }] }],
    });
  }

  /**
   * Of what AWS Backup assumes to back up, or to restore: the policies that it documents (AWS Backup Developer Guide, "Managed policies
   * for AWS Backup").
   */
  private addRole(label: "backup" | "restore", policy: string): IamRole {
    const name = `${this.prefix}-${label}`;
    const role = new IamRole(this, `aws_iam_role.${label}`, {
      name,
      assumeRolePolicy: assumedBy("backup.amazonaws.com"),
      tags: { Name: name },
    });
    new IamRolePolicyAttachment(this, `aws_iam_role_policy_attachment.${label}`, {
      role: role.name,
      policyArn: `arn:aws:iam::aws:policy/service-role/${policy}`,
    });
    new Output(this, `${label}_role_arn`, role.arn, `Role by which AWS Backup does its ${label} jobs`);
    return role;
  }

  private addRestoreTest(role: IamRole, validationWindowHours: number): void {
    const { database } = this.props;
    const name = restoreTestName(this.prefix);
    const plan = new BackupRestoreTestingPlan(this, "aws_backup_restore_testing_plan.monthly", {
      name,
      scheduleExpression: monthlyRestoreTest.schedule,
      startWindowHours: monthlyRestoreTest.startWindowHours,
      recoveryPointSelection: [
        {
          algorithm: "LATEST_WITHIN_WINDOW",
          includeVaults: [this.props.vault.vault.arn],
          // Stated: the provider reads the list back, and fails where it had none (provider 5.100.0).
          excludeVaults: [],
          recoveryPointTypes: ["SNAPSHOT"],
          selectionWindowDays: monthlyRestoreTest.selectionWindowDays,
        },
      ],
      tags: { Name: name },
    });
    new BackupRestoreTestingSelection(this, "aws_backup_restore_testing_selection.database", {
      name,
      restoreTestingPlanName: plan.name,
      iamRoleArn: role.arn,
      protectedResourceType: "RDS",
      protectedResourceArns: [database.arn],
      // Without these AWS Backup restores into the default VPC (AWS Backup Developer Guide, "Restore testing inferred metadata").
      restoreMetadataOverrides: {
        dbSubnetGroupName: database.dbSubnetGroupName,
        multiAz: "false",
        publiclyAccessible: "false",
        vpcSecurityGroupIds: Fn.jsonencode(database.vpcSecurityGroupIds),
      },
      validationWindowHours,
    });
    new Output(this, "restore_testing_plan", plan.name, "Restore testing plan of the monthly backups");
  }

  /** AWS Backup has its metrics in five minutes (Amazon CloudWatch User Guide, AWS/Backup, by BackupVaultName). */
  private watch(): void {
    const metric = metricsOf("AWS/Backup", { BackupVaultName: this.props.vault.vault.name }, 300);
    this.alarm("failed", "The monthly backup of the database has failed.", {
      expression: "FILL(failed, 0) + FILL(aborted, 0) + FILL(expired, 0)",
      metrics: {
        failed: metric("NumberOfBackupJobsFailed", "Sum"),
        aborted: metric("NumberOfBackupJobsAborted", "Sum"),
        expired: metric("NumberOfBackupJobsExpired", "Sum"),
      },
    });
    if (this.props.copyTo) {
      this.alarm(
        "copy_failed",
        "The monthly backup of the database was not copied into the other region.",
        metric("NumberOfCopyJobsFailed", "Sum"),
      );
    }
    if (this.props.restoreTestValidationHours !== null) {
      this.alarm(
        "restore_failed",
        "A backup of the database could not be restored.",
        metric("NumberOfRestoreJobsFailed", "Sum"),
      );
    }
  }

  private alarm(label: string, description: string, watch: AlarmProps["watch"]): void {
    new Alarm(this, `backup_${label}`, {
      ...this.props.alerting,
      severity: "ticket",
      description,
      watch,
      comparison: "above",
      threshold: 0,
      missingData: "notBreaching",
    });
  }
}
