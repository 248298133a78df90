"""What CloudWatch sends where an alarm changes its state: to SNS topics, and to EventBridge.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html (the schema of
the notification), cloudwatch-and-eventbridge.html (events of alarms)
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any

from botocore.loaders import Loader

from .alarm_rules import parse


def subject(alarm: Any, state: str) -> str:
    return f'{state}: "{alarm.name}" in {region_name(alarm.region_name)}'


def message(alarm: Any, old_state: str, changed: datetime, account_id: str, children: list[Any]) -> str:
    """The JSON document of a notification; `children` are what changed a composite alarm."""
    document = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account_id,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _time(changed),
        "Region": region_name(alarm.region_name),
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
    }
    if alarm.rule is None:
        document["Trigger"] = _trigger(alarm)
    else:
        document["AlarmRule"] = alarm.rule
        document["TriggeringChildren"] = [
            {
                "Arn": child.alarm_arn,
                "State": {"Value": child.state_value, "Timestamp": _time(child.state_updated_timestamp)},
            }
            for child in children
        ]
    return json.dumps(document)


def _trigger(alarm: Any) -> dict[str, Any]:
    settings = {
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm or alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data or "missing",
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile or "",
    }
    if alarm.metric_data_queries:
        return {**settings, "Metrics": [_query(query) for query in alarm.metric_data_queries]}
    statistic = (
        {"StatisticType": "Statistic", "Statistic": alarm.statistic.upper()}
        if alarm.statistic
        else {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.extended_statistic}
    )
    return {
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        **statistic,
        "Unit": alarm.unit,
        "Dimensions": _dimensions(alarm.dimensions),
        **settings,
    }


def _query(query: Any) -> dict[str, Any]:
    document: dict[str, Any] = {"Id": query.id, "Label": query.label, "ReturnData": query.return_data is not False}
    if query.metric_stat is None:
        return {**document, "Expression": query.expression}
    metric = query.metric_stat.metric
    return {
        **document,
        "MetricStat": {
            "Metric": {
                "Dimensions": _dimensions(metric.dimensions),
                "MetricName": metric.metric_name,
                "Namespace": metric.namespace,
            },
            "Period": query.metric_stat.period,
            "Stat": query.metric_stat.stat,
        },
    }


def _dimensions(dimensions: list[Any]) -> list[dict[str, str]]:
    return [{"value": dimension.value, "name": dimension.name} for dimension in dimensions]


def event(alarm: Any, old_state: str, old_reason: str) -> dict[str, Any]:
    """The detail of an event "CloudWatch Alarm State Change"."""
    configuration: dict[str, Any] = {"description": alarm.description}
    if alarm.rule is not None:
        configuration["alarmRule"] = alarm.rule
    return {
        "alarmName": alarm.name,
        "state": {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "reasonData": alarm.state_reason_data,
            "timestamp": _time(alarm.state_updated_timestamp),
        },
        "previousState": {"value": old_state, "reason": old_reason},
        "configuration": configuration,
    }


def children_in_state(alarms: dict[str, Any], alarm: Any, state: str) -> list[Any]:
    """Alarms of a composite alarm's rule that are in a state."""
    names = parse(alarm.rule).alarms if alarm.rule is not None else ()
    return [alarms[name] for name in names if name in alarms and alarms[name].state_value == state]


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}+0000"


@functools.cache
def region_name(region: str) -> str:
    """`Europe (Ireland)` for eu-west-1."""
    for partition in Loader().load_data("endpoints")["partitions"]:
        if region in partition["regions"]:
            name: str = partition["regions"][region]["description"]
            return name
    return region
