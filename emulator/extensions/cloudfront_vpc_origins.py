"""Amazon CloudFront: VPC origins.

Implements CreateVpcOrigin, GetVpcOrigin, UpdateVpcOrigin, DeleteVpcOrigin and ListVpcOrigins; tags are moto's. The
endpoint is an internal load balancer, or an instance, of this account in a VPC that has an internet gateway. The group
CloudFront-VPCOrigins-Service-SG and CloudFront's network interfaces are in the VPC as long as an origin is. An origin
is Deploying until it is looked at. One that a distribution uses can be neither changed nor deleted.

Corrects the distribution operations: an origin with VpcOriginConfig refers to a VPC origin that is deployed.

Reference: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateVpcOrigin.html, API_VpcOrigin.html,
API_VpcOriginEndpointConfig.html (ports), API_VpcOriginConfig.html;
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html (prerequisites,
the group); the text of the 409: https://github.com/aws/aws-cdk/issues/35765. AWS documents no text of the others.
"""

from __future__ import annotations

import copy
import secrets
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .. import network_interfaces
from ..hooks import ApiError, Call, Found, implements, lists, moto_backends, prepares
from ..network_interfaces import CLOUDFRONT_GROUP
from .cloudfront import CONFIGS, sent_config

_ALPHABET = string.ascii_letters + string.digits
_IN_USE = (
    "The specified VPC origin is currently associated with one or more distributions. Please disassociate the VPC "
    "origin from all distributions before updating or deleting"
)


@dataclass
class VpcOrigin:
    """As it was sent; `vpc` is where the endpoint is, by region and id."""

    id: str
    arn: str
    account_id: str
    config: dict[str, Any]
    vpc: tuple[str, str]
    status: str = "Deploying"
    etag: str = field(default_factory=lambda: f"E{uuid.uuid4().hex[:13].upper()}")
    created: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    modified: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def document(self) -> dict[str, Any]:
        return {
            "Id": self.id,
            "Arn": self.arn,
            "AccountId": self.account_id,
            "Status": self.status,
            "CreatedTime": self.created,
            "LastModifiedTime": self.modified,
            "VpcOriginEndpointConfig": copy.deepcopy(self.config),
        }


_ORIGINS: dict[str, VpcOrigin] = {}


def _find(origin_id: str) -> VpcOrigin:
    origin = _ORIGINS.get(origin_id)
    if origin is None:
        raise ApiError("EntityNotFound", "The specified VPC origin does not exist.")
    return origin


def _changeable(call: Call, error: str) -> VpcOrigin:
    origin = _find(call.params["Id"])
    if call.params.get("IfMatch") != origin.etag:
        raise ApiError("PreconditionFailed", "The If-Match version does not match the VPC origin's.")
    if any(_vpc_origin_id(each) == origin.id for config in CONFIGS.values() for each in config["Origins"]["Items"]):
        raise ApiError(error, _IN_USE)
    return origin


def _vpc_origin_id(origin: dict[str, Any]) -> str | None:
    return (origin.get("VpcOriginConfig") or {}).get("VpcOriginId")


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidArgument", message)


@dataclass(frozen=True)
class _Endpoint:
    region: str
    vpc: str
    subnets: list[str]


def _endpoint(call: Call, config: dict[str, Any]) -> _Endpoint:
    """Where the endpoint is. Raises ApiError where CloudFront would not take it."""
    for name in ("HTTPPort", "HTTPSPort"):
        if config[name] not in (80, 443) and not 1024 <= config[name] <= 65535:
            raise _invalid(f"{name} {config[name]}: 80, 443 and 1024 to 65535 are allowed.")
    arn = config["Arn"]
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[4] != call.account_id:
        raise _invalid(f"{arn} is not the ARN of a resource of this account.")
    region = parts[3]
    endpoint = {"elasticloadbalancing": _load_balancer, "ec2": _instance}.get(parts[2], _nothing)(call, region, arn)
    if endpoint is None:
        raise _invalid(f"The VPC origin's endpoint {arn} does not exist, or is no load balancer or instance.")
    ec2 = moto_backends("ec2")[call.account_id][region]
    if not any(gateway.vpc and gateway.vpc.id == endpoint.vpc for gateway in ec2.internet_gateways.values()):
        raise _invalid(f"The VPC {endpoint.vpc} of the VPC origin has no internet gateway.")
    return endpoint


def _load_balancer(call: Call, region: str, arn: str) -> _Endpoint | None:
    balancer = moto_backends("elbv2")[call.account_id][region].load_balancers.get(arn)
    if balancer is None:
        return None
    if balancer.scheme != "internal":
        raise _invalid(f"The load balancer {arn} is {balancer.scheme}: a VPC origin's must be internal.")
    return _Endpoint(region, balancer.vpc_id, [subnet.id for subnet in balancer.subnets])


def _instance(call: Call, region: str, arn: str) -> _Endpoint | None:
    ec2 = moto_backends("ec2")[call.account_id][region]
    instance = next((each for each in ec2.all_instances() if each.id == arn.rsplit("/", 1)[-1]), None)
    return None if instance is None else _Endpoint(region, instance.vpc_id, [instance.subnet_id])


