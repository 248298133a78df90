"""Amazon S3: replication.

Corrects PutBucketReplication (what AWS refuses) and GetBucketReplication (the rules as they were sent, where moto drops
DeleteMarkerReplication and SourceSelectionCriteria).

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html, API_GetBucketReplication.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html ("Requirements for replication")
"""

from __future__ import annotations

import secrets
from typing import Any

from moto.s3.models import FakeBucket

from ..hooks import ApiError, Call, amends, prepares


@prepares("s3", "PutBucketReplication")
def check_buckets(call: Call) -> None:
    """Both buckets exist, are two, and have versions."""
    source = call.backend().get_bucket(call.params["Bucket"])
    if not source.is_versioned:
        raise ApiError(
            "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        )
    for rule in call.params["ReplicationConfiguration"]["Rules"]:
        destination = _destination(call, rule)
        if destination is None:
            raise ApiError("InvalidRequest", "Destination bucket must exist.")
        if destination is source:
            raise ApiError("InvalidRequest", "Destination bucket cannot be the same as the source bucket.")
        if not destination.is_versioned:
            raise ApiError("InvalidRequest", "Destination bucket must have versioning enabled.")
        if "Filter" in rule and "DeleteMarkerReplication" not in rule:
            raise ApiError(
                "InvalidRequest",
                "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration "
                "schema. Please refer to S3 Developer Guide for more information.",
            )
        if "Filter" in rule and "Priority" not in rule:
            raise ApiError(
                "InvalidRequest",
                "Priority must be specified for this version of Cross Region Replication configuration schema. Please "
                "refer to S3 Developer Guide for more information.",
            )


def _destination(call: Call, rule: dict[str, Any]) -> FakeBucket | None:
    bucket: FakeBucket | None = call.backend().buckets.get(rule["Destination"]["Bucket"].split(":")[-1])
    return bucket


@amends("s3", "PutBucketReplication")
def keep_replication(call: Call, _response: dict[str, Any]) -> None:
    """The configuration is kept on the bucket as it was sent; a rule without a name gets one."""
    configuration = call.params["ReplicationConfiguration"]
    for rule in configuration["Rules"]:
        rule.setdefault("ID", secrets.token_urlsafe(24))
    call.backend().get_bucket(call.params["Bucket"]).replication_as_sent = configuration


@amends("s3", "GetBucketReplication")
def echo_replication(call: Call, response: dict[str, Any]) -> None:
    """The configuration as it was sent."""
    response["ReplicationConfiguration"] = call.backend().get_bucket(call.params["Bucket"]).replication_as_sent
