import { BackupVault as AwsBackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { BackupVaultLockConfiguration } from "@cdktf/provider-aws/lib/backup-vault-lock-configuration";
import { BackupVaultPolicy } from "@cdktf/provider-aws/lib/backup-vault-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { backupVaultName } from "../facts/names";
import type { Deployment } from "./parts/deployment";
import { Key } from "./parts/key";
import { Output } from "./parts/output";
import { policyDocument } from "./parts/policy-document";

export interface VaultLock {
  readonly mode: "COMPLIANCE" | "GOVERNANCE";
  /** Days. The vault fails a job whose recovery point would be kept for a shorter or a longer time. */
  readonly minimumRetentionDays: number;
  readonly maximumRetentionDays: number;
  /** Days, 3 or more, after which a COMPLIANCE lock is final; null with GOVERNANCE. */
  readonly changeableForDays: number | null;
}

export interface BackupVaultProps {
  readonly deployment: Deployment;
  readonly vaultLock: VaultLock | null;
  /** Terraform refuses to plan the destruction of the vault and its key. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the vault with every recovery point in it. */
  readonly forceDestroy: boolean;
}

/**
 * The vault of the environment's backups, and of the copies that come from the region that it stands in for. Holds data. Nobody
 * deletes a recovery point before its time, unless everything may be deleted: the vault's policy denies it, and the lock refuses it.
 *
 * A copy that comes from another region is encrypted with the vault's key, and what is backed up here with the database's (AWS
 * Backup Developer Guide, "Encryption for backups in AWS Backup"). AWS Backup asks for the key in the name of its roles, which may create
 * grants: the account's statement is all that the key needs. Its price is in parts/key.ts; a vault costs what it holds.
 */
export class BackupVault extends Construct {
  readonly vault: AwsBackupVault;
  /** What has to be there before the first recovery point is. */
  readonly protections: readonly ITerraformDependable[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: BackupVaultProps,
  ) {
    super(scope, id);
    const { deployment, forceDestroy, preventDestroy } = props;
    const name = backupVaultName(deployment.prefix);
    const key = new Key(this, "backups", {
      deployment,
      description: "Recovery points that are copied from another region",
      preventDestroy,
    });
    this.vault = new AwsBackupVault(this, "aws_backup_vault.backups", {
      name,
      kmsKeyArn: key.arn,
      forceDestroy,
      tags: { Name: name },
      lifecycle: { preventDestroy },
    });
    this.protections = [...this.lock(), ...(forceDestroy ? [] : [this.denyDeletion()])];
    new Output(this, "backup_vault", this.vault.name, "Vault of the monthly backups of the database");
  }

  private lock(): ITerraformDependable[] {
    const { vaultLock } = this.props;
    return vaultLock === null
      ? []
      : [
          new BackupVaultLockConfiguration(this, "aws_backup_vault_lock_configuration.backups", {
            backupVaultName: this.vault.name,
            minRetentionDays: vaultLock.minimumRetentionDays,
            maxRetentionDays: vaultLock.maximumRetentionDays,
            // AWS reads the mode from this: without days GOVERNANCE, with days COMPLIANCE.
            changeableForDays: vaultLock.changeableForDays ?? undefined,
          }),
        ];
  }

  private denyDeletion(): ITerraformDependable {
    return new BackupVaultPolicy(this, "aws_backup_vault_policy.backups", {
      backupVaultName: this.vault.name,
      policy: policyDocument({
        Sid: "DenyDeletion",
        Effect: "Deny",
        Principal: "*",
        // Expiry by lifecycle is AWS Backup's own.
        Action: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
        Resource: ["*"],
      }),
    });
  }
}
