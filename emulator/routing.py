"""Which operation of which service a request is, and its parameters, from AWS's own API models."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from .hooks import Call

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<name>[^/]+)/aws4_request")

#: botocore's services behind a signing name, where that is not simply the service's own name.
_SERVICES_BY_SIGNING_NAME = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "email": ("sesv2", "ses"),
    "es": ("es", "opensearch"),
    "monitoring": ("cloudwatch",),
    "s3": ("s3", "s3control"),
    "tagging": ("resourcegroupstaggingapi",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
}


class MalformedRequest(Exception):
    """A request whose operation is known and whose content does not have the types of the API model."""

    def __init__(self, call: Call, cause: Exception) -> None:
        super().__init__(f"{call.service}.{call.operation}: {cause}")
        self.call = call
        self.cause = cause


def identify(request: Request, account_id: str) -> Call | None:
    """The call that a signed request makes; None without a signature, or where the service has no such operation."""
    scope = _CREDENTIAL_SCOPE.search(request.headers.get("Authorization", ""))
    if scope is None:
        return None
    name = scope["name"].lower()
    for service in _SERVICES_BY_SIGNING_NAME.get(name, (name,)):
        try:
            model = get_service_model(service)
        except UnknownServiceError:
            continue
        if not _is_version_of(model, request):
            continue
        try:
            operation, uri_params = get_service_router(service).match(request)
        except (NotFound, NotImplementedError):
            continue
        call = Call(
            service=service,
            operation=operation.name,
            region=scope["region"],
            account_id=account_id,
            params={},
            model=operation,
            content_type=request.headers.get("Content-Type", ""),
        )
        try:
            call.params.update(_parse(operation, request, uri_params))
        except (RequestParserError, ValueError, TypeError, AttributeError) as cause:
            raise MalformedRequest(call, cause) from cause
        return call
    return None


def _is_version_of(model: ServiceModel, request: Request) -> bool:
    """Two generations of one query API share a signing name and differ in Version."""
    version = request.values.get("Version") if model.protocol in ("query", "ec2") else None
    return version is None or version == model.api_version


def _parse(operation: OperationModel, request: Request, uri_params: dict[str, Any]) -> dict[str, Any]:
    protocol = determine_request_protocol(operation.service_model, request.content_type)
    parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": uri_params,
        }
    )
    return parsed or {}
