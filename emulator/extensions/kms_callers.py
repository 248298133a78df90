"""AWS KMS: what a role's requests for encrypted data need besides the right to the data.

Corrects GetSecretValue, PutObject and GetObject, SendMessage and ReceiveMessage, PutRecord and GetRecords: a role that
may not use the key is refused, each time with the error of the service. S3 refuses everybody to write under a key that
is not there, is disabled or waits for its deletion.

Reference: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html (permissions; an object's key is that of
the time when it was written), https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
sqs-key-management.html, https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html; the messages as
in https://github.com/external-secrets/external-secrets/issues/390 and https://github.com/aws/copilot-cli/issues/5500
"""

from __future__ import annotations

from typing import Any

from moto.secretsmanager.exceptions import SecretNotFoundException

from .. import keys
from ..hooks import ApiError, Call, prepares


def _may(call: Call, action: str, key: str | None, service: str) -> bool:
    by = (service, call.account_id, call.region)
    return call.caller is None or keys.role_may(call.caller, action, key, by)


@prepares("secretsmanager", "GetSecretValue")
def check_secret(call: Call) -> None:
    try:
        secret = call.backend().describe_secret(call.params["SecretId"])
    except SecretNotFoundException:
        return
    if not _may(call, "kms:Decrypt", secret.kms_key_id, "secretsmanager"):
        raise ApiError("AccessDeniedException", "Access to KMS is not allowed")


@prepares("s3", "PutObject", "CreateMultipartUpload")
def check_new_object(call: Call) -> None:
    bucket = call.backend().buckets.get(call.params["Bucket"])
    rule = ((bucket and bucket.encryption) or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    key = call.params.get("SSEKMSKeyId") or rule.get("KMSMasterKeyID")
    if bucket is None or keys.is_of_aws(key):
        return
    found = keys.find(key, call.account_id, bucket.region_name)
    if found is None:
        raise ApiError("KMS.NotFoundException", f"Key '{key}' does not exist")
    if found.key_state != "Enabled":
        state = "is disabled" if found.key_state == "Disabled" else "is pending deletion"
        code = "KMS.DisabledException" if found.key_state == "Disabled" else "KMS.KMSInvalidStateException"
        raise ApiError(code, f"{found.arn} {state}.")
    _check_object(call, "kms:GenerateDataKey", found.arn)


@prepares("s3", "GetObject")
def check_object(call: Call) -> None:
    bucket = call.backend().buckets.get(call.params["Bucket"])
    if bucket is None or call.caller is None:
        return
    version = call.params.get("VersionId")
    found: Any = call.backend().get_object(call.params["Bucket"], call.params["Key"], version)
    key = getattr(found, "kms_key_id", None)
    if str(getattr(found, "encryption", None) or "").startswith("aws:kms"):
        _check_object(call, "kms:Decrypt", key)


def _check_object(call: Call, action: str, key: str | None) -> None:
    if not _may(call, action, key, "s3"):
        raise ApiError(
            "AccessDenied",
            f"User: {_session(call)} is not authorized to perform: {action} on resource: {key} because no "
            f"identity-based policy allows the {action} action",
        )


def _session(call: Call) -> str:
    role = str(call.caller).rsplit("/", 1)[-1]
    return f"arn:aws:sts::{call.account_id}:assumed-role/{role}/emulator"


@prepares("sqs", "SendMessage", "SendMessageBatch", "ReceiveMessage")
def check_queue(call: Call) -> None:
    queue = call.backend().queues.get(call.params["QueueUrl"].rsplit("/", 1)[-1])
    # Whoever sends decrypts the data key that is used again.
    actions = ("kms:Decrypt",) if call.operation == "ReceiveMessage" else ("kms:GenerateDataKey", "kms:Decrypt")
    if queue is not None and not all(_may(call, action, queue.kms_master_key_id, "sqs") for action in actions):
        raise ApiError("KmsAccessDenied", keys.NO_ACCESS)


@prepares("kinesis", "PutRecord", "PutRecords")
def check_new_records(call: Call) -> None:
    _check_stream(call, "kms:GenerateDataKey")


@prepares("kinesis", "GetRecords")
def check_records(call: Call) -> None:
    _check_stream(call, "kms:Decrypt")


def _check_stream(call: Call, action: str) -> None:
    name = call.params.get("StreamName") or str(call.params.get("StreamARN", "")).rsplit("/", 1)[-1]
    stream = call.backend().streams.get(name)
    if stream is not None and stream.encryption_type == "KMS" and not _may(call, action, stream.key_id, "kinesis"):
        raise ApiError(
            "KMSAccessDeniedException",
            "The ciphertext references a key that doesn't exist or that you don't have access to.",
        )
