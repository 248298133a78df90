"""Amazon S3: lifecycle rules, log delivery and bucket policies.

Corrects PutBucketLifecycleConfiguration and GetBucketLifecycleConfiguration (the rules as they were sent, with
TransitionDefaultMinimumObjectSize), and PutBucketLogging (the target bucket's policy lets S3 deliver, conditions
included; that a Deny stops the delivery is seen only later). Corrects the object operations, where moto applies a
bucket policy's statements without their conditions: a statement with a Condition does not apply here.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html,
API_GetBucketLifecycleConfiguration.html, API_PutBucketLogging.html, API_PutBucketPolicy.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.exceptions import BucketAlreadyExists
from moto.s3.models import FakeBucket

from ..hooks import ApiError, Call, Found, amends, lists, prepares
from ..resource_policy import Access, allows, as_list

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


_other_accounts_buckets: set[str] = set()


def add_other_accounts_bucket(document: Any) -> dict[str, Any]:
    """Reads the body of POST /_emulator/other-accounts-buckets: the bucket `name` belongs to somebody else."""
    if not isinstance(document, dict) or not isinstance(document.get("name"), str):
        raise ValueError("name must be a string")
    _other_accounts_buckets.add(document["name"])
    return document


@prepares("s3", "HeadBucket", "GetBucketLocation", "ListObjectsV2")
def refuse_other_accounts_bucket(call: Call) -> None:
    if call.params["Bucket"] in _other_accounts_buckets:
        raise ApiError("AccessDenied", "Access Denied")


@prepares("s3", "CreateBucket")
def refuse_taken_name(call: Call) -> None:
    if call.params["Bucket"] in _other_accounts_buckets:
        raise BucketAlreadyExists(bucket=call.params["Bucket"])


@prepares("s3", "PutBucketLogging")
def check_log_permission(call: Call) -> None:
    """The target's policy lets S3 write logs of this bucket, or its ACL does."""
    logging = call.params["BucketLoggingStatus"].get("LoggingEnabled")
    target = logging and call.backend().buckets.get(logging["TargetBucket"])
    if not target or FakeBucket._log_permissions_enabled_acl(target):
        return
    access = Access(
        principal=_LOGGING_SERVICE,
        action="s3:PutObject",
        resource=f"{target.arn}/{logging.get('TargetPrefix') or ''}log",
        context={
            "aws:SourceAccount": call.account_id,
            "aws:SourceArn": call.backend().get_bucket(call.params["Bucket"]).arn,
        },
    )
    if not allows(bucket_policy(target), access):
        raise ApiError(
            "InvalidTargetBucketForLogging",
            "You must either provide the necessary permissions to the logging service using a bucket policy or give "
            "the log-delivery group WRITE and READ_ACP permissions to the target bucket",
        )


def bucket_policy(bucket: FakeBucket) -> str | None:
    """The policy's text."""
    return bucket.policy.decode() if bucket.policy else None


# Checked above, where it is known which bucket the logs are of.
FakeBucket._log_permissions_enabled_policy = lambda self, **_: True  # type: ignore[method-assign]


_get_permission = FakeBucket.get_permission


def _unconditional_permission(self: FakeBucket, action: str, resource: str) -> Any:
    """The result of the statements without a Condition, which would depend on how the request was made."""
    if not self.policy:
        return _get_permission(self, action, resource)
    policy = json.loads(self.policy.decode())
    statements = [s for s in as_list(policy["Statement"]) if "Condition" not in s]
    return IAMPolicy(json.dumps({**policy, "Statement": statements})).is_action_permitted(action, resource)


FakeBucket.get_permission = _unconditional_permission  # type: ignore[method-assign]


@lists("s3")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.buckets:
        yield "aws_s3_bucket", name, name
