"""What containers of ECS tasks do here: a program of this machine that a test registers for an image, or nothing.

There is no container runtime. Without a registered program a container of a service runs, and one of RunTask exits 0.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any

from . import running

#: Seconds that a program lives at most.
_LIMIT = 900


class InvalidProgram(Exception):
    """A program that cannot be registered; the message names the member."""


@dataclass(frozen=True)
class Program:
    """For images that match `image`, a pattern with `*`: `command` runs, or the container exits with `exit_code`.

    The command is a program of this machine and its first arguments; the container's own command follows.
    `start_seconds` is how long a service's task takes to start; a command that ends within them has failed.
    """

    image: str
    command: tuple[str, ...]
    exit_code: int | None
    start_seconds: float

    @staticmethod
    def from_json(document: Any) -> Program:
        """Reads the body of POST /_emulator/containers.

        Members: image, then command (a list), exitCode (0 to 255), startSeconds (default 1 with a command, else 0).
        """
        if not isinstance(document, dict):
            raise InvalidProgram("a program is a JSON object")
        if not isinstance(document.get("image"), str) or not document["image"]:
            raise InvalidProgram("image must be a non-empty string")
        command = document.get("command", [])
        if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
            raise InvalidProgram("command must be a list of strings")
        exit_code = document.get("exitCode")
        if exit_code is not None and (not isinstance(exit_code, int) or not 0 <= exit_code <= 255):
            raise InvalidProgram("exitCode must be an integer from 0 to 255")
        if command and exit_code is not None:
            raise InvalidProgram("either command or exitCode may be given: a command has an exit code of its own")
        try:
            start_seconds = float(document.get("startSeconds", 1 if command else 0))
        except (TypeError, ValueError) as problem:
            raise InvalidProgram("startSeconds must be a number") from problem
        return Program(document["image"], tuple(command), exit_code, start_seconds)

    def as_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"image": self.image, "startSeconds": self.start_seconds}
        if self.command:
            document["command"] = list(self.command)
        if self.exit_code is not None:
            document["exitCode"] = self.exit_code
        return document


class Programs:
    """The registered ones; of several that match an image the newest counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._programs: list[Program] = []

    def register(self, program: Program) -> None:
        with self._lock:
            self._programs.insert(0, program)

    def clear(self) -> None:
        with self._lock:
            self._programs.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The document of GET /_emulator/containers, newest first."""
        with self._lock:
            return [program.as_json() for program in self._programs]

    def find(self, image: str) -> Program | None:
        with self._lock:
            return next((each for each in self._programs if fnmatch.fnmatchcase(image, each.image)), None)


PROGRAMS = Programs()


class Process:
    """A container's program, from its start to its end."""

    def __init__(self, command: list[str], environment: dict[str, str], region: str) -> None:
        """Raises OSError where there is no such program."""
        self._process = subprocess.Popen(
            command,
            env={**_environment(region), **environment},
            cwd=running.PROCESS.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        running.at_end(self.kill)

    def wait(self, on_line: Callable[[str], None]) -> int:
        """The exit code, 128 and the signal's number where one ended it; lines as they come."""
        assert self._process.stdout is not None
        limit = Timer(_LIMIT, self.kill)
        limit.daemon = True
        limit.start()
        with self._process.stdout as lines:
            for line in lines:
                on_line(line.rstrip("\n"))
        code = self._process.wait()
        limit.cancel()
        return code if code >= 0 else 128 - code

    def kill(self) -> None:
        """Also what it started; ended already, nothing."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _environment(region: str) -> dict[str, str]:
    own = {
        "AWS_ACCESS_KEY_ID": "AKIATASK000000000000",
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": running.PROCESS.endpoint,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "HOME": "/tmp",
        "PATH": os.environ.get("PATH", os.defpath),
    }
    authority = running.PROCESS.directory / running.LOCAL_AUTHORITY
    if authority.is_file():
        own["NODE_EXTRA_CA_CERTS"] = str(authority)
    return own
