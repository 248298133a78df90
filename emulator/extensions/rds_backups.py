"""Amazon RDS: snapshots, restores, and automated backups that another region has a copy of.

A snapshot holds what its instance's PostgreSQL held, copies of it the same, and a restored instance is a server that
begins with it: databases, roles, passwords. What RestoreDBInstanceToPointInTime restores is the source at the latest
restorable time, which is now, or the moment at which its region was lost. Other times are not modelled, nor how far
behind the copy of another region is.

Implements StartDBInstanceAutomatedBackupsReplication, StopDBInstanceAutomatedBackupsReplication,
DescribeDBInstanceAutomatedBackups and DeleteDBInstanceAutomatedBackup. Corrects CopyDBSnapshot (SourceRegion and
SourceDBSnapshotIdentifier of a copy from another region, the key that an encrypted one needs) and
RestoreDBInstanceToPointInTime (by the ARN of automated backups; what it restores is no replica, with default groups).

Reference: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html ("Replicating automated
backups to another AWS Region": no Multi-AZ DB clusters, 20 for each region), CHAP_Limits.html;
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html,
API_StopDBInstanceAutomatedBackupsReplication.html, API_DescribeDBInstanceAutomatedBackups.html,
API_RestoreDBInstanceToPointInTime.html, API_DBSnapshot.html
"""

from __future__ import annotations

import copy
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from moto.kms.exceptions import NotFoundException
from moto.rds import models
from moto.rds.exceptions import DBInstanceAlreadyExists, DBInstanceNotFoundError, InvalidParameterValue

from ..hooks import ApiError, Call, Found, amends, implements, lists, moto_backends, prepares
from ..postgres import Backup
from ..regions import lost_since
from .rds import attach_server, new_resource_id, server_of

_MOST_REPLICATIONS = 20
_LARGEST_RETENTION_DAYS = 35

#: What a restored instance has of its source; not the groups, the zone and the protection.
_RETAINED = (
    "allocated_storage",
    "auto_minor_version_upgrade",
    "backup_retention_period",
    "ca_certificate_identifier",
    "db_instance_class",
    "db_name",
    "enable_iam_database_authentication",
    "engine",
    "engine_version",
    "iops",
    "kms_key_id",
    "license_model",
    "master_username",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "publicly_accessible",
    "storage_encrypted",
    "storage_throughput",
    "storage_type",
)


class AutomatedBackupNotFound(ApiError):
    def __init__(self, name: str) -> None:
        super().__init__("DBInstanceAutomatedBackupNotFound", f"DBInstanceAutomatedBackup {name} not found.")


@dataclass
class Replication:
    """Automated backups of an instance of another region."""

    arn: str
    source: models.DBInstance
    retention_days: int
    kms_key_id: str | None
    tags: list[dict[str, str]]
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    #: When it was stopped, or the source deleted.
    ended: datetime | None = None
    #: What was there at that moment.
    last: Backup | None = None

    def end(self) -> None:
        server = server_of(self.source)
        self.last = server.back_up() if server is not None else None
        self.ended = datetime.now(timezone.utc)

    def latest(self) -> Backup | None:
        if self.ended is not None:
            return self.last
        server = server_of(self.source)
        return server.back_up() if server is not None else None


#: By account and destination region, then by ARN.
_replications: dict[tuple[str, str], dict[str, Replication]] = {}


def _here(call: Call) -> dict[str, Replication]:
    return _replications.setdefault((call.account_id, call.region), {})


def _replications_of(instance: models.DBInstance) -> list[Replication]:
    everywhere = (each for region in _replications.values() for each in region.values())
    return [each for each in everywhere if each.source is instance and each.ended is None]


# Snapshots, by whatever operation they are taken.

_create_snapshot = models.RDSBackend.create_db_snapshot
_copy_snapshot = models.RDSBackend.copy_db_snapshot


def _create_snapshot_with_data(self: models.RDSBackend, *args: Any, **kwargs: Any) -> models.DBSnapshot:
    snapshot = _create_snapshot(self, *args, **kwargs)
    server = server_of(self.databases[snapshot.db_instance_identifier])
    snapshot.backup = server.back_up() if server is not None else None  # type: ignore[attr-defined]
    return snapshot


