"""What an Elasticsearch 7.10 domain of AWS answers besides Elasticsearch's own operations, and which osmem has not.

Each operation names its reference page. They are strict: a field that they do not know is refused, as the domain does.
Nothing comes due here: policies are kept and attached, and no index is merged or deleted by them.
"""

from __future__ import annotations

import fnmatch
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from threading import RLock
from typing import Any
from urllib.parse import quote, unquote, urlencode

from .hooks import Response
from .osmem import Engine

#: Indices that AWS's automated snapshots are kept in.
_AUTOMATED = "cs-automated-enc"


@dataclass(frozen=True)
class Request:
    """One request to a domain; `path` is decoded."""

    method: str
    path: str
    query: dict[str, str]
    #: By lower-case name.
    headers: dict[str, str]
    body: bytes
    #: ARN of who signed it; None where nobody asks.
    principal: str | None = None

    def json(self) -> Any:
        """Raises Refused where the body is none."""
        try:
            return json.loads(self.body)
        except ValueError as problem:
            raise Refused(400, "json_parse_exception", str(problem)) from None


class Refused(Exception):
    """The domain's answer to what it does not do."""

    def __init__(self, status: int, kind: str, reason: str, document: Any = None) -> None:
        super().__init__(reason)
        cause = {"type": kind, "reason": reason}
        self.response = answer(status, document or {"error": {"root_cause": [cause], **cause}, "status": status})


def answer(status: int, document: Any) -> Response:
    """A response that is JSON."""
    return Response(status, [("Content-Type", "application/json; charset=UTF-8")], json.dumps(document).encode())


#: Whether the domain may use a bucket by a role that `principal` passes: raises Refused where not.
RepositoryCheck = Callable[[dict[str, Any], "str | None"], None]


@dataclass
class Domain:
    """What one domain holds."""

    engine: Engine = field(default_factory=Engine)
    check_repository: RepositoryCheck = lambda _settings, _principal: None
    #: By id: `_seq_no`, `_version` and the policy.
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: The policy of each index that has one.
    managed: dict[str, str] = field(default_factory=dict)
    repositories: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Kibana's, by type and id.
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)
    sequence: int = -1

    def indices(self, pattern: str = "*") -> dict[str, int]:
        """When each index whose name matches was created, epoch milliseconds."""
        settings = json.loads(self.engine.ask("GET", "/_all/_settings").body)
        created = {name: int(document["settings"]["index"]["creation_date"]) for name, document in settings.items()}
        patterns = pattern.split(",")
        return {name: at for name, at in created.items() if any(fnmatch.fnmatchcase(name, each) for each in patterns)}


_Operation = Callable[[Domain, Request, "dict[str, str]"], Response]
_OPERATIONS: list[tuple[str, re.Pattern[str], _Operation]] = []


def _operation(method: str, path: str) -> Callable[[_Operation], _Operation]:
    """`{name}` is one segment of the path."""
    expression = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

    def register(function: _Operation) -> _Operation:
        _OPERATIONS.append((method, expression, function))
        return function

    return register


def find(request: Request) -> Callable[[Domain], Response] | None:
    """What answers the request; None where it is not of those here."""
    for method, expression, function in _OPERATIONS:
        match = expression.fullmatch(request.path)
        if match and method == request.method:
            return lambda domain: function(domain, request, match.groupdict())
    return None


@_operation("GET", "/")
def describe(_domain: Domain, _request: Request, _names: dict[str, str]) -> Response:
    """https://www.elastic.co/guide/en/elasticsearch/reference/7.10/rest-api-root.html"""
    version = {
        "number": "7.10.2",
        "build_flavor": "oss",
        "build_type": "tar",
        "build_snapshot": False,
        "lucene_version": "8.7.0",
        "minimum_wire_compatibility_version": "6.8.0",
        "minimum_index_compatibility_version": "6.0.0-beta1",
    }
    return answer(200, {"name": "emulator", "version": version, "tagline": "You Know, for Search"})


# Index State Management. https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/policies/

