"""What the parts of a running emulator share: one lock around moto's state, where it listens, what it started."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

#: moto's state is plain dictionaries without locks: whoever reads or changes it holds this one. Not reentrant.
STATE = Lock()

#: The certificate authority of the local run, in its directory; functions trust it as well.
LOCAL_AUTHORITY = "local-ca.pem"


@dataclass
class Process:
    """Set once, before the first request."""

    #: `http://127.0.0.1:PORT`
    endpoint: str = ""
    #: The account's 12 digits.
    account_id: str = ""
    #: Of the run; where none was given, a temporary one that goes when the emulator ends.
    directory: Path = Path()
    #: Node.js, which runs functions.
    node: str = "node"


PROCESS = Process()

_at_end: list[Callable[[], None]] = []
_settling: list[Callable[[], None]] = []


def after_each_request(callback: Callable[[], None]) -> None:
    """Has `callback` called after each request that may have changed something, with the lock held."""
    _settling.append(callback)


def settle() -> None:
    for callback in _settling:
        callback()


def at_end(callback: Callable[[], None]) -> None:
    """Has `callback` called when the emulator ends in good order, the last one first."""
    _at_end.append(callback)


def end() -> None:
    """Calls what `at_end` was given; a failure of one does not keep the others."""
    while _at_end:
        with contextlib.suppress(Exception):
            _at_end.pop()()


def temporary_directory() -> Path:
    """A new directory that is removed at the end."""
    directory = tempfile.TemporaryDirectory(prefix="skymanuals-emulator-")
    at_end(directory.cleanup)
    return Path(directory.name)
