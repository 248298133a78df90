"""AWS X-Ray: sampling rules, groups and their tags.

Implements CreateSamplingRule, GetSamplingRules, UpdateSamplingRule, DeleteSamplingRule, CreateGroup, GetGroup, GetGroups,
UpdateGroup, DeleteGroup, ListTagsForResource, TagResource and UntagResource. The rule and the group that every account
has, both named Default, are not listed.

Reference: https://docs.aws.amazon.com/xray/latest/api/API_Operations.html
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from ..hooks import ApiError, Call, implements

#: Sampling rule records by region and name.
SAMPLING_RULES: dict[tuple[str, str], dict[str, Any]] = {}
#: Groups by region and name.
GROUPS: dict[tuple[str, str], dict[str, Any]] = {}
_TAGS: dict[str, list[dict[str, str]]] = {}

#: A JSON response carries no absent member, and the provider reads each of these.
_RULE_DEFAULTS: dict[str, Any] = {"Attributes": {}}
_INSIGHTS_DEFAULTS = {"InsightsEnabled": False, "NotificationsEnabled": False}


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message)


@implements("xray", "CreateSamplingRule")
def create_sampling_rule(call: Call) -> dict[str, Any]:
    rule = {**_RULE_DEFAULTS, **call.params["SamplingRule"]}
    key = (call.region, rule["RuleName"])
    if key in SAMPLING_RULES:
        raise _invalid("SamplingRule exists")
    rule["RuleARN"] = f"arn:aws:xray:{call.region}:{call.account_id}:sampling-rule/{rule['RuleName']}"
    now = datetime.now(timezone.utc)
    SAMPLING_RULES[key] = {"SamplingRule": rule, "CreatedAt": now, "ModifiedAt": now}
    _TAGS[rule["RuleARN"]] = list(call.params.get("Tags", []))
    return {"SamplingRuleRecord": SAMPLING_RULES[key]}


@implements("xray", "GetSamplingRules")
def get_sampling_rules(call: Call) -> dict[str, Any]:
    return {"SamplingRuleRecords": [record for (region, _), record in SAMPLING_RULES.items() if region == call.region]}


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
    del SAMPLING_RULES[(call.region, rule["RuleName"])]
    _TAGS.pop(rule["RuleARN"], None)
    return {"SamplingRuleRecord": record}


def _rule(call: Call, members: dict[str, Any]) -> dict[str, Any]:
    for (region, name), record in SAMPLING_RULES.items():
        named = name == members.get("RuleName") or record["SamplingRule"]["RuleARN"] == members.get("RuleARN")
        if region == call.region and named:
            return record
    raise _invalid("Sampling rule does not exist.")


@implements("xray", "CreateGroup")
def create_group(call: Call) -> dict[str, Any]:
    name = call.params["GroupName"]
    if (call.region, name) in GROUPS:
        raise _invalid("Group already exists")
    group = {
        "GroupName": name,
        "GroupARN": f"arn:aws:xray:{call.region}:{call.account_id}:group/{name}/{uuid4().hex.upper()}",
        "FilterExpression": call.params.get("FilterExpression", ""),
        "InsightsConfiguration": {**_INSIGHTS_DEFAULTS, **call.params.get("InsightsConfiguration", {})},
    }
    GROUPS[(call.region, name)] = group
    _TAGS[group["GroupARN"]] = list(call.params.get("Tags", []))
    return {"Group": group}


@implements("xray", "GetGroup")
def get_group(call: Call) -> dict[str, Any]:
    return {"Group": _group(call)}


@implements("xray", "GetGroups")
def get_groups(call: Call) -> dict[str, Any]:
    return {"Groups": [group for (region, _), group in GROUPS.items() if region == call.region]}


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
    del GROUPS[(call.region, group["GroupName"])]
    _TAGS.pop(group["GroupARN"], None)
    return {}


def _group(call: Call) -> dict[str, Any]:
    for (region, name), group in GROUPS.items():
        named = name == call.params.get("GroupName") or group["GroupARN"] == call.params.get("GroupARN")
        if region == call.region and named:
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
