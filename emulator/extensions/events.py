"""Amazon EventBridge: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("events")
def list_resources(backend: Any) -> Iterator[Found]:
    for bus in backend.event_buses.values():
        if bus.name != "default":
            yield "aws_cloudwatch_event_bus", bus.name, bus.name
        for rule in bus.rules.values():
            if rule.managed_by is None:
                yield "aws_cloudwatch_event_rule", f"{bus.name}/{rule.name}", rule.name
                for target in rule.targets:
                    yield "aws_cloudwatch_event_target", f"{bus.name}/{rule.name}/{target['Id']}", target["Id"]
    for name in backend.archives:
        yield "aws_cloudwatch_event_archive", name, name
