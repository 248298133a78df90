/** Facts of AWS Backup that the schema and the constructs share, each with its source. */

/** Longest retention in days. Source: AWS Backup API, StartBackupJob and PutBackupVaultLockConfiguration (100 years). */
export const longestBackupDays = 36_500;

/**
 * Days in which a COMPLIANCE lock can still be changed and removed, at least. Source: AWS Backup API,
 * PutBackupVaultLockConfiguration, ChangeableForDays: "enforces a 72-hour cooling-off period".
 */
export const shortestGraceDays = 3;

/**
 * Longest validation of a restore test in hours; the shortest is 1. Source: AWS Backup API, RestoreTestingSelectionForCreate,
 * ValidationWindowHours, of which the provider takes no 0 (hashicorp/aws 5.100.0, "must be between 1 and 168").
 */
export const longestValidationHours = 168;

/**
 * 20:00 UTC on the first of the month, begun by 21:00, done by 01:00. RDS takes no snapshot for AWS Backup in or shortly before its
 * backup window, 03:00 to 04:00, nor its maintenance window after it: "Backup job could not start because it is either inside or too
 * close to the automated backup window configured in RDS instance". The field keeps four hours between them.
 */
export const monthlyBackup = {
  schedule: "cron(0 20 1 * ? *)",
  startWindowMinutes: 60,
  completionWindowMinutes: 300,
} as const;

/** Two days after the snapshot, in the morning (UTC), of the newest recovery point of a month and its longest delay. */
export const monthlyRestoreTest = {
  schedule: "cron(0 6 3 * ? *)",
  startWindowHours: 4,
  selectionWindowDays: 35,
} as const;
