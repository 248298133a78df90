"""AWS Cost Explorer: anomaly monitors, their subscriptions, cost allocation tags.

Implements Create, Get, Update and Delete of AnomalyMonitor and AnomalySubscription, UpdateCostAllocationTagsStatus and
ListCostAllocationTags. Not modelled: anomalies, and the time (up to 24 hours) until AWS knows a tag key that resources
carry; any key can be activated here.

Reference: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalyMonitor.html,
API_AnomalySubscription.html (IMMEDIATE goes to SNS topics, DAILY and WEEKLY to e-mail addresses; exactly one of
Threshold and ThresholdExpression), API_UpdateCostAllocationTagsStatus.html (20 tags in one request);
https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html (one monitor for AWS services, 10
e-mail addresses and one topic of a subscription)
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from ..hooks import ApiError, Call, Found, implements, lists

_MOST_ADDRESSES, _MOST_TOPICS = 10, 1
_IMPACTS = ("ANOMALY_TOTAL_IMPACT_ABSOLUTE", "ANOMALY_TOTAL_IMPACT_PERCENTAGE")
_KINDS = {"AnomalyMonitor": "Monitor", "AnomalySubscription": "Subscription"}


def _all(backend: Any, kind: str) -> dict[str, dict[str, Any]]:
    """Monitors or subscriptions by ARN."""
    found: dict[str, dict[str, Any]] = backend.__dict__.setdefault(kind, {})
    return found


def _kind(call: Call) -> str:
    return next(kind for kind in _KINDS if kind in call.operation)


def _one(call: Call, kind: str, arn: str) -> dict[str, Any]:
    found = _all(call.backend(), kind).get(arn)
    if found is None:
        raise ApiError(f"Unknown{_KINDS[kind]}Exception", f"{_KINDS[kind]} not found: {arn}")
    return found


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@implements("ce", "CreateAnomalyMonitor", "CreateAnomalySubscription")
def create(call: Call) -> dict[str, Any]:
    kind = _kind(call)
    document = dict(call.params[kind])
    if kind == "AnomalyMonitor":
        _check_monitor(call, document)
        document |= {"CreationDate": _now(), "LastUpdatedDate": _now(), "DimensionalValueCount": 0}
    else:
        _check_subscription(call, document)
        document["AccountId"] = call.account_id
    arn = f"arn:aws:ce::{call.account_id}:{kind.lower()}/{uuid.uuid4()}"
    document[f"{_KINDS[kind]}Arn"] = arn
    _all(call.backend(), kind)[arn] = document
    call.backend().tag_resource(arn, call.params.get("ResourceTags", []))
    return {f"{_KINDS[kind]}Arn": arn}


def _check_monitor(call: Call, monitor: dict[str, Any]) -> None:
    if monitor["MonitorType"] == "DIMENSIONAL":
        if "MonitorDimension" not in monitor or "MonitorSpecification" in monitor:
            raise ApiError("ValidationException", "A DIMENSIONAL monitor has a MonitorDimension and no specification")
        if any(
            other.get("MonitorDimension") == monitor["MonitorDimension"] == "SERVICE"
            for other in _all(call.backend(), "AnomalyMonitor").values()
        ):
            raise ApiError("LimitExceededException", "Limit exceeded on dimensional spend monitor creation")
    elif "MonitorSpecification" not in monitor or "MonitorDimension" in monitor:
        raise ApiError("ValidationException", "A CUSTOM monitor has a MonitorSpecification and no dimension")


def _check_subscription(call: Call, subscription: dict[str, Any]) -> None:
    for arn in subscription["MonitorArnList"]:
        _one(call, "AnomalyMonitor", arn)
    if ("Threshold" in subscription) == ("ThresholdExpression" in subscription):
        raise ApiError("ValidationException", "Exactly one of Threshold and ThresholdExpression must be specified")
    if "ThresholdExpression" in subscription:
        _check_threshold(subscription["ThresholdExpression"])
    subscribers, frequency = subscription["Subscribers"], subscription["Frequency"]
    types = [subscriber["Type"] for subscriber in subscribers]
    allowed = "SNS" if frequency == "IMMEDIATE" else "EMAIL"
    if not types or set(types) != {allowed}:
        message = f"{frequency} frequency only supports {allowed} subscribers"
        raise ApiError("ValidationException", message)
    most = _MOST_TOPICS if allowed == "SNS" else _MOST_ADDRESSES
    if len(types) > most:
        raise ApiError("ValidationException", f"At most {most} {allowed} subscriber(s) are allowed, not {len(types)}")
    for subscriber in subscribers:
        if (subscriber["Type"] == "SNS") != subscriber["Address"].startswith("arn:"):
            raise ApiError("ValidationException", f"{subscriber['Address']} is no address of type {subscriber['Type']}")


def _check_threshold(expression: dict[str, Any]) -> None:
    """One impact, or two joined by And or Or."""
    parts = expression.get("And") or expression.get("Or") or [expression]
    for part in parts:
        dimension = part.get("Dimensions", {})
        if dimension.get("Key") not in _IMPACTS or dimension.get("MatchOptions") != ["GREATER_THAN_OR_EQUAL"]:
            raise ApiError(
                "ValidationException",
                f"ThresholdExpression: the dimension must be one of {', '.join(_IMPACTS)}, with MatchOptions "
                "GREATER_THAN_OR_EQUAL",
            )
        values = dimension.get("Values", [])
        if len(values) != 1 or not values[0].replace(".", "", 1).isdigit():
            raise ApiError("ValidationException", "ThresholdExpression: Values must have one number")


@implements("ce", "GetAnomalyMonitors", "GetAnomalySubscriptions")
def get(call: Call) -> dict[str, Any]:
    kind = _kind(call)
    arns = call.params.get(f"{_KINDS[kind]}ArnList") or list(_all(call.backend(), kind))
    found = [_one(call, kind, arn) for arn in arns]
    if "MonitorArn" in call.params:
        found = [each for each in found if call.params["MonitorArn"] in each["MonitorArnList"]]
    return {f"{kind}s": found}


@implements("ce", "UpdateAnomalyMonitor")
def update_monitor(call: Call) -> dict[str, Any]:
    monitor = _one(call, "AnomalyMonitor", call.params["MonitorArn"])
    monitor.update({**call.params, "LastUpdatedDate": _now()})
    return {"MonitorArn": monitor["MonitorArn"]}


@implements("ce", "UpdateAnomalySubscription")
def update_subscription(call: Call) -> dict[str, Any]:
    subscription = _one(call, "AnomalySubscription", call.params["SubscriptionArn"])
    changed = {**subscription, **call.params}
    # One of the two replaces the other.
    for given, other in (("Threshold", "ThresholdExpression"), ("ThresholdExpression", "Threshold")):
        if given in call.params and other not in call.params:
            changed.pop(other, None)
    _check_subscription(call, changed)
    subscription.clear()
    subscription.update(changed)
    return {"SubscriptionArn": subscription["SubscriptionArn"]}


@implements("ce", "DeleteAnomalyMonitor", "DeleteAnomalySubscription")
def delete(call: Call) -> dict[str, Any]:
    kind = _kind(call)
    arn = call.params[f"{_KINDS[kind]}Arn"]
    _one(call, kind, arn)
    del _all(call.backend(), kind)[arn]
    call.backend().tagger.delete_all_tags_for_resource(arn)
    return {}


@implements("ce", "UpdateCostAllocationTagsStatus")
def update_tags(call: Call) -> dict[str, Any]:
    tags = _all(call.backend(), "CostAllocationTag")
    for entry in call.params["CostAllocationTagsStatus"]:
        tags[entry["TagKey"]] = {
            "TagKey": entry["TagKey"],
            "Type": "AWSGenerated" if entry["TagKey"].startswith("aws:") else "UserDefined",
            "Status": entry["Status"],
            "LastUpdatedDate": _now(),
        }
    return {"Errors": []}


@implements("ce", "ListCostAllocationTags")
def list_tags(call: Call) -> dict[str, Any]:
    params = call.params
    return {
        "CostAllocationTags": [
            tag
            for tag in _all(call.backend(), "CostAllocationTag").values()
            if params.get("Status") in (None, tag["Status"])
            and params.get("Type") in (None, tag["Type"])
            and ("TagKeys" not in params or tag["TagKey"] in params["TagKeys"])
        ]
    }


@lists("ce")
def list_resources(backend: Any) -> Iterator[Found]:
    for arn, monitor in _all(backend, "AnomalyMonitor").items():
        yield "aws_ce_anomaly_monitor", arn, monitor["MonitorName"]
    for arn, subscription in _all(backend, "AnomalySubscription").items():
        yield "aws_ce_anomaly_subscription", arn, subscription["SubscriptionName"]
    for key, tag in _all(backend, "CostAllocationTag").items():
        if tag["Status"] == "Active":
            yield "aws_ce_cost_allocation_tag", key, key
