"""AWS Config: a recorder that can be changed, a channel whose bucket admits it, conformance packs.

Corrects PutConfigurationRecorder (an update carries empty members, as Terraform sends it; the recording mode is kept),
PutDeliveryChannel (the bucket exists, admits Config, and locks no object by default). Implements PutConformancePack,
DescribeConformancePacks, DescribeConformancePackStatus and DeleteConformancePack: the template is read, its managed
rules and their parameters compared with AWS's list, and its rules made. Nothing is recorded or evaluated.

Reference: https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html,
https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html,
manage-delivery-channel.html ("does not support the delivery channel to an Amazon S3 bucket where object lock is enabled
with default retention enabled"), configlimits.html (130 rules of a conformance pack, 50 packs of an account)
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import yaml  # type: ignore[import-untyped]
from moto.config.models import MANAGED_RULES_CONSTRAINTS
from moto.core.exceptions import JsonRESTError

from ..hooks import ApiError, Call, Found, amends, implements, lists, moto_backends, prepares
from ..resource_policy import Access, admits

_PRINCIPAL = "config.amazonaws.com"
_MOST_PACKS, _MOST_RULES = 50, 130
_RESOURCE_TYPES = ("AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration")


@implements("config", "PutConfigurationRecorder")
def put_recorder(call: Call) -> dict[str, Any]:
    recorder = dict(call.params["ConfigurationRecorder"])
    group = dict(recorder.get("recordingGroup", {}))
    if not group.get("exclusionByResourceTypes", {}).get("resourceTypes"):
        group.pop("exclusionByResourceTypes", None)
    if group:
        recorder["recordingGroup"] = group
    backend = call.backend()
    try:
        backend.put_configuration_recorder(recorder)
    except JsonRESTError as problem:
        raise ApiError(problem.error_type, problem.message) from problem
    backend.recorders[recorder["name"]].mode = recorder.get("recordingMode")
    return {}


@amends("config", "DescribeConfigurationRecorders")
def add_mode(call: Call, response: dict[str, Any]) -> None:
    for recorder in response["ConfigurationRecorders"]:
        mode = getattr(call.backend().recorders[recorder["name"]], "mode", None)
        recorder.pop("mode", None)
        recorder["recordingMode"] = mode or {"recordingFrequency": "CONTINUOUS"}


@prepares("config", "PutDeliveryChannel")
def check_channel(call: Call) -> None:
    channel = call.params["DeliveryChannel"]
    name = channel["s3BucketName"]
    bucket = moto_backends("s3")[call.account_id]["aws"].buckets.get(name)
    if bucket is None:
        raise ApiError("NoSuchBucketException", f"Cannot find a S3 bucket with the specified name '{name}'.")
    prefix = channel.get("s3KeyPrefix")
    folder = f"{prefix}/" if prefix else ""
    policy = bucket.policy.decode() if isinstance(bucket.policy, bytes) else bucket.policy
    arn, context = f"arn:aws:s3:::{name}", {"aws:SourceAccount": call.account_id}
    check_file = f"{arn}/{folder}AWSLogs/{call.account_id}/Config/ConfigWritabilityCheckFile"
    written = {**context, "s3:x-amz-acl": "bucket-owner-full-control"}
    accesses = (
        Access(_PRINCIPAL, "s3:GetBucketAcl", arn, context),
        Access(_PRINCIPAL, "s3:ListBucket", arn, context),
        Access(_PRINCIPAL, "s3:PutObject", check_file, written),
    )
    locked = getattr(bucket, "object_lock_enabled", False) and getattr(bucket, "default_lock_mode", "")
    if locked or not all(admits(policy, access) for access in accesses):
        raise ApiError(
            "InsufficientDeliveryPolicyException",
            f"Insufficient delivery policy to s3 bucket: {name}, unable to write to bucket, provided s3 key prefix is "
            f"'{prefix or 'null'}', provided kms key is '{channel.get('s3KmsKeyArn', 'null')}'.",
        )


def _packs(backend: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = backend.__dict__.setdefault("conformance_packs", {})
    return found


def _invalid_template(*errors: str) -> ApiError:
    message = (
        f"Invalid conformance pack template provided. Errors found: [{', '.join(errors)}]. "
        "Fix your template and try again."
    )
    return ApiError("ConformancePackTemplateValidationException", message)


def _rules_of(template: str) -> dict[str, dict[str, Any]]:
    """The properties of each rule, by its logical id."""
    try:
        resources = yaml.safe_load(template)["Resources"]
        items = [(logical, resource["Type"], resource["Properties"]) for logical, resource in resources.items()]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as problem:
        raise _invalid_template(f"the template cannot be read: {problem}") from problem
    if len(items) > _MOST_RULES:
        raise _invalid_template("Number of resources provided in the template exceeds the allowed limit")
    other = sorted({type_ for _, type_, _ in items} - set(_RESOURCE_TYPES))
    if other:
        raise _invalid_template(f"Unsupported resource types: {', '.join(other)}")
    return {logical: properties for logical, type_, properties in items if type_ == _RESOURCE_TYPES[0]}


@implements("config", "PutConformancePack")
def put_pack(call: Call) -> dict[str, Any]:
    backend, name = call.backend(), call.params["ConformancePackName"]
    packs = _packs(backend)
    if not backend.recorders:
        raise ApiError("NoAvailableConfigurationRecorderException", "There is no configuration recorder available.")
    if name not in packs and len(packs) >= _MOST_PACKS:
        message = f"Failed to put conformance pack '{name}': the maximum number of conformance packs: {_MOST_PACKS}."
        raise ApiError("MaxNumberOfConformancePacksExceededException", message)
    rules = _rules_of(call.params.get("TemplateBody", ""))
    pack = packs.get(name) or {"ConformancePackId": f"conformance-pack-{uuid.uuid4().hex[:9]}"}
    pack["ConformancePackName"] = name
    suffix = pack["ConformancePackId"]
    pack["ConformancePackArn"] = f"arn:aws:config:{call.region}:{call.account_id}:conformance-pack/{name}/{suffix}"
    for member in ("DeliveryS3Bucket", "DeliveryS3KeyPrefix", "ConformancePackInputParameters"):
        pack[member] = call.params.get(member, [] if member.endswith("Parameters") else "")
    packs[name] = pack
    _remove_rules(backend, suffix)
    pack["Status"], pack["Reason"] = "CREATE_COMPLETE", None
    for logical, properties in rules.items():
        problem = _make_rule(backend, logical, properties, suffix)
        if problem is not None:
            pack["Status"], pack["Reason"] = "CREATE_FAILED", problem
            _remove_rules(backend, suffix)
            break
    return {"ConformancePackArn": pack["ConformancePackArn"]}


def _make_rule(backend: Any, logical: str, properties: dict[str, Any], suffix: str) -> str | None:
    """Why it cannot be made. The numbers of a template become strings, as CloudFormation makes them."""
    rule = dict(properties)
    parameters = {key: str(value) for key, value in rule.get("InputParameters", {}).items()}
    identifier = rule.get("Source", {}).get("SourceIdentifier", "")
    if rule.get("Source", {}).get("Owner") == "AWS" and identifier not in MANAGED_RULES_CONSTRAINTS:
        return f"{logical}: The sourceIdentifier {identifier} is invalid."
    rule["ConfigRuleName"] = f"{rule.get('ConfigRuleName', logical)}-{suffix}"
    if parameters:
        rule["InputParameters"] = json.dumps(parameters)
    try:
        backend.put_config_rule(rule)
    except JsonRESTError as problem:
        return f"{logical}: {problem.message}"
    backend.config_rules[rule["ConfigRuleName"]].created_by = "config-conforms.amazonaws.com"
    return None


def _remove_rules(backend: Any, suffix: str) -> None:
    for name in [name for name in backend.config_rules if name.endswith(suffix)]:
        del backend.config_rules[name]


def _named(call: Call) -> list[dict[str, Any]]:
    packs = _packs(call.backend())
    names = call.params.get("ConformancePackNames") or list(packs)
    missing = [name for name in names if name not in packs]
    if missing:
        raise _no_such_pack(missing[0])
    return [packs[name] for name in names]


def _no_such_pack(name: str) -> ApiError:
    message = f"Cannot find the specified conformance pack '{name}'."
    return ApiError("NoSuchConformancePackException", message)


@implements("config", "DescribeConformancePacks")
def describe_packs(call: Call) -> dict[str, Any]:
    hidden = ("Status", "Reason")
    return {
        "ConformancePackDetails": [
            {member: value for member, value in pack.items() if member not in hidden and value != ""}
            for pack in _named(call)
        ]
    }


@implements("config", "DescribeConformancePackStatus")
def describe_status(call: Call) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    return {
        "ConformancePackStatusDetails": [
            {
                **{f"ConformancePack{part}": pack[f"ConformancePack{part}"] for part in ("Name", "Id", "Arn")},
                "ConformancePackState": pack["Status"],
                **({"ConformancePackStatusReason": pack["Reason"]} if pack["Reason"] else {}),
                "StackArn": f"arn:aws:cloudformation:{call.region}:{call.account_id}:stack/awsconfigconforms/1",
                "LastUpdateRequestedTime": now,
                "LastUpdateCompletedTime": now,
            }
            for name, pack in _packs(call.backend()).items()
            # One that does not exist is left out, which ends the wait for its deletion.
            if name in call.params.get("ConformancePackNames", [name])
        ]
    }


@implements("config", "DeleteConformancePack")
def delete_pack(call: Call) -> dict[str, Any]:
    name = call.params["ConformancePackName"]
    pack = _packs(call.backend()).pop(name, None)
    if pack is None:
        raise _no_such_pack(name)
    _remove_rules(call.backend(), pack["ConformancePackId"])
    return {}


@lists("config")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.recorders:
        yield "aws_config_configuration_recorder", name, name
    for name in backend.delivery_channels:
        yield "aws_config_delivery_channel", name, name
    if backend.retention_configuration:
        name = backend.retention_configuration.name
        yield "aws_config_retention_configuration", name, name
    for name in _packs(backend):
        yield "aws_config_conformance_pack", name, name
    for name, rule in backend.config_rules.items():
        if rule.created_by is None:
            yield "aws_config_config_rule", name, name
