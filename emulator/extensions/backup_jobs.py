"""AWS Backup: jobs that back up, copy and restore databases of RDS, and the recovery points that they make.

A job answers CREATED, and is carried out by a thread, through the API of RDS: what a snapshot holds is what RDS keeps
in it. When it ends, its metrics, its event, and the notifications of its vault are sent. POST /_emulator/backup-plans
{"region", "plan"} does what a plan's schedule does (its name, or a restore testing plan's): jobs for the resources that
its selections select, with the lifecycle and the copies of each rule, or restores of the newest recovery points.

A locked vault fails a job whose retention is out of its range, and keeps every recovery point until its time: neither
DeleteRecoveryPoint nor UpdateRecoveryPointLifecycle is carried out on it. RDS deletes no snapshot of AWS Backup.

Snapshots are called awsbackup-job-..., where AWS calls them awsbackup:job-..., a name that RDS takes from nobody else.

Not modelled: other resource types than RDS, continuous backups, expiry by itself, start and completion windows, copies
between accounts.

Reference: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html, API_StartCopyJob.html,
API_StartRestoreJob.html, API_PutBackupVaultLockConfiguration.html ("the vault fails that job"), eventbridge.html,
backup-notifications.html, restore-testing.html, restore-testing-inferred-metadata.html;
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring (metrics of AWS/Backup by BackupVaultName, and by
BackupVaultName and ResourceType); AWS's workshop of vault lock ("RecoveryPoint cannot be deleted or updated (Backup
vault configured with Lock)"). The wording of a job that the lock fails is this module's: AWS documents none.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .. import clock, deliveries, event_bus, running
from ..deliveries import Sender
from ..hooks import ApiError, Call, amends, implements, moto_backends, prepares
from ..resource_policy import Access, allows
from .backup import PRINCIPAL, check_lifecycle, check_role, not_found, now, state, vault_of
from .cloudwatch_metrics import put

_TYPE = "RDS"
_RESTORE_SECONDS = 300
_POLL_SECONDS = 0.2

_log = logging.getLogger("emulator")


@dataclass(frozen=True)
class Place:
    """An account and region."""

    account_id: str
    region: str

    def backend(self, service: str = "backup") -> Any:
        return moto_backends(service)[self.account_id][self.region]

    def client(self, service: str) -> Any:
        """The emulator's own API: not under the lock."""
        return boto3.client(
            service,
            endpoint_url=running.PROCESS.endpoint,
            region_name=self.region,
            aws_access_key_id="AKIAAAAAAAAAAAAAAAAA",
            aws_secret_access_key="dummy",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )


def _place(call: Call) -> Place:
    return Place(call.account_id, call.region)


def _region_of(arn: str) -> str:
    return arn.split(":")[3]


class _Failed(Exception):
    """The job fails, with this message."""


def _run(name: str, work: Callable[[], None]) -> None:
    def guarded() -> None:
        try:
            work()
        except Exception:
            _log.exception("%s failed inside the emulator", name)

    Thread(target=guarded, name=name, daemon=True).start()


# Backup jobs


@implements("backup", "StartBackupJob")
def start_backup(call: Call) -> dict[str, Any]:
    params = call.params
    vault_of(call.backend(), params["BackupVaultName"])
    check_role(call, params["IamRoleArn"])
    check_lifecycle(params.get("Lifecycle", {}))
    job = _begin_backup(
        _place(call),
        vault=params["BackupVaultName"],
        resource=params["ResourceArn"],
        role=params["IamRoleArn"],
        lifecycle=params.get("Lifecycle", {}),
        tags=params.get("RecoveryPointTags", {}),
    )
    return {name: job[name] for name in ("BackupJobId", "CreationDate")} | {"IsParent": False}


