"""Amazon CloudWatch: metric data, what it makes of it, and SetAlarmState.

Implements PutMetricData and SetAlarmState, both of which move alarms, and GetMetricData for metrics: expressions are
computed for alarms only. POST /_emulator/metrics puts data as an AWS service does, into its namespace
`AWS/...`, which PutMetricData refuses; DELETE /_emulator/metrics forgets all data.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html,
API_MetricDatum.html (two weeks into the past, two hours into the future; exactly one of Value, Values and
StatisticValues), API_SetAlarmState.html, API_GetMetricData.html (500 queries)
"""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import alarms, clock
from ..hooks import ApiError, Call, implements, moto_backends

_MOST_ITEMS, _MOST_VALUES, _MOST_QUERIES = 1000, 150, 500
_LARGEST = 2.0**360


class InvalidMetric(ValueError):
    """The body of POST /_emulator/metrics cannot be used; the message names the member."""


@implements("cloudwatch", "PutMetricData")
def put_metric_data(call: Call) -> dict[str, Any]:
    namespace, data = call.params["Namespace"], call.params.get("MetricData", [])
    if namespace.startswith("AWS/"):
        raise ApiError("InvalidParameterValue", f"The value {namespace} for parameter Namespace is invalid.")
    if not data:
        raise ApiError("MissingRequiredParameterException", "The parameter MetricData is required.")
    if len(data) > _MOST_ITEMS:
        message = f"The collection MetricData must not have a size greater than {_MOST_ITEMS}."
        raise ApiError("InvalidParameterValueException", message)
    for number, datum in enumerate(data, 1):
        problem = _problem(datum)
        if problem is not None:
            code = "InvalidParameterCombinationException" if "both" in problem else "InvalidParameterValueException"
            raise ApiError(code, f"MetricData.member.{number}: {problem}")
    put(call.backend(), namespace, data)
    return {}


def _problem(datum: dict[str, Any]) -> str | None:
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if len(given) != 1:
        return (
            f"exactly one of Value, Values and StatisticValues is allowed, not both of {given}"
            if given
            else ("one of Value, Values and StatisticValues is required")
        )
    numbers = [datum["Value"]] if "Value" in datum else datum.get("Values", [])
    if len(numbers) > _MOST_VALUES:
        return f"Values must not have a size greater than {_MOST_VALUES}"
    if len(datum.get("Counts", numbers)) != len(numbers) and "Values" in datum:
        return "Values and Counts must have the same size"
    if any(not math.isfinite(number) or abs(number) > _LARGEST for number in numbers):
        return "a value must be a number between -2^360 and 2^360"
    when, now = _utc(datum.get("Timestamp", clock.now())), clock.now()
    if not now - timedelta(weeks=2) <= when <= now + timedelta(hours=2):
        return f"the timestamp {when.isoformat()} must be at most two weeks old, and two hours ahead"
    return None


@implements("cloudwatch", "GetMetricData")
def get_metric_data(call: Call) -> dict[str, Any]:
    start, end = (_utc(call.params[name]).timestamp() for name in ("StartTime", "EndTime"))
    queries = call.params["MetricDataQueries"]
    if start >= end:
        raise ApiError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    if len(queries) > _MOST_QUERIES:
        message = f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}."
        raise ApiError("ValidationError", message)
    ids = [query["Id"] for query in queries]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        message = f"The values for parameter id in parameter MetricDataQueries are not unique: {twice}"
        raise ApiError("ValidationError", message)
    expressions = [query["Id"] for query in queries if "MetricStat" not in query]
    if expressions:
        raise ApiError("NotImplemented", f"GetMetricData computes no expressions: {', '.join(expressions)}")
    return {"MetricDataResults": [_result(call.backend(), query, start, end) for query in queries], "Messages": []}


def _result(backend: Any, query: dict[str, Any], start: float, end: float) -> dict[str, Any]:
    """Newest first, as AWS does where ScanBy is not given."""
    stat = query["MetricStat"]
    metric, period = stat["Metric"], int(stat["Period"])
    series = alarms.series(
        backend,
        metric["Namespace"],
        metric["MetricName"],
        {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", [])},
        stat["Stat"],
        period,
    )
    found = [time for time in sorted(series, reverse=True) if start // period * period <= time < end]
    return {
        "Id": query["Id"],
        "Label": query.get("Label", metric["MetricName"]),
        "StatusCode": "Complete",
        "Timestamps": [datetime.fromtimestamp(time, timezone.utc) for time in found],
        "Values": [series[time] for time in found],
    }


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo is not None else when.replace(tzinfo=timezone.utc)


def put(backend: Any, namespace: str, data: list[dict[str, Any]]) -> None:
    """Adds data points, now where they have no Timestamp, and evaluates the alarms that watch them."""
    backend.put_metric_data(
        namespace,
        [{**datum, "Timestamp": _utc(datum.get("Timestamp", clock.now())).replace(tzinfo=None)} for datum in data],
    )
    alarms.evaluate_for(backend, {(namespace, datum["MetricName"]) for datum in data})


def put_as_a_service(document: Any, account_id: str) -> dict[str, Any]:
    """Reads the body of POST /_emulator/metrics: region, namespace, metricName, dimensions (by name), and either value
    (of now) or values, a list whose last item is the newest, periodSeconds apart (60 without it)."""
    if not isinstance(document, dict):
        raise InvalidMetric("the body must be an object")
    for name in ("region", "namespace", "metricName"):
        if not isinstance(document.get(name), str) or not document[name]:
            raise InvalidMetric(f"{name} must be a string")
    values = document.get("values", [document.get("value")])
    if not isinstance(values, list) or not values or any(not isinstance(value, (int, float)) for value in values):
        raise InvalidMetric("value must be a number, or values a list of numbers")
    dimensions = document.get("dimensions", {})
    if not isinstance(dimensions, dict):
        raise InvalidMetric("dimensions must be an object of names and values")
    step = timedelta(seconds=float(document.get("periodSeconds", 60)))
    backend = moto_backends("cloudwatch")[account_id][document["region"]]
    now = clock.now()
    data = [
        {
            "MetricName": document["metricName"],
            "Dimensions": [{"Name": name, "Value": str(value)} for name, value in dimensions.items()],
            "Value": float(value),
            "Timestamp": now - step * back,
            "Unit": document.get("unit"),
        }
        for back, value in zip(reversed(range(len(values))), values, strict=True)
    ]
    put(backend, document["namespace"], data)
    wanted = {(document["namespace"], document["metricName"])}
    return {"alarms": alarms.states_for(backend, wanted)}


def forget_metric_data(account_id: str) -> None:
    """DELETE /_emulator/metrics: of every region. Alarms keep their states."""
    backends = moto_backends("cloudwatch")[account_id]
    for region in list(backends):
        backends[region].metric_data.clear()


@implements("cloudwatch", "SetAlarmState")
def set_alarm_state(call: Call) -> dict[str, Any]:
    params, backend = call.params, call.backend()
    alarm = backend.alarms.get(params["AlarmName"])
    if alarm is None:
        raise ApiError("ResourceNotFound", f"The alarm {params['AlarmName']} does not exist.")
    if params["StateValue"] not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
        raise ApiError("ValidationError", f"{params['StateValue']} is none of INSUFFICIENT_DATA, ALARM, OK")
    data = params.get("StateReasonData")
    try:
        json.loads(data or "{}")
    except ValueError as problem:
        raise ApiError("InvalidFormat", f"StateReasonData is not JSON: {problem}") from problem
    alarms.change_state(backend, alarm, params["StateValue"], params["StateReason"], data)
    return {}