def _copy_snapshot_with_data(
    self: models.RDSBackend, source_db_snapshot_identifier: str, *args: Any, **kwargs: Any
) -> models.DBSnapshot:
    source = self.get_db_snapshot(source_db_snapshot_identifier)
    if source.region != self.region_name and source.encrypted and not kwargs.get("kms_key_id"):
        raise InvalidParameterValue("Must specify new KMS key for cross region encrypted snapshot copy.")
    target = _copy_snapshot(self, source_db_snapshot_identifier, *args, **kwargs)
    target.backup = getattr(source, "backup", None)  # type: ignore[attr-defined]
    if source.region != self.region_name:
        target.source_db_snapshot_identifier = source.arn  # type: ignore[attr-defined]
        target.source_region = source.region  # type: ignore[attr-defined]
    return target


models.RDSBackend.create_db_snapshot = _create_snapshot_with_data  # type: ignore[method-assign]
models.RDSBackend.copy_db_snapshot = _copy_snapshot_with_data  # type: ignore[method-assign]


_delete_instance = models.RDSBackend.delete_db_instance


def _delete_instance_and_retain(
    self: models.RDSBackend, db_instance_identifier: str, **kwargs: Any
) -> models.DBInstance:
    """What another region has of it is retained."""
    instance = _delete_instance(self, db_instance_identifier, **kwargs)
    for replication in _replications_of(instance):
        replication.end()
    return instance


models.RDSBackend.delete_db_instance = _delete_instance_and_retain  # type: ignore[assignment, method-assign]


# Restores.


def _restore_to_point_in_time(
    self: models.RDSBackend, source_db_identifier: str | None, target_db_identifier: str, overrides: Any
) -> models.DBInstance:
    """Replaces moto's, which knows sources of its own region only, and takes the copy for a replica."""
    replication = _replication_named(self, overrides.get("source_db_instance_automated_backups_arn"))
    source = replication.source if replication else _source(self, source_db_identifier, overrides)
    if not replication and not source.backup_retention_period:
        raise ApiError(
            "PointInTimeRestoreNotEnabled", f"Point-in-time restore is not enabled for {source.db_instance_identifier}"
        )
    if target_db_identifier in self.databases:
        raise DBInstanceAlreadyExists
    if (overrides.get("allocated_storage") or source.allocated_storage) < source.allocated_storage:
        raise InvalidParameterValue("Allocated storage size can't be less than the source instance size.")
    settings = {name: copy.deepcopy(getattr(source, name, None)) for name in _RETAINED}
    settings["master_user_password"] = _password(source)
    if replication and replication.kms_key_id:
        settings["kms_key_id"] = replication.kms_key_id
    given = {name: value for name, value in overrides.items() if value is not None}
    given.pop("source_db_instance_identifier", None)
    instance = self.create_db_instance(
        {**_present(settings), **given, "db_instance_identifier": target_db_identifier, "port": None}
    )
    # Without Performance Insights, whatever the source has: https://github.com/aws/aws-cdk/issues/24726,
    # https://github.com/hashicorp/terraform-provider-aws/pull/6453
    instance.dbi_resource_id = new_resource_id()
    instance.performance_insights_enabled = False  # type: ignore[attr-defined]
    server = server_of(source)
    instance.restored_from = (  # type: ignore[attr-defined]
        replication.latest() if replication else server.back_up() if server is not None else None
    )
    return instance