_TIME = re.compile(r"\d+(nanos|micros|ms|s|m|h|d)")
_SIZE = re.compile(r"\d+(\.\d+)?(b|kb|mb|gb|tb|pb|k|m|g|t|p)", re.IGNORECASE)
#: Fields of each action; those with ! must be there. The last three are AWS's (Amazon OpenSearch Service Developer
#: Guide, "Index State Management", supported operations).
_ACTIONS: dict[str, tuple[str, ...]] = {
    "delete": (),
    "open": (),
    "close": (),
    "read_only": (),
    "read_write": (),
    "rollover": ("min_size", "min_doc_count", "min_index_age"),
    "replica_count": ("number_of_replicas!",),
    "force_merge": ("max_num_segments!",),
    "notification": ("destination!", "message_template!"),
    "snapshot": ("repository!", "snapshot!"),
    "index_priority": ("priority!",),
    "allocation": ("require", "include", "exclude", "wait_for"),
    "rollup": ("ism_rollup!",),
    "warm_migration": (),
    "cold_migration": ("timestamp_field!", "start_time", "end_time", "ignore"),
    "cold_delete": (),
}


def _illegal(reason: str) -> Refused:
    return Refused(400, "illegal_argument_exception", reason)


def _fields(document: Any, allowed: tuple[str, ...], what: str) -> dict[str, Any]:
    """The document, which has no other fields, and those with !."""
    if not isinstance(document, dict):
        raise Refused(
            400, "parsing_exception", f"Failed to parse object: expecting token of type [START_OBJECT] in {what}"
        )
    for name in document:
        if name not in {each.rstrip("!") for each in allowed}:
            raise _illegal(f"Invalid field: [{name}] found in {what}.")
    for name in allowed:
        if name.endswith("!") and document.get(name[:-1]) is None:
            raise _illegal(f"{name[:-1]} is null")
    return document


def _check_action(action: Any) -> None:
    fields = _fields(action, ("timeout", "retry", *_ACTIONS), "Action")
    names = [name for name in fields if name in _ACTIONS]
    if len(names) != 1:
        raise _illegal("ActionConfig inside state is null")
    settings = _fields(fields[names[0]], _ACTIONS[names[0]], f"{names[0]} action")
    if names[0] == "force_merge" and not (
        isinstance(settings["max_num_segments"], int) and settings["max_num_segments"] > 0
    ):
        raise _illegal("Force merge {max_num_segments} must be greater than 0")
    if "retry" in fields:
        retry = _fields(fields["retry"], ("count!", "backoff", "delay"), "ActionRetry")
        if retry["count"] <= 0:
            raise _illegal("Count for ActionRetry must be greater than 0")
        _check_time(retry.get("delay"), "delay")
    _check_time(fields.get("timeout"), "timeout")


def _check_time(value: Any, name: str) -> None:
    if value is not None and not (isinstance(value, str) and _TIME.fullmatch(value)):
        raise _illegal(
            f"failed to parse setting [{name}] with value [{value}] as a time value: unit is missing or unrecognized"
        )


def _check_transition(transition: Any) -> None:
    conditions = _fields(transition, ("state_name!", "conditions"), "Transition").get("conditions")
    if conditions is None:
        return
    _fields(conditions, ("min_index_age", "min_doc_count", "min_size", "cron"), "Conditions")
    if len(conditions) != 1:
        raise _illegal("Cannot provide more than one Transition condition")
    _check_time(conditions.get("min_index_age"), "min_index_age")
    size = conditions.get("min_size")
    if size is not None and not _SIZE.fullmatch(str(size)):
        raise _illegal(f"failed to parse setting [min_size] with value [{size}] as a size in bytes")


