"""Amazon RDS: which versions of PostgreSQL run on which classes.

Implements DescribeDBEngineVersions and DescribeOrderableDBInstanceOptions for the engine postgres, and corrects
CreateDBInstance and ModifyDBInstance: a version that never was, and a class that the version does not run on, are
refused. A version that databases are no longer made with is taken, for those that were.

Reference: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html,
API_DescribeDBEngineVersions.html; https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html;
the texts of the errors: https://github.com/tryretool/terraform-retool-modules/issues/70,
https://github.com/aws-quickstart/quickstart-awx/issues/47
"""

from __future__ import annotations

from typing import Any

from ..hooks import ApiError, Call, implements, prepares
from ..offerings import database_classes, postgres_classes, postgres_versions_ever, zones
from .rds import POSTGRES_MINOR_VERSIONS
from .rds_authorities import AUTHORITIES

_LICENSE = "postgresql-license"
#: Type, and GiB at least.
_STORAGE = (("gp2", 5), ("gp3", 20), ("io1", 100))


def _page(call: Call, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """MaxRecords items from Marker on, and the next Marker."""
    start, size = int(call.params.get("Marker", 0)), int(call.params.get("MaxRecords", 100))
    following = {"Marker": str(start + size)} if start + size < len(items) else {}
    return items[start : start + size], following


def _is_version(wanted: str | None, version: str) -> bool:
    """A major version alone is every version of it."""
    return wanted is None or version == wanted or version.startswith(f"{wanted}.")


@implements("rds", "DescribeDBEngineVersions")
def describe_engine_versions(call: Call) -> dict[str, Any]:
    """Of postgres; DefaultOnly: what a major version alone, or none, stands for."""
    if call.params.get("Engine", "postgres") != "postgres":
        return {"DBEngineVersions": []}
    family = call.params.get("DBParameterGroupFamily")
    versions = [
        _engine_version(version)
        for version in postgres_classes()
        if _is_version(call.params.get("EngineVersion"), version)
        and family in (None, f"postgres{version.split('.')[0]}")
        and (not call.params.get("DefaultOnly") or version in POSTGRES_MINOR_VERSIONS.values())
    ]
    found, following = _page(call, versions)
    return {"DBEngineVersions": found, **following}


def _engine_version(version: str) -> dict[str, Any]:
    major = version.split(".")[0]
    return {
        "Engine": "postgres",
        "MajorEngineVersion": major,
        "EngineVersion": version,
        "DBParameterGroupFamily": f"postgres{major}",
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}",
        "ExportableLogTypes": ["iam-db-auth-error", "postgresql", "upgrade"],
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": True,
        "Status": "available",
        "SupportedCACertificateIdentifiers": list(AUTHORITIES),
        "SupportsCertificateRotationWithoutRestart": True,
    }


@implements("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable_options(call: Call) -> dict[str, Any]:
    """One for each version, class and type of storage."""
    if call.params["Engine"] != "postgres":
        return {"OrderableDBInstanceOptions": []}
    in_region = database_classes(call.region)
    options = [
        {
            "Engine": "postgres",
            "EngineVersion": version,
            "DBInstanceClass": name,
            "LicenseModel": _LICENSE,
            "AvailabilityZones": [{"Name": zone} for zone in zones(call.region, name.removeprefix("db."))],
            "MultiAZCapable": True,
            "ReadReplicaCapable": True,
            "Vpc": True,
            "SupportsStorageEncryption": True,
            "StorageType": storage,
            "MinStorageSize": smallest,
            "MaxStorageSize": 65536,
            "SupportsEnhancedMonitoring": True,
            "SupportsIAMDatabaseAuthentication": True,
            "SupportsPerformanceInsights": True,
            "SupportsStorageAutoscaling": True,
        }
        for version, classes in postgres_classes().items()
        if _is_version(call.params.get("EngineVersion"), version)
        for name in sorted(classes & in_region)
        if call.params.get("DBInstanceClass") in (None, name) and zones(call.region, name.removeprefix("db."))
        for storage, smallest in _STORAGE
    ]
    found, following = _page(call, options)
    return {"OrderableDBInstanceOptions": found, **following}


@prepares("rds", "CreateDBInstance")
def refuse_what_is_not_sold(call: Call) -> None:
    if call.params.get("Engine") == "postgres":
        _check(call, call.params.get("EngineVersion"), call.params["DBInstanceClass"])


@prepares("rds", "ModifyDBInstance")
def refuse_change_to_what_is_not_sold(call: Call) -> None:
    """Only what the request changes."""
    instance = call.backend().databases.get(call.params["DBInstanceIdentifier"])
    if instance is None or instance.engine != "postgres":
        return
    version = call.params.get("EngineVersion", instance.engine_version)
    name = call.params.get("DBInstanceClass", instance.db_instance_class)
    if (version, name) != (instance.engine_version, instance.db_instance_class):
        _check(call, version, name)


def _check(call: Call, given: str | None, name: str) -> None:
    if given is not None and given not in postgres_versions_ever() and given not in postgres_classes():
        raise ApiError("InvalidParameterCombination", f"Cannot find version {given} for postgres")
    version = POSTGRES_MINOR_VERSIONS.get(given or "", given)
    known = postgres_classes()
    in_region = database_classes(call.region)
    # An old minor version runs on what its major version runs on.
    same_major = [
        names
        for each, names in postgres_classes().items()
        if version is None or each == version or (_is_version(version.split(".")[0], each) and version not in known)
    ]
    classes = frozenset[str]().union(*same_major) or in_region
    if in_region and name not in classes & in_region:
        raise ApiError(
            "InvalidParameterCombination",
            f"RDS does not support creating a DB instance with the following combination: DBInstanceClass={name}, "
            f"Engine=postgres, EngineVersion={version}, LicenseModel={_LICENSE}. For supported combinations of "
            "instance class and database engine version, see the documentation.",
        )
