"""AWS Budgets: subscribers of a notification, and tags.

Implements DescribeSubscribersForNotification, CreateSubscriber, DeleteSubscriber, UpdateSubscriber, UpdateBudget,
UpdateNotification, ListTagsForResource, TagResource and UntagResource.

Reference: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Budgets.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, amends, implements, lists

_TAGS: dict[str, dict[str, str]] = {}


def _budget(call: Call) -> Any:
    name = call.params.get("BudgetName") or call.params["NewBudget"]["BudgetName"]
    budget = call.backend().budgets[call.params["AccountId"]].get(name)
    if budget is None:
        raise ApiError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return budget


def _key(notification: dict[str, Any]) -> tuple[Any, ...]:
    return (
        notification["NotificationType"],
        notification["ComparisonOperator"],
        float(notification["Threshold"]),
        notification.get("ThresholdType", "PERCENTAGE"),
    )


def _notification(call: Call, member: str = "Notification") -> Any:
    wanted = _key(call.params[member])
    for notification in _budget(call).notifications:
        if _key(notification.details) == wanted:
            return notification
    raise ApiError("NotFoundException", "Unable to find the notification.")


@implements("budgets", "DescribeSubscribersForNotification")
def describe_subscribers(call: Call) -> dict[str, Any]:
    return {"Subscribers": list(_notification(call).subscribers)}


@implements("budgets", "CreateSubscriber")
def create_subscriber(call: Call) -> dict[str, Any]:
    _notification(call).subscribers.append(call.params["Subscriber"])
    return {}


@implements("budgets", "DeleteSubscriber")
def delete_subscriber(call: Call) -> dict[str, Any]:
    notification = _notification(call)
    notification.subscribers = [s for s in notification.subscribers if s != call.params["Subscriber"]]
    return {}


@implements("budgets", "UpdateSubscriber")
def update_subscriber(call: Call) -> dict[str, Any]:
    notification = _notification(call)
    notification.subscribers = [
        call.params["NewSubscriber"] if s == call.params["OldSubscriber"] else s for s in notification.subscribers
    ]
    return {}


@implements("budgets", "UpdateNotification")
def update_notification(call: Call) -> dict[str, Any]:
    _notification(call, "OldNotification").details = call.params["NewNotification"]
    return {}


@implements("budgets", "UpdateBudget")
def update_budget(call: Call) -> dict[str, Any]:
    budget = _budget(call)
    budget.budget = {**budget.budget, **_wire(call)["NewBudget"]}
    return {}


def _wire(call: Call) -> dict[str, Any]:
    """The parameters with timestamps as epoch seconds, as moto keeps them."""
    new = dict(call.params["NewBudget"])
    if "TimePeriod" in new:
        new["TimePeriod"] = {name: value.timestamp() for name, value in new["TimePeriod"].items()}
    return {"NewBudget": new}


@amends("budgets", "CreateBudget")
def keep_tags(call: Call, _response: dict[str, Any]) -> None:
    name = call.params["Budget"]["BudgetName"]
    _TAGS[f"arn:aws:budgets::{call.account_id}:budget/{name}"] = {
        tag["Key"]: tag["Value"] for tag in call.params.get("ResourceTags", [])
    }


@amends("budgets", "DeleteBudget")
def forget_tags(call: Call, _response: dict[str, Any]) -> None:
    _TAGS.pop(f"arn:aws:budgets::{call.account_id}:budget/{call.params['BudgetName']}", None)


@implements("budgets", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    tags = _TAGS.get(call.params["ResourceARN"], {})
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@implements("budgets", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    tags = _TAGS.setdefault(call.params["ResourceARN"], {})
    tags.update({tag["Key"]: tag["Value"] for tag in call.params["ResourceTags"]})
    return {}


@implements("budgets", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    tags = _TAGS.get(call.params["ResourceARN"], {})
    for key in call.params["ResourceTagKeys"]:
        tags.pop(key, None)
    return {}


@lists("budgets")
def list_resources(backend: Any) -> Iterator[Found]:
    for account_id, budgets in backend.budgets.items():
        for name in budgets:
            yield "aws_budgets_budget", f"{account_id}:{name}", name
