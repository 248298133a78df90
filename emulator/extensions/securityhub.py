"""AWS Security Hub CSPM: the account's settings and its standards. A second EnableSecurityHub is refused.

Implements UpdateSecurityHubConfiguration, BatchEnableStandards, GetEnabledStandards, BatchDisableStandards,
DescribeStandards. Amends DescribeHub with the settings, and prepares EnableSecurityHub. Controls are not evaluated.

Reference: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html
(ResourceConflictException), API_BatchEnableStandards.html, API_UpdateSecurityHubConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

_NOT_SUBSCRIBED = "Account {} is not subscribed to AWS Security Hub"

#: Of a region, and of none; Security Hub User Guide, "Standards reference for Security Hub CSPM".
_STANDARDS = {
    "standards/aws-foundational-security-best-practices/v/1.0.0": "AWS Foundational Security Best Practices v1.0.0",
    "standards/cis-aws-foundations-benchmark/v/1.4.0": "CIS AWS Foundations Benchmark v1.4.0",
    "standards/cis-aws-foundations-benchmark/v/3.0.0": "CIS AWS Foundations Benchmark v3.0.0",
    "standards/nist-800-53/v/5.0.0": "NIST Special Publication 800-53 Revision 5",
    "standards/nist-800-171/v/2.0.0": "NIST Special Publication 800-171 Revision 2",
    "standards/pci-dss/v/3.2.1": "PCI DSS v3.2.1",
    "standards/pci-dss/v/4.0.1": "PCI DSS v4.0.1",
}


def _subscriptions(backend: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = backend.__dict__.setdefault("standards", {})
    return found


def _settings(backend: Any) -> dict[str, Any]:
    found: dict[str, Any] = backend.__dict__.setdefault("settings", {})
    return found


def _check_enabled(call: Call) -> None:
    if not call.backend().enabled:
        raise ApiError("InvalidAccessException", _NOT_SUBSCRIBED.format(call.account_id))


@prepares("securityhub", "EnableSecurityHub")
def check_not_enabled(call: Call) -> None:
    if call.backend().enabled:
        raise ApiError("ResourceConflictException", "Account is already subscribed to Security Hub")
    _settings(call.backend()).clear()
    _subscriptions(call.backend()).clear()
    generator = call.params.get("ControlFindingGenerator")
    if generator:
        _settings(call.backend())["ControlFindingGenerator"] = generator


@amends("securityhub", "EnableSecurityHub")
def enable_default_standards(call: Call, _response: dict[str, Any]) -> None:
    """Reference: API_EnableSecurityHub.html, EnableDefaultStandards (true unless it is set to false)."""
    if call.params.get("EnableDefaultStandards", True):
        for standard in list(_STANDARDS)[:2]:
            _subscribe(call, f"arn:aws:securityhub:{call.region}::{standard}", {})


@amends("securityhub", "DescribeHub")
def add_settings(call: Call, response: dict[str, Any]) -> None:
    response.update(_settings(call.backend()))


@implements("securityhub", "UpdateSecurityHubConfiguration")
def update_configuration(call: Call) -> dict[str, Any]:
    _check_enabled(call)
    _settings(call.backend()).update(call.params)
    return {}


def _subscribe(call: Call, standard: str, given: dict[str, str]) -> dict[str, Any]:
    resource = standard.split("::", 1)[1].removeprefix("standards/")
    arn = f"arn:aws:securityhub:{call.region}:{call.account_id}:subscription/{resource}"
    subscription = {
        "StandardsSubscriptionArn": arn,
        "StandardsArn": standard,
        "StandardsInput": given,
        "StandardsStatus": "READY",
        "StandardsControlsUpdatable": "READY_FOR_UPDATES",
    }
    _subscriptions(call.backend())[arn] = subscription
    return subscription


@implements("securityhub", "BatchEnableStandards")
def enable_standards(call: Call) -> dict[str, Any]:
    _check_enabled(call)
    requests = call.params["StandardsSubscriptionRequests"]
    for request in requests:
        _, _, resource = request["StandardsArn"].partition("::")
        if resource not in _STANDARDS:
            message = f"StandardsArn {request['StandardsArn']} is not a standard of {call.region}"
            raise ApiError("InvalidInputException", message)
    enabled = [_subscribe(call, request["StandardsArn"], request.get("StandardsInput", {})) for request in requests]
    return {"StandardsSubscriptions": enabled}


@implements("securityhub", "GetEnabledStandards")
def get_standards(call: Call) -> dict[str, Any]:
    _check_enabled(call)
    wanted = call.params.get("StandardsSubscriptionArns")
    found = _subscriptions(call.backend())
    return {"StandardsSubscriptions": [one for arn, one in found.items() if wanted is None or arn in wanted]}


@implements("securityhub", "BatchDisableStandards")
def disable_standards(call: Call) -> dict[str, Any]:
    _check_enabled(call)
    found = _subscriptions(call.backend())
    disabled = [found.pop(arn) for arn in call.params["StandardsSubscriptionArns"] if arn in found]
    return {"StandardsSubscriptions": [{**one, "StandardsStatus": "DELETING"} for one in disabled]}


@implements("securityhub", "DescribeStandards")
def describe_standards(call: Call) -> dict[str, Any]:
    return {
        "Standards": [
            {"StandardsArn": f"arn:aws:securityhub:{call.region}::{resource}", "Name": name}
            for resource, name in _STANDARDS.items()
        ]
    }


@lists("securityhub")
def list_resources(backend: Any) -> Iterator[Found]:
    if not backend.enabled:
        return
    yield "aws_securityhub_account", backend.account_id, "Security Hub CSPM"
    for arn, subscription in _subscriptions(backend).items():
        yield "aws_securityhub_standards_subscription", arn, subscription["StandardsArn"]
