"""The PostgreSQL servers behind the emulator's DB instances: one process each, which ends with the emulator."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import authority, running

#: What servers report as their address: their certificates carry it, and 127.0.0.1.
ADDRESS = "localhost"

_LISTENING_ON = "127.0.0.1"


class Server:
    """Connections are taken at once, and answered when PostgreSQL has started, a second later."""

    def __init__(self, username: str, password: str, database: str, parameters: dict[str, str]) -> None:
        listener = socket.create_server((_LISTENING_ON, 0))
        with listener:
            self.port: int = listener.getsockname()[1]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "emulator.postgres_server", "--listener", str(listener.fileno())],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=(listener.fileno(),),
            )
        self._announced = False
        self._send(
            username=username,
            password=password,
            database=database,
            parameters=parameters,
            certificate=authority.of_this_run().issue(),
        )
        running.at_end(self.stop)

    def set_password(self, password: str) -> None:
        """Of the master user. Raises RuntimeError with PostgreSQL's words, or where the server did not start."""
        if not self._announced:
            self._receive()
            self._announced = True
        self._send(password=password)
        answer = self._receive()
        if "error" in answer:
            raise RuntimeError(answer["error"])

    def stop(self) -> None:
        """Ends the server and removes its data; done already, it does nothing."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=30)

    def _send(self, **document: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the PostgreSQL server has ended; the emulator's log says why")
        answer: dict[str, Any] = json.loads(line)
        return answer
