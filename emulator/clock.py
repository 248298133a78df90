"""The time that alarms go by: the machine's, unless a test has set another.

POST /_emulator/clock {"now": "2026-11-25T15:00:00Z"} sets it, and it goes on from there; DELETE /_emulator/clock goes
back to the machine's. Only metrics, metric filters and alarms read it.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

_offset = timedelta()


class InvalidTime(ValueError):
    """A time that cannot be read; the message names the member."""


def now() -> datetime:
    """In UTC, with its zone."""
    return datetime.now(timezone.utc) + _offset


def set_now(document: Any) -> dict[str, Any]:
    """Reads the body of POST /_emulator/clock."""
    global _offset
    _offset = read_time(document, "now") - datetime.now(timezone.utc)
    return {"now": now().isoformat()}


def reset() -> None:
    global _offset
    _offset = timedelta()


def read_time(document: Any, member: str) -> datetime:
    """Member of a control route's body: ISO 8601, in UTC where it has no zone."""
    text = document.get(member) if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise InvalidTime(f"{member} must be a time in ISO 8601")
    try:
        # Python 3.10 does not read Z.
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as problem:
        raise InvalidTime(f"{member} must be a time in ISO 8601, not {text!r}") from problem
    return when if when.tzinfo is not None else when.replace(tzinfo=timezone.utc)
