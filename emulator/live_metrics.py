"""Metrics of AWS services that follow from the emulator's own state: the queues of SQS.

Where every alarm is evaluated, these metrics get a data point of that time. All other metrics of AWS services have the
data that a test puts.

Reference: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from moto.cloudwatch.models import MetricDatum

from .hooks import moto_backends


def _age_of_oldest(queue: Any, now: datetime) -> float:
    """Seconds."""
    sent = [float(message.sent_timestamp) / 1000 for message in queue.messages]
    return max(0.0, now.timestamp() - min(sent)) if sent else 0.0


_OF_A_QUEUE: dict[str, Callable[[Any, datetime], float]] = {
    "ApproximateNumberOfMessagesVisible": lambda queue, _: float(queue.approximate_number_of_messages),
    "ApproximateNumberOfMessagesNotVisible": lambda queue, _: float(queue.approximate_number_of_messages_not_visible),
    "ApproximateNumberOfMessagesDelayed": lambda queue, _: float(queue.approximate_number_of_messages_delayed),
    "ApproximateAgeOfOldestMessage": _age_of_oldest,
}


def record(backend: Any, metrics: Iterable[tuple[str, str, frozenset[tuple[str, str]]]], now: datetime) -> None:
    """Adds a data point of `now` to each of the metrics (namespace, name, dimensions) that is known here."""
    queues = moto_backends("sqs")[backend.account_id][backend.region_name].queues
    for namespace, name, dimensions in set(metrics):
        queue = queues.get(dict(dimensions).get("QueueName", ""))
        if namespace != "AWS/SQS" or name not in _OF_A_QUEUE or queue is None or len(dimensions) != 1:
            continue
        value = _OF_A_QUEUE[name](queue, now)
        when = now.astimezone(timezone.utc).replace(tzinfo=None)
        named = [{"Name": key, "Value": each} for key, each in sorted(dimensions)]
        backend.metric_data.append(MetricDatum(namespace, name, value, named, when, None))
