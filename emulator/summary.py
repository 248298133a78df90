"""What reached the emulator: counts, refused requests, unknown enum values, operations that nothing implements."""

from __future__ import annotations

from threading import Lock
from typing import Any

from .hooks import Call
from .model_check import Finding


class Summary:
    """Counters over all requests since the start or the last reset; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._requests = 0
            self._operations: set[str] = set()
            self._refused: list[dict[str, Any]] = []
            self._unknown_enums: dict[tuple[str, ...], dict[str, Any]] = {}
            self._unimplemented: set[str] = set()

    def count(self, call: Call) -> None:
        with self._lock:
            self._requests += 1
            self._operations.add(f"{call.service}.{call.operation}")

    def refuse(self, call: Call, findings: list[Finding]) -> None:
        with self._lock:
            self._refused.extend(
                {
                    "service": call.service,
                    "operation": call.operation,
                    "parameter": finding.parameter,
                    "rule": finding.rule,
                    "value": finding.value,
                }
                for finding in findings
            )

    def record_unknown_enums(self, call: Call, findings: list[Finding]) -> None:
        with self._lock:
            for finding in findings:
                key = (call.service, call.operation, finding.parameter, finding.value)
                self._unknown_enums.setdefault(
                    key, dict(zip(("service", "operation", "parameter", "value"), key, strict=True))
                )

    def record_unimplemented(self, name: str) -> None:
        with self._lock:
            self._unimplemented.add(name)

    def as_json(self) -> dict[str, Any]:
        """The document of GET /_emulator/summary."""
        with self._lock:
            return {
                "requests": self._requests,
                "operations": len(self._operations),
                "refused": list(self._refused),
                "unknownEnums": list(self._unknown_enums.values()),
                "unimplemented": sorted(self._unimplemented),
            }