def _check_policy(policy: Any) -> dict[str, Any]:
    allowed = ("policy_id", "description!", "last_updated_time", "schema_version", "error_notification")
    fields = _fields(policy, (*allowed, "default_state!", "states!", "ism_template"), "Policy")
    states = [_fields(state, ("name!", "actions", "transitions"), "State") for state in fields["states"]]
    names = [state["name"] for state in states]
    for state in states:
        for action in state.get("actions", []):
            _check_action(action)
        for transition in state.get("transitions", []):
            _check_transition(transition)
            if transition["state_name"] not in names:
                raise _illegal(
                    f"Policy contains a transition in state={state['name']} pointing to a nonexistent "
                    f"state={transition['state_name']}"
                )
    if len(set(names)) != len(names):
        raise _illegal("Policy cannot have duplicate state names")
    if not names:
        raise _illegal("Policy must contain at least one State")
    if fields["default_state"] not in names:
        raise _illegal("Policy must have a valid default state")
    return fields


def _templates(policy: dict[str, Any]) -> list[dict[str, Any]]:
    given = policy.get("ism_template") or []
    templates = given if isinstance(given, list) else [given]
    return [_fields(each, ("index_patterns!", "priority", "last_updated_time"), "ISMTemplate") for each in templates]


@_operation("PUT", "/_opendistro/_ism/policies/{id}")
def put_policy(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """A policy that stands is changed with its if_seq_no and if_primary_term only.

    https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#create-policy
    """
    policy = _check_policy(_fields(request.json(), ("policy!",), "body")["policy"])
    id_ = names["id"]
    now = int(time.time() * 1000)
    templates = [{"priority": 0, **each, "last_updated_time": now} for each in _templates(policy)]
    with domain.lock:
        for each in templates:
            _refuse_overlap(domain, id_, each)
        stands = domain.policies.get(id_)
        given = (request.query.get("if_seq_no"), request.query.get("if_primary_term"))
        if stands and given == (None, None):
            reason = f"[{id_}]: version conflict, document already exists (current version [{stands['_version']}])"
            raise Refused(409, "version_conflict_engine_exception", reason)
        if given != (None, None) and (not stands or given != (str(stands["_seq_no"]), "1")):
            has = f"current document has seqNo [{stands['_seq_no']}] and primary term [1]" if stands else "no document"
            reason = f"[{id_}]: version conflict, required seqNo [{given[0]}], primary term [{given[1]}]. {has}"
            raise Refused(409, "version_conflict_engine_exception", reason)
        domain.sequence += 1
        stored = {
            "policy_id": id_,
            "schema_version": 1,
            "error_notification": None,
            **policy,
            "last_updated_time": now,
            "states": [{"actions": [], "transitions": [], **state} for state in policy["states"]],
            "ism_template": templates or None,
        }
        version = stands["_version"] + 1 if stands else 1
        domain.policies[id_] = {"_id": id_, "_version": version, "_seq_no": domain.sequence, "policy": stored}
    document = {**domain.policies[id_], "_primary_term": 1, "policy": {"policy": stored}}
    return answer(200 if stands else 201, document)


def _refuse_overlap(domain: Domain, id_: str, template: dict[str, Any]) -> None:
    for other, document in domain.policies.items():
        for each in document["policy"]["ism_template"] or []:
            shared = set(each["index_patterns"]) & set(template["index_patterns"])
            if other != id_ and each["priority"] == template["priority"] and shared:
                raise _illegal(
                    f"New policy {id_} has an ISM template with index pattern {template['index_patterns']} matching "
                    f"existing policy templates, please use a different priority than {template['priority']}"
                )


@_operation("GET", "/_opendistro/_ism/policies/{id}")
def get_policy(domain: Domain, _request: Request, names: dict[str, str]) -> Response:
    """https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#get-policy"""
    if names["id"] not in domain.policies:
        raise Refused(404, "status_exception", "Policy not found")
    return answer(200, {**domain.policies[names["id"]], "_primary_term": 1})


@_operation("DELETE", "/_opendistro/_ism/policies/{id}")
def delete_policy(domain: Domain, _request: Request, names: dict[str, str]) -> Response:
    """https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#delete-policy"""
    found = domain.policies.pop(names["id"], None)
    result = "deleted" if found else "not_found"
    return answer(200 if found else 404, {"_id": names["id"], "result": result})


def _managed(domain: Domain, created: dict[str, int]) -> dict[str, str | None]:
    """The policy of each index: an index takes the policy whose template was there before it and matches."""
    for index, at in created.items():
        if index in domain.managed:
            continue
        fitting = [
            (each["priority"], id_)
            for id_, document in domain.policies.items()
            for each in document["policy"]["ism_template"] or []
            if each["last_updated_time"] < at and any(fnmatch.fnmatchcase(index, p) for p in each["index_patterns"])
        ]
        if fitting:
            domain.managed[index] = max(fitting)[1]
    return {index: domain.managed.get(index) for index in created}


@_operation("GET", "/_opendistro/_ism/explain/{index}")
def explain(domain: Domain, _request: Request, names: dict[str, str]) -> Response:
    """https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#explain-index"""
    with domain.lock:
        managed = _managed(domain, domain.indices(names["index"]))
    document: dict[str, Any] = {}
    for index, policy in managed.items():
        document[index] = {"index.opendistro.index_state_management.policy_id": policy}
        if policy is not None:
            document[index] |= {"index": index, "policy_id": policy, "enabled": True}
    return answer(200, document)


@_operation("POST", "/_opendistro/_ism/add/{index}")
def add_policy(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#add-policy"""
    policy = _fields(request.json(), ("policy_id!",), "body")["policy_id"]
    reason = "This index already has a policy, use the update policy API to update index policies"
    return _attach(domain, names["index"], policy, lambda current: reason if current else None)


@_operation("POST", "/_opendistro/_ism/change_policy/{index}")
def change_policy(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """Managed indices take the policy's newest version at their next transition.

    https://opendistro.github.io/for-elasticsearch-docs/docs/im/ism/api/#update-managed-index-policy
    """
    policy = _fields(request.json(), ("policy_id!", "state", "include"), "body")["policy_id"]
    reason = "This index is not being managed"
    return _attach(domain, names["index"], policy, lambda current: None if current else reason)


def _attach(domain: Domain, pattern: str, policy: str, refuse: Callable[[str | None], str | None]) -> Response:
    with domain.lock:
        if policy not in domain.policies:
            raise Refused(404, "status_exception", f"Could not find policy={policy}")
        failed = []
        managed = _managed(domain, domain.indices(pattern))
        for index, current in managed.items():
            reason = refuse(current)
            if reason:
                failed.append({"index_name": index, "index_uuid": index, "reason": reason})
            else:
                domain.managed[index] = policy
    updated = len(managed) - len(failed)
    return answer(200, {"updated_indices": updated, "failures": bool(failed), "failed_indices": failed})


# Snapshot repositories. https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html


@_operation("PUT", "/_snapshot/{repository}")
def put_repository(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """Of type s3 only, by a role that the caller passes.

    managedomains-snapshot-registerdirectory.html; https://www.elastic.co/guide/en/elasticsearch/reference/7.10/put-snapshot-repo-api.html
    """
    name = names["repository"]
    if name.startswith("cs-"):
        raise Refused(403, "", "", {"Message": f"Your request: '/_snapshot/{name}' is not allowed."})
    body = _fields(request.json(), ("type!", "settings!"), "repository")
    if body["type"] != "s3":
        raise Refused(500, "repository_exception", f"[{name}] repository type [{body['type']}] does not exist")
    allowed = ("bucket!", "role_arn!", "region", "endpoint", "base_path", "server_side_encryption", "readonly")
    settings = _fields(body["settings"], allowed, "settings")
    if ("region" in settings) == ("endpoint" in settings):
        raise _illegal("one of region and endpoint is needed")
    domain.check_repository(settings, request.principal)
    # As Elasticsearch keeps settings.
    kept = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in settings.items()}
    domain.repositories[name] = {"type": "s3", "settings": kept}
    return answer(200, {"acknowledged": True})


@_operation("GET", "/_snapshot/{repository}")
def get_repository(domain: Domain, _request: Request, names: dict[str, str]) -> Response:
    """https://www.elastic.co/guide/en/elasticsearch/reference/7.10/get-snapshot-repo-api.html"""
    name = names["repository"]
    stored = {_AUTOMATED: {"type": "s3"}, **domain.repositories}
    if name not in stored:
        raise Refused(404, "repository_missing_exception", f"[{name}] missing")
    return answer(200, {name: stored[name]})


@_operation("DELETE", "/_snapshot/{repository}")
def delete_repository(domain: Domain, _request: Request, names: dict[str, str]) -> Response:
    """https://www.elastic.co/guide/en/elasticsearch/reference/7.10/delete-snapshot-repo-api.html"""
    if domain.repositories.pop(names["repository"], None) is None:
        raise Refused(404, "repository_missing_exception", f"[{names['repository']}] missing")
    return answer(200, {"acknowledged": True})


# Kibana 7.10. https://www.elastic.co/guide/en/kibana/7.10/saved-objects-api.html

_KIBANA = "/_plugin/kibana/api/saved_objects"
#: The newest migration and the attributes of each type, which Kibana maps strictly (elastic/kibana, 7.10: saved_objects
#: in src/plugins/{data,discover,visualizations,dashboard}/server).
_TYPES: dict[str, tuple[tuple[int, ...], str]] = {
    "index-pattern": ((7, 6, 0), "fieldFormatMap fields intervalName sourceFilters timeFieldName title type typeMeta"),
    "search": ((7, 9, 3), "columns description hits kibanaSavedObjectMeta sort title version"),
    "visualization": (
        (7, 10, 0),
        "description kibanaSavedObjectMeta savedSearchRefName title uiStateJSON version visState",
    ),
    "dashboard": (
        (7, 9, 3),
        "description hits kibanaSavedObjectMeta optionsJSON panelsJSON refreshInterval timeFrom timeRestore timeTo "
        "title version",
    ),
}


def _kibana_refusal(status: int, name: str, message: str) -> Refused:
    return Refused(status, "", "", {"statusCode": status, "error": name, "message": message})


def _need_xsrf(request: Request) -> None:
    if "kbn-xsrf" not in request.headers:
        raise _kibana_refusal(400, "Bad Request", "Request must contain a kbn-xsrf header.")


@_operation("POST", f"{_KIBANA}/_bulk_get")
def bulk_get(domain: Domain, request: Request, _names: dict[str, str]) -> Response:
    """https://www.elastic.co/guide/en/kibana/7.10/saved-objects-api-bulk-get.html"""
    _need_xsrf(request)
    found = []
    for each in request.json():
        key = (each["type"], each["id"])
        message = f"Saved object [{'/'.join(key)}] not found"
        missing = {"statusCode": 404, "error": "Not Found", "message": message}
        found.append(domain.objects.get(key) or {"id": each["id"], "type": each["type"], "error": missing})
    return answer(200, {"saved_objects": found})


@_operation("POST", f"{_KIBANA}/_import")
def import_objects(domain: Domain, request: Request, _names: dict[str, str]) -> Response:
    """All or none, as Kibana's conflicts are.

    https://www.elastic.co/guide/en/kibana/7.10/saved-objects-api-import.html
    """
    _need_xsrf(request)
    objects = list(_uploaded(request))
    given = {(each["type"], each["id"]) for each in objects}
    overwrite = request.query.get("overwrite") == "true"
    with domain.lock:
        errors = [
            {"type": each["type"], "id": each["id"], "title": each["attributes"].get("title"), "error": error}
            for each in objects
            for error in _import_errors(domain, each, given, overwrite)
        ]
        if not errors:
            for each in objects:
                names = ("id", "type", "attributes", "migrationVersion")
                kept: dict[str, Any] = {name: each[name] for name in names if name in each}
                domain.objects[each["type"], each["id"]] = {
                    **kept,
                    "references": each.get("references", []),
                    "updated_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
                    "version": "WzEsMV0=",
                    "namespaces": ["default"],
                }
    if errors:
        return answer(200, {"success": False, "successCount": 0, "errors": errors})
    return answer(200, {"success": True, "successCount": len(objects)})


@_operation("DELETE", f"{_KIBANA}/{{type}}/{{id}}")
def delete_object(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """https://www.elastic.co/guide/en/kibana/7.10/saved-objects-api-delete.html"""
    _need_xsrf(request)
    if domain.objects.pop((names["type"], names["id"]), None) is None:
        raise _kibana_refusal(404, "Not Found", f"Saved object [{names['type']}/{names['id']}] not found")
    return answer(200, {})


def _uploaded(request: Request) -> Iterator[dict[str, Any]]:
    """The objects of the file, without the line that counts them."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    files = [part for part in message.iter_parts() if part.get_param("name", header="content-disposition") == "file"]
    if not message.is_multipart() or len(files) != 1:
        raise _kibana_refusal(400, "Bad Request", "[request body.file]: expected value of type [Stream]")
    if not str(files[0].get_filename()).endswith(".ndjson"):
        raise _kibana_refusal(400, "Bad Request", f"Invalid file extension {files[0].get_filename()}")
    payload = files[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    for line in payload.decode().splitlines():
        if line.strip():
            document = json.loads(line)
            if "exportedCount" not in document:
                yield document


def _import_errors(
    domain: Domain, document: dict[str, Any], given: set[tuple[str, str]], overwrite: bool
) -> Iterator[dict[str, Any]]:
    type_, id_ = document["type"], document["id"]
    if type_ not in _TYPES:
        yield {"type": "unsupported_type"}
        return
    known, attributes = _TYPES[type_]
    version = document.get("migrationVersion", {}).get(type_, "0.0.0")
    if tuple(map(int, version.split("."))) > known:
        name = ".".join(map(str, known))
        raise _kibana_refusal(
            422,
            "Unprocessable Entity",
            f'Document "{id_}" has property "{type_}" which belongs to a more recent version of Kibana [{version}]. '
            f"The last known version is [{name}]",
        )
    for name in sorted(document["attributes"].keys() - set(attributes.split())):
        message = f"mapping set to strict, dynamic introduction of [{name}] within [{type_}] is not allowed"
        yield {"type": "unknown", "message": message, "statusCode": 400}
    if (type_, id_) in domain.objects and not overwrite:
        yield {"type": "conflict"}
    missing = [
        {"type": each["type"], "id": each["id"]}
        for each in document.get("references", [])
        if each["type"] in ("index-pattern", "search")
        and (each["type"], each["id"]) not in given | domain.objects.keys()
    ]
    if missing:
        yield {"type": "missing_references", "references": missing}


# Bulk. https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html, removal-of-types.html


@_operation("POST", "/_bulk")
@_operation("PUT", "/_bulk")
@_operation("POST", "/{index}/_bulk")
@_operation("PUT", "/{index}/_bulk")
def bulk(domain: Domain, request: Request, names: dict[str, str]) -> Response:
    """7.10 takes the type _doc, and no other beside it."""
    lines = request.body.split(b"\n")
    position = 0
    while position < len(lines):
        if lines[position].strip():
            action = _bulk_action(lines[position])
            ((operation, settings),) = action.items()
            kind = settings.pop("_type", "_doc")
            if kind != "_doc":
                index = settings.get("_index", unquote(names.get("index", "")))
                raise _illegal(
                    f"Rejecting mapping update to [{index}] as the final mapping would have more than 1 type: "
                    f"[_doc, {kind}]"
                )
            lines[position] = json.dumps(action).encode()
            position += 0 if operation == "delete" else 1
        position += 1
    target = f"{quote(request.path)}?{urlencode(request.query)}"
    return domain.engine.ask(request.method, target, b"\n".join(lines), "application/x-ndjson")


def _bulk_action(line: bytes) -> dict[str, dict[str, Any]]:
    try:
        action = json.loads(line)
    except ValueError:
        action = None
    if not isinstance(action, dict) or len(action) != 1 or not isinstance(next(iter(action.values())), dict):
        raise _illegal("Malformed action/metadata line, expected START_OBJECT")
    return action
