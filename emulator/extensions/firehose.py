"""Amazon Data Firehose: delivery streams that take records of CloudWatch Logs into a bucket.

Corrects CreateDeliveryStream and UpdateDestination, which Firehose refuses where it cannot take the role, the bucket is
not there, or the prefixes break its rules. Corrects PutRecord and PutRecordBatch for a destination in S3: records are
decompressed and end in a line feed where the processors say so, the object is compressed and named as documented, and
is written by the role, as its policies and the bucket's policy let it, under the bucket's default lock. What cannot be
decompressed goes below the error prefix; what the bucket refuses is told in the stream's log.

Not modelled: buffering (each request is an object at once), retries of a refused delivery, other processors.

Reference: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html, s3-object-name.html, decomp-faq.html,
controlling-access.html; https://docs.aws.amazon.com/firehose/latest/APIReference/API_ExtendedS3DestinationConfiguration
.html
"""

from __future__ import annotations

import gzip
import json
import re
import uuid
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zlib import error as ZlibError

from moto.firehose.models import FirehoseBackend
from moto.logs.exceptions import ResourceNotFoundException

from .. import clock
from ..hooks import ApiError, Call, Found, lists, moto_backends, prepares
from ..roles import find_trusting, may
from .s3 import bucket_policy

_SERVICE = "firehose.amazonaws.com"
_EXPRESSION = re.compile(r"!\{([^:}]*):([^}]*)\}")
_ERROR_TYPE = "!{firehose:error-output-type}"
#: Java's date letters that a prefix is made of, in Python's.
_DATE_LETTERS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DECOMPRESSION_FAILED = "decompression-failed"
_ENDINGS = {"GZIP": ".gz", "UNCOMPRESSED": ""}


@prepares("firehose", "CreateDeliveryStream")
def check_destination(call: Call) -> None:
    _check(call, call.params.get("ExtendedS3DestinationConfiguration"), {})


@prepares("firehose", "UpdateDestination")
def check_changed_destination(call: Call) -> None:
    stream = call.backend().delivery_streams.get(call.params["DeliveryStreamName"])
    known = stream.destinations[0].get("ExtendedS3", {}) if stream else {}
    _check(call, call.params.get("ExtendedS3DestinationUpdate"), known)


def _check(call: Call, changes: dict[str, Any] | None, known: dict[str, Any]) -> None:
    if changes is None:
        return
    destination = {**known, **changes}
    if find_trusting(call.account_id, destination["RoleARN"], _SERVICE) is None:
        raise ApiError(
            "InvalidArgumentException",
            f"Firehose is unable to assume role {destination['RoleARN']}. Please check the role provided.",
        )
    if destination["BucketARN"].removeprefix("arn:aws:s3:::") not in call.backend("s3").buckets:
        raise ApiError(
            "InvalidArgumentException", f"Verify that the bucket {destination['BucketARN']} exists and is accessible."
        )
    problem = _prefix_problem(destination.get("Prefix") or "", destination.get("ErrorOutputPrefix") or "")
    if problem:
        # As Firehose spells it.
        raise ApiError(
            "InvalidArgumentException",
            f"Ths supplied prefix(es) do not satisfy the following constraint: {problem}",
        )


def _prefix_problem(prefix: str, error_prefix: str) -> str | None:
    """Firehose's rules for the two prefixes (Amazon Data Firehose Developer Guide, "Semantic rules")."""
    if _EXPRESSION.search(prefix) and not error_prefix:
        return "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"
    if _ERROR_TYPE in prefix:
        return "Prefix cannot contain !{firehose:error-output-type}"
    if _EXPRESSION.search(error_prefix) and _ERROR_TYPE not in error_prefix:
        return "ErrorOutputPrefix must contain !{firehose:error-output-type} when it contains expressions"
    for text in (prefix, error_prefix):
        for namespace, value in _EXPRESSION.findall(text):
            if (namespace, value) in {("firehose", "error-output-type"), ("firehose", "random-string")}:
                continue
            if namespace != "timestamp" or _date_format(value) is None:
                return f"the expression !{{{namespace}:{value}}} is not supported"
    return None


def _date_format(pattern: str) -> str | None:
    """Python's form of a Java date pattern; None where it has other letters than those known here."""
    replaced = re.sub(r"'([^']*)'|([A-Za-z]+)", lambda m: _DATE_LETTERS.get(m[2], "?") if m[2] else m[1], pattern)
    return None if "?" in replaced else replaced


