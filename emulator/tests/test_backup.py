"""AWS Backup: what a lock holds, what a plan's schedule makes, and who is told of a job that fails."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.error import HTTPError

from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_ELSEWHERE = "eu-central-1"
_SECONDS = 60
_SEVEN_YEARS = 2557


def _assumed_by(service: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class BackupTest(EmulatorTestCase):
    role: str
    database: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        iam = cls.server.client("iam")
        for name, service in (("backup", "backup.amazonaws.com"), ("other", "ec2.amazonaws.com")):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=_assumed_by(service))
        cls.role = f"arn:aws:iam::{ACCOUNT_ID}:role/backup"
        for name in ("db", "replica"):
            created = cls.server.client("rds").create_db_instance(
                DBInstanceIdentifier=name,
                DBInstanceClass="db.t3.micro",
                Engine="postgres",
                EngineVersion="15",
                AllocatedStorage=20,
                StorageEncrypted=True,
                MasterUsername="skymanuals",
                MasterUserPassword="secret-secret",
                Tags=[{"Key": "BackupPlan", "Value": "monthly"}] if name == "db" else [],
            )["DBInstance"]
            if name == "db":
                cls.database = created["DBInstanceArn"]

    def setUp(self) -> None:
        self.backup = self.server.client("backup")
        self.vault = self._testMethodName[:50]
        self.vault_arn = self.backup.create_backup_vault(BackupVaultName=self.vault)["BackupVaultArn"]

    def refused(self, code: str, operation: str, **members: Any) -> str:
        """The message of a refusal with this code."""
        with self.assertRaises(ClientError) as caught:
            getattr(self.backup, operation)(**members)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        return str(error["Message"])

    def ended(self, describe: str, **members: str) -> dict[str, Any]:
        """A job that has ended."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            job: dict[str, Any] = getattr(self.backup, describe)(**members)
            job = job.get("CopyJob", job)
            if job.get("State", job.get("Status")) in ("COMPLETED", "FAILED"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"{members} has not ended within {_SECONDS} s")

    def back_up(self, days: int | None = _SEVEN_YEARS) -> dict[str, Any]:
        identifier = self.backup.start_backup_job(
            BackupVaultName=self.vault,
            ResourceArn=self.database,
            IamRoleArn=self.role,
            **({} if days is None else {"Lifecycle": {"DeleteAfterDays": days}}),
        )["BackupJobId"]
        return self.ended("describe_backup_job", BackupJobId=identifier)

    def points(self, region: str = REGION, vault: str | None = None) -> list[dict[str, Any]]:
        client = self.server.client("backup", region)
        found: list[dict[str, Any]] = client.list_recovery_points_by_backup_vault(BackupVaultName=vault or self.vault)[
            "RecoveryPoints"
        ]
        return found

    def test_a_job_leaves_a_recovery_point_with_its_lifecycle(self) -> None:
        job = self.back_up()
        self.assertEqual(job["State"], "COMPLETED", job)
        (point,) = self.points()
        self.assertEqual(point["RecoveryPointArn"], job["RecoveryPointArn"])
        self.assertEqual(point["ResourceArn"], self.database)
        self.assertEqual(point["Lifecycle"], {"DeleteAfterDays": _SEVEN_YEARS})
        kept = point["CalculatedLifecycle"]["DeleteAt"] - point["CreationDate"]
        self.assertEqual(kept.days, _SEVEN_YEARS)
        snapshot = point["RecoveryPointArn"].split(":snapshot:")[1]
        rds = self.server.client("rds")
        (found,) = rds.describe_db_snapshots(DBSnapshotIdentifier=snapshot)["DBSnapshots"]
        self.assertEqual(found["SnapshotType"], "awsbackup")
        with self.assertRaises(ClientError) as caught:
            rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot)
        self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidDBSnapshotState")

    def test_a_vault_goes_when_its_recovery_points_have_gone(self) -> None:
        self.back_up()
        message = self.refused("InvalidRequestException", "delete_backup_vault", BackupVaultName=self.vault)
        self.assertIn("contains recovery points", message)
        self.backup.delete_recovery_point(
            BackupVaultName=self.vault, RecoveryPointArn=self.points()[0]["RecoveryPointArn"]
        )
        self.backup.delete_backup_vault(BackupVaultName=self.vault)
        self.assertNotIn(("aws_backup_vault", self.vault), self.inventory())

    def test_a_lock_keeps_recovery_points_until_their_time(self) -> None:
        self.back_up()
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=self.vault, MinRetentionDays=30)
        point = {"BackupVaultName": self.vault, "RecoveryPointArn": self.points()[0]["RecoveryPointArn"]}
        expected = "RecoveryPoint cannot be deleted or updated (Backup vault configured with Lock)"
        self.assertEqual(self.refused("InvalidRequestException", "delete_recovery_point", **point), expected)
        lifecycle = {"DeleteAfterDays": 1}
        message = self.refused(
            "InvalidRequestException", "update_recovery_point_lifecycle", **point, Lifecycle=lifecycle
        )
        self.assertEqual(message, expected)
        self.assertEqual(len(self.points()), 1)
        try:
            later = self.points()[0]["CalculatedLifecycle"]["DeleteAt"].isoformat()
            self.server.control("POST", "clock", {"now": later})
            self.backup.delete_recovery_point(**point)
        finally:
            self.server.control("DELETE", "clock")
        self.assertEqual(self.points(), [])

    def test_a_lock_without_a_lock_date_can_be_removed(self) -> None:
        self.back_up()
        self.backup.put_backup_vault_lock_configuration(BackupVaultName=self.vault, MinRetentionDays=30)
        vault = self.backup.describe_backup_vault(BackupVaultName=self.vault)
        self.assertTrue(vault["Locked"])
        self.assertNotIn("LockDate", vault)
        self.backup.delete_backup_vault_lock_configuration(BackupVaultName=self.vault)
        self.backup.delete_recovery_point(
            BackupVaultName=self.vault, RecoveryPointArn=self.points()[0]["RecoveryPointArn"]
        )

    def test_a_lock_date_is_three_days_ahead_at_least(self) -> None:
        lock = {"BackupVaultName": self.vault, "MinRetentionDays": 30}
        put = "put_backup_vault_lock_configuration"
        self.assertIn("3", self.refused("InvalidParameterValueException", put, **lock, ChangeableForDays=2))
        self.backup.put_backup_vault_lock_configuration(**lock, ChangeableForDays=3)
        vault = self.backup.describe_backup_vault(BackupVaultName=self.vault)
        ahead = vault["LockDate"] - vault["CreationDate"]
        self.assertAlmostEqual(ahead.total_seconds(), 3 * 86400, delta=600)

    def test_a_lock_fails_a_job_whose_retention_is_out_of_its_range_and_an_alarm_tells(self) -> None:
        topic = self.server.client("sns").create_topic(Name="alerts")["TopicArn"]
        queue = self._listen(topic)
        self.server.client("cloudwatch").put_metric_alarm(
            AlarmName="failed",
            Namespace="AWS/Backup",
            MetricName="NumberOfBackupJobsFailed",
            Dimensions=[{"Name": "BackupVaultName", "Value": self.vault}],
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[topic],
        )
        self.backup.put_backup_vault_lock_configuration(
            BackupVaultName=self.vault, MinRetentionDays=_SEVEN_YEARS, MaxRetentionDays=3000
        )
        self.assertEqual(self.back_up(_SEVEN_YEARS)["State"], "COMPLETED")
        self.assertEqual(self._messages(queue), [])
        for days in (_SEVEN_YEARS - 1, 3001, None):
            job = self.back_up(days)
            self.assertEqual(job["State"], "FAILED", days)
            self.assertIn(f"MinRetentionDays {_SEVEN_YEARS}", job["StatusMessage"])
        self.assertEqual(len(self.points()), 1)
        (message,) = self._messages(queue)
        self.assertEqual((message["AlarmName"], message["NewStateValue"]), ("failed", "ALARM"))

    def _listen(self, topic: str) -> str:
        sqs = self.server.client("sqs")
        url: str = sqs.create_queue(QueueName=self.vault)["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{self.vault}"
        send = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**send, "Resource": arn}]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.server.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url

    def _messages(self, url: str) -> list[dict[str, Any]]:
        found = self.server.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(json.loads(each["Body"])["Message"]) for each in found]

    def test_the_policy_of_a_vault_denies(self) -> None:
        self.back_up()
        deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        self.backup.put_backup_vault_access_policy(BackupVaultName=self.vault, Policy=policy)
        point = {"BackupVaultName": self.vault, "RecoveryPointArn": self.points()[0]["RecoveryPointArn"]}
        self.refused("AccessDeniedException", "delete_recovery_point", **point)
        self.backup.delete_backup_vault_access_policy(BackupVaultName=self.vault)
        self.backup.delete_recovery_point(**point)

    def test_a_plan_backs_up_what_its_conditions_select_and_copies_it(self) -> None:
        key = self.server.client("kms", _ELSEWHERE).create_key()["KeyMetadata"]["Arn"]
        elsewhere = self.server.client("backup", _ELSEWHERE)
        copies = elsewhere.create_backup_vault(BackupVaultName=self.vault, EncryptionKeyArn=key)["BackupVaultArn"]
        lifecycle = {"DeleteAfterDays": _SEVEN_YEARS}
        rule = {
            "RuleName": "monthly",
            "TargetBackupVaultName": self.vault,
            "ScheduleExpression": "cron(0 20 1 * ? *)",
            "Lifecycle": lifecycle,
            "CopyActions": [{"DestinationBackupVaultArn": copies, "Lifecycle": lifecycle}],
        }
        plan = self.backup.create_backup_plan(BackupPlan={"BackupPlanName": "monthly", "Rules": [rule]})
        selection = {
            "SelectionName": "database",
            "IamRoleArn": self.role,
            "Resources": ["arn:aws:rds:*:*:db:*"],
            "Conditions": {
                "StringEquals": [{"ConditionKey": "aws:ResourceTag/BackupPlan", "ConditionValue": "monthly"}]
            },
        }
        self.backup.create_backup_selection(BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)
        (identifier,) = self.server.control("POST", "backup-plans", {"region": REGION, "plan": "monthly"})["jobs"]
        job = self.ended("describe_backup_job", BackupJobId=identifier)
        self.assertEqual((job["State"], job["ResourceArn"]), ("COMPLETED", self.database))
        (copy,) = self.backup.list_copy_jobs(ByDestinationVaultArn=copies)["CopyJobs"]
        ended = self.ended("describe_copy_job", CopyJobId=copy["CopyJobId"])
        self.assertEqual(ended["State"], "COMPLETED", ended)
        (point,) = self.points(_ELSEWHERE)
        self.assertEqual((point["ResourceArn"], point["Lifecycle"]), (self.database, lifecycle))
        self.assertEqual(point["EncryptionKeyArn"], key)
        with self.assertRaises(HTTPError):
            self.server.control("POST", "backup-plans", {"region": REGION, "plan": "no-such-plan"})

    def test_a_copy_into_no_vault_fails(self) -> None:
        point = self.back_up()["RecoveryPointArn"]
        identifier = self.backup.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName=self.vault,
            DestinationBackupVaultArn=f"arn:aws:backup:{_ELSEWHERE}:{ACCOUNT_ID}:backup-vault:none",
            IamRoleArn=self.role,
        )["CopyJobId"]
        job = self.ended("describe_copy_job", CopyJobId=identifier)
        self.assertEqual(job["State"], "FAILED")
        self.assertIn("backup-vault:none does not exist", job["StatusMessage"])

    def test_a_plan_goes_after_its_selections(self) -> None:
        rule = {"RuleName": "r", "TargetBackupVaultName": self.vault}
        plan = self.backup.create_backup_plan(BackupPlan={"BackupPlanName": "gone", "Rules": [rule]})["BackupPlanId"]
        selection = {"SelectionName": "s", "IamRoleArn": self.role, "Resources": [self.database]}
        chosen = {"BackupPlanId": plan, "BackupSelection": selection}
        identifier = self.backup.create_backup_selection(**chosen)["SelectionId"]
        self.refused("AlreadyExistsException", "create_backup_selection", **chosen)
        self.assertIn(("aws_backup_selection", f"{plan}|{identifier}"), self.inventory())
        message = self.refused("InvalidRequestException", "delete_backup_plan", BackupPlanId=plan)
        self.assertEqual(message, "Related backup plan selections must be deleted prior to backup plan deletion")
        self.backup.delete_backup_selection(BackupPlanId=plan, SelectionId=identifier)
        self.backup.delete_backup_plan(BackupPlanId=plan)
        self.refused("ResourceNotFoundException", "get_backup_plan", BackupPlanId=plan)
        # Its name is free again.
        again = self.backup.create_backup_plan(BackupPlan={"BackupPlanName": "gone", "Rules": [rule]})
        self.backup.delete_backup_plan(BackupPlanId=again["BackupPlanId"])

    def test_a_role_that_backup_may_not_assume_is_refused(self) -> None:
        for name in ("other", "no-such-role"):
            arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
            message = self.refused(
                "InvalidParameterValueException",
                "start_backup_job",
                BackupVaultName=self.vault,
                ResourceArn=self.database,
                IamRoleArn=arn,
            )
            self.assertEqual(message, f"IAM Role {arn} cannot be assumed by AWS Backup")

    def test_a_plan_with_a_lifecycle_that_aws_refuses(self) -> None:
        for lifecycle, more in (
            ({"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119}, {}),
            ({"DeleteAfterDays": 36501}, {}),
            ({"DeleteAfterDays": 36}, {"EnableContinuousBackup": True}),
            ({"DeleteAfterDays": 30}, {"StartWindowMinutes": 59}),
            ({"DeleteAfterDays": 30}, {"StartWindowMinutes": 60, "CompletionWindowMinutes": 119}),
        ):
            with self.subTest(lifecycle=lifecycle, **more):
                rule = {"RuleName": "r", "TargetBackupVaultName": self.vault, "Lifecycle": lifecycle, **more}
                plan = {"BackupPlanName": "refused", "Rules": [rule]}
                self.refused("InvalidParameterValueException", "create_backup_plan", BackupPlan=plan)

    def test_a_restore_test_restores_the_newest_and_deletes_it_when_it_was_validated(self) -> None:
        self.back_up()
        newest = self.back_up()["RecoveryPointArn"]
        plan = {
            "RestoreTestingPlanName": "monthly_test",
            "ScheduleExpression": "cron(0 2 3 * ? *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": [self.vault_arn],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        }
        for name in ("with-hyphen", "x" * 51):
            refused = {**plan, "RestoreTestingPlanName": name}
            self.refused("InvalidParameterValueException", "create_restore_testing_plan", RestoreTestingPlan=refused)
        arn = self.backup.create_restore_testing_plan(RestoreTestingPlan=plan)["RestoreTestingPlanArn"]
        read = self.backup.get_restore_testing_plan(RestoreTestingPlanName="monthly_test")["RestoreTestingPlan"]
        self.assertEqual(read["RecoveryPointSelection"]["ExcludeVaults"], [])
        self.assertEqual(read["RecoveryPointSelection"]["SelectionWindowDays"], 30)
        selection = {
            "RestoreTestingSelectionName": "database",
            "ProtectedResourceType": "RDS",
            "ProtectedResourceArns": [self.database],
            "IamRoleArn": self.role,
            "RestoreMetadataOverrides": {"dbInstanceClass": "db.t3.small"},
            "ValidationWindowHours": 4,
        }
        self.backup.create_restore_testing_selection(
            RestoreTestingPlanName="monthly_test", RestoreTestingSelection=selection
        )
        self.refused("InvalidRequestException", "delete_restore_testing_plan", RestoreTestingPlanName="monthly_test")
        run = self.server.control("POST", "backup-plans", {"region": REGION, "plan": "monthly_test"})
        job = self.ended("describe_restore_job", RestoreJobId=run["jobs"][0])
        self.assertEqual((job["Status"], job["RecoveryPointArn"]), ("COMPLETED", newest), job)
        self.assertEqual(job["ValidationStatus"], "VALIDATING")
        (listed,) = self.backup.list_restore_jobs(ByRestoreTestingPlanArn=arn)["RestoreJobs"]
        self.assertGreater(listed["CompletionDate"], listed["CreationDate"])
        rds, name = self.server.client("rds"), job["CreatedResourceArn"].split(":")[-1]
        self.assertTrue(name.startswith("awsbackup-restore-test-"))
        (restored,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        self.assertEqual(restored["DBInstanceClass"], "db.t3.small")
        result = {"RestoreJobId": job["RestoreJobId"], "ValidationStatus": "SUCCESSFUL"}
        self.backup.put_restore_validation_result(**result)
        self.refused("InvalidRequestException", "put_restore_validation_result", **result)
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            job = self.backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])
            if job["DeletionStatus"] != "DELETING":
                break
            time.sleep(0.05)
        self.assertEqual((job["ValidationStatus"], job["DeletionStatus"]), ("SUCCESSFUL", "SUCCESSFUL"))
        names = [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]]
        self.assertNotIn(name, names)

    def test_settings_of_a_region_name_its_resource_types(self) -> None:
        before = self.backup.describe_region_settings()["ResourceTypeOptInPreference"]
        self.assertTrue(before["RDS"])
        self.backup.update_region_settings(ResourceTypeOptInPreference={"RDS": False})
        after = self.backup.describe_region_settings()["ResourceTypeOptInPreference"]
        self.assertEqual(after, {**before, "RDS": False})
        self.backup.update_region_settings(ResourceTypeOptInPreference={"RDS": True})
        self.refused(
            "InvalidParameterValueException", "update_region_settings", ResourceTypeOptInPreference={"Tape": True}
        )
