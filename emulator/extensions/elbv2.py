"""Elastic Load Balancing v2: load balancers.

Corrects CreateLoadBalancer and DescribeLoadBalancers: a load balancer is active at once. ModifyLoadBalancerAttributes
refuses a bucket for logs that a test delivery would not reach, as ELB does when logging is switched on: it must exist
in the load balancer's region, be under S3's own keys, and have a policy that admits the delivery. ELB documents no
condition for that statement and sends no aws:SourceArn and no aws:SourceAccount.

Reference: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html,
API_LoadBalancerState.html, API_ModifyLoadBalancerAttributes.html;
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html (policy, encryption,
accounts of the regions before August 2022); the error's text:
https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1956
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, amends, lists, prepares
from ..resource_policy import Access, admits
from .s3 import bucket_policy

_DELIVERY_SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"

#: Accounts that ELB delivered logs from before it had a service principal, which works in every region.
_REGIONAL_ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-southeast-3": "589379963580",
    "ap-south-1": "718504428378",
    "ap-northeast-3": "383597477331",
    "ap-northeast-2": "600734575887",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-northeast-1": "582318560864",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-south-1": "635631232127",
    "eu-west-3": "009996457667",
    "eu-north-1": "897822967062",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
}


@amends("elbv2", "CreateLoadBalancer")
def activate(call: Call, response: dict[str, Any]) -> None:
    """The state is active with the first answer."""
    for document in response["LoadBalancers"]:
        call.backend().load_balancers[document["LoadBalancerArn"]].activate()
        document["State"] = {"Code": "active"}


@prepares("elbv2", "ModifyLoadBalancerAttributes")
def test_delivery(call: Call) -> None:
    """Of access logs and connection logs, where they are switched on or moved."""
    balancer = call.backend().load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return
    attributes = {**balancer.attrs, **{each["Key"]: each.get("Value", "") for each in call.params["Attributes"]}}
    for kind in ("access_logs", "connection_logs"):
        if attributes.get(f"{kind}.s3.enabled") == "true":
            _deliver(call, attributes.get(f"{kind}.s3.bucket", ""), attributes.get(f"{kind}.s3.prefix", ""))


def _deliver(call: Call, bucket_name: str, prefix: str) -> None:
    bucket = call.backend("s3").buckets.get(bucket_name)
    if bucket is not None and bucket.region_name != call.region:
        raise ApiError(
            "InvalidConfigurationRequest",
            f"S3Bucket: {bucket_name} is not located in the same region with your load balancer",
        )
    if bucket is None or _under_kms_key(bucket) or not _admits_delivery(call, bucket, prefix):
        raise ApiError(
            "InvalidConfigurationRequest",
            f"Access Denied for bucket: {bucket_name}. Please check S3bucket permission",
        )


def _under_kms_key(bucket: Any) -> bool:
    """Whether its default encryption is not S3's own."""
    rule = (bucket.encryption or {}).get("Rule", {})
    algorithm = rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "AES256")
    return str(algorithm) != "AES256"


def _admits_delivery(call: Call, bucket: Any, prefix: str) -> bool:
    folder = f"{prefix}/" if prefix else ""
    regional = _REGIONAL_ACCOUNTS.get(call.region)
    principals = [_DELIVERY_SERVICE, *([f"arn:aws:iam::{regional}:root"] if regional else [])]
    return any(
        admits(
            bucket_policy(bucket),
            Access(
                principal=principal,
                action="s3:PutObject",
                resource=f"{bucket.arn}/{folder}AWSLogs/{call.account_id}/ELBAccessLogTestFile",
                context={"s3:x-amz-acl": "bucket-owner-full-control"},
            ),
        )
        for principal in principals
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
