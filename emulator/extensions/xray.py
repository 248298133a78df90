"""AWS X-Ray: sampling rules, groups and their tags.

Implements CreateSamplingRule, GetSamplingRules, UpdateSamplingRule, DeleteSamplingRule, CreateGroup, GetGroup,
GetGroups, UpdateGroup, DeleteGroup, ListTagsForResource, TagResource and UntagResource. The rule and the group that
every account has, both named Default, are not listed.

Reference: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from ..hooks import ApiError, Call, Found, implements, lists

_TAGS: dict[str, list[dict[str, str]]] = {}

#: A JSON response carries no absent member, and the provider reads each of these.
_RULE_DEFAULTS: dict[str, Any] = {"Attributes": {}}
_INSIGHTS_DEFAULTS = {"InsightsEnabled": False, "NotificationsEnabled": False}


def sampling_rules(backend: Any) -> dict[str, dict[str, Any]]:
    """Records by rule name, of moto's backend of one account and region."""
    rules: dict[str, dict[str, Any]] = vars(backend).setdefault("sampling_rules", {})
    return rules


def groups(backend: Any) -> dict[str, dict[str, Any]]:
    """Groups by name, of moto's backend of one account and region."""
    named: dict[str, dict[str, Any]] = vars(backend).setdefault("groups", {})
    return named


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


@implements("xray", "CreateSamplingRule")
def create_sampling_rule(call: Call) -> dict[str, Any]:
    rule = {**_RULE_DEFAULTS, **call.params["SamplingRule"]}
    rules = sampling_rules(call.backend())
    name = rule["RuleName"]
    if name in rules:
        raise _invalid("SamplingRule exists")
    rule["RuleARN"] = f"arn:aws:xray:{call.region}:{call.account_id}:sampling-rule/{name}"
    now = datetime.now(timezone.utc)
    rules[name] = {"SamplingRule": rule, "CreatedAt": now, "ModifiedAt": now}
    _TAGS[rule["RuleARN"]] = list(call.params.get("Tags", []))
    return {"SamplingRuleRecord": rules[name]}


@implements("xray", "GetSamplingRules")
def get_sampling_rules(call: Call) -> dict[str, Any]:
    return {"SamplingRuleRecords": list(sampling_rules(call.backend()).values())}


@implements("xray", "UpdateSamplingRule")
def update_sampling_rule(call: Call) -> dict[str, Any]:
    update = call.params["SamplingRuleUpdate"]
    record = _rule(call, update)
    record["SamplingRule"].update({name: value for name, value in update.items() if name != "RuleARN"})
    record["ModifiedAt"] = datetime.now(timezone.utc)
    return {"SamplingRuleRecord": record}


@implements("xray", "DeleteSamplingRule")
def delete_sampling_rule(call: Call) -> dict[str, Any]:
    record = _rule(call, call.params)
    rule = record["SamplingRule"]
    del sampling_rules(call.backend())[rule["RuleName"]]
    _TAGS.pop(rule["RuleARN"], None)
    return {"SamplingRuleRecord": record}


def _rule(call: Call, members: dict[str, Any]) -> dict[str, Any]:
    for name, record in sampling_rules(call.backend()).items():
        if name == members.get("RuleName") or record["SamplingRule"]["RuleARN"] == members.get("RuleARN"):
            return record
    raise _invalid("Sampling rule does not exist.")


@implements("xray", "CreateGroup")
def create_group(call: Call) -> dict[str, Any]:
    name = call.params["GroupName"]
    if name in groups(call.backend()):
        raise _invalid("Group already exists")
    group = {
        "GroupName": name,
        "GroupARN": f"arn:aws:xray:{call.region}:{call.account_id}:group/{name}/{uuid4().hex.upper()}",
        "FilterExpression": call.params.get("FilterExpression", ""),
        "InsightsConfiguration": {**_INSIGHTS_DEFAULTS, **call.params.get("InsightsConfiguration", {})},
    }
    groups(call.backend())[name] = group
    _TAGS[group["GroupARN"]] = list(call.params.get("Tags", []))
    return {"Group": group}


@implements("xray", "GetGroup")
def get_group(call: Call) -> dict[str, Any]:
    return {"Group": _group(call)}


@implements("xray", "GetGroups")
def get_groups(call: Call) -> dict[str, Any]:
    return {"Groups": list(groups(call.backend()).values())}


@implements("xray", "UpdateGroup")
def update_group(call: Call) -> dict[str, Any]:
    group = _group(call)
    if "FilterExpression" in call.params:
        group["FilterExpression"] = call.params["FilterExpression"]
    group["InsightsConfiguration"].update(call.params.get("InsightsConfiguration", {}))
    return {"Group": group}


@implements("xray", "DeleteGroup")
def delete_group(call: Call) -> dict[str, Any]:
    group = _group(call)
    del groups(call.backend())[group["GroupName"]]
    _TAGS.pop(group["GroupARN"], None)
    return {}


def _group(call: Call) -> dict[str, Any]:
    for name, group in groups(call.backend()).items():
        if name == call.params.get("GroupName") or group["GroupARN"] == call.params.get("GroupARN"):
            return group
    raise _invalid("Group not found")


@implements("xray", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    return {"Tags": _tags(call)}


@implements("xray", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    tags = _tags(call)
    new = call.params["Tags"]
    keys = {each["Key"] for each in new}
    tags[:] = [each for each in tags if each["Key"] not in keys] + list(new)
    return {}


@implements("xray", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    tags = _tags(call)
    tags[:] = [each for each in tags if each["Key"] not in call.params["TagKeys"]]
    return {}


def _tags(call: Call) -> list[dict[str, str]]:
    arn = call.params["ResourceARN"]
    if arn not in _TAGS:
        raise ApiError("ResourceNotFoundException", f"Resource not found: {arn}")
    return _TAGS[arn]


@lists("xray")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, group in groups(backend).items():
        yield "aws_xray_group", group["GroupARN"], name
    for name in sampling_rules(backend):
        yield "aws_xray_sampling_rule", name, name
