"""Application Auto Scaling: tags of scalable targets.

Implements ListTagsForResource, TagResource and UntagResource.

Reference: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from ..hooks import Call, amends, implements

_TAGS: dict[str, dict[str, str]] = {}


@amends("application-autoscaling", "RegisterScalableTarget")
def keep_tags(call: Call, response: dict[str, Any]) -> None:
    """Tags given at registration."""
    if response.get("ScalableTargetARN"):
        _TAGS.setdefault(response["ScalableTargetARN"], {}).update(call.params.get("Tags", {}))


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
