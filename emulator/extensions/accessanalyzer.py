"""IAM Access Analyzer: analyzers of an account, one of each kind in a region. moto does not have the service.

Implements Create, Get, List, Update and DeleteAnalyzer, ListTagsForResource, TagResource, UntagResource. There are no
findings.

Reference: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html;
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html (one analyzer of external access, one of
unused access, of an account and region)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from ..hooks import ApiError, Call, Found, implements, lists


def _analyzers(backend: Any) -> dict[str, dict[str, Any]]:
    """By name; they are kept with Security Hub's state of the region."""
    found: dict[str, dict[str, Any]] = backend.__dict__.setdefault("analyzers", {})
    return found


def _here(call: Call) -> dict[str, dict[str, Any]]:
    return _analyzers(call.backend("securityhub"))


def _one(call: Call, name: str) -> dict[str, Any]:
    found = _here(call).get(name)
    if found is None:
        raise ApiError("ResourceNotFoundException", f"Analyzer not found: {name}")
    return found


@implements("accessanalyzer", "CreateAnalyzer")
def create(call: Call) -> dict[str, Any]:
    name, kind = call.params["analyzerName"], call.params["type"]
    if name in _here(call):
        raise ApiError("ConflictException", f"Analyzer already exists: {name}")
    if any(other["type"] == kind for other in _here(call).values()):
        raise ApiError("ServiceQuotaExceededException", f"The limit of 1 analyzer of type {kind} is reached.")
    arn = f"arn:aws:access-analyzer:{call.region}:{call.account_id}:analyzer/{name}"
    _here(call)[name] = {
        "arn": arn,
        "name": name,
        "type": kind,
        "createdAt": datetime.now(timezone.utc),
        "status": "ACTIVE",
        "tags": call.params.get("tags", {}),
        **({"configuration": call.params["configuration"]} if "configuration" in call.params else {}),
    }
    return {"arn": arn}


@implements("accessanalyzer", "GetAnalyzer")
def get(call: Call) -> dict[str, Any]:
    return {"analyzer": _one(call, call.params["analyzerName"])}


@implements("accessanalyzer", "ListAnalyzers")
def list_analyzers(call: Call) -> dict[str, Any]:
    kind = call.params.get("type")
    return {"analyzers": [one for one in _here(call).values() if kind in (None, one["type"])]}


@implements("accessanalyzer", "UpdateAnalyzer")
def update(call: Call) -> dict[str, Any]:
    found = _one(call, call.params["analyzerName"])
    found["configuration"] = call.params["configuration"]
    return {"configuration": found["configuration"]}


@implements("accessanalyzer", "DeleteAnalyzer")
def delete(call: Call) -> dict[str, Any]:
    _one(call, call.params["analyzerName"])
    del _here(call)[call.params["analyzerName"]]
    return {}


def _tags(call: Call) -> dict[str, str]:
    tags: dict[str, str] = _one(call, call.params["resourceArn"].rsplit("/", 1)[-1])["tags"]
    return tags


@implements("accessanalyzer", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    return {"tags": _tags(call)}


@implements("accessanalyzer", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    _tags(call).update(call.params["tags"])
    return {}


@implements("accessanalyzer", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    for key in call.params["tagKeys"]:
        _tags(call).pop(key, None)
    return {}


@lists("securityhub")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in _analyzers(backend):
        yield "aws_accessanalyzer_analyzer", name, name
