"""Amazon CloudWatch Logs: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("logs")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.groups:
        yield "aws_cloudwatch_log_group", name, name
    for filter_ in backend.filters.metric_filters:
        yield (
            "aws_cloudwatch_log_metric_filter",
            f"{filter_['logGroupName']}:{filter_['filterName']}",
            filter_["filterName"],
        )
    for name in backend.resource_policies:
        yield "aws_cloudwatch_log_resource_policy", name, name
    for name in backend.delivery_sources:
        yield "aws_cloudwatch_log_delivery_source", name, name
    for name in backend.delivery_destinations:
        yield "aws_cloudwatch_log_delivery_destination", name, name
    for id_, delivery in backend.deliveries.items():
        yield "aws_cloudwatch_log_delivery", id_, delivery.delivery_source_name
