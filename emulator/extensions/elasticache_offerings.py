"""Amazon ElastiCache: node types that a region has.

Implements DescribeReservedCacheNodesOfferings, the only read operation of the API that names them all; prices are left
out. Corrects CreateReplicationGroup and ModifyReplicationGroup: a type that the region does not have is refused.

Reference:
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReservedCacheNodesOfferings.html;
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html. AWS documents no text of the
error.
"""

from __future__ import annotations

import uuid
from typing import Any

from ..hooks import ApiError, Call, implements, prepares
from ..offerings import cache_node_types

_ONE_YEAR_SECONDS = 31536000


@implements("elasticache", "DescribeReservedCacheNodesOfferings")
def describe_offerings(call: Call) -> dict[str, Any]:
    """One of a year for each type."""
    wanted = call.params.get("CacheNodeType")
    types = [each for each in cache_node_types(call.region) if wanted in (None, each)]
    start, size = int(call.params.get("Marker", 0)), int(call.params.get("MaxRecords", 100))
    response: dict[str, Any] = {
        "ReservedCacheNodesOfferings": [
            {
                "ReservedCacheNodesOfferingId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.region} {each}")),
                "CacheNodeType": each,
                "Duration": _ONE_YEAR_SECONDS,
                "ProductDescription": "redis",
                "OfferingType": "No Upfront",
            }
            for each in types[start : start + size]
        ]
    }
    if start + size < len(types):
        response["Marker"] = str(start + size)
    return response


@prepares("elasticache", "CreateReplicationGroup", "ModifyReplicationGroup")
def refuse_unknown_type(call: Call) -> None:
    name = call.params.get("CacheNodeType")
    known = cache_node_types(call.region)
    if name and known and name not in known:
        raise ApiError("InvalidParameterValue", f"Invalid Cache Node Type: {name}.")
