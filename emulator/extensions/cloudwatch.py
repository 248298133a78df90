"""Amazon CloudWatch: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("cloudwatch")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.alarms:
        if not name.startswith("TargetTracking-"):
            yield "aws_cloudwatch_metric_alarm", name, name
