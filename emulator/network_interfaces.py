"""Network interfaces that AWS services keep in a VPC: while one is there, its subnet and its groups cannot be deleted.

They are counted, not listed: DescribeNetworkInterfaces does not have them.

Reference: https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html, DependencyViolation in
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from .hooks import ApiError

#: Security groups that services make for their interfaces.
CLOUDFRONT_GROUP = "CloudFront-VPCOrigins-Service-SG"
SERVICE_GROUPS = frozenset({CLOUDFRONT_GROUP})


@dataclass(frozen=True)
class Held:
    """The subnets and groups of one owner's interfaces."""

    subnets: frozenset[str]
    groups: frozenset[str]
    #: When AWS removes them, of time.monotonic(); None while the owner is there.
    until: float | None = None


_held: dict[str, Held] = {}


def hold(owner: str, subnets: list[str], groups: list[str]) -> None:
    """The interfaces of `owner` (an ARN), instead of those it had."""
    _held[owner] = Held(frozenset(subnets), frozenset(groups))


def release(owner: str, after_seconds: float = 0) -> None:
    """The owner is gone; its interfaces go that much later."""
    held = _held.pop(owner, None)
    if held is not None:
        linger(owner, sorted(held.subnets), sorted(held.groups), after_seconds)


def linger(owner: str, subnets: list[str], groups: list[str], seconds: float) -> None:
    """Interfaces that the owner has left stay for a while."""
    if seconds > 0:
        until = time.monotonic() + seconds
        _held[f"{owner} {until}"] = Held(frozenset(subnets), frozenset(groups), until)


def refuse_while_held(kind: str, id_: str) -> None:
    """Raises DependencyViolation where an interface is in the subnet or the group (`kind`)."""
    now = time.monotonic()
    for owner, held in list(_held.items()):
        if held.until is not None and held.until <= now:
            del _held[owner]
        elif id_ in (held.subnets if kind == "subnet" else held.groups):
            if kind == "subnet":
                message = f"The subnet '{id_}' has dependencies and cannot be deleted."
            else:
                message = f"resource {id_} has a dependent object"
            raise ApiError("DependencyViolation", message)