def _nothing(_call: Call, _region: str, _arn: str) -> None:
    return None


def _enter_vpc(call: Call, origin: VpcOrigin, subnets: list[str]) -> None:
    """Makes the group where it is not there yet."""
    region, vpc = origin.vpc
    ec2 = moto_backends("ec2")[call.account_id][region]
    group = next((each for each in ec2.groups[vpc].values() if each.name == CLOUDFRONT_GROUP), None)
    if group is None:
        group = ec2.create_security_group(CLOUDFRONT_GROUP, "CloudFront VPC Origins", vpc_id=vpc, tags={})
    network_interfaces.hold(origin.arn, subnets, [group.id])


def _leave_vpc(call: Call, origin: VpcOrigin) -> None:
    """Removes the group with the last origin of the VPC."""
    region, vpc = origin.vpc
    network_interfaces.release(origin.arn)
    if any(other is not origin and other.vpc == origin.vpc for other in _ORIGINS.values()):
        return
    groups = moto_backends("ec2")[call.account_id][region].groups[vpc]
    for group in [each for each in groups.values() if each.name == CLOUDFRONT_GROUP]:
        del groups[group.id]


@implements("cloudfront", "CreateVpcOrigin")
def create_vpc_origin(call: Call) -> dict[str, Any]:
    config = call.params["VpcOriginEndpointConfig"]
    if any(each.config["Name"] == config["Name"] for each in _ORIGINS.values()):
        raise ApiError("EntityAlreadyExists", f"A VPC origin named {config['Name']} exists.")
    endpoint = _endpoint(call, config)
    id_ = "vo_" + "".join(secrets.choice(_ALPHABET) for _ in range(22))
    arn = f"arn:aws:cloudfront::{call.account_id}:vpcorigin/{id_}"
    origin = VpcOrigin(id_, arn, call.account_id, config, (endpoint.region, endpoint.vpc))
    _ORIGINS[id_] = origin
    _enter_vpc(call, origin, endpoint.subnets)
    call.backend().tagger.tag_resource(arn, (call.params.get("Tags") or {}).get("Items", []))
    return {"VpcOrigin": origin.document(), "ETag": origin.etag, "Location": id_}


@implements("cloudfront", "GetVpcOrigin")
def get_vpc_origin(call: Call) -> dict[str, Any]:
    """Deployed with the first look."""
    origin = _find(call.params["Id"])
    origin.status = "Deployed"
    return {"VpcOrigin": origin.document(), "ETag": origin.etag}


@implements("cloudfront", "UpdateVpcOrigin")
def update_vpc_origin(call: Call) -> dict[str, Any]:
    origin = _changeable(call, "CannotUpdateEntityWhileInUse")
    config = call.params["VpcOriginEndpointConfig"]
    endpoint = _endpoint(call, config)
    _leave_vpc(call, origin)
    origin.config = config
    origin.vpc = (endpoint.region, endpoint.vpc)
    origin.status = "Deploying"
    origin.etag = f"E{uuid.uuid4().hex[:13].upper()}"
    origin.modified = datetime.now(timezone.utc)
    _enter_vpc(call, origin, endpoint.subnets)
    return {"VpcOrigin": origin.document(), "ETag": origin.etag}


@implements("cloudfront", "DeleteVpcOrigin")
def delete_vpc_origin(call: Call) -> dict[str, Any]:
    """At once."""
    origin = _changeable(call, "CannotDeleteEntityWhileInUse")
    _leave_vpc(call, origin)
    del _ORIGINS[origin.id]
    call.backend().tagger.delete_all_tags_for_resource(origin.arn)
    return {"VpcOrigin": origin.document(), "ETag": origin.etag}


@implements("cloudfront", "ListVpcOrigins")
def list_vpc_origins(call: Call) -> dict[str, Any]:
    items = [
        {
            "Id": origin.id,
            "Name": origin.config["Name"],
            "Status": origin.status,
            "CreatedTime": origin.created,
            "LastModifiedTime": origin.modified,
            "Arn": origin.arn,
            "AccountId": origin.account_id,
            "OriginEndpointArn": origin.config["Arn"],
        }
        for origin in _ORIGINS.values()
    ]
    return {
        "VpcOriginList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}
    }


@prepares("cloudfront", "CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution")
def refuse_unknown_vpc_origins(call: Call) -> None:
    """An origin is of one kind, and its VPC origin deployed."""
    for origin in sent_config(call)["Origins"]["Items"]:
        kinds = [name for name in ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig") if origin.get(name)]
        id_ = _vpc_origin_id(origin)
        if id_ is None:
            continue
        if len(kinds) != 1:
            raise _invalid(f"The origin {origin['Id']} has {' and '.join(kinds)}: one of them is allowed.")
        if _find(id_).status != "Deployed":
            raise _invalid(f"The VPC origin {id_} is not deployed.")


@lists("cloudfront")
def list_resources(_backend: Any) -> Iterator[Found]:
    for origin in _ORIGINS.values():
        yield "aws_cloudfront_vpc_origin", origin.id, origin.config["Name"]
