"""Amazon CloudWatch Logs: subscription filters into Kinesis data streams.

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

from moto.kinesis.models import KinesisBackend
from moto.logs.models import LogEvent, SubscriptionFilter

from ..hooks import ApiError, Call, Found, implements, lists, moto_backends
from ..resource_policy import Access, admits, as_list

_log = logging.getLogger("emulator")

#: Quota "Subscription filters" of a log group.
_MAXIMUM_FILTERS = 2
_TEST_EVENT = {
    "id": "",
    "timestamp": 0,
    "message": "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.",
}

_new_event = LogEvent.__init__
_describe_filter = SubscriptionFilter.to_json


def _number_event(self: LogEvent, ingestion_time: int, log_event: dict[str, Any]) -> None:
    _new_event(self, ingestion_time, log_event)
    self.event_id = f"3{self.event_id:055d}"  # type: ignore[assignment]


def _with_distribution(self: SubscriptionFilter) -> dict[str, Any]:
    return {**_describe_filter(self), "distribution": getattr(self, "distribution", "ByLogStream")}


def _deliver_events(
    self: KinesisBackend,
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
    self.describe_stream(stream_arn=delivery_stream_arn, stream_name=None).put_record(
        partition_key=secrets.token_hex(16),
        explicit_hash_key="",
        data=_data("DATA_MESSAGE", self.account_id, (log_group_name, log_stream_name), [filter_name], log_events),
    )


LogEvent.__init__ = _number_event  # type: ignore[method-assign]
SubscriptionFilter.to_json = _with_distribution  # type: ignore[method-assign]
KinesisBackend.send_log_event = _deliver_events  # type: ignore[method-assign]


def _data(
    message_type: str, owner: str, source: tuple[str, str], filters: list[str], events: list[dict[str, Any]]
) -> str:
    envelope = {
        "messageType": message_type,
        "owner": owner,
        "logGroup": source[0],
        "logStream": source[1],
        "subscriptionFilters": filters,
        "logEvents": events,
    }
    return b64encode(gzip.compress(json.dumps(envelope, separators=(",", ":")).encode())).decode()


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
    into_stream = destination.split(":")[2] == "kinesis"
    if into_stream:
        _check_stream(call, group.name)
    if name in filters:
        filters[name].update(*settings)
    else:
        backend.put_subscription_filter(group.name, name, *settings)
    filters[name].distribution = params.get("distribution", "ByLogStream")
    if into_stream:
        call.backend("kinesis").describe_stream(stream_arn=destination, stream_name=None).put_record(
            partition_key=secrets.token_hex(16),
            explicit_hash_key="",
            data=_data("CONTROL_MESSAGE", "CloudwatchLogs", ("", ""), [], [_TEST_EVENT]),
        )
    return {}


def _check_stream(call: Call, log_group_name: str) -> None:
    role_arn = call.params.get("roleArn")
    if not role_arn:
        raise ApiError("InvalidParameterException", "destinationArn for vendor kinesis cannot be used without roleArn")
    if not _may_deliver(call.account_id, call.region, log_group_name, role_arn, call.params["destinationArn"]):
        raise ApiError(
            "InvalidParameterException",
            "Could not deliver test message to specified Kinesis stream. "
            "Check if the given kinesis stream is in ACTIVE state. ",
        )


def _may_deliver(account_id: str, region: str, log_group_name: str, role_arn: str, stream_arn: str) -> bool:
    """The stream is there, the role lets CloudWatch Logs take it, and its policies let it put records."""
    streams = moto_backends("kinesis")[account_id][region].streams.values()
    roles = moto_backends("iam")[account_id]["aws"].roles.values()
    role = next((role for role in roles if role.arn == role_arn), None)
    if role is None or all(stream.arn != stream_arn for stream in streams):
        return False
    source = {
        "aws:SourceArn": f"arn:aws:logs:{region}:{account_id}:log-group:{log_group_name}:*",
        "aws:SourceAccount": account_id,
    }
    trusted = any(
        admits(role.assume_role_policy_document, Access(service, "sts:AssumeRole", role_arn, source))
        for service in ("logs.amazonaws.com", f"logs.{region}.amazonaws.com")
    )
    documents = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())]
    # A role's policy is of the role itself, and names no principal.
    statements = [
        {**statement, "Principal": "*"}
        for document in documents
        for statement in as_list(json.loads(document).get("Statement", []))
    ]
    return trusted and admits(json.dumps({"Statement": statements}), Access(role_arn, "kinesis:PutRecord", stream_arn))


@lists("logs")
def list_filters(backend: Any) -> Iterator[Found]:
    for group in backend.groups.values():
        for name in group.subscription_filters:
            yield "aws_cloudwatch_log_subscription_filter", f"{group.name}|{name}", f"{group.name}:{name}"
