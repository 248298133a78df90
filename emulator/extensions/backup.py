"""AWS Backup: vaults with their locks, policies and notifications, plans, selections, restore testing plans, and the
settings of a region. Jobs and recovery points are in backup_jobs.py.

Corrects the tags of vaults and plans (the Go SDK's paths have no slash at the end, which moto counts on), and a vault
that holds recovery points, which cannot be deleted. Implements UpdateBackupPlan and DeleteBackupPlan, and Create, Get,
List and Delete of selections, restore testing plans and their selections; Put, Get and Delete of a vault's access
policy and notifications; Describe and UpdateRegionSettings.

Not modelled: whether a plan's vaults exist (a job into a vault that does not fails), frameworks, report plans,
logically air-gapped vaults, legal holds.

Reference: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Operations_AWS_Backup.html;
API_CreateRestoreTestingPlan.html (names of letters, digits and underscores, at most 50);
API_RestoreTestingRecoveryPointSelection.html (a selection window of 1 to 365 days, 30 without one);
API_Lifecycle.html (deleted at least 90 days after the move to cold storage); API_BackupRule.html (continuous backups
are kept 35 days at most); vault-lock.html; delete-a-vault.html; repost.aws/knowledge-center/delete-aws-backup-vault;
hashicorp/terraform-provider-aws, internal/service/backup (the messages that the provider waits for)
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares
from ..roles import find_trusting

PRINCIPAL = "backup.amazonaws.com"

#: Days; the range of a lock and of a lifecycle. Source: API_Lifecycle.html ("100 years (36,500 days)").
_LONGEST_RETENTION = 36500
_LONGEST_CONTINUOUS = 35
_SHORTEST_COLD = 90
_TEST_NAME = re.compile(r"[A-Za-z0-9_]{1,50}")
_MOST_TEST_ARNS = 30

#: The resource types that AWS Backup knows, and whether an account has opted into them by itself. Source of the names:
#: DescribeRegionSettings as issue 3758 of boto/boto3 quotes it.
_OPT_IN = {
    "Aurora": True,
    "CloudFormation": True,
    "DocumentDB": True,
    "DynamoDB": True,
    "EBS": True,
    "EC2": True,
    "EFS": True,
    "FSx": True,
    "Neptune": True,
    "RDS": True,
    "Redshift": True,
    "S3": False,
    "SAP HANA on Amazon EC2": False,
    "Storage Gateway": True,
    "Timestream": False,
    "VirtualMachine": True,
}
_MANAGED = {"DynamoDB": False, "EFS": True}


@dataclass
class State:
    """What moto's backend of AWS Backup, of one account and region, lacks."""

    #: By plan id, then by selection id.
    selections: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    #: Access policies and notifications by the vault's name.
    policies: dict[str, str] = field(default_factory=dict)
    notifications: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Restore testing plans by name; their selections by the plan's name, then by their own.
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    test_selections: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    opt_in: dict[str, bool] = field(default_factory=lambda: dict(_OPT_IN))
    managed: dict[str, bool] = field(default_factory=lambda: dict(_MANAGED))
    #: Recovery points by the vault's name, then by ARN.
    points: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    #: Jobs by id.
    backups: dict[str, dict[str, Any]] = field(default_factory=dict)
    copies: dict[str, dict[str, Any]] = field(default_factory=dict)
    restores: dict[str, dict[str, Any]] = field(default_factory=dict)


def state(backend: Any) -> State:
    found: State = backend.__dict__.setdefault("skymanuals", State())
    return found


def now() -> datetime:
    return datetime.now(timezone.utc)


def not_found(what: str) -> ApiError:
    return ApiError("ResourceNotFoundException", what)


def vault_of(backend: Any, name: str) -> Any:
    """The message is moto's: AWS answers AccessDeniedException to a caller that may not know which vaults exist."""
    vault = backend.vaults.get(name)
    if vault is None:
        raise not_found(f"Backup vault {name} does not exist.")
    return vault