def _evaluated(prefix: str, now: datetime, error_type: str | None) -> str:
    """A prefix without a date gets the documented one."""

    def value(match: re.Match[str]) -> str:
        if match[1] == "timestamp":
            return now.strftime(_date_format(match[2]) or "")
        return (error_type or "") if match[2] == "error-output-type" else uuid.uuid4().hex[:11]

    dated = prefix if "!{timestamp:" in prefix else f"{prefix}!{{timestamp:yyyy/MM/dd/HH}}/"
    return _EXPRESSION.sub(value, dated)


_put_to_others = FirehoseBackend.put_record_batch


def _put_record_batch(
    self: FirehoseBackend, delivery_stream_name: str, records: list[dict[str, bytes]]
) -> dict[str, Any]:
    stream = self.delivery_streams.get(delivery_stream_name)
    destination = stream.destinations[0].get("ExtendedS3") if stream else None
    if destination is None:
        return _put_to_others(self, delivery_stream_name, records)
    processors = _processors(destination)
    lines, failed = [], []
    for record in records:
        data = record["Data"]
        try:
            text = gzip.decompress(data) if "Decompression" in processors else data
            lines.append(text + (b"\n" if "AppendDelimiterToRecord" in processors else b""))
        except (OSError, EOFError, ZlibError):
            failed.append(json.dumps(_undecompressed(data)).encode() + b"\n")
    for chunk, error_type in ((lines, None), (failed, _DECOMPRESSION_FAILED)):
        if chunk:
            _write(self, stream, destination, b"".join(chunk), error_type)
    responses = [{"RecordId": uuid.uuid4().hex} for _ in records]
    return {"FailedPutCount": 0, "Encrypted": False, "RequestResponses": responses}


FirehoseBackend.put_record_batch = _put_record_batch  # type: ignore[method-assign]


def _processors(destination: dict[str, Any]) -> set[str]:
    configuration = destination.get("ProcessingConfiguration") or {}
    if not configuration.get("Enabled"):
        return set()
    return {processor["Type"] for processor in configuration.get("Processors", [])}


def _undecompressed(data: bytes) -> dict[str, Any]:
    now = int(clock.now().timestamp() * 1000)
    return {
        "attemptsMade": 1,
        "arrivalTimestamp": now,
        "attemptEndingTimestamp": now,
        "errorCode": "Decompression.Failed",
        "errorMessage": "The record could not be decompressed.",
        "rawData": b64encode(data).decode(),
    }


def _write(
    backend: FirehoseBackend, stream: Any, destination: dict[str, Any], data: bytes, error_type: str | None
) -> None:
    now = clock.now()
    compression = destination.get("CompressionFormat", "UNCOMPRESSED")
    prefix = destination.get("ErrorOutputPrefix" if error_type else "Prefix") or ""
    name = f"{stream.delivery_stream_name}-{stream.version_id}-{now:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}"
    key = f"{_evaluated(prefix, now, error_type)}{name}{_ENDINGS[compression]}"
    s3 = moto_backends("s3")[backend.account_id]["aws"]
    bucket = s3.buckets.get(destination["BucketARN"].removeprefix("arn:aws:s3:::"))
    role = find_trusting(backend.account_id, destination["RoleARN"], _SERVICE)
    if bucket is None:
        _tell(backend, destination, "S3.NoSuchBucket", "The specified bucket does not exist.")
    elif role is None:
        _tell(backend, destination, "S3.AccessDenied", "Firehose cannot assume the role.")
    elif not may(role, "s3:PutObject", f"{bucket.arn}/{key}", bucket_policy(bucket)):
        _tell(backend, destination, "S3.AccessDenied", "Access was denied. Ensure that the trust policy is right.")
    else:
        locked = bucket.has_default_lock
        s3.put_object(
            bucket.name,
            key,
            gzip.compress(data) if compression == "GZIP" else data,
            lock_mode=bucket.default_lock_mode if locked else None,
            lock_until=bucket.default_retention() if locked else None,
        )


def _tell(backend: FirehoseBackend, destination: dict[str, Any], code: str, message: str) -> None:
    """Firehose's own log ("Monitor Amazon Data Firehose using CloudWatch Logs")."""
    options = destination.get("CloudWatchLoggingOptions") or {}
    if not options.get("Enabled"):
        return
    logs = moto_backends("logs")[backend.account_id][backend.region_name]
    event = {
        "timestamp": int(clock.now().timestamp() * 1000),
        "message": json.dumps({"destination": destination["BucketARN"], "errorCode": code, "errorMessage": message}),
    }
    try:
        logs.put_log_events(options["LogGroupName"], options["LogStreamName"], [event])
    except ResourceNotFoundException:
        return


@lists("firehose")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, stream in backend.delivery_streams.items():
        yield "aws_kinesis_firehose_delivery_stream", stream.delivery_stream_arn, name
