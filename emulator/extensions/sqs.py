"""Amazon SQS: queue attributes.

Corrects SetQueueAttributes, which in moto removes the policy when it sets something else and forgets
RedriveAllowPolicy; an empty policy or redrive policy removes it. Corrects GetQueueAttributes: RedrivePolicy without
white space.

Reference: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.sqs.models import Queue

from .. import running
from ..hooks import Call, Found, amends, lists

Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
Queue.redrive_allow_policy = None  # type: ignore[attr-defined]

_set_attributes = Queue._set_attributes


def _set_some_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    """What is not among the attributes stays."""
    policy = self.policy if hasattr(self, "_policy_json") else None
    _set_attributes(self, {"Policy": policy, **attributes}, now)
    if attributes.get("RedriveAllowPolicy") == "":
        self.redrive_allow_policy = None  # type: ignore[attr-defined]


Queue._set_attributes = _set_some_attributes  # type: ignore[method-assign]


@amends("sqs", "GetQueueAttributes")
def compact_redrive_policy(_call: Call, response: dict[str, Any]) -> None:
    attributes = response.get("Attributes") or {}
    if "RedrivePolicy" in attributes:
        attributes["RedrivePolicy"] = json.dumps(json.loads(attributes["RedrivePolicy"]), separators=(",", ":"))


@lists("sqs")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.queues:
        yield "aws_sqs_queue", f"{running.PROCESS.endpoint}/{backend.account_id}/{name}", name
