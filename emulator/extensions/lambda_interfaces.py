"""AWS Lambda: network interfaces of functions in a VPC, which outlive them.

Corrects CreateFunction, UpdateFunctionConfiguration and DeleteFunction: after the function is gone, or out of the VPC,
its interfaces stay in its subnets and groups for LINGER_SECONDS, and neither can be deleted meanwhile. In AWS that
takes up to 20 minutes as Lambda documents it, up to 45 as Terraform's provider does. Other groups take effect at once,
which is what the provider's replace_security_groups_on_destroy relies on; subnets that are left linger. VpcConfig names
the VPC.

POST /_emulator/lambda-interfaces sets how long they stay from then on.

Reference: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html ("ENI lifecycle");
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/lambda_function
(replace_security_groups_on_destroy); https://github.com/hashicorp/terraform-provider-aws/issues/37046
"""

from __future__ import annotations

from typing import Any

from .. import network_interfaces
from ..hooks import Call, amends, prepares

#: The documented minutes in little. The provider itself waits 5 seconds after DeleteFunction.
LINGER_SECONDS = 10.0

_linger_seconds = LINGER_SECONDS


def set_linger(document: Any) -> dict[str, Any]:
    """Reads the body of POST /_emulator/lambda-interfaces: `lingerSeconds`, at least 0."""
    global _linger_seconds
    seconds = document.get("lingerSeconds") if isinstance(document, dict) else None
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds < 0:
        raise ValueError("lingerSeconds must be a number, at least 0")
    _linger_seconds = float(seconds)
    return {"lingerSeconds": _linger_seconds}


def _networks(call: Call) -> dict[str, Any]:
    """VpcConfig as last sent, by the function's ARN, in the call's account and region."""
    found: dict[str, Any] = vars(call.backend()).setdefault("networks_as_sent", {})
    return found


def _function(call: Call) -> Any:
    return call.backend().get_function(call.params["FunctionName"])


@amends("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def attach(call: Call, response: dict[str, Any]) -> None:
    """The interfaces are where the function now is."""
    if "VpcConfig" in call.params:
        function = _function(call)
        _place(call, function.function_arn, call.params["VpcConfig"])
    name_vpc(call, response)


def _place(call: Call, arn: str, config: dict[str, Any]) -> None:
    networks = _networks(call)
    before = networks.pop(arn, {})
    subnets, groups = config.get("SubnetIds", []), config.get("SecurityGroupIds", [])
    left = set(before.get("SubnetIds", [])) - set(subnets)
    if left:
        network_interfaces.linger(arn, sorted(left), groups or before["SecurityGroupIds"], _linger_seconds)
    network_interfaces.release(arn)
    if subnets:
        networks[arn] = config
        network_interfaces.hold(arn, subnets, groups)


@amends("lambda", "GetFunctionConfiguration", "UpdateFunctionCode")
def name_vpc(call: Call, response: dict[str, Any]) -> None:
    """moto has one VPC for all functions."""
    config = response.get("VpcConfig") or {}
    if config.get("SubnetIds"):
        config["VpcId"] = call.backend("ec2").get_subnet(config["SubnetIds"][0]).vpc_id


@amends("lambda", "GetFunction")
def name_vpc_of_function(call: Call, response: dict[str, Any]) -> None:
    name_vpc(call, response["Configuration"])


@prepares("lambda", "DeleteFunction")
def leave_interfaces(call: Call) -> None:
    """Of a function that exists; a single version of it has none of its own."""
    if call.params.get("Qualifier"):
        return
    name = call.params["FunctionName"].split(":")[-1]
    for arn in [each for each in _networks(call) if each.split(":")[6] == name]:
        del _networks(call)[arn]
        network_interfaces.release(arn, _linger_seconds)
