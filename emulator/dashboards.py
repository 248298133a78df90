"""The body of a CloudWatch dashboard: what CloudWatch would not show.

Checked are the widgets' types, places and sizes, and what the properties of metric, log, alarm and text widgets must
have. Widgets of type explorer and custom are let through.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
(500 widgets of a dashboard, 500 metrics and 100 alarms of a widget, the grid of 24 columns);
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from . import metric_math

_TYPES = ("metric", "log", "alarm", "text", "explorer", "custom")
_VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table", "timeline")
_MOST_WIDGETS, _MOST_METRICS, _MOST_ALARMS, _MOST_DIMENSIONS = 500, 500, 100, 30
_COLUMNS, _HIGHEST = 24, 1000

#: Path in the document, and what is wrong there.
Problem = tuple[str, str]


def problems_of(text: str) -> list[Problem]:
    """Nothing where CloudWatch takes the body."""
    try:
        body = json.loads(text)
    except ValueError as problem:
        return [("", f"The body is not JSON: {problem}")]
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        return [("/widgets", "Should be an array")]
    widgets = body["widgets"]
    found = [] if len(widgets) <= _MOST_WIDGETS else [("/widgets", f"Should NOT have more than {_MOST_WIDGETS} items")]
    for number, widget in enumerate(widgets):
        found.extend(_problems_of_widget(widget, f"/widgets/{number}"))
    return found


def _problems_of_widget(widget: Any, path: str) -> Iterator[Problem]:
    if not isinstance(widget, dict):
        yield path, "Should be an object"
        return
    if widget.get("type") not in _TYPES:
        yield f"{path}/type", f"Should be one of {', '.join(_TYPES)}"
        return
    for name, least, most in (("x", 0, 23), ("y", 0, None), ("width", 1, _COLUMNS), ("height", 1, _HIGHEST)):
        value = widget.get(name, least)
        if not isinstance(value, int) or value < least or (most is not None and value > most):
            yield (
                f"{path}/{name}",
                f"Should be a whole number, at least {least}" + (f" and at most {most}" if most else ""),
            )
    if ("x" in widget) != ("y" in widget):
        yield path, "Should have both x and y, or neither"
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        yield f"{path}/properties", "Should be an object"
        return
    check = {"metric": _metric_widget, "log": _log_widget, "alarm": _alarm_widget, "text": _text_widget}
    if widget["type"] in check:
        yield from check[widget["type"]](properties, f"{path}/properties")


def _text_widget(properties: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _required(properties, path, "markdown")


def _log_widget(properties: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _required(properties, path, "query", "region")


def _alarm_widget(properties: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _alarms(properties.get("alarms"), f"{path}/alarms")


def _alarms(alarms: Any, path: str) -> Iterator[Problem]:
    if not isinstance(alarms, list) or not 1 <= len(alarms) <= _MOST_ALARMS:
        yield path, f"Should be an array of 1 to {_MOST_ALARMS} ARNs"
        return
    for number, arn in enumerate(alarms):
        if not isinstance(arn, str) or ":cloudwatch:" not in arn or ":alarm:" not in arn:
            yield f"{path}/{number}", "Should be the ARN of an alarm"


def _metric_widget(properties: dict[str, Any], path: str) -> Iterator[Problem]:
    yield from _required(properties, path, "region")
    if properties.get("view", "timeSeries") not in _VIEWS:
        yield f"{path}/view", f"Should be one of {', '.join(_VIEWS)}"
    if properties.get("view") == "gauge" and not _has_range(properties):
        yield f"{path}/yAxis/left", "Should have min and max where the view is gauge"
    alarms = (properties.get("annotations") or {}).get("alarms")
    metrics = properties.get("metrics")
    if alarms is not None:
        yield from _alarms(alarms, f"{path}/annotations/alarms")
        if isinstance(alarms, list) and len(alarms) > 1:
            yield f"{path}/annotations/alarms", "Should NOT have more than 1 items"
    elif not isinstance(metrics, list) or not metrics:
        yield f"{path}/metrics", "Should be an array with at least one metric"
        return
    if not isinstance(metrics, list):
        return
    if len(metrics) > _MOST_METRICS:
        yield f"{path}/metrics", f"Should NOT have more than {_MOST_METRICS} items"
    yield from _metrics(metrics, f"{path}/metrics")
    period = properties.get("period", 60)
    if not isinstance(period, int) or (period not in (1, 5, 10, 20, 30) and period % 60):
        yield f"{path}/period", "Should be 1, 5, 10, 20, 30 or a multiple of 60 (seconds)"


def _has_range(properties: dict[str, Any]) -> bool:
    left = (properties.get("yAxis") or {}).get("left") or {}
    return "min" in left and "max" in left


def _metrics(metrics: list[Any], path: str) -> Iterator[Problem]:
    """A metric repeats parts of the one before with `.`, and the rest with `...`."""
    before: list[str] = []
    ids: list[str] = []
    expressions: list[tuple[str, str]] = []
    for number, metric in enumerate(metrics):
        here = f"{path}/{number}"
        if not isinstance(metric, list) or not metric:
            yield here, "Should be an array"
            continue
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        parts = metric[: len(metric) - bool(options)] if options else metric
        if "id" in options:
            ids.append(str(options["id"]))
        if "expression" in options:
            expressions.append((here, str(options["expression"])))
            if parts:
                yield here, "Should have an expression or a metric, not both"
            continue
        full = _expanded([part for part in parts if not isinstance(part, dict)], before)
        if full is None:
            yield here, "Should not begin with . or ... where there is no metric before it"
        elif len(full) < 2 or len(full) % 2:
            yield here, "Should be a namespace, a name, and pairs of a dimension's name and value"
        elif not all(isinstance(part, str) and part for part in full):
            yield here, "Should consist of strings that are not empty"
        elif len(full) > 2 + 2 * _MOST_DIMENSIONS:
            yield here, f"Should NOT have more than {_MOST_DIMENSIONS} dimensions"
        else:
            before = full
    if len(set(ids)) < len(ids):
        yield path, "Should have ids that are unique"
    for here, expression in expressions:
        yield from _expression(expression, set(ids), here)


def _expanded(parts: list[Any], before: list[str]) -> list[Any] | None:
    if "..." in parts:
        rest = parts[parts.index("...") + 1 :]
        head = before[: len(before) - len(rest)]
        return [*head, *rest] if before and parts[0] == "..." else None
    if "." in parts and len(before) < len(parts):
        return None
    return [before[place] if part == "." else part for place, part in enumerate(parts)]


def _expression(text: str, ids: set[str], path: str) -> Iterator[Problem]:
    """Dashboards may use SEARCH and Metrics Insights, which are not read here."""
    if "SEARCH(" in text or text.lstrip().upper().startswith("SELECT"):
        return
    try:
        expression = metric_math.parse(text)
    except metric_math.UnknownFunction:
        return
    except metric_math.InvalidExpression as problem:
        yield path, f"Should have an expression that can be read: {problem}"
        return
    for name in sorted(expression.references - ids):
        yield path, f"Should use ids of the widget, and {name} is none"


def _required(properties: dict[str, Any], path: str, *names: str) -> Iterator[Problem]:
    for name in names:
        if not isinstance(properties.get(name), str) or not properties[name]:
            yield f"{path}/{name}", "Should be a string that is not empty"
