"""Amazon RDS: DB instances of PostgreSQL.

Corrects CreateDBInstance, ModifyDBInstance and RestoreDBInstance... (Performance Insights, a DbiResourceId of each
instance's own, an engine version given as a prefix, backup and maintenance windows that touch),
ModifyDBSubnetGroup (the group stays), DescribeDBParameters (Source user) and the default parameter group of an
instance.

Reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html,
API_ModifyDBInstance.html, API_ModifyDBSubnetGroup.html, API_DescribeDBParameters.html, API_DBInstance.html
"""

from __future__ import annotations

import secrets
import string
from typing import Any

from moto.rds import models, utils

from ..hooks import Call, amends

#: The minor version that RDS chooses for a PostgreSQL major version.
_POSTGRES_MINOR_VERSIONS = {"13": "13.22", "14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6"}

_RESOURCE_ID_ALPHABET = string.ascii_uppercase + "234567"


_overlap = utils.get_overlap_between_two_date_ranges


def _overlap_beyond_touching(*ranges: Any) -> int:
    """Seconds that two windows share; windows that only touch do not overlap."""
    seconds = _overlap(*ranges)
    return seconds if seconds > 0 else -1


utils.get_overlap_between_two_date_ranges = _overlap_beyond_touching  # type: ignore[assignment]


def _default_parameter_group(instance: models.DBInstance) -> tuple[str, str]:
    """Family and name: PostgreSQL's families carry the major version only."""
    parts = str(instance.engine_version).split(".")
    version = parts[0] if instance.engine == "postgres" else ".".join(parts[:2])
    family = f"{instance.engine.lower()}{version}"
    return family, f"default.{family}"


models.DBInstance.default_db_parameter_group_details = _default_parameter_group  # type: ignore[assignment, method-assign]


_modify_subnet_group = models.RDSBackend.modify_db_subnet_group


def _modify_and_keep_subnet_group(self: models.RDSBackend, subnet_name: str, *args: Any) -> models.DBSubnetGroup:
    """moto takes the group out of its state to change it, and does not put it back (ModifyDBSubnetGroup)."""
    group = _modify_subnet_group(self, subnet_name, *args)
    self.subnet_groups[subnet_name] = group
    return group


models.RDSBackend.modify_db_subnet_group = _modify_and_keep_subnet_group  # type: ignore[assignment, method-assign]


@amends(
    "rds",
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "ModifyDBInstance",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)
def complete_instance(call: Call, response: dict[str, Any]) -> None:
    """Performance Insights, the full engine version and the resource id, in moto's state and in the answer."""
    document = response["DBInstance"]
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    if not hasattr(instance, "performance_insights_enabled"):
        instance.performance_insights_enabled = False
        random_part = "".join(secrets.choice(_RESOURCE_ID_ALPHABET) for _ in range(26))
        instance.dbi_resource_id = f"db-{random_part}"
    if "EnablePerformanceInsights" in call.params:
        instance.performance_insights_enabled = call.params["EnablePerformanceInsights"]
    if instance.performance_insights_enabled:
        instance.performance_insights_retention_period = call.params.get(
            "PerformanceInsightsRetentionPeriod", getattr(instance, "performance_insights_retention_period", 7)
        )
        instance.performance_insights_kms_key_id = call.params.get(
            "PerformanceInsightsKMSKeyId", getattr(instance, "performance_insights_kms_key_id", _default_key(call))
        )
    if instance.kms_key_id == "default_kms_key_id":
        instance.kms_key_id = _default_key(call)
    if instance.engine == "postgres":
        _complete_version(instance)
    document["EngineVersion"] = instance.engine_version
    document["DbiResourceId"] = instance.dbi_resource_id
    document["PerformanceInsightsEnabled"] = instance.performance_insights_enabled


def _complete_version(instance: models.DBInstance) -> None:
    major = instance.engine_version
    instance.engine_version = _POSTGRES_MINOR_VERSIONS.get(major, major)
    if instance.option_group_name.startswith("default:"):
        instance.option_group_name = f"default:postgres-{instance.engine_version.split('.')[0]}"


def _default_key(call: Call) -> str:
    return f"arn:aws:kms:{call.region}:{call.account_id}:key/aws-rds"


@amends("rds", "DescribeDBParameters")
def mark_user_parameters(_call: Call, response: dict[str, Any]) -> None:
    """Parameters that a group sets have Source user."""
    for parameter in response.get("Parameters", []):
        parameter["Source"] = "user"
