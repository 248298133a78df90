"""Faults that a test plants: an operation that fails, or that takes its time."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

from .hooks import ApiError, Call, Response


class InvalidFault(Exception):
    """A fault that cannot be planted; the message names the member."""


@dataclass
class Fault:
    """The next `count` calls of an operation fail with an error, or are held for `delay_seconds`, or both."""

    service: str
    operation: str
    count: int
    status: int
    code: str
    message: str
    delay_seconds: float
    hits: int = 0

    @staticmethod
    def from_json(document: Any) -> Fault:
        """Reads the body of POST /_emulator/faults.

        Members: service, operation, count (default 1), then status (default 400), code and message for an error,
        and delaySeconds for a delay.
        """
        if not isinstance(document, dict):
            raise InvalidFault("a fault is a JSON object")
        for name in ("service", "operation"):
            if not isinstance(document.get(name), str) or not document[name]:
                raise InvalidFault(f"{name} must be a non-empty string")
        if "code" not in document and "delaySeconds" not in document:
            raise InvalidFault("either code (an error) or delaySeconds (a delay) must be given")
        try:
            fault = Fault(
                service=document["service"],
                operation=document["operation"],
                count=int(document.get("count", 1)),
                status=int(document.get("status", 400)),
                code=str(document.get("code", "")),
                message=str(document.get("message", "planted by a test")),
                delay_seconds=float(document.get("delaySeconds", 0)),
            )
        except (TypeError, ValueError) as problem:
            raise InvalidFault(str(problem)) from problem
        if fault.count < 1:
            raise InvalidFault("count must be at least 1")
        return fault

    def as_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "service": self.service,
            "operation": self.operation,
            "count": self.count,
            "hits": self.hits,
        }
        if self.code:
            document |= {"status": self.status, "code": self.code, "message": self.message}
        if self.delay_seconds:
            document["delaySeconds"] = self.delay_seconds
        return document


class Faults:
    """The planted faults, oldest first; safe to use from several threads. `held` counts the calls that wait."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self._released = Event()
        self.held = 0

    def plant(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forgets all faults and lets go of the calls that are being held."""
        with self._lock:
            self._faults.clear()
            self._released.set()
            self._released = Event()

    def as_json(self) -> list[dict[str, Any]]:
        """The document of GET /_emulator/faults; `hits` counts the calls that met the fault, held ones included."""
        with self._lock:
            return [fault.as_json() for fault in self._faults]

    def meet(self, call: Call) -> Response | None:
        """Holds the call as long as its fault says; the error response where the fault has one."""
        with self._lock:
            fault = next(
                (
                    f
                    for f in self._faults
                    if f.service == call.service and f.operation == call.operation and f.hits < f.count
                ),
                None,
            )
            if fault is None:
                return None
            fault.hits += 1
            released = self._released
        if fault.delay_seconds:
            self._hold(released, fault.delay_seconds)
        if not fault.code:
            return None
        response = call.serialize(ApiError(fault.code, fault.message))
        return Response(fault.status, response.headers, response.body)

    def _hold(self, released: Event, seconds: float) -> None:
        with self._lock:
            self.held += 1
        released.wait(seconds)
        with self._lock:
            self.held -= 1
