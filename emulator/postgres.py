"""The PostgreSQL servers behind the emulator's DB instances: one process each, which ends with the emulator."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import uuid
import weakref
from pathlib import Path
from typing import Any

from . import authority, running

#: What servers report as their address: their certificates carry it, and 127.0.0.1.
ADDRESS = "localhost"

_LISTENING_ON = "127.0.0.1"

_backups: Path | None = None


class Backup:
    """What a server held, roles and passwords included. Its file goes with the last reference to this object."""

    def __init__(self, path: Path, secret: str) -> None:
        self.path = path
        self.secret = secret
        weakref.finalize(self, path.unlink, missing_ok=True)


class Server:
    """Connections are taken at once, and answered when PostgreSQL has started, a second later."""

    def __init__(
        self, username: str, password: str, database: str, parameters: dict[str, str], backup: Backup | None = None
    ) -> None:
        """With `backup` it begins with what another server held, its master user, password and databases included."""
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
            backup={"path": str(backup.path), "secret": backup.secret} if backup else None,
        )
        # Until it has been read.
        self._origin = backup
        running.at_end(self.stop)

    def set_password(self, password: str) -> None:
        """Of the master user. Raises RuntimeError with PostgreSQL's words, or where the server did not start."""
        self._command(password=password)

    def back_up(self) -> Backup:
        """What it holds now. Raises RuntimeError as set_password does."""
        global _backups
        if _backups is None:
            _backups = running.temporary_directory()
        path = _backups / f"{uuid.uuid4()}.tar.gz"
        return Backup(path, self._command(backup=str(path))["secret"])

    def refuse(self, refuses: bool) -> None:
        """Ends all connections and takes no more, or takes them again. Raises RuntimeError as set_password does."""
        self._command(refuse=refuses)

    def stop(self) -> None:
        """Ends the server and removes its data; done already, it does nothing."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=30)

    def _command(self, **document: Any) -> dict[str, Any]:
        if not self._announced:
            self._receive()
            self._announced = True
            self._origin = None
        self._send(**document)
        answer = self._receive()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

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
