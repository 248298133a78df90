"""The search engine behind a domain's endpoint: osmem-server, an OpenSearch in memory, one process for each domain.

https://github.com/shibukawa/osmem (MIT). It is started by the first request, and ends with this process, however that
ends.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from .hooks import Response

#: What is said where PyPI has no wheel of it: musl, macOS on Intel, and others.
MISSING = (
    "this machine has no osmem-server (see emulator/requirements.txt: it has wheels for Linux with glibc, macOS on ARM "
    "and Windows on x86-64), so that nothing can be stored in or found in the emulator's Elasticsearch domains"
)

_TIMEOUT_SECONDS = 60
#: Between two hops only: RFC 9110, section 7.6.1.
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "content-length", "date"})


class Missing(Exception):
    """There is no program of it for this machine."""


class Engine:
    """Answers requests as OpenSearch does. Empty at first; what it holds is gone when it is stopped."""

    def __init__(self) -> None:
        #: Index templates where there is no program, so that an apply gets to its end there too: they are not checked.
        self._templates: dict[str, Any] = {}
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._address = ("", 0)

    def ask(self, method: str, target: str, body: bytes = b"", content_type: str = "application/json") -> Response:
        """The answer to one request; `target` is path and query. Raises Missing where there is no program, for all but
        index templates and the list of indices."""
        try:
            host, port = self._start()
        except Missing:
            return self._without_program(method, target, body)
        connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, target, body or None, {"Content-Type": content_type})
            answer = connection.getresponse()
            headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
            return Response(answer.status, headers, answer.read())

    def stop(self) -> None:
        """Ends the process; done already, or never started, it does nothing."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _without_program(self, method: str, target: str, body: bytes) -> Response:
        first, _, name = target.partition("?")[0].removeprefix("/").partition("/")
        if first == "_template" and method == "PUT":
            given = json.loads(body)
            self._templates[name] = {"order": 0, "settings": {}, "mappings": {}, "aliases": {}, **given}
            return _json(200, {"acknowledged": True})
        if first == "_template" and method == "GET":
            found = {key: template for key, template in self._templates.items() if key == name}
            return _json(200 if found else 404, found)
        if (method, target) == ("GET", "/_all/_settings"):
            return _json(200, {})
        raise Missing(MISSING)

    def _start(self) -> tuple[str, int]:
        with self._lock:
            if self._process is None:
                # Its input is held open here and closed by the system when this process is gone: then it exits.
                self._process = subprocess.Popen(
                    [str(_program()), "-addr", "127.0.0.1:0", "-no-ja", "-parent-pid", str(os.getpid())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
                assert self._process.stdout is not None
                line = self._process.stdout.readline()
                if not line:
                    self._process = None
                    raise RuntimeError("osmem-server ended when it was started")
                url = urlsplit(json.loads(line)["url"])
                self._address = (url.hostname or "", url.port or 0)
            return self._address


def _json(status: int, document: Any) -> Response:
    return Response(status, [("Content-Type", "application/json; charset=UTF-8")], json.dumps(document).encode())


def is_there() -> bool:
    """Whether this machine has the program."""
    try:
        return bool(_program())
    except Missing:
        return False


def _program() -> Path:
    found = importlib.util.find_spec("osmem_server")
    for folder in (found.submodule_search_locations or []) if found else []:
        program = Path(folder, "bin", "osmem-server.exe" if sys.platform == "win32" else "osmem-server")
        if program.is_file():
            return program
    raise Missing(MISSING)
