"""What an environment expects to exist before its first apply."""

from __future__ import annotations

from moto.backends import get_backend

#: Seeded zones, which the inventory leaves out.
SEEDED_ZONE_IDS: set[str] = set()


def create_hosted_zones(account_id: str, names: list[str]) -> None:
    """Creates one public Route 53 zone per name."""
    backend = get_backend("route53")[account_id]["aws"]
    for name in names:
        zone = backend.create_hosted_zone(
            name=name if name.endswith(".") else f"{name}.",
            private_zone=False,
            caller_reference=f"seed-{name}",
            vpcid=None,
            vpcregion=None,
        )
        SEEDED_ZONE_IDS.add(zone.id)
