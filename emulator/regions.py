"""Regions that are lost as a whole: what is in them refuses, and what leaves them stands still."""

from __future__ import annotations

from datetime import datetime, timezone

_lost: dict[str, datetime] = {}


def lose(region: str) -> None:
    _lost.setdefault(region, datetime.now(timezone.utc))


def give_back(region: str) -> None:
    _lost.pop(region, None)


def lost_since(region: str) -> datetime | None:
    """None for a region that is there."""
    return _lost.get(region)


def lost() -> dict[str, datetime]:
    """All that are lost, and since when."""
    return dict(_lost)
