"""From data points to the state of a metric alarm.

Periods are counted from 1970. The period that is not over counts once it has data. CloudWatch looks at more periods
than the alarm's; here at two more, as in its documentation's examples.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html (alarm-evaluation,
alarms-and-missing-data, "Avoiding premature transitions to alarm state", percentiles-with-low-samples);
Statistics-definitions.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

_MORE_PERIODS = 2

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True)
class Sample:
    """Values of one period, added up: `values` are single ones, None where only their statistics were sent."""

    count: float
    total: float
    least: float
    most: float
    values: tuple[float, ...] | None


@dataclass(frozen=True)
class Settings:
    """Of a metric alarm."""

    comparison: str
    threshold: float
    #: N
    evaluation_periods: int
    #: M
    datapoints_to_alarm: int
    missing_data: str


@dataclass(frozen=True)
class Verdict:
    """A state, and why; `points` are start of the period and value, newest first."""

    state: str
    reason: str
    points: tuple[tuple[int, float], ...]


def period_starts(now: float, period: int, evaluation_periods: int, has_data: Callable[[int], bool]) -> tuple[int, ...]:
    """The periods that an alarm looks at, ascending. `has_data` tells whether a period, by its start, has data."""
    current = int(now // period) * period
    newest = current if has_data(current) else current - period
    count = evaluation_periods + _MORE_PERIODS
    return tuple(newest - period * back for back in reversed(range(count)))


def statistic(name: str, samples: Sequence[Sample]) -> float | None:
    """Of the samples of one period; None without any, or for a percentile of values that are not known."""
    count = sum(sample.count for sample in samples)
    if not count:
        return None
    total = sum(sample.total for sample in samples)
    if name.startswith("p"):
        return _percentile(float(name[1:]), samples)
    return {
        "SampleCount": count,
        "Sum": total,
        "Average": total / count,
        "Minimum": min(sample.least for sample in samples),
        "Maximum": max(sample.most for sample in samples),
    }[name]


def _percentile(percent: float, samples: Iterable[Sample]) -> float | None:
    values: list[float] = []
    for sample in samples:
        if sample.values is None:
            return None
        values.extend(sample.values)
    values.sort()
    place = (len(values) - 1) * percent / 100
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def judge(settings: Settings, times: Sequence[int], points: dict[int, float], current: str) -> Verdict:
    """The state that an alarm in state `current` gets from its data points by the start of their period."""
    compare, _ = _COMPARISONS[settings.comparison]
    breaching = [None if time not in points else compare(points[time], settings.threshold) for time in times]
    wanted, real = settings.evaluation_periods, [value for value in breaching if value is not None]
    if len(real) >= wanted:
        state = "ALARM" if real[-wanted:].count(True) >= settings.datapoints_to_alarm else "OK"
        return _verdict(state, settings, _newest(times, points, wanted))
    newest = _newest(times, points, len(times))
    filled = wanted - len(real)
    if settings.missing_data == "breaching":
        state = "ALARM" if real.count(True) + filled >= settings.datapoints_to_alarm else "OK"
        return _verdict(state, settings, newest, filled, "Breaching")
    if settings.missing_data == "notBreaching":
        state = "ALARM" if real.count(True) >= settings.datapoints_to_alarm else "OK"
        return _verdict(state, settings, newest, filled, "NonBreaching")
    return _verdict(_with_gaps(settings, breaching, current), settings, newest)


def _with_gaps(settings: Settings, breaching: Sequence[bool | None], current: str) -> str:
    """Where too few points exist, and those that are missing do not count."""
    real = [value for value in breaching if value is not None]
    if not real:
        return current if settings.missing_data == "ignore" else "INSUFFICIENT_DATA"
    if real.count(True) >= settings.datapoints_to_alarm:
        return "ALARM"
    if settings.missing_data == "missing" and _oldest_breaching_is_old_enough(settings, breaching):
        return "ALARM"
    return "OK" if False in real else current


def _oldest_breaching_is_old_enough(settings: Settings, breaching: Sequence[bool | None]) -> bool:
    """And everything after it is breaching or missing."""
    recent = list(breaching[-settings.evaluation_periods :])
    if True not in recent:
        return False
    after = recent[recent.index(True) :]
    return len(after) >= settings.datapoints_to_alarm and False not in after


def _newest(times: Sequence[int], points: dict[int, float], count: int) -> tuple[tuple[int, float], ...]:
    return tuple((time, points[time]) for time in reversed(times) if time in points)[:count]


def _verdict(
    state: str, settings: Settings, points: tuple[tuple[int, float], ...], filled: int = 0, treatment: str = ""
) -> Verdict:
    return Verdict(state, _reason(state, settings, points, filled, treatment), points)


def _reason(state: str, settings: Settings, points: tuple[tuple[int, float], ...], filled: int, treatment: str) -> str:
    _, words = _COMPARISONS[settings.comparison]
    count = settings.evaluation_periods
    threshold = f"the threshold ({float(settings.threshold)})"
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(count, 'datapoint')} {'was' if count == 1 else 'were'} unknown."
    if not points:
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(count, 'period')} and "
            f"{_counted(count, 'missing datapoint')} {'was' if count == 1 else 'were'} treated as [{treatment}]."
        )
    shown = ", ".join(
        f"{float(value)} ({datetime.fromtimestamp(time, timezone.utc):%d/%m/%y %H:%M:%S})" for time, value in points
    )
    breaching = sum(_COMPARISONS[settings.comparison][0](value, settings.threshold) for _, value in points)
    missing = f" and {_counted(filled, 'missing datapoint')} treated as [{treatment}]" if filled else ""
    if state == "ALARM":
        verb = "was" if breaching == 1 else "were"
        return (
            f"Threshold Crossed: {breaching} out of the last {_counted(max(count, 1), 'datapoint')} [{shown}] {verb} "
            f"{words} {threshold}{missing} (minimum {_counted(settings.datapoints_to_alarm, 'datapoint')} for OK -> "
            "ALARM transition)."
        )
    verb = "was" if len(points) == 1 else "were"
    return f"Threshold Crossed: {_counted(len(points), 'datapoint')} [{shown}] {verb} not {words} {threshold}{missing}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
