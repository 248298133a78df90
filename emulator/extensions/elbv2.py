"""Elastic Load Balancing v2: load balancers.

Corrects CreateLoadBalancer and DescribeLoadBalancers: a load balancer is active at once.

Reference: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html,
API_LoadBalancerState.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Call, Found, amends, lists


@amends("elbv2", "CreateLoadBalancer")
def activate(call: Call, response: dict[str, Any]) -> None:
    """The state is active with the first answer."""
    for document in response["LoadBalancers"]:
        call.backend().load_balancers[document["LoadBalancerArn"]].activate()
        document["State"] = {"Code": "active"}


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
