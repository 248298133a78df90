import { development } from "../../environments/development";
import { productionDr } from "../../environments/production-dr";
import { at } from "../support/blocks";
import { changed, synthesizeProduction } from "../support/environments";
import { synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const vault = "${aws_backup_vault.backups.name}";

test("a vault with a key of its own, which Terraform does not destroy", () => {
  expect(stack.resource("aws_backup_vault.backups")).toEqual({
    name: "skymanuals-backups",
    kms_key_arn: "${aws_kms_key.backups.arn}",
    force_destroy: false,
    tags: { Name: "skymanuals-backups" },
    lifecycle: { prevent_destroy: true },
  });
  expect(stack.resource("aws_kms_key.backups")).toMatchObject({
    enable_key_rotation: true,
    lifecycle: { prevent_destroy: true },
  });
  expect(small.resource("aws_backup_vault.backups")).toMatchObject({
    force_destroy: true,
    lifecycle: { prevent_destroy: false },
  });
});

test("C4: one rule, on the first of each month, kept for any seven years; no continuous backup and no cold storage", () => {
  expect(stack.resource("aws_backup_plan.monthly")).toEqual({
    name: "skymanuals-monthly",
    rule: [
      {
        rule_name: "monthly",
        target_vault_name: vault,
        schedule: "cron(0 20 1 * ? *)",
        start_window: 60,
        completion_window: 300,
        enable_continuous_backup: false,
        lifecycle: { delete_after: 2557 },
        copy_action: [
          {
            destination_vault_arn:
              "arn:aws:backup:us-west-2:${data.aws_caller_identity.current.account_id}:backup-vault:skymanuals-dr-backups",
            lifecycle: { delete_after: 2557 },
          },
        ],
        recovery_point_tags: { Name: "skymanuals-monthly" },
      },
    ],
    tags: { Name: "skymanuals-monthly" },
    depends_on: ["aws_backup_vault_lock_configuration.backups", "aws_backup_vault_policy.backups"],
  });
  expect(stack.resource("aws_db_instance.postgres")).toMatchObject({ backup_retention_period: 7 });
});

test("of the databases of the region, the one that has its name as tag", () => {
  expect(stack.resource("aws_backup_selection.database")).toEqual({
    name: "skymanuals-postgres",
    plan_id: "${aws_backup_plan.monthly.id}",
    iam_role_arn: "${aws_iam_role.backup.arn}",
    resources: ["arn:aws:rds:${var.aws_region}:${data.aws_caller_identity.current.account_id}:db:*"],
    condition: [{ string_equals: [{ key: "aws:ResourceTag/Name", value: "skymanuals-postgres" }] }],
  });
  const tagged = (name: string) => at(stack.resource(`aws_db_instance.${name}`), "tags.Name");
  expect(tagged("postgres")).toBe("skymanuals-postgres");
});

test("a lock without days is GOVERNANCE; production has it so until somebody states the days", () => {
  const address = "aws_backup_vault_lock_configuration.backups";
  expect(stack.resource(address)).toEqual({
    backup_vault_name: vault,
    min_retention_days: 2557,
    max_retention_days: 3653,
  });
  expect(small.has(address)).toBe(false);
  const final = synthesizeProduction({
    backup: {
      vaultLock: {
        mode: "COMPLIANCE",
        minimumRetentionDays: 2557,
        maximumRetentionDays: 3653,
        changeableForDays: 30,
      },
    },
  });
  expect(final.resource(address)).toMatchObject({ changeable_for_days: 30 });
});

test("nobody deletes or shortens a recovery point, but in an environment that may be destroyed", () => {
  expect(stack.statements("aws_backup_vault_policy.backups")).toEqual([
    {
      Sid: "DenyDeletion",
      Effect: "Deny",
      Principal: "*",
      Action: ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
      Resource: ["*"],
    },
  ]);
  expect(small.has("aws_backup_vault_policy.backups")).toBe(false);
});

test("the newest recovery point of a month is restored, in the database's subnets and group", () => {
  expect(stack.resource("aws_backup_restore_testing_plan.monthly")).toEqual({
    name: "skymanuals_restore_test",
    schedule_expression: "cron(0 6 3 * ? *)",
    start_window_hours: 4,
    recovery_point_selection: [
      {
        algorithm: "LATEST_WITHIN_WINDOW",
        include_vaults: ["${aws_backup_vault.backups.arn}"],
        exclude_vaults: [],
        recovery_point_types: ["SNAPSHOT"],
        selection_window_days: 35,
      },
    ],
    tags: { Name: "skymanuals_restore_test" },
  });
  expect(stack.resource("aws_backup_restore_testing_selection.database")).toEqual({
    name: "skymanuals_restore_test",
    restore_testing_plan_name: "${aws_backup_restore_testing_plan.monthly.name}",
    iam_role_arn: "${aws_iam_role.restore.arn}",
    protected_resource_type: "RDS",
    protected_resource_arns: ["${aws_db_instance.postgres.arn}"],
    restore_metadata_overrides: {
      dbSubnetGroupName: "${aws_db_instance.postgres.db_subnet_group_name}",
      multiAz: "false",
      publiclyAccessible: "false",
      vpcSecurityGroupIds: "${jsonencode(tolist(aws_db_instance.postgres.vpc_security_group_ids))}",
    },
    validation_window_hours: 4,
  });
});

test("without a restore test there is none, and no alarm of it, but the role of a restore by hand", () => {
  const none = synthesizePlatform(changed(development, { backup: { restoreTestValidationHours: null } }));
  for (const address of [
    "aws_backup_restore_testing_plan.monthly",
    "aws_backup_restore_testing_selection.database",
    "aws_cloudwatch_metric_alarm.backup_restore_failed",
  ]) {
    expect(none.has(address)).toBe(false);
  }
  expect(none.has("aws_iam_role.restore")).toBe(true);
});

test.each([
  ["backup", "AWSBackupServiceRolePolicyForBackup"],
  ["restore", "AWSBackupServiceRolePolicyForRestores"],
])("the role %s has the policy that AWS documents, and no other", (label, policy) => {
  expect(stack.resource(`aws_iam_role_policy_attachment.${label}`)).toEqual({
    role: `\${aws_iam_role.${label}.name}`,
    policy_arn: `arn:aws:iam::aws:policy/service-role/${policy}`,
  });
  expect(stack.has(`aws_iam_role_policy.${label}`)).toBe(false);
  expect(stack.resource(`aws_iam_role.${label}`)).toMatchObject({ name: `skymanuals-${label}` });
});

test("what stands in for another region has the vault that is copied to, as a pilot light too, and no plan", () => {
  const standby = synthesizePlatform(productionDr);
  expect(standby.resource("aws_backup_vault.backups")).toMatchObject({ name: "skymanuals-dr-backups" });
  expect(standby.resource("aws_backup_vault_lock_configuration.backups")).toMatchObject({ min_retention_days: 2557 });
  expect(standby.has("aws_backup_plan.monthly")).toBe(false);
});

test("without another region nothing is copied", () => {
  expect(at(small.resource("aws_backup_plan.monthly"), "rule.0.copy_action")).toBeUndefined();
  expect(small.has("aws_cloudwatch_metric_alarm.backup_copy_failed")).toBe(false);
});

test("outputs name what the commands of docs/backups.md need", () => {
  expect(Object.keys(stack.json.output as object)).toEqual(
    expect.arrayContaining(["backup_vault", "backup_role_arn", "restore_role_arn", "restore_testing_plan"]),
  );
});
