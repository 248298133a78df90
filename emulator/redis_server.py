"""What answers at the address of an ElastiCache replication group: logins are checked, and nothing is stored.

Commands: AUTH, HELLO, PING, ECHO, SELECT, CLIENT and QUIT, with Redis 7's answers and errors.

Reference: https://redis.io/docs/latest/commands/auth/, hello/; https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import contextlib
import hmac
import logging
import random
import ssl
from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

from . import authority, running

_VERSION = "7.1.0"
_ATTEMPTS = 20
_MAX_ARGUMENTS = 64
_MAX_LENGTH = 4096

_NOAUTH = "-NOAUTH Authentication required.\r\n"
_WRONGPASS = "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
_NO_PASSWORD_SET = (
    "-ERR AUTH <password> called without any password configured for the default user. "
    "Are you sure your configuration is correct?\r\n"
)

_log = logging.getLogger("emulator")

#: The tokens that are accepted at this moment; None among them admits connections without one.
Tokens = Callable[[], "list[str | None]"]


class _Listener(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    #: Connections are ended, and no more taken.
    refuses = False

    def verify_request(self, _request: Any, _client_address: Any) -> bool:
        return not self.refuses


class Server:
    """Listens on a loopback address of its own, since the port is the group's.

    Linux has all of 127.0.0.0/8; elsewhere it is 127.0.0.1, for one group. `address` is None where the port is taken.
    """

    def __init__(self, port: int, tls: bool, tokens: Tokens) -> None:
        self.address: str | None = None
        self._listener: _Listener | None = None
        for address in _addresses():
            try:
                listener = _Listener((address, port), _Handler)
            except OSError:
                continue
            listener.tokens = tokens  # type: ignore[attr-defined]
            issue = authority.of_this_run().issue
            listener.tls = authority.server_context(issue(address)) if tls else None  # type: ignore[attr-defined]
            self.address, self._listener = address, listener
            Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
            running.at_end(self.stop)
            return
        _log.warning("no loopback address has port %d free: the replication group has no server", port)

    def refuse(self, refuses: bool) -> None:
        """Ends connections at their next command and takes no more, or takes them again."""
        if self._listener is not None:
            self._listener.refuses = refuses

    def stop(self) -> None:
        """Takes no more connections; done already, it does nothing."""
        if self._listener is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None


def _addresses() -> list[str]:
    others = [[random.randint(1, 254) for _ in range(3)] for _ in range(_ATTEMPTS)]
    return [*(f"127.{a}.{b}.{c}" for a, b, c in others), "127.0.0.1"]


class _Handler(StreamRequestHandler):
    """One connection, which stays logged in when the tokens change."""

    server: Any

    def setup(self) -> None:
        self._protocol = 2
        if self.server.tls is not None:
            self.request.settimeout(10)
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
            self.request.settimeout(None)
        self._authenticated = None in self.server.tokens()
        super().setup()

    def handle(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            while (arguments := self._read()) is not None and not self.server.refuses:
                if arguments:
                    self.wfile.write(self._answer(arguments).encode())
                if arguments[:1] == ["QUIT"]:
                    return

    def _read(self) -> list[str] | None:
        """The command, in capitals, and its arguments; None at the end. Raises ValueError for what is no command."""
        line = self.rfile.readline(_MAX_LENGTH)
        if not line:
            return None
        if not line.startswith(b"*"):
            words = line.decode(errors="replace").split()
            return [words[0].upper(), *words[1:]] if words else []
        count = int(line[1:])
        if count > _MAX_ARGUMENTS:
            raise ValueError("too many arguments")
        arguments = []
        for _ in range(count):
            length = int(self.rfile.readline(_MAX_LENGTH)[1:])
            if not 0 <= length <= _MAX_LENGTH:
                raise ValueError("argument too long")
            arguments.append(self.rfile.read(length + 2)[:-2].decode(errors="replace"))
        return [arguments[0].upper(), *arguments[1:]] if arguments else []

    def _answer(self, arguments: list[str]) -> str:
        command, *rest = arguments
        if command == "QUIT":
            return "+OK\r\n"
        if command == "AUTH":
            return self._log_in(rest)
        if command == "HELLO":
            return self._greet(rest)
        if not self._authenticated:
            return _NOAUTH
        if command == "PING":
            return _bulk(rest[0]) if rest else "+PONG\r\n"
        if command == "ECHO" and rest:
            return _bulk(rest[0])
        if command in ("SELECT", "CLIENT"):
            return ":1\r\n" if [word.upper() for word in rest[:1]] == ["ID"] else "+OK\r\n"
        return f"-ERR unknown command '{command}', with args beginning with: \r\n"

    def _log_in(self, arguments: list[str]) -> str:
        if len(arguments) not in (1, 2):
            return "-ERR wrong number of arguments for 'auth' command\r\n"
        user, token = ["default", *arguments][-2:]
        tokens = self.server.tokens()
        if len(arguments) == 1 and tokens == [None]:
            return _NO_PASSWORD_SET
        known = [each for each in tokens if each is not None and hmac.compare_digest(each.encode(), token.encode())]
        # As Redis: the default user without a password takes any.
        if user != "default" or not (known or None in tokens):
            return _WRONGPASS
        self._authenticated = True
        return "+OK\r\n"

    def _greet(self, arguments: list[str]) -> str:
        if arguments and arguments[0] not in ("2", "3"):
            return "-NOPROTO unsupported protocol version\r\n"
        words = [word.upper() for word in arguments]
        if "AUTH" in words:
            problem = self._log_in(arguments[words.index("AUTH") + 1 :][:2])
            if not problem.startswith("+"):
                return problem
        if not self._authenticated:
            return (
                "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH "
                "<user> <pass> option can be used to authenticate the client and select the RESP protocol version at "
                "the same time\r\n"
            )
        self._protocol = int(arguments[0]) if arguments else self._protocol
        fields = {"server": "redis", "version": _VERSION, "proto": self._protocol, "role": "master"}
        head = f"%{len(fields)}\r\n" if self._protocol == 3 else f"*{2 * len(fields)}\r\n"
        values = (_bulk(v) if isinstance(v, str) else f":{v}\r\n" for pair in fields.items() for v in pair)
        return head + "".join(values)


def _bulk(text: str) -> str:
    return f"${len(text.encode())}\r\n{text}\r\n"
