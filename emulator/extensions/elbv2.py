"""Elastic Load Balancing v2: load balancers.

Corrects CreateLoadBalancer and DescribeLoadBalancers: a load balancer is active at once.

Reference: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html,
API_LoadBalancerState.html
"""

from __future__ import annotations

from typing import Any

from ..hooks import Call, amends


@amends("elbv2", "CreateLoadBalancer")
def activate(call: Call, response: dict[str, Any]) -> None:
    """The state is active with the first answer."""
    for document in response["LoadBalancers"]:
        call.backend().load_balancers[document["LoadBalancerArn"]].activate()
        document["State"] = {"Code": "active"}
