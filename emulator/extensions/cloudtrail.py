"""AWS CloudTrail: trails that may write into their bucket and under their key, and no more than five.

Corrects CreateTrail and UpdateTrail (the bucket's and the key's policy admit CloudTrail, one trail of a name, five of a
region), DescribeTrails (only the trails that are asked for), DeleteTrail (by ARN), PutEventSelectors (each advanced
selector has an eventCategory, those of data events a resources.type). No log file is written.

Reference: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html,
create-kms-key-policy-for-cloudtrail.html (kms:Decrypt besides, where the bucket has a bucket key),
WhatIsCloudTrail-Limits.html (five trails of a region, trails of other regions that log here included)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..deliveries import sender_with_source
from ..hooks import ApiError, Call, Found, amends, implements, lists, moto_backends, prepares
from ..resource_policy import Access, admits

_PRINCIPAL = "cloudtrail.amazonaws.com"
_MOST_TRAILS = 5


def _trails(call: Call) -> list[Any]:
    """Those of this region, and those of other regions that log here."""
    found: list[Any] = call.backend().describe_trails(include_shadow_trails=True)
    return found


def _find(call: Call, name_or_arn: str) -> Any:
    for trail in _trails(call):
        if name_or_arn in (trail.trail_name, trail.arn):
            return trail
    raise ApiError("TrailNotFoundException", f"Unknown trail: {name_or_arn} for the user: {call.account_id}")


@prepares("cloudtrail", "CreateTrail")
def check_new_trail(call: Call) -> None:
    name = call.params["Name"]
    here = _trails(call)
    if any(trail.trail_name == name and trail.region_name == call.region for trail in here):
        message = f"Trail {name} already exists for customer: {call.account_id}"
        raise ApiError("TrailAlreadyExistsException", message)
    if len(here) >= _MOST_TRAILS:
        message = f"User: {call.account_id} already has {len(here)} trails in {call.region}."
        raise ApiError("MaximumNumberOfTrailsExceededException", message)
    arn = f"arn:aws:cloudtrail:{call.region}:{call.account_id}:trail/{name}"
    _check_delivery(call, arn, call.params["S3BucketName"], call.params.get("S3KeyPrefix"), call.params.get("KmsKeyId"))


@prepares("cloudtrail", "UpdateTrail")
def check_changed_trail(call: Call) -> None:
    trail = _find(call, call.params["Name"])
    given = call.params
    bucket = given.get("S3BucketName", trail.bucket_name)
    prefix = given.get("S3KeyPrefix", trail.s3_key_prefix)
    _check_delivery(call, trail.arn, bucket, prefix, given.get("KmsKeyId", trail.kms_key_id))


def _check_delivery(call: Call, trail_arn: str, bucket: str, prefix: str | None, key: str | None) -> None:
    """moto says that a bucket does not exist."""
    found = moto_backends("s3")[call.account_id]["aws"].buckets.get(bucket)
    if found is None:
        return
    sender = sender_with_source(_PRINCIPAL, trail_arn, call.account_id)
    folder = f"{prefix}/" if prefix else ""
    object_arn = f"arn:aws:s3:::{bucket}/{folder}AWSLogs/{call.account_id}/CloudTrail/us-east-1/2026/11/25/log.json.gz"
    written = {**sender.context, "s3:x-amz-acl": "bucket-owner-full-control"}
    policy = _text(found.policy)
    accesses = (
        Access(_PRINCIPAL, "s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", sender.context),
        Access(_PRINCIPAL, "s3:PutObject", object_arn, written),
    )
    if not all(admits(policy, access) for access in accesses):
        message = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise ApiError("InsufficientS3BucketPolicyException", message)
    actions = ["kms:GenerateDataKey", "kms:DescribeKey", *(["kms:Decrypt"] if _has_bucket_key(found) else [])]
    if key and not _may_use_key(call, key, trail_arn, actions):
        message = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key}."
        raise ApiError("InsufficientEncryptionPolicyException", message)


def _may_use_key(call: Call, key: str, trail_arn: str, actions: list[str]) -> bool:
    region = key.split(":")[3] if key.startswith("arn:") else call.region
    backend = moto_backends("kms")[call.account_id][region]
    found = backend.keys.get(backend.any_id_to_key_id(key))
    context = {
        "aws:SourceArn": trail_arn,
        "aws:SourceAccount": call.account_id,
        "kms:EncryptionContext:aws:cloudtrail:arn": trail_arn,
    }
    return (
        found is not None
        and found.key_state == "Enabled"
        and all(admits(found.policy, Access(_PRINCIPAL, action, found.arn, context)) for action in actions)
    )


def _has_bucket_key(bucket: Any) -> bool:
    rules = (bucket.encryption or {}).get("Rule", [])
    return any(
        str(rule.get("BucketKeyEnabled")).lower() == "true" for rule in (rules if isinstance(rules, list) else [rules])
    )


def _text(policy: Any) -> str | None:
    return policy.decode() if isinstance(policy, bytes) else policy


@amends("cloudtrail", "DescribeTrails")
def only_those_asked_for(call: Call, response: dict[str, Any]) -> None:
    names = call.params.get("trailNameList")
    if names:
        response["trailList"] = [
            trail for trail in response["trailList"] if trail["Name"] in names or trail["TrailARN"] in names
        ]
    for described in response["trailList"]:
        trail = _find(call, described["TrailARN"])
        described["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)


@implements("cloudtrail", "DeleteTrail")
def delete_trail(call: Call) -> dict[str, Any]:
    trail = _find(call, call.params["Name"])
    if trail.region_name != call.region:
        message = f"The trail can only be deleted in its home region: {trail.region_name}"
        raise ApiError("InvalidHomeRegionException", message)
    del call.backend().trails[trail.trail_name]
    return {}


@prepares("cloudtrail", "PutEventSelectors")
def check_selectors(call: Call) -> None:
    """Reference: API_AdvancedFieldSelector.html."""
    for selector in call.params.get("AdvancedEventSelectors", []):
        fields = {field["Field"]: field for field in selector["FieldSelectors"]}
        category = fields.get("eventCategory", {}).get("Equals", [])
        if len(category) != 1:
            raise _invalid(selector, "eventCategory with one value")
        if category == ["Data"] and len(fields.get("resources.type", {}).get("Equals", [])) != 1:
            raise _invalid(selector, "resources.type with one value")


def _invalid(selector: dict[str, Any], needed: str) -> ApiError:
    message = f"Invalid advanced event selector {selector.get('Name', '')}: it needs {needed}, by Equals."
    return ApiError("InvalidEventSelectorsException", message)


@lists("cloudtrail")
def list_resources(backend: Any) -> Iterator[Found]:
    for trail in backend.trails.values():
        yield "aws_cloudtrail", trail.arn, trail.trail_name
