"""Amazon CloudWatch Logs: metric filters and subscription filters.

A metric filter makes data points of the events that its pattern matches, at the time of the event; its default value
stands in a minute with events of which none matched. A subscription filter gets what its pattern matches.

Corrects PutMetricFilter, which in moto appends a second filter of the same name, and PutSubscriptionFilter, which moto
refuses for a filter that exists where a group has two. Both refuse a pattern that CloudWatch Logs would not read.

Reference: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html (100 filters of
a log group), API_MetricTransformation.html (at most 3 dimensions; a default value and dimensions exclude each other),
API_PutSubscriptionFilter.html (2 filters of a log group);
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html (no filters in the Infrequent
Access class)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from moto.logs.models import LogGroup, LogStream

from .. import filter_patterns
from ..filter_patterns import InvalidPattern
from ..hooks import ApiError, Call, implements, moto_backends, prepares
from .cloudwatch_metrics import put

_MOST_METRIC_FILTERS, _MOST_DIMENSIONS = 100, 3
#: What a metric is published with.
_MEMBERS = ("filterName", "filterPattern", "logGroupName", "metricTransformations", "applyOnTransformedLogs")


def _refuse(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)


def _check(call: Call) -> None:
    name = call.params["logGroupName"]
    group = call.backend().groups.get(name)
    if group is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    if group.log_group_class != "STANDARD":
        raise _refuse(f"Log group {name} is of class {group.log_group_class}, which has no filters")
    try:
        filter_patterns.parse(call.params["filterPattern"])
    except InvalidPattern as problem:
        raise _refuse(f"Invalid filter pattern: {problem}") from problem


@implements("logs", "PutMetricFilter")
def put_metric_filter(call: Call) -> dict[str, Any]:
    _check(call)
    params, filters = call.params, call.backend().filters
    _check_transformation(params["metricTransformations"][0], params["filterPattern"])
    group_filters = [f for f in filters.metric_filters if f["logGroupName"] == params["logGroupName"]]
    existing = next((f for f in group_filters if f["filterName"] == params["filterName"]), None)
    if existing is None and len(group_filters) >= _MOST_METRIC_FILTERS:
        raise ApiError("LimitExceededException", f"There are {_MOST_METRIC_FILTERS} metric filters already.")
    document = {name: params[name] for name in _MEMBERS if name in params}
    if existing is None:
        filters.metric_filters.append({**document, "creationTime": int(time.time() * 1000)})
    else:
        created = existing["creationTime"]
        existing.clear()
        existing.update({**document, "creationTime": created})
    return {}


def _check_transformation(transformation: dict[str, Any], pattern: str) -> None:
    dimensions = transformation.get("dimensions") or {}
    if len(dimensions) > _MOST_DIMENSIONS:
        raise _refuse(f"At most {_MOST_DIMENSIONS} dimensions are allowed, not {len(dimensions)}")
    if dimensions and "defaultValue" in transformation:
        raise _refuse("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
    for value in (transformation["metricValue"], *dimensions.values()):
        is_field = value.startswith("$")
        fields_exist = pattern.strip()[:1] in ("{", "[")
        if is_field and not fields_exist:
            raise _refuse(f"{value} needs a JSON or space-delimited filter pattern")
        if is_field and pattern.strip()[:1] == "{" and not filter_patterns.is_selector(value):
            raise _refuse(f"{value} is no JSON selector")
    for name, value in dimensions.items():
        if not value.startswith("$"):
            raise _refuse(f"Invalid metric transformation: dimension {name} must be a field, such as $.name")
    value = transformation["metricValue"]
    if not value.startswith("$") and not filter_patterns.is_number(value):
        raise _refuse(f"metricValue must be a number or a field, not {value!r}")


@prepares("logs", "PutSubscriptionFilter")
def check_subscription_filter(call: Call) -> None:
    _check(call)


_put_subscription_filter = LogGroup.put_subscription_filter


def _replace_subscription_filter(
    self: LogGroup, filter_name: str, filter_pattern: str, destination_arn: str, role_arn: str
) -> None:
    """One that exists is changed, however many there are."""
    if filter_name in self.subscription_filters:
        self.subscription_filters[filter_name].update(filter_pattern, destination_arn, role_arn)
    else:
        _put_subscription_filter(self, filter_name, filter_pattern, destination_arn, role_arn)


LogGroup.put_subscription_filter = _replace_subscription_filter  # type: ignore[method-assign]


_put_log_events = LogStream.put_log_events
_send_log_events = LogStream._send_log_events


def _put_and_measure(self: LogStream, log_events: list[dict[str, Any]]) -> str:
    token = _put_log_events(self, log_events)
    filters = moto_backends("logs")[self.account_id][self.region].filters.metric_filters
    for metric_filter in [each for each in filters if each["logGroupName"] == self.log_group.name]:
        _measure(metric_filter, log_events, moto_backends("cloudwatch")[self.account_id][self.region])
    return token


def _measure(metric_filter: dict[str, Any], log_events: list[dict[str, Any]], cloudwatch: Any) -> None:
    pattern = filter_patterns.parse(metric_filter["filterPattern"])
    (transformation,) = metric_filter["metricTransformations"]
    data, minutes, matched = [], set(), set()
    for event in log_events:
        when = datetime.fromtimestamp(event["timestamp"] / 1000, timezone.utc)
        minute = when.replace(second=0, microsecond=0)
        minutes.add(minute)
        field = pattern.match(event["message"])
        datum = None if field is None else _datum(transformation, field)
        if datum is not None:
            matched.add(minute)
            data.append({**datum, "Timestamp": when})
    if "defaultValue" in transformation:
        default = {"MetricName": transformation["metricName"], "Value": transformation["defaultValue"]}
        data.extend({**default, "Timestamp": minute} for minute in sorted(minutes - matched))
    if data:
        put(cloudwatch, transformation["metricNamespace"], data)


def _datum(transformation: dict[str, Any], field: Callable[[str], Any]) -> dict[str, Any] | None:
    """None where the event lacks the number that is the metric's value, or a dimension."""
    value: Any = transformation["metricValue"]
    if value.startswith("$"):
        value = field(value)
    dimensions = {name: field(selector) for name, selector in (transformation.get("dimensions") or {}).items()}
    if not filter_patterns.is_number(value) or filter_patterns.MISSING in dimensions.values():
        return None
    return {
        "MetricName": transformation["metricName"],
        "Value": float(value),
        "Unit": transformation.get("unit"),
        "Dimensions": [{"Name": name, "Value": str(each)} for name, each in dimensions.items()],
    }


def _send_what_matches(
    self: LogStream, service: str, destination_arn: str, filter_name: str, log_events: list[dict[str, Any]]
) -> None:
    pattern = filter_patterns.parse(self.log_group.subscription_filters[filter_name].filter_pattern or "")
    matching = [event for event in log_events if pattern.match(event["message"]) is not None]
    if matching:
        _send_log_events(self, service, destination_arn, filter_name, matching)


LogStream.put_log_events = _put_and_measure  # type: ignore[method-assign]
LogStream._send_log_events = _send_what_matches  # type: ignore[method-assign]
