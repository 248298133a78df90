"""Amazon RDS: DB instances of PostgreSQL, each with a real server at the address that it reports.

CreateDBInstance starts a PostgreSQL with pgvector, ModifyDBInstance sets its master's password, DeleteDBInstance ends
it; a read replica is its source's server. Static parameters are those of the parameter group when the instance was
created: they wait for a reboot, which is not modelled.

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
from collections.abc import Iterator
from typing import Any

from moto.rds import models, utils

from .. import regions, running
from ..hooks import Call, Found, amends, lists, moto_backends
from ..postgres import ADDRESS, Backup, Server

#: The minor version that RDS chooses for a PostgreSQL major version.
POSTGRES_MINOR_VERSIONS = {"13": "13.22", "14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6"}

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


#: By resource id: an instance may be renamed.
_servers: dict[str, Server] = {}

_address = models.DBInstance.address


def _server_address(instance: models.DBInstance) -> str:
    return getattr(instance, "server_address", None) or _address.fget(instance)  # type: ignore[attr-defined, no-any-return]


models.DBInstance.address = property(_server_address)  # type: ignore[assignment, method-assign]


@amends("rds", "CreateDBInstanceReadReplica")
def separate_replica(call: Call, response: dict[str, Any]) -> None:
    """moto copies the source, with the lists that it holds and the id that is the source's own."""
    document = response["DBInstance"]
    replica = call.backend().databases[document["DBInstanceIdentifier"]]
    replica.replicas = []
    replica.dbi_resource_id = new_resource_id()
    for member, attribute in (("MultiAZ", "multi_az"), ("DeletionProtection", "deletion_protection")):
        setattr(replica, attribute, bool(call.params.get(member)))
        document[member] = bool(call.params.get(member))
    document["DbiResourceId"] = replica.dbi_resource_id
    document["ReadReplicaDBInstanceIdentifiers"] = []


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
        instance.dbi_resource_id = new_resource_id()
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


def new_resource_id() -> str:
    return "db-" + "".join(secrets.choice(_RESOURCE_ID_ALPHABET) for _ in range(26))


@amends("rds", "CreateDBInstance")
def start_server(call: Call, response: dict[str, Any]) -> None:
    """After complete_instance, which gives the instance its id."""
    document = response["DBInstance"]
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    password = call.params.get("MasterUserPassword")
    if instance.engine != "postgres" or password is None:
        return
    attach_server(call, document, password)


def attach_server(call: Call, document: dict[str, Any], password: str, backup: Backup | None = None) -> None:
    """The instance of an answer gets a server, which begins with a backup where there is one."""
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    group = call.backend().db_parameter_groups.get(call.params.get("DBParameterGroupName", ""))
    given = {} if group is None else {name: p["ParameterValue"] for name, p in group.parameters.items()}
    server = Server(instance.master_username, password, instance.db_name or "postgres", given, backup)
    _servers[instance.dbi_resource_id] = server
    instance.server_address = ADDRESS
    instance.port = server.port
    document["Endpoint"] = {**document.get("Endpoint", {}), "Address": ADDRESS, "Port": server.port}


def server_of(instance: models.DBInstance) -> Server | None:
    """A replica's is its source's."""
    own = _servers.get(instance.dbi_resource_id)
    if own is not None or not hasattr(instance, "server_address"):
        return own
    return next((server for server in _servers.values() if server.port == instance.port), None)


def _follow(region: str, lost: bool) -> None:
    """The databases of a lost region take no connections."""
    for instance in moto_backends("rds")[running.PROCESS.account_id][region].databases.values():
        server = _servers.get(instance.dbi_resource_id)
        if server is not None:
            server.refuse(lost)


regions.follow(_follow)


@amends("rds", "ModifyDBInstance")
def change_password(call: Call, response: dict[str, Any]) -> None:
    """RDS applies a new password at once, whatever ApplyImmediately says."""
    server = _servers.get(response["DBInstance"]["DbiResourceId"])
    password = call.params.get("MasterUserPassword")
    if server is not None and password is not None:
        server.set_password(password)


@amends("rds", "DeleteDBInstance")
def stop_server(_call: Call, response: dict[str, Any]) -> None:
    """A replica has none of its own."""
    server = _servers.pop(response["DBInstance"]["DbiResourceId"], None)
    if server is not None:
        server.stop()


def _complete_version(instance: models.DBInstance) -> None:
    major = instance.engine_version
    instance.engine_version = POSTGRES_MINOR_VERSIONS.get(major, major)
    if instance.option_group_name.startswith("default:"):
        instance.option_group_name = f"default:postgres-{instance.engine_version.split('.')[0]}"


def _default_key(call: Call) -> str:
    return f"arn:aws:kms:{call.region}:{call.account_id}:key/aws-rds"


@amends("rds", "DescribeDBParameters")
def mark_user_parameters(_call: Call, response: dict[str, Any]) -> None:
    """Parameters that a group sets have Source user."""
    for parameter in response.get("Parameters", []):
        parameter["Source"] = "user"


@lists("rds")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.databases:
        yield "aws_db_instance", name, name
    for name, snapshot in backend.database_snapshots.items():
        if snapshot.snapshot_type == "manual":
            yield "aws_db_snapshot", name, name
    for name in backend.subnet_groups:
        yield "aws_db_subnet_group", name, name
    for name in backend.db_parameter_groups:
        if not name.startswith("default."):
            yield "aws_db_parameter_group", name, name
