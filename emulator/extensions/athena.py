"""Amazon Athena: workgroups and named queries.

Adds UpdateWorkGroup and DeleteNamedQuery. Corrects GetNamedQuery (of one that is not there) and DeleteWorkGroup, which
is refused while the workgroup has queries, unless these go with it.

Not modelled: queries that run over objects in S3.

Reference: https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdateWorkGroup.html, API_DeleteNamedQuery.html,
API_DeleteWorkGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, implements, lists, prepares

_PRIMARY = "primary"


def _workgroup(call: Call) -> Any:
    name = call.params["WorkGroup"]
    workgroup = call.backend().work_groups.get(name)
    if workgroup is None:
        raise ApiError("InvalidRequestException", f"WorkGroup {name} is not found.")
    return workgroup


@implements("athena", "UpdateWorkGroup")
def update_work_group(call: Call) -> dict[str, Any]:
    workgroup, params = _workgroup(call), call.params
    updates = dict(params.get("ConfigurationUpdates", {}))
    results = dict(workgroup.configuration.get("ResultConfiguration", {}))
    for name, value in updates.pop("ResultConfigurationUpdates", {}).items():
        if name.startswith("Remove"):
            if value:
                results.pop(name.removeprefix("Remove"), None)
        else:
            results[name] = value
    for name in [name for name in updates if name.startswith("Remove")]:
        if updates.pop(name):
            workgroup.configuration.pop(name.removeprefix("Remove"), None)
    workgroup.configuration = {**workgroup.configuration, **updates, "ResultConfiguration": results}
    workgroup.description = params.get("Description", workgroup.description)
    workgroup.state = params.get("State", workgroup.state)
    return {}


@prepares("athena", "DeleteWorkGroup")
def check_work_group(call: Call) -> None:
    workgroup, backend = _workgroup(call), call.backend()
    if workgroup.name == _PRIMARY:
        raise ApiError("InvalidRequestException", "The primary workgroup cannot be deleted.")
    queries = [id_ for id_, query in backend.named_queries.items() if query.workgroup is workgroup]
    executions = [id_ for id_, execution in backend.executions.items() if execution.workgroup is workgroup]
    if (queries or executions) and not call.params.get("RecursiveDeleteOption"):
        raise ApiError("InvalidRequestException", f"WorkGroup {workgroup.name} is not empty")
    for id_ in queries:
        del backend.named_queries[id_]
    for id_ in executions:
        del backend.executions[id_]


def _check_named_query(call: Call) -> None:
    id_ = call.params["NamedQueryId"]
    if id_ not in call.backend().named_queries:
        raise ApiError("InvalidRequestException", f"NamedQuery {id_} was not found")


prepares("athena", "GetNamedQuery")(_check_named_query)


@implements("athena", "DeleteNamedQuery")
def delete_named_query(call: Call) -> dict[str, Any]:
    _check_named_query(call)
    del call.backend().named_queries[call.params["NamedQueryId"]]
    return {}


@lists("athena")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.work_groups:
        if name != _PRIMARY:
            yield "aws_athena_workgroup", name, name
    for id_, query in backend.named_queries.items():
        yield "aws_athena_named_query", id_, query.name
