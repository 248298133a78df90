"""Amazon EC2: deletions that something is in the way of.

Corrects DeleteSubnet and DeleteSecurityGroup (a network interface of a service is there) and DeleteVpc (a group besides
the default one is there): DependencyViolation.

Reference: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html, API_DeleteSubnet.html,
API_DeleteSecurityGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, lists, prepares
from ..network_interfaces import SERVICE_GROUPS, refuse_while_held


@prepares("ec2", "DeleteSubnet")
def keep_used_subnet(call: Call) -> None:
    refuse_while_held("subnet", call.params["SubnetId"])


@prepares("ec2", "DeleteSecurityGroup")
def keep_used_group(call: Call) -> None:
    refuse_while_held("group", call.params.get("GroupId", ""))


@prepares("ec2", "DeleteVpc")
def keep_vpc_with_groups(call: Call) -> None:
    vpc = call.params["VpcId"]
    if any(group.name != "default" for group in call.backend().groups.get(vpc, {}).values()):
        raise ApiError("DependencyViolation", f"The vpc '{vpc}' has dependencies and cannot be deleted.")


@lists("ec2")
def list_resources(backend: Any) -> Iterator[Found]:
    yield from _network(backend)
    if backend.ebs_encryption_by_default:
        yield "aws_ebs_encryption_by_default", "default", "EBS encryption by default"
    for groups in backend.groups.values():
        for group in groups.values():
            if group.name != "default" and group.name not in SERVICE_GROUPS:
                yield "aws_security_group", group.id, group.name
    for address in backend.addresses:
        yield "aws_eip", address.allocation_id, _tagged_name(address)
    for gateway in backend.nat_gateways.values():
        if gateway.state != "deleted":
            yield "aws_nat_gateway", gateway.id, _tagged_name(gateway)
    for endpoint in backend.vpc_end_points.values():
        if endpoint.state != "deleted":
            yield "aws_vpc_endpoint", endpoint.id, endpoint.service_name
    for flow_log in backend.flow_logs.values():
        yield "aws_flow_log", flow_log.id, flow_log.resource_id


def _network(backend: Any) -> Iterator[Found]:
    for vpc in backend.vpcs.values():
        if not vpc.is_default:
            yield "aws_vpc", vpc.id, _tagged_name(vpc)
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if not subnet.default_for_az:
                yield "aws_subnet", subnet.id, _tagged_name(subnet)
    for gateway in backend.internet_gateways.values():
        yield "aws_internet_gateway", gateway.id, _tagged_name(gateway)
    for table in backend.route_tables.values():
        if table.main_association_id is None:
            yield "aws_route_table", table.id, _tagged_name(table)
        for association in table.associations:
            if not association["Main"]:
                target = association.get("SubnetId") or association.get("GatewayId")
                yield "aws_route_table_association", f"{target}/{table.id}", association["RouteTableAssociationId"]


def _tagged_name(resource: Any) -> str:
    name = next((tag["value"] for tag in resource.get_tags() if tag["key"] == "Name"), None)
    return str(name or resource.id)
