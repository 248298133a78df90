"""Amazon SNS: delivery to queues, and what exists.

Corrects the delivery to a queue: its policy must let sns.amazonaws.com send for the topic, and its KMS key's policy
must let it use the key. What is not delivered stands in the summary.

Reference: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html, sns-enable-encryption-for-
topic-sqs-queue-subscriptions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.sns.models import Subscription

from .. import deliveries
from ..deliveries import sender_with_source
from ..hooks import Found, lists, moto_backends
from ..resource_policy import Access, admits

_publish = Subscription.publish


def _publish_where_admitted(self: Subscription, message: str, message_id: str, **options: Any) -> None:
    reason = _queue_problem(self) if self.protocol == "sqs" else None
    if reason is None:
        _publish(self, message, message_id, **options)
        return
    sender = sender_with_source("sns.amazonaws.com", self.topic.arn, self.account_id)
    deliveries.record(sender, self.endpoint, options.get("subject"), message, reason)


def _queue_problem(subscription: Any) -> str | None:
    _, _, _, region, account_id, name = subscription.endpoint.split(":")
    queue = moto_backends("sqs")[account_id][region].queues.get(name)
    if queue is None:
        return "the queue does not exist"
    sender = sender_with_source("sns.amazonaws.com", subscription.topic.arn, subscription.account_id)
    if not admits(queue.policy, Access(sender.principal, "sqs:SendMessage", queue.queue_arn, sender.context)):
        return "the queue's policy does not let sns.amazonaws.com send messages of the topic"
    key = queue.kms_master_key_id
    return deliveries.key_problem(key, account_id, region, sender) if key else None


Subscription.publish = _publish_where_admitted  # type: ignore[method-assign,assignment]


@lists("sns")
def list_resources(backend: Any) -> Iterator[Found]:
    for topic in backend.topics.values():
        yield "aws_sns_topic", topic.arn, topic.name
    for subscription in backend.subscriptions.values():
        yield "aws_sns_topic_subscription", subscription.arn, f"{subscription.protocol}:{subscription.endpoint}"
