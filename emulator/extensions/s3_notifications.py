"""Amazon S3: event notifications and Object Lock.

Corrects the notification's content (versionId, sequencer, who and from where), which moto sends without; and
PutBucketNotificationConfiguration, which AWS refuses where the queue does not exist, or its policy does not let S3
send, or its key's policy does not let S3 use the key. PutObjectLockConfiguration works on a bucket that has objects,
which keep their own lock.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html,
API_PutObjectLockConfiguration.html
"""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from moto.s3 import notifications
from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import FakeBucket, S3Backend

from ..deliveries import key_problem, sender_with_source
from ..hooks import ApiError, Call, moto_backends, prepares
from ..resource_policy import Access, admits

#: Who S3 names as the uploader: requests to the emulator need no credentials.
PRINCIPAL_ID = "AWS:AIDAEMULATOR00000000"

_UNREACHABLE = ApiError("InvalidArgument", "Unable to validate the following destination configurations")
_sequence = itertools.count(1)
_get_event = notifications._get_s3_event


def _complete_event(event_name: str, bucket: FakeBucket, key: Any, notification_id: str) -> dict[str, Any]:
    event = _get_event(event_name, bucket, key, notification_id)
    record = event["Records"][0]
    record["userIdentity"] = {"principalId": PRINCIPAL_ID}
    record["requestParameters"] = {"sourceIPAddress": "127.0.0.1"}
    record["responseElements"] = {"x-amz-request-id": secrets.token_hex(8).upper(), "x-amz-id-2": secrets.token_hex(32)}
    record["s3"]["bucket"]["ownerIdentity"] = {"principalId": "AEMULATOR00000"}
    # Hexadecimal, and greater for a later change of the same key.
    record["s3"]["object"]["sequencer"] = f"{next(_sequence):018X}"
    if bucket.is_versioned:
        record["s3"]["object"]["versionId"] = key.version_id
    return event


notifications._get_s3_event = _complete_event


@prepares("s3", "PutBucketNotificationConfiguration")
def check_destinations(call: Call) -> None:
    """S3 sends a test message to every destination before it accepts the configuration: the queue's policy admits it,
    and so does its key's."""
    for configuration in call.params["NotificationConfiguration"].get("QueueConfigurations", []):
        _, _, _, region, account_id, name = configuration["QueueArn"].split(":")
        queue = moto_backends("sqs")[account_id][region].queues.get(name)
        access = Access(
            principal="s3.amazonaws.com",
            action="sqs:SendMessage",
            resource=configuration["QueueArn"],
            context={"aws:SourceAccount": call.account_id, "aws:SourceArn": f"arn:aws:s3:::{call.params['Bucket']}"},
        )
        if queue is None or not admits(queue.policy, access):
            raise _UNREACHABLE
        key = queue.kms_master_key_id
        sender = sender_with_source(access.principal, f"arn:aws:s3:::{call.params['Bucket']}", call.account_id)
        if key and key_problem(key, account_id, region, sender) is not None:
            raise _UNREACHABLE


def _set_default_retention(
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode = mode
    bucket.default_lock_days = days
    bucket.default_lock_years = years


S3Backend.put_object_lock_configuration = _set_default_retention  # type: ignore[method-assign]
