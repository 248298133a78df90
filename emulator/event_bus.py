"""Events of AWS services on the account's default bus of EventBridge."""

from __future__ import annotations

import json
from typing import Any

from .hooks import moto_backends


def put(account_id: str, region: str, source: str, detail_type: str, resources: list[str], detail: Any) -> None:
    """Sends an event to the targets of the rules that match it."""
    moto_backends("events")[account_id][region].put_events(
        [{"Source": source, "DetailType": detail_type, "Resources": resources, "Detail": json.dumps(detail)}]
    )
