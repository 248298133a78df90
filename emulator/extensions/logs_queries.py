"""Amazon CloudWatch Logs: saved queries and data protection.

Implements PutQueryDefinition, DescribeQueryDefinitions, DeleteQueryDefinition, PutDataProtectionPolicy,
GetDataProtectionPolicy and DeleteDataProtectionPolicy. Not modelled: events are not masked.

Reference: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html,
API_PutDataProtectionPolicy.html (30,720 characters, two statements: Audit, then Deidentify, with the same data
identifiers); https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html (1,000 saved queries,
50 log groups of a query); mask-sensitive-log-data.html (Standard log class only)
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from moto.logs.models import LogGroup, LogsBackend

from ..hooks import ApiError, Call, Found, implements, lists
from ..resource_policy import as_list

_MOST_QUERIES, _MOST_GROUPS_OF_A_QUERY = 1000, 50
_LONGEST_POLICY = 30_720

#: By id.
_Queries = dict[str, dict[str, Any]]


def _queries(backend: LogsBackend) -> _Queries:
    found: _Queries = backend.__dict__.setdefault("query_definitions", {})
    return found


@implements("logs", "PutQueryDefinition")
def put_query_definition(call: Call) -> dict[str, Any]:
    queries, params = _queries(call.backend()), call.params
    id_ = params.get("queryDefinitionId")
    if id_ is not None and id_ not in queries:
        raise ApiError("ResourceNotFoundException", f"The query definition {id_} does not exist.")
    for existing in queries.values():
        if id_ is None and "clientToken" in params and existing["clientToken"] == params["clientToken"]:
            return {"queryDefinitionId": existing["queryDefinitionId"]}
    if id_ is None and len(queries) >= _MOST_QUERIES:
        raise ApiError("LimitExceededException", f"There are {_MOST_QUERIES} query definitions already.")
    groups = params.get("logGroupNames", [])
    if len(groups) > _MOST_GROUPS_OF_A_QUERY:
        message = f"{len(groups)} log groups are given, at most {_MOST_GROUPS_OF_A_QUERY} are allowed."
        raise ApiError("InvalidParameterException", message)
    id_ = id_ or str(uuid.uuid4())
    queries[id_] = {
        "queryLanguage": params.get("queryLanguage", "CWLI"),
        "queryDefinitionId": id_,
        "name": params["name"],
        "queryString": params["queryString"],
        "lastModified": int(time.time() * 1000),
        "logGroupNames": groups,
        "parameters": params.get("parameters", []),
        "clientToken": params.get("clientToken"),
    }
    return {"queryDefinitionId": id_}


@implements("logs", "DescribeQueryDefinitions")
def describe_query_definitions(call: Call) -> dict[str, Any]:
    prefix, language = call.params.get("queryDefinitionNamePrefix", ""), call.params.get("queryLanguage")
    found = [
        {name: value for name, value in query.items() if name != "clientToken" and value != []}
        for query in _queries(call.backend()).values()
        if query["name"].startswith(prefix) and language in (None, query["queryLanguage"])
    ]
    first, most = int(call.params.get("nextToken", 0)), call.params.get("maxResults", 1000)
    more = {"nextToken": str(first + most)} if len(found) > first + most else {}
    return {"queryDefinitions": found[first : first + most], **more}


@implements("logs", "DeleteQueryDefinition")
def delete_query_definition(call: Call) -> dict[str, Any]:
    id_ = call.params["queryDefinitionId"]
    if _queries(call.backend()).pop(id_, None) is None:
        raise ApiError("ResourceNotFoundException", f"The query definition {id_} does not exist.")
    return {"success": True}


def _group(call: Call) -> Any:
    identifier = call.params["logGroupIdentifier"]
    name = identifier.split(":log-group:")[-1].removesuffix(":*")
    group = call.backend().groups.get(name)
    if group is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


@implements("logs", "PutDataProtectionPolicy")
def put_data_protection_policy(call: Call) -> dict[str, Any]:
    group, text = _group(call), call.params["policyDocument"]
    problem = _problem_of_policy(text)
    if problem is None and group.log_group_class != "STANDARD":
        problem = "data protection is supported for log groups of the Standard class only"
    if problem is not None:
        raise ApiError("InvalidParameterException", f"Invalid data protection policy: {problem}")
    group.data_protection_policy = {"policyDocument": text, "lastUpdatedTime": int(time.time() * 1000)}
    return {"logGroupIdentifier": call.params["logGroupIdentifier"], **group.data_protection_policy}


def _problem_of_policy(text: str) -> str | None:
    if len(text) > _LONGEST_POLICY:
        return f"it has {len(text)} characters, at most {_LONGEST_POLICY} are allowed"
    try:
        document = json.loads(text)
    except ValueError as problem:
        return f"it is not JSON: {problem}"
    if not isinstance(document, dict) or document.get("Version") != "2021-06-01":
        return "Version must be 2021-06-01"
    if not isinstance(document.get("Name"), str):
        return "Name must be given"
    statements = document.get("Statement")
    if not isinstance(statements, list) or len(statements) != 2:
        return "it must have two statements"
    operations = [statement.get("Operation", {}) for statement in statements]
    if not isinstance(operations[0].get("Audit", {}).get("FindingsDestination"), dict):
        return "the first statement must have Operation Audit with a FindingsDestination"
    if operations[1].get("Deidentify") != {"MaskConfig": {}}:
        return "the second statement must have Operation Deidentify with an empty MaskConfig"
    identifiers = [sorted(as_list(statement.get("DataIdentifier", []))) for statement in statements]
    if not identifiers[0] or identifiers[0] != identifiers[1]:
        return "both statements must have the same DataIdentifier"
    return None


@implements("logs", "GetDataProtectionPolicy")
def get_data_protection_policy(call: Call) -> dict[str, Any]:
    policy = _group(call).data_protection_policy or {}
    return {"logGroupIdentifier": call.params["logGroupIdentifier"], **policy}


@implements("logs", "DeleteDataProtectionPolicy")
def delete_data_protection_policy(call: Call) -> dict[str, Any]:
    _group(call).data_protection_policy = None
    return {}


LogGroup.data_protection_policy = None  # type: ignore[attr-defined]


@lists("logs")
def list_resources(backend: Any) -> Iterator[Found]:
    for id_, query in _queries(backend).items():
        arn = f"arn:aws:logs:{backend.region_name}:{backend.account_id}:query-definition:{id_}"
        yield "aws_cloudwatch_query_definition", arn, query["name"]
    for name, group in backend.groups.items():
        if group.data_protection_policy is not None:
            yield "aws_cloudwatch_log_data_protection_policy", name, name