def _begin_backup(
    place: Place,
    vault: str,
    resource: str,
    role: str,
    lifecycle: dict[str, Any],
    tags: dict[str, str],
    created_by: dict[str, Any] | None = None,
    copies: Iterable[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Under the lock."""
    identifier = str(uuid.uuid4()).upper()
    job = {
        "AccountId": place.account_id,
        "BackupJobId": identifier,
        "BackupVaultName": vault,
        "BackupVaultArn": f"arn:aws:backup:{place.region}:{place.account_id}:backup-vault:{vault}",
        "ResourceArn": resource,
        "ResourceType": _TYPE,
        "IamRoleArn": role,
        "CreationDate": now(),
        "State": "CREATED",
        "PercentDone": "0.0",
        "RecoveryPointLifecycle": lifecycle,
        **({"CreatedBy": created_by} if created_by else {}),
    }
    state(place.backend()).backups[identifier] = job
    _run(f"backup job {identifier}", lambda: _back_up(place, job, tags, list(copies)))
    return job


def _back_up(place: Place, job: dict[str, Any], tags: dict[str, str], copies: list[dict[str, Any]]) -> None:
    snapshot = f"awsbackup-job-{job['BackupJobId'].lower()}"
    try:
        with running.STATE:
            job["State"] = "RUNNING"
            backend = place.backend()
            if job["BackupVaultName"] not in backend.vaults:
                raise _Failed(f"Backup vault {job['BackupVaultName']} does not exist.")
            vault = backend.vaults[job["BackupVaultName"]]
            _check_retention(vault, job["RecoveryPointLifecycle"])
        answer = place.client("rds").create_db_snapshot(
            DBInstanceIdentifier=job["ResourceArn"].split(":")[-1],
            DBSnapshotIdentifier=snapshot,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )["DBSnapshot"]
    except (_Failed, ClientError) as problem:
        with running.STATE:
            _end_backup(place, job, "FAILED", str(problem))
        return
    with running.STATE:
        point = _keep_point(place, vault, answer, job, tags)
        job.update(
            RecoveryPointArn=point["RecoveryPointArn"],
            BackupSizeInBytes=point["BackupSizeInBytes"],
            IsEncrypted=point["IsEncrypted"],
        )
        _end_backup(place, job, "COMPLETED", None)
        for copy in copies:
            _begin_copy(place, point, copy["DestinationBackupVaultArn"], job["IamRoleArn"], copy.get("Lifecycle"), job)


def _check_retention(vault: Any, lifecycle: dict[str, Any]) -> None:
    if not vault.locked:
        return
    days = lifecycle.get("DeleteAfterDays", -1)
    lowest, highest = vault.min_retention_days, vault.max_retention_days
    too_short = lowest is not None and days != -1 and days < lowest
    too_long = highest is not None and (days == -1 or days > highest)
    if too_short or too_long:
        kept = "for ever" if days == -1 else f"{days} days"
        raise _Failed(
            f"Backup vault {vault.backup_vault_name} is locked: a retention of {kept} is not within "
            f"MinRetentionDays {lowest} and MaxRetentionDays {highest}"
        )


def _keep_point(
    place: Place, vault: Any, snapshot: dict[str, Any], job: dict[str, Any], tags: dict[str, str]
) -> dict[str, Any]:
    """Under the lock."""
    lifecycle, created = job["RecoveryPointLifecycle"], job["CreationDate"]
    point = {
        "RecoveryPointArn": snapshot["DBSnapshotArn"],
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": job["ResourceArn"],
        "ResourceType": _TYPE,
        "ResourceName": job["ResourceArn"].split(":")[-1],
        "IamRoleArn": job["IamRoleArn"],
        "Status": "COMPLETED",
        "CreationDate": created,
        "CompletionDate": now(),
        "BackupSizeInBytes": int(snapshot.get("AllocatedStorage", 0)) * 2**30,
        "IsEncrypted": bool(snapshot.get("Encrypted", False)),
        "EncryptionKeyArn": snapshot.get("KmsKeyId", ""),
        "IsParent": False,
        "VaultType": "BACKUP_VAULT",
        "Lifecycle": lifecycle,
        "CalculatedLifecycle": _calculated(created, lifecycle),
        **({"CreatedBy": job["CreatedBy"]} if "CreatedBy" in job else {}),
    }
    points = state(place.backend()).points.setdefault(vault.backup_vault_name, {})
    points[point["RecoveryPointArn"]] = point
    if tags:
        place.backend().tag_resource(point["RecoveryPointArn"], tags)
    return point


def _calculated(created: datetime, lifecycle: dict[str, Any]) -> dict[str, Any]:
    """RDS has no cold storage, and AWS Backup ignores the move there."""
    days = lifecycle.get("DeleteAfterDays", -1)
    return {} if days == -1 else {"DeleteAt": created + timedelta(days=days)}


def _end_backup(place: Place, job: dict[str, Any], ended: str, message: str | None) -> None:
    job.update(State=ended, CompletionDate=now(), PercentDone="100.0" if ended == "COMPLETED" else "0.0")
    job["MessageCategory"] = "SUCCESS" if ended == "COMPLETED" else "FAILURE"
    if message:
        job["StatusMessage"] = message
    detail = {
        "backupJobId": job["BackupJobId"],
        "backupVaultArn": job["BackupVaultArn"],
        "backupVaultName": job["BackupVaultName"],
        "creationDate": job["CreationDate"].isoformat(),
        "iamRoleArn": job["IamRoleArn"],
        "percentDone": float(job["PercentDone"]),
        "resourceArn": job["ResourceArn"],
        "resourceType": job["ResourceType"],
        "state": ended,
        **({"statusMessage": message} if message else {}),
    }
    resources = [job["RecoveryPointArn"]] if "RecoveryPointArn" in job else []
    event_bus.put(place.account_id, place.region, "aws.backup", "Backup Job State Change", resources, detail)
    _count(place, job["BackupVaultName"], f"NumberOfBackupJobs{ended.title()}")
    what = "completed successfully" if ended == "COMPLETED" else "stopped"
    text = f"An AWS Backup job was {what}. Resource ARN : {job['ResourceArn']}. BackupJob ID : {job['BackupJobId']}"
    _notify(place, job["BackupVaultName"], "BACKUP_JOB_COMPLETED", text)


def _count(place: Place, vault: str, metric: str) -> None:
    """One job, in each of the metric's dimensions."""
    by_vault = [{"Name": "BackupVaultName", "Value": vault}]
    put(
        place.backend("cloudwatch"),
        "AWS/Backup",
        [
            {"MetricName": metric, "Dimensions": dimensions, "Value": 1.0, "Unit": "Count"}
            for dimensions in (by_vault, [*by_vault, {"Name": "ResourceType", "Value": _TYPE}])
        ],
    )


def _notify(place: Place, vault: str, event: str, text: str) -> None:
    """AWS documents no condition keys of its messages."""
    wanted = state(place.backend()).notifications.get(vault)
    if wanted is None or event not in wanted["BackupVaultEvents"]:
        return
    source = f"arn:aws:backup:{place.region}:{place.account_id}:backup-vault:{vault}"
    sender = Sender(PRINCIPAL, source, place.account_id)
    deliveries.publish(sender, wanted["SNSTopicArn"], "Notification from AWS Backup", text)


@implements("backup", "DescribeBackupJob")
def describe_backup(call: Call) -> dict[str, Any]:
    return _job(state(call.backend()).backups, call.params["BackupJobId"])


def _job(jobs: dict[str, dict[str, Any]], identifier: str) -> dict[str, Any]:
    if identifier not in jobs:
        raise not_found(f"Job {identifier} does not exist")
    return jobs[identifier]


@implements("backup", "ListBackupJobs")
def list_backups(call: Call) -> dict[str, Any]:
    filters = {"ByState": "State", "ByBackupVaultName": "BackupVaultName", "ByResourceArn": "ResourceArn"}
    return {"BackupJobs": _filtered(call, state(call.backend()).backups.values(), filters)}


def _filtered(call: Call, items: Iterable[dict[str, Any]], filters: dict[str, str]) -> list[dict[str, Any]]:
    """The newest first."""
    return sorted(
        (
            item
            for item in items
            if all(call.params.get(given) in (None, item.get(member)) for given, member in filters.items())
        ),
        key=lambda item: item["CreationDate"],
        reverse=True,
    )


# Recovery points


@implements("backup", "ListRecoveryPointsByBackupVault")
def list_points(call: Call) -> dict[str, Any]:
    vault_of(call.backend(), call.params["BackupVaultName"])
    points = state(call.backend()).points.get(call.params["BackupVaultName"], {}).values()
    filters = {"ByResourceArn": "ResourceArn", "ByResourceType": "ResourceType"}
    return {"RecoveryPoints": _filtered(call, points, filters)}


@implements("backup", "ListRecoveryPointsByResource")
def list_points_of_resource(call: Call) -> dict[str, Any]:
    members = ("RecoveryPointArn", "CreationDate", "Status", "BackupVaultName", "EncryptionKeyArn", "IsParent")
    points = (point for vault in state(call.backend()).points.values() for point in vault.values())
    found = _filtered(call, points, {"ResourceArn": "ResourceArn"})
    return {"RecoveryPoints": [{member: point[member] for member in members} for point in found]}


def _point(call: Call) -> dict[str, Any]:
    vault, arn = call.params["BackupVaultName"], call.params["RecoveryPointArn"]
    vault_of(call.backend(), vault)
    found = state(call.backend()).points.get(vault, {}).get(arn)
    if found is None:
        raise not_found(f"Cannot find recovery point {arn}")
    return found


@implements("backup", "DescribeRecoveryPoint")
def describe_point(call: Call) -> dict[str, Any]:
    return {**_point(call), "StorageClass": "WARM"}


@implements("backup", "GetRecoveryPointRestoreMetadata")
def restore_metadata(call: Call) -> dict[str, Any]:
    point = _point(call)
    snapshot = call_snapshot(Place(call.account_id, call.region), point)
    return {
        "BackupVaultArn": point["BackupVaultArn"],
        "RecoveryPointArn": point["RecoveryPointArn"],
        "ResourceType": _TYPE,
        "RestoreMetadata": _inferred(snapshot),
    }


def call_snapshot(place: Place, point: dict[str, Any]) -> Any:
    """RDS's snapshot of a recovery point."""
    return place.backend("rds").database_snapshots[point["RecoveryPointArn"].split(":snapshot:")[1]]


def _inferred(snapshot: Any) -> dict[str, str]:
    database = snapshot.database
    return {
        "DBInstanceClass": str(database.db_instance_class),
        "DBInstanceIdentifier": str(database.db_instance_identifier),
        "Engine": str(database.engine),
        "MultiAZ": "false",
        "PubliclyAccessible": "false",
    }


@implements("backup", "DeleteRecoveryPoint")
def delete_point(call: Call) -> dict[str, Any]:
    point = _point(call)
    _check_access(call, "backup:DeleteRecoveryPoint", point)
    _check_lock(call, point)
    del state(call.backend()).points[point["BackupVaultName"]][point["RecoveryPointArn"]]
    call.backend("rds").database_snapshots.pop(point["RecoveryPointArn"].split(":snapshot:")[1], None)
    return {}


@implements("backup", "UpdateRecoveryPointLifecycle")
def update_point(call: Call) -> dict[str, Any]:
    point, lifecycle = _point(call), call.params.get("Lifecycle", {})
    _check_access(call, "backup:UpdateRecoveryPointLifecycle", point)
    _check_lock(call, point)
    check_lifecycle(lifecycle)
    point.update(Lifecycle=lifecycle, CalculatedLifecycle=_calculated(point["CreationDate"], lifecycle))
    return {name: point[name] for name in ("BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle")}


def _check_lock(call: Call, point: dict[str, Any]) -> None:
    vault = vault_of(call.backend(), point["BackupVaultName"])
    until = point["CalculatedLifecycle"].get("DeleteAt")
    if vault.locked and (until is None or clock.now() < until):
        message = "RecoveryPoint cannot be deleted or updated (Backup vault configured with Lock)"
        raise ApiError("InvalidRequestException", message)


def _check_access(call: Call, action: str, point: dict[str, Any]) -> None:
    """What the vault's policy denies to everybody, or to the account."""
    policy = json.loads(state(call.backend()).policies.get(point["BackupVaultName"], "{}"))
    denials = [{**each, "Effect": "Allow"} for each in policy.get("Statement", []) if each["Effect"] == "Deny"]
    root = f"arn:aws:iam::{call.account_id}:root"
    access = Access(root, action, point["RecoveryPointArn"], {"aws:PrincipalArn": root})
    if allows(json.dumps({"Statement": denials}), access):
        raise ApiError("AccessDeniedException", "Insufficient privileges to perform this action.")


def _is_managed(call: Call, snapshot: str) -> bool:
    """AWS Backup made the snapshot."""
    arn = f"arn:aws:rds:{call.region}:{call.account_id}:snapshot:{snapshot}"
    return any(arn in points for points in state(call.backend("backup")).points.values())


@prepares("rds", "DeleteDBSnapshot")
def keep_snapshot(call: Call) -> None:
    """Amazon RDS User Guide, "Deleting a DB snapshot": AWS Backup manages these, and deletes them."""
    name = call.params["DBSnapshotIdentifier"]
    if _is_managed(call, name):
        raise ApiError("InvalidDBSnapshotState", f"Snapshot {name} is managed by AWS Backup, which deletes it")


@amends("rds", "DescribeDBSnapshots")
def mark_snapshots(call: Call, response: dict[str, Any]) -> None:
    for snapshot in response.get("DBSnapshots", []):
        if _is_managed(call, snapshot["DBSnapshotIdentifier"]):
            snapshot["SnapshotType"] = "awsbackup"


# Copy jobs


@implements("backup", "StartCopyJob")
def start_copy(call: Call) -> dict[str, Any]:
    params = call.params
    check_role(call, params["IamRoleArn"])
    vault_of(call.backend(), params["SourceBackupVaultName"])
    point = state(call.backend()).points.get(params["SourceBackupVaultName"], {}).get(params["RecoveryPointArn"])
    if point is None:
        raise not_found(f"Cannot find recovery point {params['RecoveryPointArn']}")
    check_lifecycle(params.get("Lifecycle", {}))
    destination = params["DestinationBackupVaultArn"]
    job = _begin_copy(_place(call), point, destination, params["IamRoleArn"], params.get("Lifecycle"))
    return {name: job[name] for name in ("CopyJobId", "CreationDate")} | {"IsParent": False}


def _begin_copy(
    place: Place,
    point: dict[str, Any],
    destination: str,
    role: str,
    lifecycle: dict[str, Any] | None,
    backup: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Under the lock. Without a lifecycle the copy has its source's."""
    identifier = str(uuid.uuid4()).upper()
    job = {
        "AccountId": place.account_id,
        "CopyJobId": identifier,
        "SourceBackupVaultArn": point["BackupVaultArn"],
        "SourceRecoveryPointArn": point["RecoveryPointArn"],
        "DestinationBackupVaultArn": destination,
        "DestinationRecoveryPointLifecycle": point["Lifecycle"] if lifecycle is None else lifecycle,
        "ResourceArn": point["ResourceArn"],
        "ResourceType": _TYPE,
        "IamRoleArn": role,
        "CreationDate": now(),
        "State": "CREATED",
        **({"CreatedBy": backup["CreatedBy"]} if backup and "CreatedBy" in backup else {}),
        **({"CreatedByBackupJobId": backup["BackupJobId"]} if backup else {}),
    }
    state(place.backend()).copies[identifier] = job
    _run(f"copy job {identifier}", lambda: _copy(place, job))
    return job


def _copy(place: Place, job: dict[str, Any]) -> None:
    arn = job["DestinationBackupVaultArn"]
    elsewhere = Place(arn.split(":")[4], _region_of(arn))
    try:
        with running.STATE:
            job["State"] = "RUNNING"
            vault = elsewhere.backend().vaults.get(arn.split(":")[-1])
            if vault is None:
                raise _Failed(f"Backup vault {arn} does not exist.")
            _check_retention(vault, job["DestinationRecoveryPointLifecycle"])
        key = vault.encryption_key_arn
        snapshot = elsewhere.client("rds").copy_db_snapshot(
            SourceDBSnapshotIdentifier=job["SourceRecoveryPointArn"],
            TargetDBSnapshotIdentifier=f"awsbackup-copyjob-{job['CopyJobId'].lower()}",
            # A copy is encrypted with the key of its vault (AWS Backup, "Encryption for backups in AWS Backup").
            **({"KmsKeyId": key} if key else {}),
        )["DBSnapshot"]
    except (_Failed, ClientError) as problem:
        with running.STATE:
            _end_copy(place, job, "FAILED", str(problem))
        return
    with running.STATE:
        made = {**job, "RecoveryPointLifecycle": job["DestinationRecoveryPointLifecycle"]}
        point = _keep_point(elsewhere, vault, snapshot, made, {})
        point["SourceBackupVaultArn"] = job["SourceBackupVaultArn"]
        job["DestinationRecoveryPointArn"] = point["RecoveryPointArn"]
        job["BackupSizeInBytes"] = point["BackupSizeInBytes"]
        _end_copy(place, job, "COMPLETED", None)


def _end_copy(place: Place, job: dict[str, Any], ended: str, message: str | None) -> None:
    job.update(State=ended, CompletionDate=now())
    if message:
        job["StatusMessage"] = message
    detail = {
        "copyJobId": job["CopyJobId"],
        "creationDate": job["CreationDate"].isoformat(),
        "destinationBackupVaultArn": job["DestinationBackupVaultArn"],
        "iamRoleArn": job["IamRoleArn"],
        "resourceArn": job["ResourceArn"],
        "resourceType": _TYPE,
        "sourceBackupVaultArn": job["SourceBackupVaultArn"],
        "state": ended,
        **({"statusMessage": message} if message else {}),
    }
    resources = [job["SourceRecoveryPointArn"]]
    event_bus.put(place.account_id, place.region, "aws.backup", "Copy Job State Change", resources, detail)
    vault = job["SourceBackupVaultArn"].split(":")[-1]
    _count(place, vault, f"NumberOfCopyJobs{ended.title()}")
    what = "COPY_JOB_SUCCESSFUL" if ended == "COMPLETED" else "COPY_JOB_FAILED"
    _notify(place, vault, what, f"Copy Job State : {ended}. Copy Job ID : {job['CopyJobId']}")


@implements("backup", "DescribeCopyJob")
def describe_copy(call: Call) -> dict[str, Any]:
    return {"CopyJob": _job(state(call.backend()).copies, call.params["CopyJobId"])}


@implements("backup", "ListCopyJobs")
def list_copies(call: Call) -> dict[str, Any]:
    filters = {
        "ByState": "State",
        "ByDestinationVaultArn": "DestinationBackupVaultArn",
        "ByResourceArn": "ResourceArn",
    }
    return {"CopyJobs": _filtered(call, state(call.backend()).copies.values(), filters)}


# Restore jobs


@implements("backup", "StartRestoreJob")
def start_restore(call: Call) -> dict[str, Any]:
    params, arn = call.params, call.params["RecoveryPointArn"]
    if "IamRoleArn" in params:
        check_role(call, params["IamRoleArn"])
    vaults = state(call.backend()).points.values()
    point = next((points[arn] for points in vaults if arn in points), None)
    if point is None:
        raise not_found(f"Cannot find recovery point {arn}")
    given = {name.lower() for name in params["Metadata"]}
    if "dbinstanceidentifier" not in given:
        raise ApiError("MissingParameterValueException", "Metadata: DBInstanceIdentifier is required")
    job = _begin_restore(_place(call), point, params["Metadata"], params.get("IamRoleArn", ""))
    return {"RestoreJobId": job["RestoreJobId"]}


def _begin_restore(
    place: Place,
    point: dict[str, Any],
    metadata: dict[str, str],
    role: str,
    test: dict[str, Any] | None = None,
    validation_hours: int = 0,
) -> dict[str, Any]:
    """Under the lock."""
    identifier = str(uuid.uuid4()).upper()
    job = {
        "AccountId": place.account_id,
        "RestoreJobId": identifier,
        "RecoveryPointArn": point["RecoveryPointArn"],
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": point["BackupVaultArn"],
        "RecoveryPointCreationDate": point["CreationDate"],
        "BackupSizeInBytes": point["BackupSizeInBytes"],
        "ResourceType": _TYPE,
        "IamRoleArn": role,
        "CreationDate": now(),
        "Status": "PENDING",
        "PercentDone": "0.0",
        **({"CreatedBy": {"RestoreTestingPlanArn": test["RestoreTestingPlanArn"]}} if test else {}),
    }
    state(place.backend()).restores[identifier] = job
    _run(f"restore job {identifier}", lambda: _restore(place, job, metadata, validation_hours))
    return job


#: Names of RDS's request by the metadata's, which AWS Backup compares without regard to case.
_RESTORE_MEMBERS = {
    "dbinstanceclass": "DBInstanceClass",
    "dbinstanceidentifier": "DBInstanceIdentifier",
    "dbparametergroupname": "DBParameterGroupName",
    "dbsubnetgroupname": "DBSubnetGroupName",
    "multiaz": "MultiAZ",
    "publiclyaccessible": "PubliclyAccessible",
    "storagetype": "StorageType",
    "vpcsecuritygroupids": "VpcSecurityGroupIds",
}


def _restore(place: Place, job: dict[str, Any], metadata: dict[str, str], validation_hours: int) -> None:
    with running.STATE:
        job["Status"] = "RUNNING"
    rds = place.client("rds")
    members: dict[str, Any] = {}
    for name, value in metadata.items():
        member = _RESTORE_MEMBERS.get(name.lower())
        if member == "VpcSecurityGroupIds":
            members[member] = json.loads(value)
        elif member in ("MultiAZ", "PubliclyAccessible"):
            members[member] = value.lower() == "true"
        elif member is not None:
            members[member] = value
    name = members["DBInstanceIdentifier"]
    try:
        rds.restore_db_instance_from_db_snapshot(
            DBSnapshotIdentifier=job["RecoveryPointArn"].split(":snapshot:")[1], **members
        )
        database = _available(rds, name)
    except (_Failed, ClientError) as problem:
        with running.STATE:
            _end_restore(place, job, "FAILED", str(problem))
        return
    with running.STATE:
        job["CreatedResourceArn"] = database["DBInstanceArn"]
        if "CreatedBy" in job:
            job["ValidationStatus"] = "VALIDATING" if validation_hours else "TIMED_OUT"
        _end_restore(place, job, "COMPLETED", None)
    if "CreatedBy" in job and not validation_hours:
        _clean_up(place, job)


def _available(rds: Any, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + _RESTORE_SECONDS
    while time.monotonic() < deadline:
        database: dict[str, Any] = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        if database["DBInstanceStatus"] == "available":
            return database
        time.sleep(_POLL_SECONDS)
    raise _Failed(f"{name} was not available within {_RESTORE_SECONDS} s")


def _end_restore(place: Place, job: dict[str, Any], ended: str, message: str | None) -> None:
    job.update(Status=ended, CompletionDate=now(), PercentDone="100.00%" if ended == "COMPLETED" else "0.00%")
    if message:
        job["StatusMessage"] = message
    test = job.get("CreatedBy", {}).get("RestoreTestingPlanArn")
    detail = {
        "restoreJobId": job["RestoreJobId"],
        "backupSizeInBytes": str(job["BackupSizeInBytes"]),
        "creationDate": job["CreationDate"].isoformat(),
        "iamRoleArn": job["IamRoleArn"],
        "percentDone": 100.0 if ended == "COMPLETED" else 0.0,
        "resourceType": _TYPE,
        "status": ended,
        **({"restoreTestingPlanArn": test} if test else {}),
        **({"createdResourceArn": job["CreatedResourceArn"]} if "CreatedResourceArn" in job else {}),
        **({"statusMessage": message} if message else {}),
    }
    resources = [job["RecoveryPointArn"]]
    event_bus.put(place.account_id, place.region, "aws.backup", "Restore Job State Change", resources, detail)
    vault = job["BackupVaultArn"].split(":")[-1]
    _count(place, vault, f"NumberOfRestoreJobs{ended.title()}")
    text = f"AWS Backup Restore Job {ended}. Restore Job ID : {job['RestoreJobId']}"
    _notify(place, vault, "RESTORE_JOB_COMPLETED", text)


def _clean_up(place: Place, job: dict[str, Any]) -> None:
    """A restore test deletes what it restored."""
    name = job["CreatedResourceArn"].split(":")[-1]
    try:
        place.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        status, message = "SUCCESSFUL", None
    except ClientError as problem:
        status, message = "FAILED", str(problem)
    with running.STATE:
        job["DeletionStatus"] = status
        if message:
            job["DeletionStatusMessage"] = message


@implements("backup", "DescribeRestoreJob")
def describe_restore(call: Call) -> dict[str, Any]:
    return _job(state(call.backend()).restores, call.params["RestoreJobId"])


@implements("backup", "ListRestoreJobs")
def list_restores(call: Call) -> dict[str, Any]:
    wanted = call.params.get("ByRestoreTestingPlanArn")
    jobs = (
        job
        for job in state(call.backend()).restores.values()
        if wanted in (None, job.get("CreatedBy", {}).get("RestoreTestingPlanArn"))
    )
    filters = {"ByStatus": "Status", "ByResourceType": "ResourceType"}
    return {"RestoreJobs": _filtered(call, jobs, filters)}


@implements("backup", "PutRestoreValidationResult")
def put_validation(call: Call) -> dict[str, Any]:
    job = _job(state(call.backend()).restores, call.params["RestoreJobId"])
    if job.get("ValidationStatus") != "VALIDATING":
        message = f"Restore job {job['RestoreJobId']} is not in the state VALIDATING"
        raise ApiError("InvalidRequestException", message)
    job["ValidationStatus"] = call.params["ValidationStatus"]
    if "ValidationStatusMessage" in call.params:
        job["ValidationStatusMessage"] = call.params["ValidationStatusMessage"]
    job["DeletionStatus"] = "DELETING"
    place = _place(call)
    _run(f"clean-up of {job['RestoreJobId']}", lambda: _clean_up(place, job))
    return {}


# Schedules


def run_plan(document: Any, account_id: str) -> dict[str, Any]:
    """The body of POST /_emulator/backup-plans: region, and the name of a backup plan or of a restore testing plan. The
    answer has the ids of the jobs."""
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in ("region", "plan")):
        raise ValueError("region and plan must be strings")
    place, name = Place(account_id, document["region"]), document["plan"]
    plans = place.backend().plans.values()
    plan = next((plan for plan in plans if plan.backup_plan["BackupPlanName"] == name), None)
    test = state(place.backend()).tests.get(name)
    if plan is not None:
        return {"jobs": [job["BackupJobId"] for job in _run_rules(place, plan)]}
    if test is not None:
        test["LastExecutionTime"] = now()
        return {"jobs": [job["RestoreJobId"] for job in _run_test(place, test)]}
    raise ValueError(f"{place.region} has no backup plan and no restore testing plan {name}")


def _run_rules(place: Place, plan: Any) -> Iterable[dict[str, Any]]:
    selections = state(place.backend()).selections.get(plan.backup_plan_id, {}).values()
    if not state(place.backend()).opt_in[_TYPE]:
        return
    for rule in plan.backup_plan["Rules"]:
        created_by = {
            "BackupPlanId": plan.backup_plan_id,
            "BackupPlanArn": plan.backup_plan_arn,
            "BackupPlanVersion": plan.version_id,
            "BackupRuleId": rule["RuleId"],
        }
        for selection in (each["BackupSelection"] for each in selections):
            for arn in _selected(place, selection):
                yield _begin_backup(
                    place,
                    vault=rule["TargetBackupVaultName"],
                    resource=arn,
                    role=selection["IamRoleArn"],
                    lifecycle=rule.get("Lifecycle", {}),
                    tags=rule.get("RecoveryPointTags", {}),
                    created_by=created_by,
                    copies=rule.get("CopyActions", []),
                )


def _selected(place: Place, selection: dict[str, Any]) -> list[str]:
    """Databases: named or tagged in one of the ways of ListOfTags, and meeting all Conditions (API_BackupSelection)."""
    conditions = selection.get("Conditions", {})

    def is_selected(database: Any) -> bool:
        tags = {tag["Key"]: tag["Value"] for tag in database.tags}
        arn = database.db_instance_arn
        named = any(_matches(pattern, arn) for pattern in selection.get("Resources", []))
        tagged = any(
            tags.get(each["ConditionKey"]) == each["ConditionValue"] for each in selection.get("ListOfTags", [])
        )
        only_conditions = not selection.get("Resources") and not selection.get("ListOfTags")
        meets = all(
            (tags.get(each["ConditionKey"].removeprefix("aws:ResourceTag/")) == each["ConditionValue"]) == equal
            for operator, equal in (("StringEquals", True), ("StringNotEquals", False))
            for each in conditions.get(operator, [])
        )
        excluded = any(_matches(pattern, arn) for pattern in selection.get("NotResources", []))
        return (named or tagged or only_conditions) and meets and not excluded

    return [each.db_instance_arn for each in place.backend("rds").databases.values() if is_selected(each)]


def _matches(pattern: str, arn: str) -> bool:
    given, wanted = pattern.split(":", 6), arn.split(":", 6)
    return pattern == "*" or all(part in ("*", other) for part, other in zip(given, wanted, strict=False))


def _run_test(place: Place, test: dict[str, Any]) -> Iterable[dict[str, Any]]:
    wanted = test["RecoveryPointSelection"]
    since = clock.now() - timedelta(days=wanted["SelectionWindowDays"])
    points = [
        point
        for vault in state(place.backend()).points.values()
        for point in vault.values()
        if (wanted["IncludeVaults"] == ["*"] or point["BackupVaultArn"] in wanted["IncludeVaults"])
        and point["BackupVaultArn"] not in wanted["ExcludeVaults"]
        and point["CreationDate"] >= since
    ]
    selections = state(place.backend()).test_selections.get(test["RestoreTestingPlanName"], {}).values()
    for selection in selections:
        arns = selection["ProtectedResourceArns"]
        for arn in sorted({point["ResourceArn"] for point in points}):
            if arns in ([], ["*"]) or arn in arns:
                newest = max((p for p in points if p["ResourceArn"] == arn), key=lambda p: p["CreationDate"])
                yield _begin_restore(
                    place,
                    newest,
                    _for_test(call_snapshot(place, newest), selection["RestoreMetadataOverrides"]),
                    selection["IamRoleArn"],
                    test,
                    selection["ValidationWindowHours"],
                )


def _for_test(snapshot: Any, overrides: dict[str, str]) -> dict[str, str]:
    """The overrides' keys are compared without regard to case."""
    name = f"awsbackup-restore-test-{uuid.uuid4().hex[:20]}"
    inferred = {**_inferred(snapshot), "DBInstanceIdentifier": name}
    given = {key.lower() for key in overrides}
    return {**{key: value for key, value in inferred.items() if key.lower() not in given}, **overrides}
