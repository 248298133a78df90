"""Amazon GuardDuty: one detector of a region, its tags and its features.

Corrects CreateDetector (a second one is refused), GetDetector and UpdateDetector (features keep what they were set to;
those that AWS enables by itself are there). Implements ListTagsForResource, TagResource, UntagResource. There are no
findings; an event of one is sent with events.PutEvents.

Reference: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html,
API_DetectorFeatureConfiguration.html, API_DetectorFeatureConfigurationResult.html;
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

#: Part of the service itself; nobody switches them.
_FOUNDATIONAL = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS")
#: What a new detector has without being asked.
_BY_DEFAULT = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
)
_OPTIONAL = ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")


def _detector(call: Call, detector_id: str) -> Any:
    found = call.backend().detectors.get(detector_id)
    if found is None:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise ApiError("BadRequestException", message)
    return found


@prepares("guardduty", "CreateDetector")
def check_only_one(call: Call) -> None:
    if call.backend().detectors:
        message = "The request is rejected because a detector already exists for the current account."
        raise ApiError("BadRequestException", message)


@amends("guardduty", "CreateDetector")
def set_features(call: Call, response: dict[str, Any]) -> None:
    detector = _detector(call, response["DetectorId"])
    detector.features_by_name = {name: {"Name": name, "Status": "ENABLED"} for name in (*_FOUNDATIONAL, *_BY_DEFAULT)}
    detector.features_by_name |= {name: {"Name": name, "Status": "DISABLED"} for name in _OPTIONAL}
    _apply(detector, call.params)


def _apply(detector: Any, params: dict[str, Any]) -> None:
    sources = params.get("DataSources", {})
    if "S3Logs" in sources:
        _set(detector, "S3_DATA_EVENTS", {"Status": "ENABLED" if sources["S3Logs"]["Enable"] else "DISABLED"})
    for feature in params.get("Features", []):
        if feature["Name"] in _FOUNDATIONAL or feature["Name"] not in detector.features_by_name:
            message = f"The request is rejected because feature {feature['Name']} cannot be configured."
            raise ApiError("BadRequestException", message)
        _set(detector, feature["Name"], feature)


def _set(detector: Any, name: str, feature: dict[str, Any]) -> None:
    detector.features_by_name[name] = {**detector.features_by_name[name], **feature}


@implements("guardduty", "UpdateDetector")
def update_detector(call: Call) -> dict[str, Any]:
    detector = _detector(call, call.params["DetectorId"])
    _apply(detector, call.params)
    detector.enabled = call.params.get("Enable", detector.enabled)
    frequency = call.params.get("FindingPublishingFrequency")
    detector.finding_publish_freq = frequency or detector.finding_publish_freq
    return {}


@amends("guardduty", "GetDetector")
def add_features(call: Call, response: dict[str, Any]) -> None:
    features = _detector(call, call.params["DetectorId"]).features_by_name
    response["Features"] = list(features.values())
    response["DataSources"]["S3Logs"] = {"Status": features["S3_DATA_EVENTS"]["Status"]}
    response["DataSources"]["Kubernetes"] = {"AuditLogs": {"Status": features["EKS_AUDIT_LOGS"]["Status"]}}
    malware = features["EBS_MALWARE_PROTECTION"]["Status"]
    response["DataSources"]["MalwareProtection"] = {
        "ScanEc2InstanceWithFindings": {"EbsVolumes": {"Status": malware}},
        "ServiceRole": "",
    }
    for source in ("CloudTrail", "DNSLogs", "FlowLogs"):
        response["DataSources"][source] = {"Status": "ENABLED"}


def _tags(call: Call) -> dict[str, str]:
    _, detector_id = call.params["ResourceArn"].split("/")[:2]
    tags: dict[str, str] = _detector(call, detector_id).tags
    return tags


@implements("guardduty", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": _tags(call)}


@implements("guardduty", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    _tags(call).update(call.params["Tags"])
    return {}


@implements("guardduty", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    for key in call.params["TagKeys"]:
        _tags(call).pop(key, None)
    return {}


@lists("guardduty")
def list_resources(backend: Any) -> Iterator[Found]:
    for detector_id in backend.detectors:
        yield "aws_guardduty_detector", detector_id, "GuardDuty"
