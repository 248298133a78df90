"""The verbs of an extension: implement an operation, amend a response, prepare for a request, list what exists.

An extension works on parsed requests and plain response dictionaries. botocore's model of the operation
turns bytes into either and back, in whatever protocol the service speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.parsers import create_parser
from moto.backends import get_backend
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class

#: moto's package names where they differ from botocore's service names.
MOTO_PACKAGES = {
    "application-autoscaling": "applicationautoscaling",
    "lambda": "awslambda",
}
#: Services with one backend for a whole partition instead of one per region.
GLOBAL_SERVICES = frozenset(
    {"budgets", "ce", "cloudfront", "iam", "organizations", "route53", "s3", "s3control", "sts"}
)


def moto_backends(service: str) -> Any:
    """moto's backends of a service under botocore's name: by account id, then by region."""
    find: Callable[[str], Any] = get_backend  # type: ignore[assignment]
    return find(MOTO_PACKAGES.get(service, service))


@dataclass(frozen=True)
class Response:
    """An HTTP response, complete in memory."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Call:
    """One request: which operation of which service, and its parameters under the names of the API model.

    `service` is botocore's name (`rds`, `elbv2`, `application-autoscaling`), `operation` the API's.
    """

    service: str
    operation: str
    region: str
    account_id: str
    params: dict[str, Any]
    model: OperationModel
    content_type: str
    #: ARN of the role whose session signed; None: an administrator of the account.
    caller: str | None = None

    def backend(self, service: str | None = None) -> Any:
        """moto's state of a service (this call's own by default) in this call's account and region."""
        name = service or self.service
        scope = "aws" if name in GLOBAL_SERVICES else self.region
        return moto_backends(name)[self.account_id][scope]

    def serialize(self, result: dict[str, Any] | Exception) -> Response:
        """The response that carries `result`; an exception becomes the service's error, status 400 by default."""
        protocol = determine_request_protocol(self.model.service_model, self.content_type)
        serialized = get_serializer_class(self.service, protocol)(self.model).serialize(result)
        body = serialized["body"]
        return Response(
            status=serialized["status_code"],
            headers=list(serialized["headers"].items()),
            body=body.encode() if isinstance(body, str) else body,
        )

    def parse(self, response: Response) -> dict[str, Any]:
        """The members of a successful response, under the names of the API model."""
        protocol = determine_request_protocol(self.model.service_model, self.content_type)
        parsed: dict[str, Any] = create_parser(protocol).parse(
            {"status_code": response.status, "headers": _Headers(response.headers), "body": response.body},
            self.model.output_shape,
        )
        parsed.pop("ResponseMetadata", None)
        return parsed


class _Headers(dict[str, str]):
    """Response headers under lower-case names, as botocore's parsers look them up."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        super().__init__((name.lower(), value) for name, value in headers)

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(key.lower())


class ApiError(ServiceException):
    """An error of the API: `ApiError(code, message)`, raised by an extension or serialized as it is."""


Implementation = Callable[[Call], "dict[str, Any] | Response"]
Amendment = Callable[[Call, dict[str, Any]], None]
Preparation = Callable[[Call], None]
#: Terraform's resource type, import id, human name.
Found = tuple[str, str, str]
Lister = Callable[[Any], Iterator[Found]]

_Implementation = TypeVar("_Implementation", bound=Implementation)

IMPLEMENTATIONS: dict[tuple[str, str], Implementation] = {}
AMENDMENTS: dict[tuple[str, str], list[Amendment]] = {}
PREPARATIONS: dict[tuple[str, str], list[Preparation]] = {}
#: By service, one or more each.
LISTERS: list[tuple[str, Lister]] = []


def implements(service: str, *operations: str) -> Callable[[_Implementation], _Implementation]:
    """The function answers these operations instead of moto: the response's members, a whole response, or ApiError."""

    def register(function: _Implementation) -> _Implementation:
        for operation in operations:
            if (service, operation) in IMPLEMENTATIONS:
                raise ValueError(f"{service}.{operation} is implemented twice")
            IMPLEMENTATIONS[(service, operation)] = function
        return function

    return register


def amends(service: str, *operations: str) -> Callable[[Amendment], Amendment]:
    """The function changes moto's successful response to these operations in place."""

    def register(function: Amendment) -> Amendment:
        for operation in operations:
            AMENDMENTS.setdefault((service, operation), []).append(function)
        return function

    return register


def prepares(service: str, *operations: str) -> Callable[[Preparation], Preparation]:
    """The function runs before moto sees the request: it may read or change moto's state, or raise ApiError."""

    def register(function: Preparation) -> Preparation:
        for operation in operations:
            PREPARATIONS.setdefault((service, operation), []).append(function)
        return function

    return register


def lists(service: str) -> Callable[[Lister], Lister]:
    """The function yields every object in moto's backend of the service (of one account and region) that a request
    created, and nothing that an account has by itself."""

    def register(function: Lister) -> Lister:
        LISTERS.append((service, function))
        return function

    return register
