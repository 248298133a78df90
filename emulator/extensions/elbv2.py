"""Elastic Load Balancing v2: load balancers.

Corrects CreateLoadBalancer and DescribeLoadBalancers (a load balancer is active at once), and
ModifyLoadBalancerAttributes (the bucket's policy lets Elastic Load Balancing write access logs, which it does without
naming the load balancer or its account as source).

Reference: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html,
API_LoadBalancerState.html, API_ModifyLoadBalancerAttributes.html;
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, amends, lists, prepares
from ..resource_policy import Access, admits
from .s3 import bucket_policy

_LOGGING_SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"


@amends("elbv2", "CreateLoadBalancer")
def activate(call: Call, response: dict[str, Any]) -> None:
    """The state is active with the first answer."""
    for document in response["LoadBalancers"]:
        call.backend().load_balancers[document["LoadBalancerArn"]].activate()
        document["State"] = {"Code": "active"}


@prepares("elbv2", "ModifyLoadBalancerAttributes")
def check_log_permission(call: Call) -> None:
    """AWS writes a test file before it accepts the setting."""
    attributes = {each["Key"]: each.get("Value", "") for each in call.params["Attributes"]}
    if attributes.get("access_logs.s3.enabled") != "true":
        return
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return
    name, prefix = (
        attributes.get(f"access_logs.s3.{key}", balancer.attrs.get(f"access_logs.s3.{key}", ""))
        for key in ("bucket", "prefix")
    )
    bucket = call.backend("s3").buckets.get(name)
    folder = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    access = Access(
        principal=_LOGGING_SERVICE,
        action="s3:PutObject",
        resource=f"arn:aws:s3:::{name}/{folder}/{call.account_id}/ELBAccessLogTestFile",
    )
    if bucket is None or not admits(bucket_policy(bucket), access):
        raise ApiError(
            "InvalidConfigurationRequest", f"Access Denied for bucket: {name}. Please check S3bucket permission"
        )


@lists("elbv2")
def list_resources(backend: Any) -> Iterator[Found]:
    for balancer in backend.load_balancers.values():
        yield "aws_lb", balancer.arn, balancer.name
        for listener in balancer.listeners.values():
            yield "aws_lb_listener", listener.arn, f"{balancer.name}:{listener.port}"
            for rule in listener.rules.values():
                if rule.priority != "default":
                    yield "aws_lb_listener_rule", rule.arn, f"{balancer.name}:{listener.port} priority {rule.priority}"
    for group in backend.target_groups.values():
        yield "aws_lb_target_group", group.arn, group.name
