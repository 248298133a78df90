"""Application Auto Scaling: tags of scalable targets.

Implements ListTagsForResource, TagResource and UntagResource. PutScheduledAction refuses an at() that is over.

Reference: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html; that what is over is
refused: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html, the same
operation of EC2 Auto Scaling. Of Application Auto Scaling AWS documents neither that nor the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_TAGS: dict[str, dict[str, str]] = {}


@amends("application-autoscaling", "RegisterScalableTarget")
def keep_tags(call: Call, response: dict[str, Any]) -> None:
    """Tags given at registration."""
    if response.get("ScalableTargetARN"):
        _TAGS.setdefault(response["ScalableTargetARN"], {}).update(call.params.get("Tags", {}))


@prepares("application-autoscaling", "PutScheduledAction")
def refuse_the_past(call: Call) -> None:
    match = _AT.fullmatch(call.params.get("Schedule", ""))
    if match is None:
        return
    try:
        zone = ZoneInfo(call.params.get("Timezone", "UTC"))
    except ZoneInfoNotFoundError:
        return
    if datetime.fromisoformat(match[1]).replace(tzinfo=zone) <= datetime.now(zone):
        raise ApiError("ValidationException", f"The schedule {match[0]} is in the past.")


@implements("application-autoscaling", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": dict(_TAGS.get(call.params["ResourceARN"], {}))}


@implements("application-autoscaling", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    _TAGS.setdefault(call.params["ResourceARN"], {}).update(call.params["Tags"])
    return {}


@implements("application-autoscaling", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    tags = _TAGS.get(call.params["ResourceARN"], {})
    for key in call.params["TagKeys"]:
        tags.pop(key, None)
    return {}


@lists("application-autoscaling")
def list_resources(backend: Any) -> Iterator[Found]:
    for targets in backend.targets.values():
        for target in targets.values():
            id_ = f"{target.service_namespace}/{target.resource_id}/{target.scalable_dimension}"
            yield "aws_appautoscaling_target", id_, target.resource_id
    for policy in backend.policies.values():
        id_ = f"{policy.service_namespace}/{policy.resource_id}/{policy.scalable_dimension}/{policy.policy_name}"
        yield "aws_appautoscaling_policy", id_, policy.policy_name
    for action in backend.scheduled_actions:
        name = action.scheduled_action_name
        id_ = f"{action.service_namespace}/{action.resource_id}/{action.scalable_dimension}/{name}"
        yield "aws_appautoscaling_scheduled_action", id_, name
