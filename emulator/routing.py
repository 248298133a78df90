"""Which operation of which service a request is, and its parameters, from AWS's own API models."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import UnknownServiceError
from moto.backends import get_backend
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from . import identities
from .hooks import Call

_CREDENTIAL_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<name>[^/]+)/aws4_request")

_QUEUE_PATH = re.compile(r"/(?P<account>\d{12})/(?P<name>[\w.-]+)")

#: botocore's services behind a signing name, where that is not simply the service's own name.
_SERVICES_BY_SIGNING_NAME = {
    "access-analyzer": ("accessanalyzer",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "email": ("sesv2", "ses"),
    "es": ("es", "opensearch"),
    "monitoring": ("cloudwatch",),
    "s3": ("s3", "s3control"),
    "servicequotas": ("service-quotas",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
}


class MalformedRequest(Exception):
    """A request whose operation is known and whose content does not have the types of the API model."""

    def __init__(self, call: Call, cause: Exception) -> None:
        super().__init__(f"{call.service}.{call.operation}: {cause}")
        self.call = call
        self.cause = cause


def unsigned_queue_request(environ: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """A form that is posted to a queue's URL, as `curl -d Action=SendMessage -d MessageBody=text URL` does, becomes a
    signed request about that queue; any other stays as it is."""
    url = f"http://{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '')}"
    queue = _QUEUE_PATH.fullmatch(environ.get("PATH_INFO", ""))
    if "HTTP_AUTHORIZATION" in environ or queue is None or b"Action=" not in body:
        return environ, body
    backends = get_backend("sqs")[queue["account"]]
    region = next((name for name in list(backends) if queue["name"] in backends[name].queues), "us-east-1")
    credential = f"AWS4-HMAC-SHA256 Credential=unsigned/20260101/{region}/sqs/aws4_request"
    body = b"&".join((body, urlencode({"QueueUrl": url, "Version": "2012-11-05"}).encode()))
    return {**environ, "HTTP_AUTHORIZATION": credential, "CONTENT_LENGTH": str(len(body))}, body


def unsigned_object_request(environ: dict[str, Any]) -> dict[str, Any]:
    """A request about an object of a bucket here, as `curl -T FILE URL` makes it, becomes a signed one: moto would take
    it for an anonymous one, which may not replace or read a private object. Any other stays as it is."""
    bucket_name, _, key = environ.get("PATH_INFO", "").lstrip("/").partition("/")
    presigned = "Signature=" in environ.get("QUERY_STRING", "")
    if "HTTP_AUTHORIZATION" in environ or presigned or not key:
        return environ
    for partitions in get_backend("s3").values():
        bucket = partitions["aws"].buckets.get(bucket_name)
        if bucket is not None:
            credential = f"AWS4-HMAC-SHA256 Credential=unsigned/20260101/{bucket.region_name}/s3/aws4_request"
            return {**environ, "HTTP_AUTHORIZATION": credential}
    return environ


def identify(request: Request, account_id: str) -> Call | None:
    """The call that a signed request makes; None without a signature, or where the service has no such operation."""
    scope = _CREDENTIAL_SCOPE.search(request.headers.get("Authorization", ""))
    if scope is None:
        return None
    name = scope["name"].lower()
    for service in _services_of(name, request):
        try:
            model = get_service_model(service)
        except UnknownServiceError:
            continue
        if not _is_version_of(model, request):
            continue
        try:
            operation, uri_params = get_service_router(service).match(_with_full_target(model, request))
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
            caller=identities.role_of(scope["key"]),
        )
        try:
            call.params.update(_parse(operation, request, uri_params))
        except (RequestParserError, ValueError, TypeError, AttributeError) as cause:
            raise MalformedRequest(call, cause) from cause
        return call
    return None


def _services_of(signing_name: str, request: Request) -> tuple[str, ...]:
    """S3 Control's paths would be objects of a bucket; its requests name the account in a header."""
    if signing_name == "s3" and "x-amz-account-id" in request.headers:
        return ("s3control",)
    return _SERVICES_BY_SIGNING_NAME.get(signing_name, (signing_name,))


def _with_full_target(model: ServiceModel, request: Request) -> Request:
    """The Go SDK sends `CloudTrail_20131101.CreateTrail` where the model, and Python's SDK, have
    `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail`."""
    prefix = str(model.metadata.get("targetPrefix", ""))
    short, _, operation = request.headers.get("X-Amz-Target", "").rpartition(".")
    if not short or not prefix.endswith(f".{short}"):
        return request
    return Request({**request.environ, "HTTP_X_AMZ_TARGET": f"{prefix}.{operation}"})


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
