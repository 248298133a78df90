"""Service Quotas: the quotas that a platform of this kind meets.

Implements ListServiceQuotas, GetServiceQuota, ListAWSDefaultServiceQuotas, GetAWSDefaultServiceQuota,
RequestServiceQuotaIncrease (approved at once) and ListRequestedServiceQuotaChangeHistory. POST /_emulator/quotas sets
an applied value, below AWS's default too: accounts differ. Nothing in the emulator holds to a quota.

Reference: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_Operations.html; values and codes:
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html and the tables "Service quotas" of
https://docs.aws.amazon.com/general/latest/gr/ (fargate: 6, that new accounts start with; it grows with use)
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..hooks import ApiError, Call, implements


class InvalidQuota(Exception):
    """A quota that cannot be set; the message names the member."""


@dataclass(frozen=True)
class Quota:
    """`default` is AWS's; `applied` this account's, where it is another one."""

    service: str
    service_name: str
    code: str
    name: str
    default: float
    applied: float | None = None


_VPC, _EC2 = "Amazon Virtual Private Cloud (Amazon VPC)", "Amazon Elastic Compute Cloud (Amazon EC2)"
_QUOTAS = {
    (quota.service, quota.code): quota
    for quota in (
        Quota("vpc", _VPC, "L-F678F1CE", "VPCs per Region", 5),
        Quota("vpc", _VPC, "L-A4707A72", "Internet gateways per Region", 5),
        Quota("vpc", _VPC, "L-FE5A380F", "NAT gateways per Availability Zone", 5),
        Quota("vpc", _VPC, "L-407747CB", "Subnets per VPC", 200),
        Quota("vpc", _VPC, "L-E79EC296", "VPC security groups per Region", 2500),
        Quota("vpc", _VPC, "L-0EA8095F", "Inbound or outbound rules per security group", 60),
        Quota("vpc", _VPC, "L-2AFB9258", "Security groups per network interface", 5),
        Quota("vpc", _VPC, "L-DF5E4CA3", "Network interfaces per Region", 5000),
        Quota("vpc", _VPC, "L-29B6F2EB", "Interface VPC endpoints per VPC", 50),
        Quota("ec2", _EC2, "L-0263D0A3", "EC2-VPC Elastic IPs", 5),
        # An account that is in use has been raised by AWS.
        Quota("fargate", "AWS Fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6, 256),
        Quota("fargate", "AWS Fargate", "L-36FBB829", "Fargate Spot vCPU resource count", 6, 256),
        Quota(
            "elasticloadbalancing",
            "Elastic Load Balancing (ELB)",
            "L-53DA6B97",
            "Application Load Balancers per Region",
            50,
        ),
        Quota("rds", "Amazon Relational Database Service (Amazon RDS)", "L-7B6409FD", "DB instances", 40),
        Quota("lambda", "AWS Lambda", "L-B99A9384", "Concurrent executions", 1000),
    )
}

#: Applied values that were set or requested, by region, service and code.
_APPLIED: dict[tuple[str, str, str], float] = {}
_CHANGES: list[dict[str, Any]] = []


def set_quota(document: Any) -> dict[str, Any]:
    """Reads the body of POST /_emulator/quotas: service, code, value and region, this account's from now on."""
    if not isinstance(document, dict) or (document.get("service"), document.get("code")) not in _QUOTAS:
        known = ", ".join(" ".join(key) for key in _QUOTAS)
        raise InvalidQuota(f"service and code must name a quota: {known}")
    if not isinstance(document.get("region"), str):
        raise InvalidQuota("region must be a string")
    if not isinstance(document.get("value"), (int, float)) or document["value"] < 0:
        raise InvalidQuota("value must be a number, at least 0")
    _APPLIED[document["region"], document["service"], document["code"]] = float(document["value"])
    return document


#: By Service, Resource, Type and Class of a metric of AWS/Usage
#: (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html).
_USAGE: dict[tuple[str, ...], tuple[str, str]] = {
    ("Fargate", "vCPU", "Resource", "Standard/OnDemand"): ("fargate", "L-3032A538"),
    ("Fargate", "vCPU", "Resource", "Standard/Spot"): ("fargate", "L-36FBB829"),
    ("Lambda", "ConcurrentExecutions", "Resource", "None"): ("lambda", "L-B99A9384"),
}


def usage_quota(region: str, dimensions: dict[str, str]) -> float | None:
    """The applied value of the quota that a metric of AWS/Usage counts against; None where it is not known here."""
    key = _USAGE.get(tuple(dimensions.get(name, "") for name in ("Service", "Resource", "Type", "Class")))
    if key is None:
        return None
    quota = _QUOTAS[key]
    own = quota.default if quota.applied is None else quota.applied
    return _APPLIED.get((region, *key), own)


def _quota(call: Call) -> Quota:
    service, code = call.params["ServiceCode"], call.params["QuotaCode"]
    if not any(known == service for known, _ in _QUOTAS):
        raise ApiError(
            "NoSuchResourceException",
            "This service is not available in the current Region. Choose a different Region or a different service.",
        )
    quota = _QUOTAS.get((service, code))
    if quota is None:
        raise ApiError("NoSuchResourceException", "The request failed because the specified quota code does not exist.")
    return quota


def _applied(call: Call, quota: Quota) -> float:
    own = quota.default if quota.applied is None else quota.applied
    return _APPLIED.get((call.region, quota.service, quota.code), own)


def _document(call: Call, quota: Quota, value: float) -> dict[str, Any]:
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service_name,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account_id}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }


@implements("service-quotas", "GetServiceQuota")
def get_quota(call: Call) -> dict[str, Any]:
    quota = _quota(call)
    return {"Quota": _document(call, quota, _applied(call, quota))}


@implements("service-quotas", "GetAWSDefaultServiceQuota")
def get_default_quota(call: Call) -> dict[str, Any]:
    quota = _quota(call)
    return {"Quota": _document(call, quota, quota.default)}


@implements("service-quotas", "ListServiceQuotas", "ListAWSDefaultServiceQuotas")
def list_quotas(call: Call) -> dict[str, Any]:
    own = call.operation == "ListServiceQuotas"
    return {
        "Quotas": [
            _document(call, quota, _applied(call, quota) if own else quota.default)
            for quota in _QUOTAS.values()
            if quota.service == call.params["ServiceCode"] and call.params.get("QuotaCode") in (None, quota.code)
        ]
    }


@implements("service-quotas", "RequestServiceQuotaIncrease")
def request_increase(call: Call) -> dict[str, Any]:
    quota = _quota(call)
    value = call.params["DesiredValue"]
    if value <= _applied(call, quota):
        message = f"You must provide a quota value greater than {_applied(call, quota):g}."
        raise ApiError("IllegalArgumentException", message)
    _APPLIED[call.region, quota.service, quota.code] = value
    now = datetime.now(timezone.utc)
    document = _document(call, quota, value)
    change = {
        "Id": uuid.uuid4().hex,
        **{n: document[n] for n in ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn", "GlobalQuota")},
        "DesiredValue": value,
        "Status": "APPROVED",
        "Created": now,
        "LastUpdated": now,
    }
    _CHANGES.append(change)
    return {"RequestedQuota": change}


@implements("service-quotas", "ListRequestedServiceQuotaChangeHistory")
def list_changes(call: Call) -> dict[str, Any]:
    service = call.params.get("ServiceCode")
    return {"RequestedQuotas": [each for each in _CHANGES if service in (None, each["ServiceCode"])]}
