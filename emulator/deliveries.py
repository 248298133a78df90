"""Messages of AWS services: sent where the resource policy and the KMS key's policy admit the service, and kept here.

GET /_emulator/deliveries lists them; what was not delivered stands in the summary too.

Reference: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html ("Enable compatibility between event
sources from AWS services and encrypted topics": kms:GenerateDataKey* and kms:Decrypt for the service principal; the
key that AWS manages for SNS admits no service); https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
Notify_Users_Alarm_Changes.html; https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
(no Condition in a topic's policy for EventBridge, and no aws:SourceArn in the key's)
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from typing import Any

from moto.sns.exceptions import SNSNotFoundError

from . import clock, keys
from .hooks import moto_backends
from .resource_policy import Access, admits

_MOST = 1000
_DATA_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")

_log = logging.getLogger("emulator")


@dataclass(frozen=True)
class Sender:
    """An AWS service that sends on behalf of a resource."""

    #: `cloudwatch.amazonaws.com`
    principal: str
    #: ARN of the alarm, rule or topic.
    source: str
    account_id: str
    #: Condition keys of its requests.
    context: dict[str, str] = field(default_factory=dict)
    #: Condition keys of its requests to KMS, where these are others.
    key_context: dict[str, str] = field(default_factory=dict)


def sender_with_source(principal: str, source: str, account_id: str) -> Sender:
    """A service whose requests carry aws:SourceArn and aws:SourceAccount."""
    context = {"aws:SourceArn": source, "aws:SourceAccount": account_id}
    return Sender(principal, source, account_id, context, context)


@dataclass(frozen=True)
class Delivery:
    """`reason` is None where the message was delivered."""

    source: str
    target: str
    subject: str | None
    message: str
    at: str
    reason: str | None = None


_deliveries: list[Delivery] = []


def record(sender: Sender, target: str, subject: str | None, message: str, reason: str | None = None) -> None:
    """Keeps a message, with the reason why it was not delivered if it was not."""
    if reason is not None:
        _log.warning("%s: no message to %s: %s", sender.source, target, reason)
    _deliveries.append(Delivery(sender.source, target, subject, message, clock.now().isoformat(), reason))
    del _deliveries[:-_MOST]


def as_json() -> list[dict[str, Any]]:
    """The document of GET /_emulator/deliveries, oldest first."""
    return [asdict(delivery) for delivery in _deliveries]


def undelivered() -> list[dict[str, Any]]:
    """Each source, target and reason once."""
    unique = {(d.source, d.target, d.reason): d for d in _deliveries if d.reason is not None}
    return [{"source": source, "target": target, "reason": reason} for source, target, reason in unique]


def forget() -> None:
    _deliveries.clear()


def publish(sender: Sender, topic_arn: str, subject: str | None, message: str) -> None:
    """Publishes to a topic of SNS as a service does."""
    _, _, _, region, account_id, _ = topic_arn.split(":")
    backend = moto_backends("sns")[account_id][region]
    try:
        topic = backend.get_topic(topic_arn)
    except SNSNotFoundError:
        record(sender, topic_arn, subject, message, "the topic does not exist")
        return
    reason = None
    if not _topic_admits(topic, sender):
        reason = f"the topic's policy does not let {sender.principal} publish"
    elif topic.kms_master_key_id:
        reason = key_problem(topic.kms_master_key_id, account_id, region, sender)
    record(sender, topic_arn, subject, message, reason)
    if reason is None:
        backend.publish(message, topic_arn, subject=subject[:100] if subject else None)


def _topic_admits(topic: Any, sender: Sender) -> bool:
    access = Access(sender.principal, "sns:Publish", topic.arn, sender.context)
    if admits(topic.policy, access):
        return True
    # CloudWatch alarms publish for the account's owner, which is whom the default policy of a topic is about.
    if sender.principal != "cloudwatch.amazonaws.com":
        return False
    owner = {**sender.context, "aws:SourceOwner": sender.account_id}
    anyone = "arn:aws:iam::000000000000:role/cloudwatch-alarms"
    return admits(topic.policy, Access(anyone, "sns:Publish", topic.arn, owner))


def key_problem(key: str, account_id: str, region: str, sender: Sender) -> str | None:
    """Why a service cannot use the key (id, ARN or alias) that a topic or queue is encrypted with."""
    if keys.is_of_aws(key):
        return f"key {key} is managed by AWS, and its policy does not admit {sender.principal}"
    found = keys.find(key, account_id, region)
    if found is None:
        return f"there is no key {key}"
    if found.key_state != "Enabled":
        return f"key {key} is in state {found.key_state}"
    for action in _DATA_KEY_ACTIONS:
        if not keys.service_may(found, sender.principal, action, sender.key_context):
            return f"the policy of key {key} does not let {sender.principal} do {action}"
    return None
