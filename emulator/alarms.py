"""Alarms at work: they are evaluated where data arrives, change their state, and tell their actions.

An alarm is evaluated when its metrics get data, and all of them by POST /_emulator/alarms/evaluate (`at`, ISO 8601;
without it, the time of the emulator's clock). Actions are SNS topics; other actions are only recorded as not
delivered. Every change is an event of EventBridge too. A composite alarm follows its children at once, unless its rule
refers back to it.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html,
API_SetAlarmState.html; https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html (wait
period and extension period)
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.cloudwatch.models import Alarm, MetricAggregatedDatum, MetricDatum

from . import alarm_messages, clock, deliveries, event_bus, live_metrics, metric_math
from .alarm_evaluation import Sample, Settings, judge, period_starts, statistic
from .alarm_rules import name_of, parse
from .deliveries import sender_with_source
from .extensions.service_quotas import usage_quota
from .hooks import moto_backends

_log = logging.getLogger("emulator")

#: Namespace and name.
MetricName = tuple[str, str]


@dataclass(frozen=True)
class Suppression:
    """Why a composite alarm does not tell its actions, and until when (for ever, where the suppressor alarm acts)."""

    by: str
    until: datetime | None


#: What ActionsSuppressor and its periods were set to.
Alarm.suppressor = {}  # type: ignore[attr-defined]
Alarm.suppression = None  # type: ignore[attr-defined]
#: The state that the actions were last told of; None for the one that it had when it was made.
Alarm.told_state = None  # type: ignore[attr-defined]


def evaluate_for(backend: Any, metrics: Iterable[MetricName]) -> None:
    """Evaluates the alarms of a region that watch one of the metrics."""
    wanted = set(metrics)
    evaluate(backend, [alarm for alarm in _metric_alarms(backend) if wanted & set(_metrics_of(alarm))])


def evaluate_all(document: Any, account_id: str) -> dict[str, Any]:
    """Reads the body of POST /_emulator/alarms/evaluate: every alarm of every region; the states that result."""
    at = clock.read_time(document, "at") if isinstance(document, dict) and "at" in document else clock.now()
    backends = moto_backends("cloudwatch")[account_id]
    states: dict[str, dict[str, str]] = {}
    for region in sorted(backends):
        backend = backends[region]
        live_metrics.record(backend, _watched(backend), at)
        evaluate(backend, _metric_alarms(backend), at)
        for alarm in list(backend.alarms.values()):
            if alarm.rule is not None:
                _follow(backend, alarm, at, [])
        if backend.alarms:
            states[region] = {name: alarm.state_value for name, alarm in sorted(backend.alarms.items())}
    return {"at": at.isoformat(), "states": states}


def evaluate(backend: Any, alarms: Iterable[Any], at: datetime | None = None) -> None:
    """Evaluates metric alarms at a time; then what suppressed composite alarms may have to tell."""
    at = at or clock.now()
    for alarm in list(alarms):
        try:
            _evaluate(backend, alarm, at)
        except metric_math.NotModelled as problem:
            _log.warning("alarm %s is not evaluated: the emulator does not compute %s", alarm.name, problem)
    for alarm in list(backend.alarms.values()):
        if alarm.suppression is not None:
            _tell_after_suppression(backend, alarm, at)


def _metric_alarms(backend: Any) -> list[Any]:
    return [alarm for alarm in backend.alarms.values() if alarm.rule is None]


def states_for(backend: Any, metrics: Iterable[MetricName]) -> dict[str, str]:
    """The states of the alarms that watch one of the metrics, by name."""
    wanted = set(metrics)
    return {a.name: a.state_value for a in _metric_alarms(backend) if wanted & set(_metrics_of(a))}


def _metrics_of(alarm: Any) -> Iterator[MetricName]:
    if not alarm.metric_data_queries:
        yield alarm.namespace, alarm.metric_name
    for query in alarm.metric_data_queries:
        if query.metric_stat is not None:
            yield query.metric_stat.metric.namespace, query.metric_stat.metric.metric_name


def _watched(backend: Any) -> Iterator[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Namespace, name and dimensions of every metric that an alarm watches."""
    for alarm in _metric_alarms(backend):
        if not alarm.metric_data_queries:
            yield alarm.namespace, alarm.metric_name, frozenset((d.name, d.value) for d in alarm.dimensions)
        for query in alarm.metric_data_queries:
            if query.metric_stat is not None:
                metric = query.metric_stat.metric
                yield metric.namespace, metric.metric_name, frozenset((d.name, d.value) for d in metric.dimensions)


