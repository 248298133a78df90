"""Amazon CloudWatch Logs: subscription filters into data streams of Kinesis and delivery streams of Firehose.

Corrects PutSubscriptionFilter: CloudWatch Logs takes the role and puts a test record, a CONTROL_MESSAGE, into the
stream; where it cannot, it refuses the filter. A third filter of a log group is refused, a changed one of two is not.
Corrects DescribeSubscriptionFilters: the distribution as it was sent. Corrects PutLogEvents: what a role or stream that
is gone by then cannot take is not delivered, and the events are accepted all the same. Ids are of 56 digits, as in
FilterLogEvents.

Not modelled: filter patterns (every event is delivered), retries of a refused delivery.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html;
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
"""

from __future__ import annotations

import gzip
import json
import logging
import secrets
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from moto.firehose.models import FirehoseBackend
from moto.kinesis.models import KinesisBackend
from moto.logs.models import LogEvent, SubscriptionFilter

from .. import keys
from ..hooks import ApiError, Call, Found, implements, lists, moto_backends
from ..roles import find_role, may, trusts

_log = logging.getLogger("emulator")

#: Quota "Subscription filters" of a log group.
_MAXIMUM_FILTERS = 2
#: What CloudWatch Logs calls the two services that it puts records into.
_STREAM_NAMES = {"firehose": ("Firehose", "Firehose"), "kinesis": ("Kinesis", "kinesis")}


def _test_event(service: str) -> dict[str, Any]:
    name = _STREAM_NAMES[service][0]
    return {"id": "", "timestamp": 0, "message": f"CWL CONTROL MESSAGE: Checking health of destination {name} stream."}


_new_event = LogEvent.__init__
_describe_filter = SubscriptionFilter.to_json


def _number_event(self: LogEvent, ingestion_time: int, log_event: dict[str, Any]) -> None:
    _new_event(self, ingestion_time, log_event)
    self.event_id = f"3{self.event_id:055d}"  # type: ignore[assignment]


def _with_distribution(self: SubscriptionFilter) -> dict[str, Any]:
    return {**_describe_filter(self), "distribution": getattr(self, "distribution", "ByLogStream")}


def _deliver_events(
    self: KinesisBackend | FirehoseBackend,
    delivery_stream_arn: str,
    filter_name: str,
    log_group_name: str,
    log_stream_name: str,
    log_events: list[dict[str, Any]],
) -> None:
    """An error that is not retryable, such as a role that is not admitted, skips the events."""
    group = moto_backends("logs")[self.account_id][self.region_name].groups[log_group_name]
    role_arn = group.subscription_filters[filter_name].role_arn
    if not _may_deliver(self.account_id, self.region_name, log_group_name, role_arn, delivery_stream_arn):
        _log.warning("%s: the subscription filter %s skipped %s events", log_group_name, filter_name, len(log_events))
        return
    source = (log_group_name, log_stream_name)
    _put(self, delivery_stream_arn, _data("DATA_MESSAGE", self.account_id, source, [filter_name], log_events))


LogEvent.__init__ = _number_event  # type: ignore[method-assign]
SubscriptionFilter.to_json = _with_distribution  # type: ignore[method-assign]
KinesisBackend.send_log_event = _deliver_events  # type: ignore[method-assign]
FirehoseBackend.send_log_event = _deliver_events  # type: ignore[method-assign]


def _data(
    message_type: str, owner: str, source: tuple[str, str], filters: list[str], events: list[dict[str, Any]]
) -> bytes:
    envelope = {
        "messageType": message_type,
        "owner": owner,
        "logGroup": source[0],
        "logStream": source[1],
        "subscriptionFilters": filters,
        "logEvents": events,
    }
    return gzip.compress(json.dumps(envelope, separators=(",", ":")).encode())


def _put(backend: KinesisBackend | FirehoseBackend, destination: str, data: bytes) -> None:
    if isinstance(backend, FirehoseBackend):
        backend.put_record(destination.split("/")[-1], {"Data": data})
    else:
        backend.describe_stream(stream_arn=destination, stream_name=None).put_record(
            partition_key=secrets.token_hex(16), explicit_hash_key="", data=b64encode(data).decode()
        )


@implements("logs", "PutSubscriptionFilter")
def put_subscription_filter(call: Call) -> dict[str, Any]:
    params, backend = call.params, call.backend()
    group = backend.groups.get(params["logGroupName"])
    if group is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    filters, name, destination = group.subscription_filters, params["filterName"], params["destinationArn"]
    settings = (params["filterPattern"], destination, params.get("roleArn", ""))
    if name not in filters and len(filters) >= _MAXIMUM_FILTERS:
        raise ApiError("LimitExceededException", "Resource limit exceeded.")
    service = destination.split(":")[2]
    if service in _STREAM_NAMES:
        _check_stream(call, group.name)
    if name in filters:
        filters[name].update(*settings)
    else:
        backend.put_subscription_filter(group.name, name, *settings)
    filters[name].distribution = params.get("distribution", "ByLogStream")
    if service in _STREAM_NAMES:
        test = _data("CONTROL_MESSAGE", "CloudwatchLogs", ("", ""), [], [_test_event(service)])
        _put(call.backend(service), destination, test)
    return {}


def _check_stream(call: Call, log_group_name: str) -> None:
    role_arn = call.params.get("roleArn")
    service = call.params["destinationArn"].split(":")[2]
    names = _STREAM_NAMES[service]
    if not role_arn:
        raise ApiError(
            "InvalidParameterException", f"destinationArn for vendor {service} cannot be used without roleArn"
        )
    if not _may_deliver(call.account_id, call.region, log_group_name, role_arn, call.params["destinationArn"]):
        raise ApiError(
            "InvalidParameterException",
            f"Could not deliver test message to specified {names[0]} stream. "
            f"Check if the given {names[1]} stream is in ACTIVE state. ",
        )


def _may_deliver(account_id: str, region: str, log_group_name: str, role_arn: str | None, destination: str) -> bool:
    """The stream is there, the role lets CloudWatch Logs take it, and its policies let it put records, encrypted."""
    service = destination.split(":")[2]
    backend = moto_backends(service)[account_id][region]
    key = None
    if service == "firehose":
        found = backend.lookup_name_from_arn(destination) is not None
    else:
        stream = next((each for each in backend.streams.values() if each.arn == destination), None)
        found, key = stream is not None, stream and stream.key_id
    role = find_role(account_id, role_arn)
    if role is None or not found:
        return False
    source = {
        "aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:log-group:{log_group_name}:*",
        "aws:SourceAccount": account_id,
    }
    services = ("logs.amazonaws.com", f"logs.{region}.amazonaws.com")
    return (
        any(trusts(role, each, source) for each in services)
        and may(role, f"{service}:PutRecord", destination)
        and keys.role_may(role.arn, "kms:GenerateDataKey", key, (service, account_id, region))
    )


@lists("logs")
def list_filters(backend: Any) -> Iterator[Found]:
    for group in backend.groups.values():
        for name in group.subscription_filters:
            yield "aws_cloudwatch_log_subscription_filter", f"{group.name}|{name}", f"{group.name}:{name}"