def check_role(call: Call, arn: str) -> None:
    """The role exists, and AWS Backup may assume it."""
    if find_trusting(call.account_id, arn, PRINCIPAL, {"aws:SourceAccount": call.account_id}) is None:
        raise ApiError("InvalidParameterValueException", f"IAM Role {arn} cannot be assumed by AWS Backup")


def check_lifecycle(lifecycle: dict[str, Any], continuous: bool = False) -> None:
    delete, cold = lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays")
    for name, days in (("DeleteAfterDays", delete), ("MoveToColdStorageAfterDays", cold)):
        # -1 keeps for ever.
        if days is not None and days != -1 and not 1 <= days <= _LONGEST_RETENTION:
            raise ApiError("InvalidParameterValueException", f"{name} must be between 1 and {_LONGEST_RETENTION}")
    if delete is not None and cold is not None and -1 not in (delete, cold) and delete < cold + _SHORTEST_COLD:
        message = f"DeleteAfterDays cannot be less than {_SHORTEST_COLD} days apart from MoveToColdStorageAfterDays"
        raise ApiError("InvalidParameterValueException", message)
    if continuous and (delete is None or not 1 <= delete <= _LONGEST_CONTINUOUS):
        message = f"Continuous backups are retained between 1 and {_LONGEST_CONTINUOUS} days"
        raise ApiError("InvalidParameterValueException", message)


# Vaults


@implements("backup", "DescribeBackupVault")
def describe_vault(call: Call) -> dict[str, Any]:
    name = call.params["BackupVaultName"]
    vault = vault_of(call.backend(), name)
    described: dict[str, Any] = {
        "BackupVaultName": name,
        "BackupVaultArn": vault.backup_vault_arn,
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "EncryptionKeyArn": vault.encryption_key_arn or _default_key(call),
        "CreationDate": datetime.fromtimestamp(vault.creation_date, timezone.utc),
        "NumberOfRecoveryPoints": len(state(call.backend()).points.get(name, {})),
        "Locked": vault.locked,
        "MinRetentionDays": vault.min_retention_days,
        "MaxRetentionDays": vault.max_retention_days,
        "LockDate": vault.lock_date and datetime.fromtimestamp(vault.lock_date, timezone.utc),
    }
    return {member: value for member, value in described.items() if value is not None}


def _default_key(call: Call) -> str:
    return f"arn:aws:kms:{call.region}:{call.account_id}:key/aws-backup"


@prepares("backup", "DeleteBackupVault")
def keep_vault_with_recovery_points(call: Call) -> None:
    name = call.params["BackupVaultName"]
    if state(call.backend()).points.get(name):
        message = f"Backup vault cannot be deleted because it contains recovery points: {name}"
        raise ApiError("InvalidRequestException", message)


@amends("backup", "DeleteBackupVault")
def forget_vault(call: Call, _response: dict[str, Any]) -> None:
    kept, name = state(call.backend()), call.params["BackupVaultName"]
    for by_vault in (kept.policies, kept.notifications, kept.points):
        by_vault.pop(name, None)


@implements("backup", "ListTags")
def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": call.backend().list_tags(call.params["ResourceArn"])}


