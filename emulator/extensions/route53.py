"""Amazon Route 53: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists
from ..seeds import SEEDED_ZONE_IDS


@lists("route53")
def list_resources(backend: Any) -> Iterator[Found]:
    for zone in backend.zones.values():
        zone_id = zone.id.rsplit("/", 1)[-1]
        if zone.id not in SEEDED_ZONE_IDS:
            yield "aws_route53_zone", zone_id, zone.name
        for record in zone.rrsets:
            apex = record.name.rstrip(".") == zone.name.rstrip(".")
            if not (apex and record.type in ("NS", "SOA")):
                name = record.name.rstrip(".")
                suffix = f"_{record.set_identifier}" if record.set_identifier else ""
                yield "aws_route53_record", f"{zone_id}_{name}_{record.type}{suffix}", f"{name} {record.type}"
