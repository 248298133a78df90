"""Amazon CloudWatch: alarms.

Implements PutCompositeAlarm and DeleteAlarms. Corrects PutMetricAlarm: what AWS refuses is refused, a new alarm has
INSUFFICIENT_DATA, and a changed one keeps its state. Corrects DescribeAlarms: composite alarms are answered where
AlarmTypes asks for them, with their suppressor.

Corrects PutDashboard: a body that CloudWatch would not show is refused.

As AWS does, a composite alarm is taken that closes a circle; it is then never evaluated, and not deleted.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html,
API_DescribeAlarms.html, API_DeleteAlarms.html (at most one composite alarm at a time; none is deleted where one does
not exist); https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .. import alarms, dashboards
from ..alarm_rules import InvalidRule, name_of, parse
from ..alarm_settings import action_problems, problem_of
from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

_SUPPRESSOR = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
#: Any alarm is in the rules of at most so many composite alarms.
_MOST_PARENTS = 150
#: What an alarm keeps that is put again.
_KEPT = (
    "state_value",
    "state_reason",
    "state_reason_data",
    "state_updated_timestamp",
    "history",
    "told_state",
    "suppression",
)


def _refuse(message: str) -> ApiError:
    return ApiError("ValidationError", message)


#: An alarm as it was before it was put again, by region and name; None where there was none.
_BEFORE: dict[tuple[str, str], Any] = {}


@prepares("cloudwatch", "PutMetricAlarm")
def check_metric_alarm(call: Call) -> None:
    problem = problem_of(call.params, call.region)
    existing = call.backend().alarms.get(call.params["AlarmName"])
    if problem is None and existing is not None and existing.rule is not None:
        problem = f"The alarm name {existing.name} is that of a composite alarm"
    if problem is not None:
        raise _refuse(problem)
    _BEFORE[call.region, call.params["AlarmName"]] = existing


@amends("cloudwatch", "PutMetricAlarm")
def keep_state_of_metric_alarm(call: Call, _response: dict[str, Any]) -> None:
    alarm = call.backend().alarms[call.params["AlarmName"]]
    before = _BEFORE.pop((call.region, alarm.name), None)
    _keep_state(alarm, before)


def _keep_state(alarm: Any, before: Any) -> None:
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
        return
    for name in _KEPT:
        setattr(alarm, name, getattr(before, name))


@implements("cloudwatch", "PutCompositeAlarm")
def put_composite_alarm(call: Call) -> dict[str, Any]:
    backend, params = call.backend(), call.params
    name = params["AlarmName"]
    existing = backend.alarms.get(name)
    if existing is not None and existing.rule is None:
        raise _refuse(f"The alarm name {name} is that of a metric alarm")
    _check_composite_alarm(call)
    alarm = backend.put_metric_alarm(
        name=name,
        namespace=None,
        metric_name=None,
        comparison_operator=None,
        evaluation_periods=None,
        period=None,
        threshold=None,
        statistic=None,
        description=params.get("AlarmDescription"),
        dimensions=[],
        alarm_actions=params.get("AlarmActions", []),
        ok_actions=params.get("OKActions", []),
        insufficient_data_actions=params.get("InsufficientDataActions", []),
        actions_enabled=params.get("ActionsEnabled", True),
        rule=params["AlarmRule"],
        # As for metric alarms, tags of an alarm that exists stay as they are.
        tags=params.get("Tags", []) if existing is None else None,
    )
    alarm.suppressor = {member: params[member] for member in _SUPPRESSOR if member in params}
    _keep_state(alarm, existing)
    if not alarm.suppressor:
        alarm.suppression = None
    alarms.follow(backend, alarm)
    return {}


def _check_composite_alarm(call: Call) -> None:
    existing, params = call.backend().alarms, call.params
    try:
        rule = parse(params["AlarmRule"])
    except InvalidRule as problem:
        raise _refuse(f"Error in alarm rule expression: {problem}") from problem
    missing = [name for name in rule.alarms if name not in existing]
    if missing:
        names = ", ".join(missing)
        raise _refuse(f"Could not save the composite alarm as alarms [{names}] in the alarm rule do not exist")
    for name in rule.alarms:
        if len([parent for parent in parents_of(existing, name) if parent != params["AlarmName"]]) >= _MOST_PARENTS:
            raise _refuse(f"The alarm {name} is in the rules of {_MOST_PARENTS} composite alarms already")
    problem_of_action = next(action_problems(params, call.region), None)
    if problem_of_action is not None:
        raise _refuse(problem_of_action)
    given = [member for member in _SUPPRESSOR if member in params]
    if given and len(given) < len(_SUPPRESSOR):
        raise _refuse(f"{', '.join(_SUPPRESSOR)} go together, and only {', '.join(given)} is given")
    if given and name_of(params["ActionsSuppressor"]) not in existing:
        raise _refuse(f"The actions suppressor alarm {params['ActionsSuppressor']} does not exist")


def parents_of(existing: dict[str, Any], name: str) -> list[str]:
    """Composite alarms whose rule or suppressor refers to an alarm."""
    return [
        alarm.name
        for alarm in existing.values()
        if alarm.rule is not None
        and (name in parse(alarm.rule).alarms or name_of(alarm.suppressor.get("ActionsSuppressor", "")) == name)
    ]


@implements("cloudwatch", "DeleteAlarms")
def delete_alarms(call: Call) -> dict[str, Any]:
    backend, names = call.backend(), call.params["AlarmNames"]
    missing = [name for name in names if name not in backend.alarms]
    if missing:
        raise ApiError("ResourceNotFound", f"Unknown alarms: {', '.join(missing)}")
    if sum(backend.alarms[name].rule is not None for name in names) > 1:
        raise _refuse("More than one composite alarm cannot be deleted at a time")
    for name in names:
        if set(parents_of(backend.alarms, name)) - {name}:
            raise _refuse(f"Cannot delete {name} as there are composite alarm(s) depending on it.")
    for name in names:
        backend.tagger.delete_all_tags_for_resource(backend.alarms[name].alarm_arn)
        del backend.alarms[name]
    return {}


@amends("cloudwatch", "DescribeAlarms")
def complete_composite_alarms(call: Call, response: dict[str, Any]) -> None:
    types = call.params.get("AlarmTypes") or ["MetricAlarm"]
    if "MetricAlarm" not in types:
        response["MetricAlarms"] = []
    composites = (response.get("CompositeAlarms") or []) if "CompositeAlarm" in types else []
    for each in composites:
        alarm = call.backend().alarms[each["AlarmName"]]
        each.update({"AlarmRule": alarm.rule, **alarm.suppressor})
    response["CompositeAlarms"] = composites


@prepares("cloudwatch", "PutDashboard")
def check_dashboard(call: Call) -> None:
    problems = dashboards.problems_of(call.params["DashboardBody"])
    if problems:
        found = [{"dataPath": path, "message": message} for path, message in problems]
        count = f"{len(problems)} validation error{'' if len(problems) == 1 else 's'}"
        message = f"The dashboard body is invalid, there are {count}: {json.dumps(found)}"
        raise ApiError("InvalidParameterInput", message)


@lists("cloudwatch")
def list_resources(backend: Any) -> Iterator[Found]:
    for alarm in backend.alarms.values():
        if not alarm.name.startswith("TargetTracking-"):
            kind = "metric" if alarm.rule is None else "composite"
            yield f"aws_cloudwatch_{kind}_alarm", alarm.name, alarm.name
    for name in backend.dashboards:
        yield "aws_cloudwatch_dashboard", name, name