def _evaluate(backend: Any, alarm: Any, at: datetime) -> None:
    period = _period(alarm)
    times, points = _points(backend, alarm, period, at.timestamp())
    settings = Settings(
        alarm.comparison_operator,
        alarm.threshold,
        alarm.evaluation_periods,
        alarm.datapoints_to_alarm or alarm.evaluation_periods,
        alarm.treat_missing_data or "missing",
    )
    verdict = judge(settings, times, points, alarm.state_value)
    if verdict.state == alarm.state_value:
        return
    data = {
        "version": "1.0",
        "queryDate": f"{at:%Y-%m-%dT%H:%M:%S}.000+0000",
        "statistic": alarm.statistic or alarm.extended_statistic,
        "period": period,
        "recentDatapoints": [value for _, value in verdict.points],
        "threshold": alarm.threshold,
    }
    change_state(backend, alarm, verdict.state, verdict.reason, json.dumps(data), at)


def _period(alarm: Any) -> int:
    """Seconds. Of metric math, the longest of its metrics."""
    if not alarm.metric_data_queries:
        return int(alarm.period)
    periods = [query.metric_stat.period for query in alarm.metric_data_queries if query.metric_stat is not None]
    periods += [query.period for query in alarm.metric_data_queries if query.period is not None]
    return max(map(int, periods), default=60)


def _points(backend: Any, alarm: Any, period: int, now: float) -> tuple[tuple[int, ...], dict[int, float]]:
    """The periods that are looked at, and the values of those that have one."""
    if not alarm.metric_data_queries:
        samples = _samples(backend, alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.unit, period)
        times = period_starts(now, period, alarm.evaluation_periods, samples.__contains__)
        return times, _statistics(samples, alarm.statistic or alarm.extended_statistic, times)
    metrics = {
        query.id: (
            _samples(
                backend,
                query.metric_stat.metric.namespace,
                query.metric_stat.metric.metric_name,
                query.metric_stat.metric.dimensions,
                query.metric_stat.unit,
                period,
            ),
            query.metric_stat.stat,
        )
        for query in alarm.metric_data_queries
        if query.metric_stat is not None
    }
    times = period_starts(
        now, period, alarm.evaluation_periods, lambda start: any(start in samples for samples, _ in metrics.values())
    )
    values: dict[str, metric_math.Value] = {
        id_: _statistics(samples, stat, times) for id_, (samples, stat) in metrics.items()
    }
    result = _compute(alarm, values, tuple(metrics), times, period)
    return times, {time: value for time, value in result.items() if time in times}


def _compute(
    alarm: Any, values: dict[str, metric_math.Value], metrics: tuple[str, ...], times: tuple[int, ...], period: int
) -> metric_math.Series:
    """The time series that the alarm watches."""
    expressions = {
        query.id: metric_math.parse(query.expression) for query in alarm.metric_data_queries if query.expression
    }
    data = metric_math.Data(values, metrics, times, period, lambda id_: _quota_of(alarm, id_))
    waiting = dict(expressions)
    while waiting:
        ready = [id_ for id_, expression in waiting.items() if not expression.references & waiting.keys()]
        if not ready:
            return {}
        for id_ in ready:
            values[id_] = waiting.pop(id_).evaluate(data)
    watched = next(
        query.id
        for query in alarm.metric_data_queries
        if query.return_data is not False and query.id != alarm.threshold_metric_id
    )
    result = values[watched]
    return result if isinstance(result, dict) else {}


