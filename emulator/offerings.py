"""What AWS sells: engine versions, instance classes and types, by region and zone.

The lists are AWS's own answers of some day, as cfn-lint collects them for its releases and moto for EC2; both are
packages of the emulator. A class is taken to be offered in the zones that have EC2's type of that name.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

_SCHEMAS = "cfnlint.data.schemas.extensions"
_VERSION = re.compile(r"\^\((\d+)\\\.([1-9]\d*)\\\.\.\+")
_OLDEST_MAJOR = 13
#: A minor version that fewer classes run is one of another edition.
_FEWEST_CLASSES = 50


def _read(folder: str, file: str) -> Any:
    return json.loads(importlib.resources.files(_SCHEMAS).joinpath(folder).joinpath(file).read_text())


@functools.cache
def postgres_classes() -> dict[str, frozenset[str]]:
    """DB instance classes by the full version that runs on them, of RDS for PostgreSQL, oldest version first."""
    found: dict[tuple[int, int], frozenset[str]] = {}
    for rule in _read("aws_rds_dbinstance", "db_instance_class.json")["allOf"]:
        properties = rule["if"]["properties"]
        version = _VERSION.match(properties["EngineVersion"]["pattern"])
        classes = frozenset(rule["then"]["properties"]["DBInstanceClass"]["enum"])
        is_postgres = properties["Engine"]["const"] == "postgres" and version and int(version[1]) >= _OLDEST_MAJOR
        if version and is_postgres and len(classes) >= _FEWEST_CLASSES:
            found[int(version[1]), int(version[2])] = classes
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted(found)}


@functools.cache
def postgres_versions_ever() -> frozenset[str]:
    """Those that databases were made with once, and majors alone, included."""
    for rule in _read("aws_rds_dbinstance", "engine_version.json")["allOf"]:
        if rule["if"]["properties"].get("Engine", {}).get("const") == "postgres":
            return frozenset(rule["then"]["properties"]["EngineVersion"]["enum"])
    return frozenset()


@functools.cache
def database_classes(region: str) -> frozenset[str]:
    """Of RDS for PostgreSQL in the region; none in a region that is not known."""
    rules = _read("aws_rds_dbinstance", "dbinstanceclass_enum.json").get(region, {}).get("allOf", [])
    return frozenset(
        name
        for rule in rules
        if rule["if"]["properties"]["Engine"].get("const") == "postgres"
        for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]
    )


@functools.cache
def cache_node_types(region: str) -> tuple[str, ...]:
    """`cache.t3.micro` and so on, sorted."""
    return tuple(_read("aws_elasticache_cachecluster", "cachenodetype_enum.json").get(region, {}).get("enum", []))


@functools.cache
def elasticsearch_types(region: str) -> tuple[str, ...]:
    """`t3.small.elasticsearch` and so on, sorted."""
    types = _read("aws_elasticsearch_domain", "elasticsearchclusterconfig_instancetype_enum.json")
    return tuple(types.get(region, {}).get("enum", []))


@functools.cache
def zones(region: str, instance_type: str) -> tuple[str, ...]:
    """Names of the zones of the region that have EC2's type."""
    offerings = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, [])
    return tuple(sorted(each["Location"] for each in offerings if each["InstanceType"] == instance_type))
