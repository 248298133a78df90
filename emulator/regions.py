"""Regions that are lost as a whole: their endpoints refuse, data endpoints included, and what runs there stands still.

Services that one endpoint serves for all regions go on, although AWS runs the control planes of IAM, Route 53 and
CloudFront in us-east-1 (AWS Whitepaper "AWS Fault Isolation Boundaries", "Global services"): with us-east-1, changes to
them may be lost, and what they serve is not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from .hooks import GLOBAL_SERVICES, Call, moto_backends

_lost: dict[str, datetime] = {}
#: Services of a lost region that go on, by botocore's names.
_kept: dict[str, frozenset[str]] = {}
_followers: list[Callable[[str, bool], None]] = []


class InvalidRegion(Exception):
    """A region that cannot be lost; the message names the member."""


def lose(document: Any) -> dict[str, Any]:
    """Reads the body of POST /_emulator/lost-regions: the `region` is lost until it is given back, but for `keeps`.

    `keeps` is a list of services (botocore's names) whose API goes on there; none by default.
    """
    if not isinstance(document, dict) or not isinstance(document.get("region"), str) or not document["region"]:
        raise InvalidRegion("region must be a non-empty string")
    keeps = document.get("keeps", [])
    if not isinstance(keeps, list) or not all(isinstance(name, str) for name in keeps):
        raise InvalidRegion("keeps must be a list of services")
    region = document["region"]
    _kept[region] = frozenset(keeps)
    if region not in _lost:
        _lost[region] = datetime.now(timezone.utc)
        for follow in _followers:
            follow(region, True)
    return {"region": region, "since": _lost[region].isoformat()}


def give_back() -> None:
    """All of them."""
    for region in list(_lost):
        del _lost[region]
        for follow in _followers:
            follow(region, False)


def follow(callback: Callable[[str, bool], None]) -> None:
    """Has `callback` called with a region and True when it is lost, and with False when it is given back."""
    _followers.append(callback)


def lost_since(region: str) -> datetime | None:
    """None for a region that is there."""
    return _lost.get(region)


def as_json() -> list[dict[str, Any]]:
    """The document of GET /_emulator/lost-regions."""
    return [{"region": region, "since": since.isoformat()} for region, since in _lost.items()]


def region_of(call: Call) -> str | None:
    """The region that answers a request: a bucket's own, and None for a service of all regions."""
    if call.service == "s3":
        bucket = moto_backends("s3")[call.account_id]["aws"].buckets.get(call.params.get("Bucket", ""))
        return call.region if bucket is None else str(bucket.region_name)
    if call.service in GLOBAL_SERVICES or (call.service == "wafv2" and call.params.get("Scope") == "CLOUDFRONT"):
        return None
    return call.region


def is_lost(call: Call) -> bool:
    region = region_of(call) if _lost else None
    return region is not None and region in _lost and call.service not in _kept[region]
