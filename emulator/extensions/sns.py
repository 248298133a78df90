"""Amazon SNS: delivery to queues and functions, and what exists.

Corrects the delivery to a queue: its policy must let sns.amazonaws.com send for the topic, and its KMS key's policy
must let it use the key. Corrects the delivery to a Lambda function, which runs here, where its policy lets
sns.amazonaws.com invoke it for the topic. What is not delivered stands in the summary.

Reference: https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html, sns-enable-encryption-for-
topic-sqs-queue-subscriptions.html; https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.sns.models import Subscription

from .. import deliveries
from ..deliveries import sender_with_source
from ..hooks import Found, lists, moto_backends
from ..resource_policy import Access, admits
from .lambda_ import invoke_later

_publish = Subscription.publish


def _publish_where_admitted(self: Subscription, message: str, message_id: str, **options: Any) -> None:
    matcher = self._filter_policy_matcher
    if matcher is not None and not matcher.matches(options.get("message_attributes"), message):
        return
    if self.protocol == "lambda":
        reason = _invoke(self, message, message_id, options.get("subject"))
        if reason is None:
            return
    else:
        reason = _queue_problem(self) if self.protocol == "sqs" else None
    if reason is None:
        _publish(self, message, message_id, **options)
        return
    sender = sender_with_source("sns.amazonaws.com", self.topic.arn, self.account_id)
    deliveries.record(sender, self.endpoint, options.get("subject"), message, reason)


def _invoke(subscription: Any, message: str, message_id: str, subject: str | None) -> str | None:
    """Why the function was not invoked, None where it was."""
    _, _, _, region, account_id = subscription.endpoint.split(":")[:5]
    try:
        function = moto_backends("lambda")[account_id][region].get_function(subscription.endpoint)
    except UnknownFunctionException:
        return "the function does not exist"
    sender = sender_with_source("sns.amazonaws.com", subscription.topic.arn, subscription.account_id)
    policy = json.dumps({"Statement": function.policy.statements})
    access = Access(sender.principal, "lambda:InvokeFunction", function.function_arn, sender.context)
    if not admits(policy, access):
        return "the function's policy does not let sns.amazonaws.com invoke it for the topic"
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S}.000Z",
        "MessageAttributes": {},
    }
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn}
    invoke_later(function, {"Records": [{**record, "Sns": notification}]})
    return None


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
