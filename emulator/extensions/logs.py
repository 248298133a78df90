"""Amazon CloudWatch Logs: deliveries to S3, and what groups hold.

Corrects CreateDelivery: where the bucket's policy does not admit the delivery, CloudWatch Logs adds its statement to
it, which whoever keeps that policy in Terraform sees as a change. Corrects CreateLogGroup and DescribeLogGroups: the
group's class. Corrects DeleteLogGroup: its metric filters go with it.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html;
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from moto.logs.models import LogGroup

from ..hooks import Call, Found, amends, lists
from ..resource_policy import Access, admits, as_list
from .s3 import bucket_policy

_DELIVERY_SERVICE = "delivery.logs.amazonaws.com"


def _s3_destination(call: Call) -> tuple[Any, str] | None:
    """The bucket, where there is such a bucket here, and the folder in it."""
    wanted = call.params["deliveryDestinationArn"]
    for destination in call.backend().delivery_destinations.values():
        arn = (destination.delivery_destination_configuration or {}).get("destinationResourceArn", "")
        if destination.arn == wanted and arn.startswith("arn:aws:s3:::"):
            name, _, folder = arn.removeprefix("arn:aws:s3:::").partition("/")
            bucket = call.backend("s3").buckets.get(name)
            return None if bucket is None else (bucket, folder)
    return None


@amends("logs", "CreateDelivery")
def complete_bucket_policy(call: Call, _response: dict[str, Any]) -> None:
    """The documented statement is there, given or added."""
    found = _s3_destination(call)
    if found is None:
        return
    bucket, folder = found
    resource = f"{bucket.arn}/{folder or f'AWSLogs/{call.account_id}'}"
    source = f"arn:aws:logs:{call.region}:{call.account_id}:delivery-source:{call.params['deliverySourceName']}"
    access = Access(
        principal=_DELIVERY_SERVICE,
        action="s3:PutObject",
        resource=f"{resource}/log.gz",
        context={
            "aws:SourceAccount": call.account_id,
            "aws:SourceArn": source,
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
    )
    policy = bucket_policy(bucket)
    if admits(policy, access):
        return
    document = json.loads(policy or '{"Version": "2012-10-17", "Statement": []}')
    document["Statement"] = [
        *as_list(document["Statement"]),
        {
            "Sid": "AWSLogsDeliveryWrite1",
            "Effect": "Allow",
            "Principal": {"Service": _DELIVERY_SERVICE},
            "Action": "s3:PutObject",
            "Resource": f"{resource}/*",
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": call.account_id},
                "ArnLike": {"aws:SourceArn": source},
            },
        },
    ]
    bucket.policy = json.dumps(document).encode()


LogGroup.log_group_class = "STANDARD"  # type: ignore[attr-defined]


@amends("logs", "CreateLogGroup")
def keep_class(call: Call, _response: dict[str, Any]) -> None:
    group = call.backend().groups[call.params["logGroupName"]]
    group.log_group_class = call.params.get("logGroupClass", "STANDARD")


@amends("logs", "DescribeLogGroups")
def answer_class(call: Call, response: dict[str, Any]) -> None:
    for each in response["logGroups"]:
        each["logGroupClass"] = call.backend().groups[each["logGroupName"]].log_group_class


@amends("logs", "DeleteLogGroup")
def forget_metric_filters(call: Call, _response: dict[str, Any]) -> None:
    filters = call.backend().filters
    filters.metric_filters = [f for f in filters.metric_filters if f["logGroupName"] != call.params["logGroupName"]]


@lists("logs")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, group in backend.groups.items():
        yield "aws_cloudwatch_log_group", name, name
        for filter_name in group.subscription_filters:
            yield "aws_cloudwatch_log_subscription_filter", f"{name}|{filter_name}", filter_name
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
