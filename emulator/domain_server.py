"""The endpoint of an Elasticsearch domain: who asks is checked, then AWS's own operations and osmem answer.

In the emulator each domain has one, over TLS, with the access that `domain_access` decides. By itself, for tests of
what speaks to a domain, it asks nobody who they are: python -m emulator.domain_server prints {"url": "http://..."} and
runs until its standard input ends.

Requests that neither knows are refused as Elasticsearch refuses them.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from . import domain_operations, running
from .domain_operations import Domain, Refused, Request, answer
from .hooks import Response
from .osmem import Missing

HOST = "127.0.0.1"

#: What OpenSearch has and Elasticsearch 7.10 has not, and osmem's own management.
_NOT_OF_7_10 = ("/_plugins", "/_osmem", "/_data_stream", "/_search/pipeline")
_LARGEST_BODY = 100 * 1024 * 1024

_log = logging.getLogger("emulator")

#: Who asks, as an ARN; raises Refused where they may not. `target` is path and query as they were sent.
Authorize = Callable[[str, str, "dict[str, str]", bytes], "str | None"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: Connections are ended, and no more taken.
    refuses = False

    def verify_request(self, _request: Any, _client_address: Any) -> bool:
        return not self.refuses


class Listener:
    """Takes connections on a port of its own, until it is stopped."""

    def __init__(self, domain: Domain, authorize: Authorize | None = None, certificate: str | None = None) -> None:
        self._domain = domain
        self._server = _Server((HOST, 0), _Handler)
        self._server.domain = domain  # type: ignore[attr-defined]
        self._server.authorize = authorize or (lambda *_: None)  # type: ignore[attr-defined]
        self._server.tls = None  # type: ignore[attr-defined]
        if certificate is not None:
            from .authority import server_context

            self._server.tls = server_context(certificate)  # type: ignore[attr-defined]
        self.port: int = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        running.at_end(self.stop)

    def refuse(self, refuses: bool) -> None:
        """Ends connections at their next request and takes no more, or takes them again."""
        self._server.refuses = refuses

    def stop(self) -> None:
        """Takes no more connections, and ends what answered; done already, it does nothing."""
        self._server.shutdown()
        self._server.server_close()
        self._domain.engine.stop()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any
    #: Seconds that a client may take for what it sends.
    timeout = 60

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request.settimeout(10)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def do_GET(self) -> None:
        if self.server.refuses:
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self._send(answer(413, {"Message": "Request size exceeded 104857600 bytes"}))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        try:
            principal = self.server.authorize(self.command, self.path, headers, body)
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            request = Request(self.command, unquote(parts.path), query, headers, body, principal)
            response = respond(self.server.domain, request, self.path)
        except Refused as refusal:
            response = refusal.response
        except Exception:
            _log.exception("%s %s failed inside the emulator", self.command, self.path)
            response = answer(500, {"error": "the emulator failed; its log says why", "status": 500})
        self._send(response)

    do_DELETE = do_HEAD = do_POST = do_PUT = do_GET

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, *_: Any) -> None:
        """Requests are not logged."""


def respond(domain: Domain, request: Request, target: str) -> Response:
    """The domain's answer; `target` is path and query as they were sent. Raises Refused."""
    operation = domain_operations.find(request)
    try:
        if operation is not None:
            return operation(domain)
        if request.path.startswith(_NOT_OF_7_10):
            return _no_handler(request)
        response = domain.engine.ask(
            request.method, target, request.body, request.headers.get("content-type", "application/json")
        )
    except Missing as problem:
        raise Refused(501, "not_implemented", str(problem)) from None
    return _no_handler(request) if b'"no handler found for uri ' in response.body[:40] else response


def _no_handler(request: Request) -> Response:
    return answer(400, {"error": f"no handler found for uri [{request.path}] and method [{request.method}]"})


def main() -> None:
    """Serves one domain until standard input ends."""
    listener = Listener(Domain())
    print(json.dumps({"url": f"http://{HOST}:{listener.port}"}), flush=True)
    sys.stdin.read()
    running.end()


if __name__ == "__main__":
    main()
