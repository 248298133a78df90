"""Amazon SNS: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("sns")
def list_resources(backend: Any) -> Iterator[Found]:
    for topic in backend.topics.values():
        yield "aws_sns_topic", topic.arn, topic.name
    for subscription in backend.subscriptions.values():
        yield "aws_sns_topic_subscription", subscription.arn, f"{subscription.protocol}:{subscription.endpoint}"
