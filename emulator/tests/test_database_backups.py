"""A snapshot and a restored instance hold what their source held, in the region and in another one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .postgres_login import Refused, query
from .support import ACCOUNT_ID, EmulatorWithDirectoryTestCase

_HOME, _AWAY = "us-east-1", "us-west-2"
_PASSWORD = "passwordpassword"


class DatabaseBackupsTest(EmulatorWithDirectoryTestCase):
    def setUp(self) -> None:
        self.home, self.away = self.server.client("rds", _HOME), self.server.client("rds", _AWAY)

    def create(self, identifier: str, **options: Any) -> Any:
        instance = self.home.create_db_instance(
            DBInstanceIdentifier=identifier,
            DBInstanceClass="db.t3.medium",
            Engine="postgres",
            EngineVersion="15",
            AllocatedStorage=100,
            MasterUsername="skymanuals",
            MasterUserPassword=_PASSWORD,
            DBName="skymanuals",
            **{"BackupRetentionPeriod": 7, **options},
        )["DBInstance"]
        self.addCleanup(self.delete, self.home, identifier)
        return instance

    def delete(self, client: Any, identifier: str) -> None:
        with suppress(client.exceptions.DBInstanceNotFoundFault):
            client.delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=True)

    def ask(self, instance: Any, statements: str, password: str = _PASSWORD) -> list[str]:
        endpoint = instance["Endpoint"]
        authority = Path(self.directory.name, "local-ca.pem")
        return query(endpoint["Address"], endpoint["Port"], "skymanuals", password, "skymanuals", authority, statements)

    def fill(self, instance: Any, text: str) -> None:
        self.ask(instance, f"CREATE TABLE IF NOT EXISTS manuals (title text); INSERT INTO manuals VALUES ('{text}')")

    def titles(self, instance: Any, password: str = _PASSWORD) -> list[str]:
        return self.ask(instance, "SELECT title FROM manuals ORDER BY title", password)

    def refusal(self, call: Any, **parameters: Any) -> str:
        with self.assertRaises(ClientError) as refused:
            call(**parameters)
        return str(refused.exception.response["Error"]["Code"])

    def key(self, region: str) -> str:
        return str(self.server.client("kms", region).create_key()["KeyMetadata"]["Arn"])

    def test_a_snapshot_holds_what_was_there_when_it_was_taken(self) -> None:
        source = self.create("held")
        self.ask(source, "CREATE EXTENSION vector; CREATE ROLE reader LOGIN PASSWORD 'read'")
        self.fill(source, "before")
        self.home.create_db_snapshot(DBInstanceIdentifier="held", DBSnapshotIdentifier="of-held")
        self.fill(source, "after")
        self.delete(self.home, "held")
        restored = self.home.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="again", DBSnapshotIdentifier="of-held"
        )["DBInstance"]
        self.addCleanup(self.delete, self.home, "again")
        self.assertEqual(self.titles(restored), ["before"])
        self.assertEqual(self.ask(restored, "SELECT rolname FROM pg_roles WHERE rolname = 'reader'"), ["reader"])
        self.home.modify_db_instance(DBInstanceIdentifier="again", MasterUserPassword="another-one")
        self.assertEqual(self.titles(restored, "another-one"), ["before"])
        with self.assertRaisesRegex(Refused, "password authentication failed"):
            self.titles(restored)
        self.home.delete_db_snapshot(DBSnapshotIdentifier="of-held")

    def test_a_final_snapshot_and_its_copy_in_another_region_hold_the_same(self) -> None:
        source = self.create("ended", StorageEncrypted=True)
        self.fill(source, "last")
        self.home.delete_db_instance(DBInstanceIdentifier="ended", FinalDBSnapshotIdentifier="final")
        arn = f"arn:aws:rds:{_HOME}:{ACCOUNT_ID}:snapshot:final"
        copy = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "copied", "SourceRegion": _HOME}
        self.assertEqual(self.refusal(self.away.copy_db_snapshot, **copy), "InvalidParameterValue")
        self.away.copy_db_snapshot(**copy, KmsKeyId=self.key(_AWAY))
        found = self.away.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"][0]
        self.assertEqual(found["SourceDBSnapshotIdentifier"], arn)
        self.assertEqual(found["SourceRegion"], _HOME)
        restored = self.away.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="ended", DBSnapshotIdentifier="copied"
        )["DBInstance"]
        self.addCleanup(self.delete, self.away, "ended")
        self.assertEqual(self.titles(restored), ["last"])

    def test_a_point_in_time_in_the_region_is_an_instance_of_its_own(self) -> None:
        source = self.create("now", EnablePerformanceInsights=True, PreferredBackupWindow="03:00-04:00")
        self.fill(source, "one")
        point = {"SourceDBInstanceIdentifier": "now", "TargetDBInstanceIdentifier": "then"}
        restored = self.home.restore_db_instance_to_point_in_time(**point, UseLatestRestorableTime=True)["DBInstance"]
        self.addCleanup(self.delete, self.home, "then")
        self.fill(source, "two")
        self.assertEqual(self.titles(restored), ["one"])
        found = self.home.describe_db_instances(DBInstanceIdentifier="then")["DBInstances"][0]
        self.assertNotIn("ReadReplicaSourceDBInstanceIdentifier", found)
        self.assertEqual([found["PerformanceInsightsEnabled"], found["PreferredBackupWindow"]], [False, "03:00-04:00"])
        self.assertNotEqual(found["DbiResourceId"], source["DbiResourceId"])
        self.assertEqual(
            self.refusal(self.home.restore_db_instance_to_point_in_time, **point), "InvalidParameterCombination"
        )
        self.create("without", BackupRetentionPeriod=0)
        point = {"SourceDBInstanceIdentifier": "without", "TargetDBInstanceIdentifier": "never"}
        refusal = self.refusal(self.home.restore_db_instance_to_point_in_time, **point, UseLatestRestorableTime=True)
        self.assertEqual(refusal, "PointInTimeRestoreNotEnabled")

    def test_another_region_restores_from_the_replicated_backups_even_when_the_source_is_gone(self) -> None:
        source = self.create("primary", StorageEncrypted=True)
        self.fill(source, "kept")
        key = self.key(_AWAY)
        started = self.away.start_db_instance_automated_backups_replication(
            SourceDBInstanceArn=source["DBInstanceArn"], BackupRetentionPeriod=14, KmsKeyId=key
        )["DBInstanceAutomatedBackup"]
        arn = started["DBInstanceAutomatedBackupsArn"]
        self.assertRegex(arn, rf"^arn:aws:rds:{_AWAY}:{ACCOUNT_ID}:auto-backup:ab-[a-z2-7]{{39}}$")
        found = self.away.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)
        [backup] = found["DBInstanceAutomatedBackups"]
        self.assertEqual(
            [backup[name] for name in ("Status", "Region", "BackupRetentionPeriod", "KmsKeyId", "DBInstanceArn")],
            ["replicating", _HOME, 14, key, source["DBInstanceArn"]],
        )
        instance = self.home.describe_db_instances(DBInstanceIdentifier="primary")["DBInstances"][0]
        self.assertEqual(instance["DBInstanceAutomatedBackupsReplications"], [{"DBInstanceAutomatedBackupsArn": arn}])
        self.assertIn(("aws_db_instance_automated_backups_replication", arn), self.inventory())
        restore = {"SourceDBInstanceAutomatedBackupsArn": arn, "UseLatestRestorableTime": True}
        first = self.away.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="first", **restore)
        self.addCleanup(self.delete, self.away, "first")
        self.assertEqual(first["DBInstance"]["KmsKeyId"], key)
        self.fill(source, "later")
        self.delete(self.home, "primary")
        second = self.away.restore_db_instance_to_point_in_time(TargetDBInstanceIdentifier="second", **restore)
        self.addCleanup(self.delete, self.away, "second")
        self.assertEqual(self.titles(first["DBInstance"]), ["kept"])
        self.assertEqual(self.titles(second["DBInstance"]), ["kept", "later"])
        [backup] = self.away.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)[
            "DBInstanceAutomatedBackups"
        ]
        self.assertEqual(backup["Status"], "retained")
        self.away.delete_db_instance_automated_backup(DBInstanceAutomatedBackupsArn=arn)
        refusal = self.refusal(self.away.describe_db_instance_automated_backups, DBInstanceAutomatedBackupsArn=arn)
        self.assertEqual(refusal, "DBInstanceAutomatedBackupNotFound")

    def test_replication_that_is_stopped_leaves_what_there_was(self) -> None:
        source = self.create("stopped")
        self.fill(source, "until")
        arn = self.away.start_db_instance_automated_backups_replication(SourceDBInstanceArn=source["DBInstanceArn"])[
            "DBInstanceAutomatedBackup"
        ]["DBInstanceAutomatedBackupsArn"]
        self.away.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source["DBInstanceArn"])
        self.fill(source, "not this")
        instance = self.home.describe_db_instances(DBInstanceIdentifier="stopped")["DBInstances"][0]
        self.assertEqual(instance.get("DBInstanceAutomatedBackupsReplications", []), [])
        self.assertNotIn(("aws_db_instance_automated_backups_replication", arn), self.inventory())
        restored = self.away.restore_db_instance_to_point_in_time(
            TargetDBInstanceIdentifier="third", SourceDBInstanceAutomatedBackupsArn=arn, UseLatestRestorableTime=True
        )["DBInstance"]
        self.addCleanup(self.delete, self.away, "third")
        self.assertEqual(self.titles(restored), ["until"])
        refusal = self.refusal(
            self.away.stop_db_instance_automated_backups_replication, SourceDBInstanceArn=source["DBInstanceArn"]
        )
        self.assertEqual(refusal, "InvalidDBInstanceState")

    def test_what_cannot_be_replicated_is_refused(self) -> None:
        start = self.away.start_db_instance_automated_backups_replication
        encrypted = self.create("refused", StorageEncrypted=True)["DBInstanceArn"]
        without = self.create("unsaved", BackupRetentionPeriod=0)["DBInstanceArn"]
        for arn, options, code in (
            (encrypted, {}, "KMSKeyNotAccessibleFault"),
            (encrypted, {"KmsKeyId": self.key(_HOME)}, "KMSKeyNotAccessibleFault"),
            (encrypted, {"KmsKeyId": f"arn:aws:kms:{_AWAY}:{ACCOUNT_ID}:key/none"}, "KMSKeyNotAccessibleFault"),
            (encrypted, {"KmsKeyId": self.key(_AWAY), "BackupRetentionPeriod": 36}, "InvalidParameterValue"),
            (without, {}, "InvalidDBInstanceState"),
            (encrypted.replace("refused", "absent"), {}, "DBInstanceNotFound"),
            (encrypted.replace(_HOME, _AWAY), {}, "InvalidParameterValue"),
        ):
            with self.subTest(arn=arn, **options):
                self.assertEqual(self.refusal(start, SourceDBInstanceArn=arn, **options), code)
