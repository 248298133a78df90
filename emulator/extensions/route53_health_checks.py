"""Amazon Route 53: health checks.

Corrects the configuration that is answered: moto invents members that a kind of check does not have, and forgets
others. Corrects UpdateHealthCheck: what is not given stays, the version counts up, and a stale one is refused.
Corrects DeleteHealthCheck, which AWS refuses where the check does not exist. Nothing is checked: a check has no status.

Reference: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html,
API_UpdateHealthCheck.html;
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html ("Monitoring a CloudWatch
alarm": standard-resolution metrics, and neither extended statistics, metric math nor "M out of N");
DNSLimitations.html (200 health checks)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.route53.models import HealthCheck

from ..hooks import ApiError, Call, Found, amends, lists, moto_backends, prepares

_MOST = 200
_ENDPOINTS = {"HTTP": 80, "HTTPS": 443, "HTTP_STR_MATCH": 80, "HTTPS_STR_MATCH": 443, "TCP": None}

HealthCheck.config = None  # type: ignore[attr-defined]


def _check(call: Call, config: dict[str, Any]) -> None:
    problem = _problem(call, config)
    if problem is not None:
        raise ApiError("InvalidInput", problem)


def _problem(call: Call, config: dict[str, Any]) -> str | None:
    kind = config["Type"]
    if kind in _ENDPOINTS:
        if not config.get("IPAddress") and not config.get("FullyQualifiedDomainName"):
            return "Invalid parameter : IPAddress or FullyQualifiedDomainName must be specified"
        if config.get("RequestInterval", 30) not in (10, 30):
            return f"Invalid parameter : RequestInterval must be 10 or 30, not {config['RequestInterval']}"
        if kind == "TCP" and "Port" not in config:
            return "Invalid parameter : Port must be specified for a check of type TCP"
        if kind.endswith("_STR_MATCH") != bool(config.get("SearchString")):
            return f"Invalid parameter : SearchString belongs to a check whose type ends in _STR_MATCH, not {kind}"
    if kind == "CALCULATED" and "HealthThreshold" not in config:
        return "Invalid parameter : HealthThreshold must be specified for a check of type CALCULATED"
    if kind == "CLOUDWATCH_METRIC":
        return _problem_of_alarm(call, config.get("AlarmIdentifier"))
    return None


def _problem_of_alarm(call: Call, identifier: dict[str, Any] | None) -> str | None:
    if identifier is None:
        return "Invalid parameter : AlarmIdentifier must be specified for a check of type CLOUDWATCH_METRIC"
    alarm = moto_backends("cloudwatch")[call.account_id][identifier["Region"]].alarms.get(identifier["Name"])
    if alarm is None:
        return f"Invalid parameter : there is no alarm {identifier['Name']} in {identifier['Region']}"
    if alarm.rule is not None or alarm.metric_data_queries or alarm.extended_statistic:
        return f"Invalid parameter : alarm {alarm.name} is a composite one or uses metric math or a percentile"
    if alarm.period % 60 or alarm.datapoints_to_alarm not in (None, alarm.evaluation_periods):
        return f"Invalid parameter : alarm {alarm.name} has a high-resolution metric, or is M out of N"
    return None


@prepares("route53", "CreateHealthCheck")
def check_new(call: Call) -> None:
    _check(call, call.params["HealthCheckConfig"])
    for existing in call.backend().health_checks.values():
        if existing.caller_reference == call.params["CallerReference"]:
            message = f"A health check with caller reference {existing.caller_reference} already exists."
            raise ApiError("HealthCheckAlreadyExists", message)
    if len(call.backend().health_checks) >= _MOST:
        raise ApiError("TooManyHealthChecks", f"There are {_MOST} health checks already.")


@amends("route53", "CreateHealthCheck")
def keep_configuration(call: Call, response: dict[str, Any]) -> None:
    config = dict(call.params["HealthCheckConfig"])
    defaults: dict[str, Any] = {"Inverted": False, "Disabled": False}
    if config["Type"] in _ENDPOINTS:
        defaults |= {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False}
        defaults |= {"Port": _ENDPOINTS[config["Type"]], "EnableSNI": config["Type"].startswith("HTTPS")}
    call.backend().health_checks[response["HealthCheck"]["Id"]].config = {**defaults, **config}
    _complete(call, response["HealthCheck"])


@prepares("route53", "UpdateHealthCheck")
def check_change(call: Call) -> None:
    check = call.backend().health_checks.get(call.params["HealthCheckId"])
    if check is None:
        return
    if call.params.get("HealthCheckVersion", check.health_check_version) != check.health_check_version:
        message = f"The health check has version {check.health_check_version}, not {call.params['HealthCheckVersion']}"
        raise ApiError("HealthCheckVersionMismatch", message)
    _check(call, _changed(check, call.params))


def _changed(check: Any, params: dict[str, Any]) -> dict[str, Any]:
    own = ("HealthCheckId", "HealthCheckVersion", "ResetElements")
    kept = {name: value for name, value in check.config.items() if name not in params.get("ResetElements", [])}
    return {**kept, **{name: value for name, value in params.items() if name not in own}}


@amends("route53", "UpdateHealthCheck")
def keep_change(call: Call, response: dict[str, Any]) -> None:
    check = call.backend().health_checks[call.params["HealthCheckId"]]
    check.config = _changed(check, call.params)
    check.health_check_version += 1
    _complete(call, response["HealthCheck"])


@prepares("route53", "DeleteHealthCheck")
def check_deletion(call: Call) -> None:
    id_ = call.params["HealthCheckId"]
    if id_ not in call.backend().health_checks:
        raise ApiError("NoSuchHealthCheck", f"A health check with id {id_} does not exist.")
    for zone in call.backend().zones.values():
        if any(record.health_check_id == id_ for record in zone.rrsets):
            raise ApiError("HealthCheckInUse", f"The health check {id_} is in use by records of {zone.name}")


@amends("route53", "GetHealthCheck")
def complete_one(call: Call, response: dict[str, Any]) -> None:
    _complete(call, response["HealthCheck"])


@amends("route53", "ListHealthChecks")
def complete_all(call: Call, response: dict[str, Any]) -> None:
    for each in response["HealthChecks"]:
        _complete(call, each)


def _complete(call: Call, answer: dict[str, Any]) -> None:
    check = call.backend().health_checks[answer["Id"]]
    answer["HealthCheckConfig"] = dict(check.config)
    answer["HealthCheckVersion"] = check.health_check_version


@lists("route53")
def list_resources(backend: Any) -> Iterator[Found]:
    for id_, check in backend.health_checks.items():
        yield "aws_route53_health_check", id_, (check.config or {}).get("FullyQualifiedDomainName") or id_
