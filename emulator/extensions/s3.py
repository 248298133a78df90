"""Amazon S3: lifecycle rules, log delivery and bucket policies.

Corrects PutBucketLifecycleConfiguration and GetBucketLifecycleConfiguration (the rules as they were sent, with
TransitionDefaultMinimumObjectSize), and PutBucketLogging (the target bucket's policy grants delivery in any of the
forms that a policy may take: lists, wildcards, a principal that is a string). Corrects the object operations, where
moto applies a bucket policy's statements without their conditions: a statement with a Condition does not apply here.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html,
API_GetBucketLifecycleConfiguration.html, API_PutBucketLogging.html, API_PutBucketPolicy.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.models import FakeBucket

from ..hooks import Call, Found, amends, lists

_LOGGING_SERVICE = "logging.s3.amazonaws.com"
_DEFAULT_MINIMUM_SIZE = "all_storage_classes_128K"


@amends("s3", "PutBucketLifecycleConfiguration")
def keep_lifecycle(call: Call, response: dict[str, Any]) -> None:
    """The configuration is kept on the bucket as it was sent."""
    bucket = call.backend().get_bucket(call.params["Bucket"])
    size = call.params.get("TransitionDefaultMinimumObjectSize", _DEFAULT_MINIMUM_SIZE)
    bucket.lifecycle_as_sent = (call.params["LifecycleConfiguration"], size)
    response["TransitionDefaultMinimumObjectSize"] = size


@amends("s3", "GetBucketLifecycleConfiguration")
def echo_lifecycle(call: Call, response: dict[str, Any]) -> None:
    """The configuration as it was sent."""
    bucket = call.backend().get_bucket(call.params["Bucket"])
    configuration, size = bucket.lifecycle_as_sent
    response["Rules"] = configuration["Rules"]
    response["TransitionDefaultMinimumObjectSize"] = size


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _grants_delivery(statement: dict[str, Any], target_arn: str) -> bool:
    principal = statement.get("Principal", {})
    services = _as_list(principal.get("Service", [])) if isinstance(principal, dict) else []
    return (
        statement.get("Effect") == "Allow"
        and _LOGGING_SERVICE in services
        and any(fnmatch.fnmatchcase("s3:PutObject", action) for action in _as_list(statement.get("Action", [])))
        and any(fnmatch.fnmatchcase(target_arn, pattern) for pattern in _as_list(statement.get("Resource", [])))
    )


def _policy_grants_log_delivery(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    if not target_bucket.policy:
        return False
    policy = json.loads(target_bucket.policy.decode())
    target_arn = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}log"
    return any(_grants_delivery(statement, target_arn) for statement in _as_list(policy["Statement"]))


FakeBucket._log_permissions_enabled_policy = staticmethod(_policy_grants_log_delivery)  # type: ignore[method-assign]


_get_permission = FakeBucket.get_permission


def _unconditional_permission(self: FakeBucket, action: str, resource: str) -> Any:
    """The result of the statements without a Condition, which would depend on how the request was made."""
    if not self.policy:
        return _get_permission(self, action, resource)
    policy = json.loads(self.policy.decode())
    statements = [s for s in _as_list(policy["Statement"]) if "Condition" not in s]
    return IAMPolicy(json.dumps({**policy, "Statement": statements})).is_action_permitted(action, resource)


FakeBucket.get_permission = _unconditional_permission  # type: ignore[method-assign]


@lists("s3")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.buckets:
        yield "aws_s3_bucket", name, name
