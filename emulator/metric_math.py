"""Metric math: what a metric alarm computes from its metrics.

Read are numbers, ids, arrays, the operators + - * / ^, comparisons (1 or 0), AND, OR, and the functions of
`_FUNCTIONS`; anything else is refused. Every operator works on time series point by point: a point that one of them
lacks is missing in the result, for which FILL is made. SEARCH, which AWS does not allow in an alarm, is refused as AWS
does it.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (syntax and functions;
"Using the IF expression", "Use case: FILL")
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Union

from . import tokens

#: Values by the start of their period, in seconds since 1970.
Series = dict[int, float]
Value = Union[float, Series, list[Series]]  # noqa: UP007

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<operator><=|>=|==|!=|&&|\|\||[-+*/^<>(),\[\]]))"
)
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


class InvalidExpression(ValueError):
    """What is wrong with an expression."""


class UnknownFunction(InvalidExpression):
    """A function that only the emulator may lack."""


class NotModelled(Exception):
    """The expression is valid, and the emulator does not compute it."""


@dataclass(frozen=True)
class Data:
    """What an expression is computed from."""

    #: By id of a metric or of another expression.
    values: dict[str, Value]
    #: Ids of metrics, which METRICS() stands for.
    metrics: tuple[str, ...]
    #: Starts of the periods that are looked at, ascending; seconds since 1970.
    times: tuple[int, ...]
    #: Seconds.
    period: int
    #: The quota that a metric of AWS/Usage counts against; None where it is not known.
    quota: Callable[[str], float | None] = lambda _: None


@dataclass(frozen=True)
class Expression:
    """`references` are the ids that it uses."""

    references: frozenset[str]
    evaluate: Callable[[Data], Value]


def parse(text: str) -> Expression:
    """Raises InvalidExpression."""
    if re.match(r"\s*SELECT\b", text, re.IGNORECASE):
        raise InvalidExpression("the emulator does not read Metrics Insights queries")
    reader = _Reader(text)
    evaluate = reader.expression(0)
    reader.expect_end()
    return Expression(frozenset(reader.references), evaluate)


Node = Callable[[Data], Value]


def _comparison(compare: Callable[[float, float], bool]) -> Callable[[float, float], float | None]:
    return lambda left, right: float(compare(left, right))


def _divide(left: float, right: float) -> float | None:
    """Nothing where the divisor is 0."""
    return left / right if right else None


def _power(left: float, right: float) -> float | None:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return result if isinstance(result, float) and math.isfinite(result) else None


_Operation = Callable[[float, float], "float | None"]
#: By binding strength.
_OPERATORS: dict[str, tuple[int, _Operation]] = {
    "||": (1, lambda left, right: float(bool(left) or bool(right))),
    "OR": (1, lambda left, right: float(bool(left) or bool(right))),
    "&&": (2, lambda left, right: float(bool(left) and bool(right))),
    "AND": (2, lambda left, right: float(bool(left) and bool(right))),
    "==": (3, _comparison(operator.eq)),
    "!=": (3, _comparison(operator.ne)),
    "<": (4, _comparison(operator.lt)),
    "<=": (4, _comparison(operator.le)),
    ">": (4, _comparison(operator.gt)),
    ">=": (4, _comparison(operator.ge)),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, _divide),
    "^": (7, _power),
}
_UNARY_STRENGTH = 8


class _Reader:
    def __init__(self, text: str) -> None:
        self.references: set[str] = set()
        self._tokens = tokens.split(
            _TOKEN,
            text,
            lambda rest, character: InvalidExpression(f"{rest!r} at character {character} is not understood"),
        )
        self._next = 0

    def expression(self, strength: int) -> Node:
        left = self._operand()
        while self._next < len(self._tokens):
            symbol = self._tokens[self._next][1]
            bound, operation = _OPERATORS.get(symbol, (0, None))
            if operation is None or bound <= strength:
                break
            self._next += 1
            left = _binary(left, operation, self.expression(bound))
        return left

    def _operand(self) -> Node:
        if self._next == len(self._tokens):
            raise InvalidExpression("it ends where a value is expected")
        kind, token = self._tokens[self._next]
        self._next += 1
        if kind == "number":
            number = float(token)
            return lambda _: number
        if token == "-":
            return _binary(lambda _: -1.0, operator.mul, self.expression(_UNARY_STRENGTH))
        if token == "(":
            inner = self.expression(0)
            self._expect(")")
            return inner
        if token == "[":
            return _array(self._items("]"))
        if kind == "name" and self._peek() == "(":
            return self._function(token)
        if kind == "name" and _ID.fullmatch(token):
            self.references.add(token)
            return lambda data: data.values[token]
        raise InvalidExpression(f"{token!r} stands where a value is expected")

    def _function(self, name: str) -> Node:
        self._next += 1
        if name == "SEARCH":
            raise InvalidExpression("SEARCH is not supported on Metric Alarms.")
        if name == "SERVICE_QUOTA":
            return self._service_quota()
        function = _FUNCTIONS.get(name)
        if function is None:
            raise UnknownFunction(f"the emulator has no function {name}; it has {', '.join(sorted(_FUNCTIONS))}")
        if name == "FILL":
            return self._fill()
        counts, compute = function
        arguments = self._items(")")
        if len(arguments) not in counts:
            raise InvalidExpression(f"{name} has {len(arguments)} arguments")
        return lambda data: compute(data, [argument(data) for argument in arguments])

    def _fill(self) -> Node:
        filled = self.expression(0)
        self._expect(",")
        if self._peek() in ("REPEAT", "LINEAR"):
            how = self._tokens[self._next][1]
            self._next += 1
            self._expect(")")
            return lambda data: _each(filled(data), lambda series: _filled(series, how, data))
        value = self.expression(0)
        self._expect(")")
        return lambda data: _each(filled(data), lambda series: _filled(series, value(data), data))

    def _service_quota(self) -> Node:
        kind, name = self._tokens[self._next] if self._next < len(self._tokens) else ("", "")
        if kind != "name" or not _ID.fullmatch(name):
            raise InvalidExpression("SERVICE_QUOTA takes the id of a metric")
        self._next += 1
        self._expect(")")
        self.references.add(name)

        def evaluate(data: Data) -> Value:
            quota = data.quota(name)
            return {} if quota is None else dict.fromkeys(data.times, quota)

        return evaluate

    def _items(self, end: str) -> list[Node]:
        items: list[Node] = []
        while self._peek() != end:
            if items:
                self._expect(",")
            items.append(self.expression(0))
        self._next += 1
        return items

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _expect(self, token: str) -> None:
        if self._peek() != token:
            raise InvalidExpression(f"{self._peek() or 'the end'!r} stands where {token!r} is expected")
        self._next += 1

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise InvalidExpression(f"{self._peek()!r} stands where an operator or the end is expected")


def _binary(left: Node, operation: _Operation, right: Node) -> Node:
    return lambda data: _combined(left(data), operation, right(data))


def _combined(left: Value, operation: _Operation, right: Value) -> Value:
    if isinstance(left, list) or isinstance(right, list):
        if isinstance(left, list) and isinstance(right, list):
            raise InvalidExpression("an operator cannot work on two arrays")
        if isinstance(left, list):
            return [_series(_combined(each, operation, right)) for each in left]
        assert isinstance(right, list)
        return [_series(_combined(left, operation, each)) for each in right]
    if isinstance(left, float) and isinstance(right, float):
        result = operation(left, right)
        return math.nan if result is None else result
    points: Series = {}
    for time in _common_times(left, right):
        value = operation(_at(left, time), _at(right, time))
        if value is not None and math.isfinite(value):
            points[time] = value
    return points


def _common_times(*values: Value) -> list[int]:
    times: set[int] | None = None
    for value in values:
        if isinstance(value, dict):
            times = set(value) if times is None else times & set(value)
    return sorted(times or ())


def _at(value: Value, time: int) -> float:
    if isinstance(value, dict):
        return value[time]
    assert isinstance(value, (int, float))
    return float(value)


def _series(value: Value) -> Series:
    if not isinstance(value, dict):
        raise InvalidExpression("a time series is needed where there is a number or an array")
    return value


def _array(items: list[Node]) -> Node:
    return lambda data: [_series(item(data)) for item in items]


def _each(value: Value, change: Callable[[Series], Series]) -> Value:
    if isinstance(value, list):
        return [change(series) for series in value]
    return change(_series(value))


def _filled(series: Series, how: Value | str, data: Data) -> Series:
    """LINEAR and REPEAT fill nothing before the first point, LINEAR nothing after the last."""
    result: Series = {}
    known = sorted(series)
    for time in sorted({*data.times, *known}):
        before = [each for each in known if each <= time]
        after = [each for each in known if each >= time]
        if time in series:
            result[time] = series[time]
        elif how == "REPEAT":
            if before:
                result[time] = series[before[-1]]
        elif how == "LINEAR":
            if before and after:
                start, end = before[-1], after[0]
                result[time] = series[start] + (series[end] - series[start]) * (time - start) / (end - start)
        elif isinstance(how, dict):
            if time in how:
                result[time] = how[time]
        elif isinstance(how, float):
            result[time] = how
    return result


def _reduction(reduce: Callable[[list[float]], float]) -> Callable[[Data, list[Value]], Value]:
    """Of an array, a time series over its points; of one series, a number; of numbers, a number."""

    def compute(_: Data, arguments: list[Value]) -> Value:
        value = arguments[0]
        if isinstance(value, float):
            return value
        if isinstance(value, dict):
            return reduce(list(value.values())) if value else math.nan
        times = sorted({time for series in value for time in series})
        return {time: reduce([series[time] for series in value if time in series]) for time in times}

    return compute


def _pointwise(change: Callable[[float], float]) -> Callable[[Data, list[Value]], Value]:
    def compute(_: Data, arguments: list[Value]) -> Value:
        value = arguments[0]
        if isinstance(value, float):
            return change(value)
        return _each(value, lambda series: {time: change(point) for time, point in series.items()})

    return compute


def _if(_: Data, arguments: list[Value]) -> Value:
    """Without a third argument, points where the condition is false are missing."""
    condition, yes = arguments[0], arguments[1]
    no: Value | None = arguments[2] if len(arguments) == 3 else None
    if isinstance(condition, list) or isinstance(yes, list) or isinstance(no, list):
        raise InvalidExpression("IF does not take an array")
    if isinstance(condition, float):
        chosen = yes if condition else no
        return {} if chosen is None else chosen
    points: Series = {}
    for time in sorted(condition):
        chosen = yes if condition[time] else no
        if isinstance(chosen, float):
            points[time] = chosen
        elif isinstance(chosen, dict) and time in chosen:
            points[time] = chosen[time]
    return points


def _difference(_: Data, arguments: list[Value]) -> Value:
    return _each(arguments[0], lambda series: {b: series[b] - series[a] for a, b in _neighbours(series)})


def _rate(_: Data, arguments: list[Value]) -> Value:
    return _each(arguments[0], lambda series: {b: (series[b] - series[a]) / (b - a) for a, b in _neighbours(series)})


def _neighbours(series: Series) -> list[tuple[int, int]]:
    times = sorted(series)
    return list(zip(times, times[1:], strict=False))


def _metrics(data: Data, _: list[Value]) -> Value:
    return [_series(data.values[name]) for name in data.metrics]


def _time_series(data: Data, arguments: list[Value]) -> Value:
    value = arguments[0]
    if not isinstance(value, float):
        raise InvalidExpression("TIME_SERIES takes a number")
    return dict.fromkeys(data.times, value)


def _band(_: Data, __: list[Value]) -> Value:
    raise NotModelled("ANOMALY_DETECTION_BAND")


#: Numbers of arguments, and what is computed. FILL is read by itself, for its words REPEAT and LINEAR.
_FUNCTIONS: dict[str, tuple[tuple[int, ...], Callable[[Data, list[Value]], Value]]] = {
    "ABS": ((1,), _pointwise(abs)),
    "ANOMALY_DETECTION_BAND": ((1, 2), _band),
    "AVG": ((1,), _reduction(lambda points: sum(points) / len(points))),
    "CEIL": ((1,), _pointwise(lambda point: float(math.ceil(point)))),
    "DIFF": ((1,), _difference),
    "FILL": ((2,), _band),
    "FLOOR": ((1,), _pointwise(lambda point: float(math.floor(point)))),
    "IF": ((2, 3), _if),
    "MAX": ((1,), _reduction(max)),
    "METRICS": ((0,), _metrics),
    "MIN": ((1,), _reduction(min)),
    "PERIOD": ((1,), lambda data, _: float(data.period)),
    "RATE": ((1,), _rate),
    "SUM": ((1,), _reduction(sum)),
    "TIME_SERIES": ((1,), _time_series),
}