def _quota_of(alarm: Any, id_: str) -> float | None:
    """What a metric of AWS/Usage counts against, which the emulator knows for the quotas of its Service Quotas."""
    query = next(query for query in alarm.metric_data_queries if query.id == id_)
    dimensions = {dimension.name: dimension.value for dimension in query.metric_stat.metric.dimensions}
    return usage_quota(alarm.region_name, dimensions)


def series(
    backend: Any, namespace: str, name: str, dimensions: dict[str, str], stat: str, period: int
) -> metric_math.Series:
    """A statistic of a metric, by the start of each period that has data."""
    samples = _samples_of(backend, namespace, name, set(dimensions.items()), None, period)
    return _statistics(samples, stat, samples)


def _samples(
    backend: Any, namespace: str, name: str, dimensions: Iterable[Any], unit: str | None, period: int
) -> dict[int, list[Sample]]:
    """By the start of the period. A metric is its namespace, name and exactly its dimensions."""
    wanted = {(dimension.name, dimension.value) for dimension in dimensions}
    return _samples_of(backend, namespace, name, wanted, unit, period)


def _samples_of(
    backend: Any, namespace: str, name: str, wanted: set[tuple[str, str]], unit: str | None, period: int
) -> dict[int, list[Sample]]:
    samples: dict[int, list[Sample]] = {}
    for datum in backend.metric_data:
        if (datum.namespace, datum.name) != (namespace, name) or (unit is not None and datum.unit != unit):
            continue
        if {(dimension.name, dimension.value) for dimension in datum.dimensions} == wanted:
            start = int(datum.timestamp.replace(tzinfo=timezone.utc).timestamp() // period) * period
            samples.setdefault(start, []).append(_sample(datum))
    return samples


def _sample(datum: Any) -> Sample:
    if isinstance(datum, MetricAggregatedDatum):
        known = datum.sample_count == 1 or datum.min == datum.max
        values = (datum.min,) * int(datum.sample_count) if known else None
        return Sample(datum.sample_count, datum.sum, datum.min, datum.max, values)
    assert isinstance(datum, MetricDatum)
    return Sample(1, datum.value, datum.value, datum.value, (datum.value,))


def _statistics(samples: dict[int, list[Sample]], name: str, times: Iterable[int]) -> metric_math.Series:
    computed = {time: statistic(name, samples.get(time, [])) for time in times}
    return {time: value for time, value in computed.items() if value is not None}


def change_state(
    backend: Any, alarm: Any, state: str, reason: str, reason_data: str | None, at: datetime | None = None
) -> None:
    """Where it is another state, the actions are told, EventBridge has an event, and composite alarms follow."""
    at = at or clock.now()
    old_state, old_reason = alarm.state_value, alarm.state_reason
    alarm.update_state(reason, reason_data or "{}", state)
    if state == old_state:
        return
    alarm.state_updated_timestamp = at.replace(tzinfo=None)
    alarm.told_state = alarm.told_state or old_state
    _suppress_or_tell(backend, alarm, at)
    event_bus.put(
        backend.account_id,
        backend.region_name,
        "aws.cloudwatch",
        "CloudWatch Alarm State Change",
        [alarm.alarm_arn],
        alarm_messages.event(alarm, old_state, old_reason),
    )
    _tell_what_it_suppresses(backend, alarm, at)
    for composite in _composites_of(backend, alarm.name):
        _follow(backend, composite, at, [alarm])


def _composites_of(backend: Any, name: str) -> list[Any]:
    return [a for a in backend.alarms.values() if a.rule is not None and name in parse(a.rule).alarms]


def _follow(backend: Any, composite: Any, at: datetime, changed: list[Any]) -> None:
    """Gives a composite alarm the state that its rule says; nothing where it refers back to itself."""
    if _refers_back(backend, composite.name, composite.name, set()):
        return

    def state_of(name: str) -> str:
        return str(backend.alarms[name].state_value) if name in backend.alarms else "INSUFFICIENT_DATA"

    state = "ALARM" if parse(composite.rule).holds(state_of) else "OK"
    if state != composite.state_value:
        cause = changed[0].alarm_arn if changed else composite.alarm_arn
        cause_state = changed[0].state_value if changed else state
        reason = f"{cause} transitioned to {cause_state} at {at:%A %d %B, %Y %H:%M:%S UTC}"
        change_state(backend, composite, state, reason, None, at)


def follow(backend: Any, composite: Any) -> None:
    """Gives a composite alarm that was put its state: with its rule it is evaluated at once."""
    _follow(backend, composite, clock.now(), [])


def _refers_back(backend: Any, name: str, target: str, seen: set[str]) -> bool:
    alarm = backend.alarms.get(name)
    if alarm is None or alarm.rule is None or name in seen:
        return False
    seen.add(name)
    return any(child == target or _refers_back(backend, child, target, seen) for child in parse(alarm.rule).alarms)


def _suppress_or_tell(backend: Any, alarm: Any, at: datetime) -> None:
    if not alarm.suppressor:
        _tell(backend, alarm, at)
        return
    suppressor = backend.alarms.get(name_of(alarm.suppressor["ActionsSuppressor"]))
    wait = timedelta(seconds=alarm.suppressor["ActionsSuppressorWaitPeriod"])
    if suppressor is not None and suppressor.state_value == "ALARM":
        alarm.suppression = Suppression("Alarm", None)
    elif alarm.suppression is None and wait and alarm.state_value == "ALARM":
        alarm.suppression = Suppression("WaitPeriod", at + wait)
    elif alarm.suppression is None:
        _tell(backend, alarm, at)


def _tell_what_it_suppresses(backend: Any, alarm: Any, at: datetime) -> None:
    """A suppressor alarm that goes off suppresses what waits; one that ends starts the extension period."""
    for composite in backend.alarms.values():
        if name_of(composite.suppressor.get("ActionsSuppressor", "")) != alarm.name:
            continue
        if alarm.state_value == "ALARM":
            if composite.suppression is not None:
                composite.suppression = Suppression("Alarm", None)
        elif composite.suppression is not None and composite.suppression.by == "Alarm":
            extension = timedelta(seconds=composite.suppressor["ActionsSuppressorExtensionPeriod"])
            composite.suppression = Suppression("ExtensionPeriod", at + extension)
            _tell_after_suppression(backend, composite, at)


def _tell_after_suppression(backend: Any, alarm: Any, at: datetime) -> None:
    until = alarm.suppression.until
    if until is not None and at >= until:
        alarm.suppression = None
        if alarm.state_value != alarm.told_state:
            _tell(backend, alarm, at)


def _tell(backend: Any, alarm: Any, at: datetime) -> None:
    """The actions of its state, with what it told last as the state before."""
    old_state, alarm.told_state = alarm.told_state, alarm.state_value
    if not alarm.actions_enabled:
        return
    actions = {
        "ALARM": alarm.alarm_actions,
        "OK": alarm.ok_actions,
        "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
    }[alarm.state_value]
    children = alarm_messages.children_in_state(backend.alarms, alarm, alarm.state_value)
    text = alarm_messages.message(alarm, old_state, at, backend.account_id, children)
    title = alarm_messages.subject(alarm, alarm.state_value)
    sender = sender_with_source("cloudwatch.amazonaws.com", alarm.alarm_arn, backend.account_id)
    for action in actions or []:
        if re.match(r"arn:[\w-]+:sns:", action):
            deliveries.publish(sender, action, title, text)
        else:
            deliveries.record(sender, action, title, text, "the emulator has no actions but SNS topics")