def _present(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


models.RDSBackend.restore_db_instance_to_point_in_time = _restore_to_point_in_time  # type: ignore[method-assign]


def _replication_named(backend: models.RDSBackend, arn: str | None) -> Replication | None:
    if arn is None:
        return None
    found = _replications.get((backend.account_id, backend.region_name), {}).get(arn)
    if found is None:
        raise AutomatedBackupNotFound(arn)
    return found


def _source(backend: models.RDSBackend, name: str | None, overrides: Any) -> models.DBInstance:
    resource_id = overrides.get("source_dbi_resource_id")
    if name is not None:
        return backend.find_db_from_id(name)
    found = next((each for each in backend.databases.values() if each.dbi_resource_id == resource_id), None)
    if found is None:
        raise DBInstanceNotFoundError(str(resource_id))
    return found


@prepares("rds", "RestoreDBInstanceToPointInTime")
def check_time(call: Call) -> None:
    """One time, and here that is the latest."""
    latest, time = call.params.get("UseLatestRestorableTime", False), call.params.get("RestoreTime")
    if latest and time:
        raise ApiError(
            "InvalidParameterCombination", "RestoreTime cannot be specified together with UseLatestRestorableTime."
        )
    if not latest and not time:
        raise ApiError(
            "InvalidParameterCombination", "Either RestoreTime or UseLatestRestorableTime must be specified."
        )
    if time:
        raise ApiError("NotImplemented", "the emulator restores to the latest restorable time only")


@amends("rds", "RestoreDBInstanceToPointInTime")
def start_restored(call: Call, response: dict[str, Any]) -> None:
    """After complete_instance, which gives the instance its id."""
    document = response["DBInstance"]
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    _start(call, document, instance, instance.__dict__.pop("restored_from"))


@amends("rds", "RestoreDBInstanceFromDBSnapshot")
def start_from_snapshot(call: Call, response: dict[str, Any]) -> None:
    document = response["DBInstance"]
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    name = call.params["DBSnapshotIdentifier"].split(":snapshot:")[-1]
    _start(call, document, instance, getattr(call.backend().database_snapshots.get(name), "backup", None))


def _start(call: Call, document: dict[str, Any], instance: models.DBInstance, backup: Backup | None) -> None:
    """An instance that had no server when the backup was taken held nothing."""
    if instance.engine == "postgres":
        attach_server(call, document, _password(instance), backup)


def _password(instance: models.DBInstance) -> str:
    """As it was given to moto. A server that begins with a backup has the backup's."""
    return str(getattr(instance, "_master_user_password", None) or secrets.token_urlsafe(24))


# Automated backups.


@implements("rds", "StartDBInstanceAutomatedBackupsReplication")
def start_replication(call: Call) -> dict[str, Any]:
    source_arn: str = call.params["SourceDBInstanceArn"]
    _, _, _, region, account_id, _, name = source_arn.split(":")
    if region == call.region:
        raise ApiError("InvalidParameterValue", "The source and the destination Region must be different.")
    instance = moto_backends("rds")[account_id][region].databases.get(name)
    if instance is None:
        raise DBInstanceNotFoundError(name)
    if instance.db_cluster_identifier is not None:
        raise ApiError("InvalidDBInstanceState", f"DB instance {name} is a member of a DB cluster.")
    if not instance.backup_retention_period:
        raise ApiError("InvalidDBInstanceState", f"Automated backups are not enabled for DB instance {name}.")
    if any(each.source is instance for each in _here(call).values() if each.ended is None):
        raise ApiError("InvalidDBInstanceState", f"{source_arn} is already replicating to the current region.")
    retention = call.params.get("BackupRetentionPeriod", 7)
    if not 1 <= retention <= _LARGEST_RETENTION_DAYS:
        raise ApiError(
            "InvalidParameterValue", f"Invalid backup retention period: {retention}. Must be between 1 and 35."
        )
    if sum(each.ended is None for each in _here(call).values()) >= _MOST_REPLICATIONS:
        raise ApiError(
            "DBInstanceAutomatedBackupQuotaExceeded",
            "The quota for retained automated backups was exceeded. This prevents you from retaining any additional "
            "automated backups.",
        )
    key = _key(call) if instance.storage_encrypted else None
    identifier = "".join(secrets.choice(string.ascii_lowercase + "234567") for _ in range(39))
    arn = f"arn:aws:rds:{call.region}:{call.account_id}:auto-backup:ab-{identifier}"
    replication = Replication(arn, instance, retention, key, call.params.get("Tags", []))
    _here(call)[arn] = replication
    _show_on_source(instance)
    return {"DBInstanceAutomatedBackup": _describe(replication, call)}


def _key(call: Call) -> str:
    """The ARN of an enabled key of this region."""
    given = call.params.get("KmsKeyId", "")
    backend = call.backend("kms")
    elsewhere = given.startswith("arn:") and given.split(":")[3] != call.region
    try:
        key = None if elsewhere or not given else backend.keys.get(backend.any_id_to_key_id(given))
    except NotFoundException:
        key = None
    if key is None or key.key_state != "Enabled":
        raise ApiError(
            "KMSKeyNotAccessibleFault",
            f"The specified KMS key [{given or None}] does not exist, is not enabled or you do not have permissions to "
            "access it.",
        )
    return str(key.arn)


def _show_on_source(instance: models.DBInstance) -> None:
    instance.db_instance_automated_backups_replications = [  # type: ignore[attr-defined]
        {"DBInstanceAutomatedBackupsArn": each.arn} for each in _replications_of(instance)
    ]


@implements("rds", "StopDBInstanceAutomatedBackupsReplication")
def stop_replication(call: Call) -> dict[str, Any]:
    """What there is stays, for as long as it is to be retained."""
    source_arn = call.params["SourceDBInstanceArn"]
    found = next((r for r in _here(call).values() if r.source.db_instance_arn == source_arn and r.ended is None), None)
    if found is None:
        raise ApiError("InvalidDBInstanceState", f"{source_arn} is not replicating to the current region.")
    found.end()
    _show_on_source(found.source)
    return {"DBInstanceAutomatedBackup": _describe(found, call)}


@implements("rds", "DeleteDBInstanceAutomatedBackup")
def delete_automated_backup(call: Call) -> dict[str, Any]:
    arn = call.params.get("DBInstanceAutomatedBackupsArn", "")
    found = _here(call).get(arn)
    if found is None:
        raise AutomatedBackupNotFound(arn or call.params.get("DbiResourceId", ""))
    if found.ended is None:
        raise ApiError("InvalidDBInstanceAutomatedBackupState", f"{arn} is replicating.")
    del _here(call)[arn]
    return {"DBInstanceAutomatedBackup": {**_describe(found, call), "Status": "deleting"}}


@implements("rds", "DescribeDBInstanceAutomatedBackups")
def describe_automated_backups(call: Call) -> dict[str, Any]:
    own = [_describe_own(each, call) for each in call.backend().databases.values() if each.backup_retention_period]
    documents = [*own, *(_describe(each, call) for each in _here(call).values())]
    filters = {each["Name"]: each["Values"] for each in call.params.get("Filters", [])}
    wanted = {
        "DbiResourceId": [call.params["DbiResourceId"]] if "DbiResourceId" in call.params else None,
        "DBInstanceIdentifier": [call.params["DBInstanceIdentifier"]]
        if "DBInstanceIdentifier" in call.params
        else None,
        "DBInstanceAutomatedBackupsArn": (
            [call.params["DBInstanceAutomatedBackupsArn"]] if "DBInstanceAutomatedBackupsArn" in call.params else None
        ),
    }
    found = [d for d in documents if all(names is None or d.get(m) in names for m, names in wanted.items())]
    if not found and any(wanted.values()):
        raise AutomatedBackupNotFound(next(names[0] for names in wanted.values() if names))
    members = {"status": "Status", "db-instance-id": "DBInstanceIdentifier", "dbi-resource-id": "DbiResourceId"}
    found = [d for d in found if all(d.get(members[name]) in values for name, values in filters.items())]
    return {"DBInstanceAutomatedBackups": found}


def _describe_own(instance: models.DBInstance, call: Call) -> dict[str, Any]:
    return {
        **_describe_source(instance),
        "Status": "active",
        "BackupRetentionPeriod": instance.backup_retention_period,
        "KmsKeyId": instance.kms_key_id,
        "DBInstanceAutomatedBackupsReplications": [
            {"DBInstanceAutomatedBackupsArn": each.arn} for each in _replications_of(instance)
        ],
        "RestoreWindow": {
            "EarliestTime": instance.instance_create_time,
            "LatestTime": lost_since(call.region) or datetime.now(timezone.utc),
        },
    }


def _describe(replication: Replication, call: Call) -> dict[str, Any]:
    latest = replication.ended or lost_since(replication.source.region) or datetime.now(timezone.utc)
    return {
        **_describe_source(replication.source),
        "Status": "replicating" if replication.ended is None else "retained",
        "BackupRetentionPeriod": replication.retention_days,
        "KmsKeyId": replication.kms_key_id,
        "DBInstanceAutomatedBackupsArn": replication.arn,
        "TagList": replication.tags,
        "RestoreWindow": {"EarliestTime": replication.started, "LatestTime": latest},
    }


def _describe_source(instance: models.DBInstance) -> dict[str, Any]:
    return {
        "DBInstanceArn": instance.db_instance_arn,
        "DbiResourceId": instance.dbi_resource_id,
        # Of the instance, wherever the backups are.
        "Region": instance.region,
        "DBInstanceIdentifier": instance.db_instance_identifier,
        "AllocatedStorage": instance.allocated_storage,
        "MasterUsername": instance.master_username,
        "Engine": instance.engine,
        "EngineVersion": instance.engine_version,
        "Encrypted": instance.storage_encrypted,
        "StorageType": instance.storage_type,
        "InstanceCreateTime": instance.instance_create_time,
    }


@lists("rds")
def list_replications(backend: Any) -> Iterator[Found]:
    for arn, replication in _replications.get((backend.account_id, backend.region_name), {}).items():
        if replication.ended is None:
            yield "aws_db_instance_automated_backups_replication", arn, replication.source.db_instance_identifier