@implements("backup", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    call.backend().tag_resource(call.params["ResourceArn"], call.params["Tags"])
    return {}


@implements("backup", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    call.backend().untag_resource(call.params["ResourceArn"], call.params["TagKeyList"])
    return {}


@implements("backup", "PutBackupVaultAccessPolicy")
def put_policy(call: Call) -> dict[str, Any]:
    name = call.params["BackupVaultName"]
    vault_of(call.backend(), name)
    state(call.backend()).policies[name] = call.params["Policy"]
    return {}


@implements("backup", "GetBackupVaultAccessPolicy")
def get_policy(call: Call) -> dict[str, Any]:
    name = call.params["BackupVaultName"]
    vault = vault_of(call.backend(), name)
    policy = state(call.backend()).policies.get(name)
    if policy is None:
        raise not_found(f"Backup vault {name} has no access policy")
    return {"BackupVaultName": name, "BackupVaultArn": vault.backup_vault_arn, "Policy": policy}


@implements("backup", "DeleteBackupVaultAccessPolicy")
def delete_policy(call: Call) -> dict[str, Any]:
    vault_of(call.backend(), call.params["BackupVaultName"])
    state(call.backend()).policies.pop(call.params["BackupVaultName"], None)
    return {}


@implements("backup", "PutBackupVaultNotifications")
def put_notifications(call: Call) -> dict[str, Any]:
    params = call.params
    vault_of(call.backend(), params["BackupVaultName"])
    state(call.backend()).notifications[params["BackupVaultName"]] = {
        "SNSTopicArn": params["SNSTopicArn"],
        "BackupVaultEvents": params["BackupVaultEvents"],
    }
    return {}


@implements("backup", "GetBackupVaultNotifications")
def get_notifications(call: Call) -> dict[str, Any]:
    name = call.params["BackupVaultName"]
    vault = vault_of(call.backend(), name)
    found = state(call.backend()).notifications.get(name)
    if found is None:
        raise not_found(f"Failed reading notifications from database for Backup vault {name}")
    return {"BackupVaultName": name, "BackupVaultArn": vault.backup_vault_arn, **found}


@implements("backup", "DeleteBackupVaultNotifications")
def delete_notifications(call: Call) -> dict[str, Any]:
    vault_of(call.backend(), call.params["BackupVaultName"])
    state(call.backend()).notifications.pop(call.params["BackupVaultName"], None)
    return {}


# Plans


def plan_of(call: Call) -> Any:
    plan = call.backend().plans.get(call.params["BackupPlanId"])
    if plan is None:
        raise not_found("Failed reading Backup plan with provided version")
    return plan


@prepares("backup", "CreateBackupPlan", "UpdateBackupPlan")
def check_plan(call: Call) -> None:
    for rule in call.params["BackupPlan"]["Rules"]:
        continuous = rule.get("EnableContinuousBackup", False)
        check_lifecycle(rule.get("Lifecycle", {}), continuous)
        for copy in rule.get("CopyActions", []):
            check_lifecycle(copy.get("Lifecycle", {}))
        start = rule.get("StartWindowMinutes", 480)
        if start < 60:
            raise ApiError("InvalidParameterValueException", "StartWindowMinutes must be at least 60")
        # Source: API_BackupRule.html; AWS's own wording.
        if rule.get("CompletionWindowMinutes", 10080) < start + 60:
            message = "CompletionWindowMinutes must be at least 60 minutes greater than StartWindowMinutes"
            raise ApiError("InvalidParameterValueException", message)


@implements("backup", "UpdateBackupPlan")
def update_plan(call: Call) -> dict[str, Any]:
    plan = plan_of(call)
    changed = type(plan)(call.params["BackupPlan"], plan.creator_request_id, call.backend())
    plan.backup_plan = changed.backup_plan
    plan.advanced_backup_settings = changed.advanced_backup_settings
    plan.version_id = changed.version_id
    return {
        "BackupPlanId": plan.backup_plan_id,
        "BackupPlanArn": plan.backup_plan_arn,
        "CreationDate": datetime.fromtimestamp(plan.creation_date, timezone.utc),
        "VersionId": plan.version_id,
        "AdvancedBackupSettings": plan.advanced_backup_settings,
    }


@implements("backup", "DeleteBackupPlan")
def delete_plan(call: Call) -> dict[str, Any]:
    plan, kept = plan_of(call), state(call.backend())
    if kept.selections.get(plan.backup_plan_id):
        message = "Related backup plan selections must be deleted prior to backup plan deletion"
        raise ApiError("InvalidRequestException", message)
    del call.backend().plans[plan.backup_plan_id]
    return {
        "BackupPlanId": plan.backup_plan_id,
        "BackupPlanArn": plan.backup_plan_arn,
        "DeletionDate": now(),
        "VersionId": plan.version_id,
    }


@implements("backup", "CreateBackupSelection")
def create_selection(call: Call) -> dict[str, Any]:
    plan, selection = plan_of(call), call.params["BackupSelection"]
    check_role(call, selection["IamRoleArn"])
    if not any(selection.get(member) for member in ("Resources", "ListOfTags", "Conditions")):
        raise ApiError("InvalidParameterValueException", "Either Resources or ListOfTags section must be specified.")
    selections = state(call.backend()).selections.setdefault(plan.backup_plan_id, {})
    if any(other["BackupSelection"]["SelectionName"] == selection["SelectionName"] for other in selections.values()):
        raise ApiError("AlreadyExistsException", "Backup selection with the same name already exists")
    identifier = str(uuid.uuid4())
    selections[identifier] = {
        # As AWS answers: each of them, also where it is empty.
        "BackupSelection": {"Resources": [], "NotResources": [], "ListOfTags": [], "Conditions": {}, **selection},
        "SelectionId": identifier,
        "BackupPlanId": plan.backup_plan_id,
        "CreationDate": now(),
    }
    return {name: selections[identifier][name] for name in ("SelectionId", "BackupPlanId", "CreationDate")}


def _selection(call: Call) -> dict[str, Any]:
    selections = state(call.backend()).selections.get(call.params["BackupPlanId"], {})
    found = selections.get(call.params["SelectionId"])
    if found is None:
        # The provider takes this for "does not exist".
        raise ApiError("InvalidParameterValueException", "Cannot find Backup plan")
    return found


@implements("backup", "GetBackupSelection")
def get_selection(call: Call) -> dict[str, Any]:
    return _selection(call)


@implements("backup", "ListBackupSelections")
def list_selections(call: Call) -> dict[str, Any]:
    plan = plan_of(call)
    found = state(call.backend()).selections.get(plan.backup_plan_id, {}).values()
    return {
        "BackupSelectionsList": [
            {
                "SelectionName": each["BackupSelection"]["SelectionName"],
                "IamRoleArn": each["BackupSelection"]["IamRoleArn"],
                **{name: each[name] for name in ("SelectionId", "BackupPlanId", "CreationDate")},
            }
            for each in found
        ]
    }


@implements("backup", "DeleteBackupSelection")
def delete_selection(call: Call) -> dict[str, Any]:
    _selection(call)
    del state(call.backend()).selections[call.params["BackupPlanId"]][call.params["SelectionId"]]
    return {}


# Restore testing


@implements("backup", "CreateRestoreTestingPlan")
def create_test(call: Call) -> dict[str, Any]:
    given = call.params["RestoreTestingPlan"]
    name, tests = given["RestoreTestingPlanName"], state(call.backend()).tests
    if not _TEST_NAME.fullmatch(name):
        message = "RestoreTestingPlanName must consist of 1 to 50 alphanumeric characters and underscores"
        raise ApiError("InvalidParameterValueException", message)
    if name in tests:
        raise ApiError("AlreadyExistsException", f"Restore testing plan {name} already exists")
    identifier = uuid.uuid4()
    arn = f"arn:aws:backup:{call.region}:{call.account_id}:restore-testing-plan:{name}-{identifier}"
    tests[name] = {
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowHours": 24,
        **given,
        "RecoveryPointSelection": _point_selection(given["RecoveryPointSelection"]),
        "RestoreTestingPlanArn": arn,
        "CreationTime": now(),
    }
    if call.params.get("Tags"):
        call.backend().tag_resource(arn, call.params["Tags"])
    return {member: tests[name][member] for member in _TEST_MEMBERS}


_TEST_MEMBERS = ("CreationTime", "RestoreTestingPlanArn", "RestoreTestingPlanName")


def _point_selection(given: dict[str, Any]) -> dict[str, Any]:
    for member in ("Algorithm", "IncludeVaults", "RecoveryPointTypes"):
        if not given.get(member):
            raise ApiError("MissingParameterValueException", f"RecoveryPointSelection: {member} is required")
    window = given.get("SelectionWindowDays", 30)
    if not 1 <= window <= 365:
        raise ApiError("InvalidParameterValueException", "SelectionWindowDays must be between 1 and 365")
    return {"ExcludeVaults": [], **given, "SelectionWindowDays": window}


def _test(call: Call) -> dict[str, Any]:
    name = call.params["RestoreTestingPlanName"]
    found = state(call.backend()).tests.get(name)
    if found is None:
        raise not_found(f"Restore testing plan {name} does not exist")
    return found


@implements("backup", "GetRestoreTestingPlan")
def get_test(call: Call) -> dict[str, Any]:
    return {"RestoreTestingPlan": _test(call)}


@implements("backup", "ListRestoreTestingPlans")
def list_tests(call: Call) -> dict[str, Any]:
    members = (*_TEST_MEMBERS, "LastExecutionTime", "LastUpdateTime", "ScheduleExpression", "StartWindowHours")
    return {
        "RestoreTestingPlans": [
            {member: test[member] for member in members if member in test}
            for test in state(call.backend()).tests.values()
        ]
    }


@implements("backup", "UpdateRestoreTestingPlan")
def update_test(call: Call) -> dict[str, Any]:
    test, changes = _test(call), dict(call.params["RestoreTestingPlan"])
    if "RecoveryPointSelection" in changes:
        merged = {**test["RecoveryPointSelection"], **changes["RecoveryPointSelection"]}
        changes["RecoveryPointSelection"] = _point_selection(merged)
    test.update({**changes, "LastUpdateTime": now()})
    return {**{member: test[member] for member in _TEST_MEMBERS}, "UpdateTime": test["LastUpdateTime"]}


@implements("backup", "DeleteRestoreTestingPlan")
def delete_test(call: Call) -> dict[str, Any]:
    name, kept = _test(call)["RestoreTestingPlanName"], state(call.backend())
    # Source: API_DeleteRestoreTestingPlan.html.
    if kept.test_selections.get(name):
        message = f"Restore testing plan {name} has selections, which must be deleted first"
        raise ApiError("InvalidRequestException", message)
    del kept.tests[name]
    return {}


@implements("backup", "CreateRestoreTestingSelection")
def create_test_selection(call: Call) -> dict[str, Any]:
    test, given = _test(call), call.params["RestoreTestingSelection"]
    name = given["RestoreTestingSelectionName"]
    if not _TEST_NAME.fullmatch(name):
        message = "RestoreTestingSelectionName must consist of 1 to 50 alphanumeric characters and underscores"
        raise ApiError("InvalidParameterValueException", message)
    check_role(call, given["IamRoleArn"])
    _check_test_selection(given)
    selections = state(call.backend()).test_selections.setdefault(test["RestoreTestingPlanName"], {})
    if name in selections:
        raise ApiError("AlreadyExistsException", f"Restore testing selection {name} already exists")
    selections[name] = {
        "ProtectedResourceArns": [],
        "ProtectedResourceConditions": {"StringEquals": [], "StringNotEquals": []},
        "RestoreMetadataOverrides": {},
        "ValidationWindowHours": 0,
        **given,
        "RestoreTestingPlanName": test["RestoreTestingPlanName"],
        "CreationTime": now(),
    }
    return _created(test, selections[name])


def _created(test: dict[str, Any], selection: dict[str, Any]) -> dict[str, Any]:
    return {
        "CreationTime": selection["CreationTime"],
        "RestoreTestingPlanArn": test["RestoreTestingPlanArn"],
        "RestoreTestingPlanName": test["RestoreTestingPlanName"],
        "RestoreTestingSelectionName": selection["RestoreTestingSelectionName"],
    }


def _check_test_selection(selection: dict[str, Any]) -> None:
    """Source: API_RestoreTestingSelectionForCreate.html."""
    arns = selection.get("ProtectedResourceArns", [])
    conditions = selection.get("ProtectedResourceConditions", {})
    conditioned = any(conditions.values())
    if not arns and not conditioned:
        message = "One of ProtectedResourceArns and ProtectedResourceConditions is required"
        raise ApiError("MissingParameterValueException", message)
    if conditioned and arns and arns != ["*"]:
        message = "Cannot select by both protected resource conditions and specific ARNs"
        raise ApiError("InvalidParameterValueException", message)
    if len(arns) > _MOST_TEST_ARNS:
        raise ApiError("LimitExceededException", f"At most {_MOST_TEST_ARNS} ProtectedResourceArns are allowed")
    if not 0 <= selection.get("ValidationWindowHours", 0) <= 168:
        raise ApiError("InvalidParameterValueException", "ValidationWindowHours must be between 0 and 168")


def _test_selection(call: Call) -> dict[str, Any]:
    plan, name = call.params["RestoreTestingPlanName"], call.params["RestoreTestingSelectionName"]
    found = state(call.backend()).test_selections.get(plan, {}).get(name)
    if found is None:
        raise not_found(f"Restore testing selection {name} does not exist")
    return found


@implements("backup", "GetRestoreTestingSelection")
def get_test_selection(call: Call) -> dict[str, Any]:
    return {"RestoreTestingSelection": _test_selection(call)}


@implements("backup", "ListRestoreTestingSelections")
def list_test_selections(call: Call) -> dict[str, Any]:
    members = (
        "CreationTime",
        "IamRoleArn",
        "ProtectedResourceType",
        "RestoreTestingPlanName",
        "RestoreTestingSelectionName",
        "ValidationWindowHours",
    )
    found = state(call.backend()).test_selections.get(_test(call)["RestoreTestingPlanName"], {})
    return {
        "RestoreTestingSelections": [{member: each[member] for member in members} for each in found.values()],
    }


@implements("backup", "UpdateRestoreTestingSelection")
def update_test_selection(call: Call) -> dict[str, Any]:
    selection, changes = _test_selection(call), call.params["RestoreTestingSelection"]
    _check_test_selection({**selection, **changes})
    if "IamRoleArn" in changes:
        check_role(call, changes["IamRoleArn"])
    selection.update(changes)
    return {**_created(_test(call), selection), "UpdateTime": now()}


@implements("backup", "DeleteRestoreTestingSelection")
def delete_test_selection(call: Call) -> dict[str, Any]:
    name = _test_selection(call)["RestoreTestingSelectionName"]
    del state(call.backend()).test_selections[call.params["RestoreTestingPlanName"]][name]
    return {}


# Settings of the region


@implements("backup", "DescribeRegionSettings")
def describe_settings(call: Call) -> dict[str, Any]:
    kept = state(call.backend())
    return {"ResourceTypeOptInPreference": kept.opt_in, "ResourceTypeManagementPreference": kept.managed}


@implements("backup", "UpdateRegionSettings")
def update_settings(call: Call) -> dict[str, Any]:
    kept = state(call.backend())
    for member, preferences in (
        ("ResourceTypeOptInPreference", kept.opt_in),
        ("ResourceTypeManagementPreference", kept.managed),
    ):
        given = call.params.get(member, {})
        if not given.keys() <= preferences.keys():
            kind = "opt in" if member == "ResourceTypeOptInPreference" else "management"
            raise ApiError(
                "InvalidParameterValueException",
                f"Element present in resource type {kind} preference has invalid values. Please use "
                "describeRegionSettings API to know the supported resource types",
            )
        preferences.update(given)
    return {}


@lists("backup")
def list_resources(backend: Any) -> Iterator[Found]:
    kept = state(backend)
    for name, vault in backend.vaults.items():
        yield "aws_backup_vault", name, name
        if vault.locked:
            yield "aws_backup_vault_lock_configuration", name, name
    for name in kept.policies:
        yield "aws_backup_vault_policy", name, name
    for name in kept.notifications:
        yield "aws_backup_vault_notifications", name, name
    for identifier, plan in backend.plans.items():
        if plan.deletion_date is None:
            yield "aws_backup_plan", identifier, plan.backup_plan["BackupPlanName"]
    for plan_id, selections in kept.selections.items():
        for identifier, selection in selections.items():
            yield "aws_backup_selection", f"{plan_id}|{identifier}", selection["BackupSelection"]["SelectionName"]
    for name in kept.tests:
        yield "aws_backup_restore_testing_plan", name, name
    for plan_name, by_name in kept.test_selections.items():
        for name in by_name:
            yield "aws_backup_restore_testing_selection", f"{name}:{plan_name}", name
