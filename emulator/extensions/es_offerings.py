"""Amazon Elasticsearch Service (2015-01-01): instance types that a region has.

Implements ListElasticsearchInstanceTypes and DescribeElasticsearchInstanceTypeLimits (gp2 and gp3 volumes, nodes of a
domain). Corrects CreateElasticsearchDomain and UpdateElasticsearchDomainConfig: a type that the region does not have is
refused.

Reference: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html (volume sizes),
supported-instance-types.html; API_DescribeInstanceTypeLimits.html. AWS documents no text of the error.
"""

from __future__ import annotations

from typing import Any

from ..hooks import ApiError, Call, implements, prepares
from ..offerings import elasticsearch_types

_SMALLEST_GIB = 10
#: GiB of a gp2 volume at most, by family and size.
_LARGEST_GIB = {
    "t2": {"micro": 35, "small": 35, "medium": 35},
    "t3": {"small": 100, "medium": 200},
    "m5": {"large": 512, "xlarge": 1024, "2xlarge": 1536, "4xlarge": 3072, "12xlarge": 9216},
    "m6g": {"large": 512, "xlarge": 1024, "2xlarge": 1536, "4xlarge": 3072, "8xlarge": 6144, "12xlarge": 9216},
    "c5": {"large": 256, "xlarge": 512, "2xlarge": 1024, "4xlarge": 1536, "9xlarge": 3584, "18xlarge": 7168},
    "c6g": {"large": 256, "xlarge": 512, "2xlarge": 1024, "4xlarge": 1536, "8xlarge": 3072, "12xlarge": 4608},
    "r5": {"large": 1024, "xlarge": 1536, "2xlarge": 3072, "4xlarge": 6144, "12xlarge": 12288},
    "r6g": {"large": 1024, "xlarge": 1536, "2xlarge": 3072, "4xlarge": 6144, "8xlarge": 8192, "12xlarge": 12288},
}


@implements("es", "ListElasticsearchInstanceTypes")
def list_instance_types(call: Call) -> dict[str, Any]:
    types = elasticsearch_types(call.region)
    start, size = int(call.params.get("NextToken", 0)), int(call.params.get("MaxResults", 100))
    response: dict[str, Any] = {"ElasticsearchInstanceTypes": list(types[start : start + size])}
    if start + size < len(types):
        response["NextToken"] = str(start + size)
    return response


@implements("es", "DescribeElasticsearchInstanceTypeLimits")
def describe_limits(call: Call) -> dict[str, Any]:
    """Of data nodes. Types with disks of their own, and those whose limits are not known here, have no EBS volumes."""
    name = call.params["InstanceType"]
    if name not in elasticsearch_types(call.region):
        raise ApiError("InvalidTypeException", f"Invalid instance type: {name}")
    family, size, _ = name.split(".")
    largest = _LARGEST_GIB.get(family, {}).get(size)
    storage = [
        {
            "StorageTypeName": "ebs",
            "StorageSubTypeName": kind,
            "StorageTypeLimits": [
                {"LimitName": "MinimumVolumeSize", "LimitValues": [str(_SMALLEST_GIB)]},
                {"LimitName": "MaximumVolumeSize", "LimitValues": [str(largest)]},
            ],
        }
        for kind in (("gp2",) if family == "t2" else ("gp2", "gp3"))
        if largest is not None
    ]
    most = 10 if family in ("t2", "t3") else 80
    counts = {"MinimumInstanceCount": 1, "MaximumInstanceCount": most}
    return {"LimitsByRole": {"data": {"StorageTypes": storage, "InstanceLimits": {"InstanceCountLimits": counts}}}}


@prepares("es", "CreateElasticsearchDomain", "UpdateElasticsearchDomainConfig")
def refuse_unknown_type(call: Call) -> None:
    cluster = call.params.get("ElasticsearchClusterConfig", {})
    known = elasticsearch_types(call.region)
    for member in ("InstanceType", "DedicatedMasterType", "WarmType"):
        if known and member in cluster and cluster[member] not in known:
            raise ApiError("ValidationException", f"Invalid instance type: {cluster[member]}")
