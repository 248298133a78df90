"""Logs in to PostgreSQL over TLS, or in clear text, and sends it a statement or none.

Reference: https://www.postgresql.org/docs/current/protocol-flow.html, RFC 5802 (SCRAM)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
from pathlib import Path


class Refused(Exception):
    """The message of the server's error."""


def login(address: str, port: int, user: str, password: str, database: str, authority: Path | None) -> None:
    """Raises Refused, or OSError where nobody answers. `authority` verifies the server; without it no TLS is used."""
    with socket.create_connection((address, port), timeout=30) as plain:
        connection: socket.socket = plain
        if authority is not None:
            connection = _over_tls(plain, address, authority)
        with connection:
            _authenticate(connection, user, password, database)


def query(
    address: str, port: int, user: str, password: str, database: str, authority: Path, statements: str
) -> list[str]:
    """The first column of all rows that the statements return. Raises as login does, and Refused for a failed one."""
    with (
        socket.create_connection((address, port), timeout=30) as plain,
        _over_tls(plain, address, authority) as connection,
    ):
        _authenticate(connection, user, password, database)
        _rows(connection)
        _send(connection, statements.encode() + b"\0", b"Q")
        return _rows(connection)


def _over_tls(plain: socket.socket, address: str, authority: Path) -> ssl.SSLSocket:
    plain.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
    if _exactly(plain, 1) != b"S":
        raise ConnectionError("the server takes no TLS")
    return ssl.create_default_context(cafile=str(authority)).wrap_socket(plain, server_hostname=address)


def _rows(connection: socket.socket) -> list[str]:
    """The first column of the rows that come before the server is ready for a statement."""
    rows: list[str] = []
    while True:
        kind, body = _message(connection)
        if kind == b"E":
            raise Refused(_reason(body))
        if kind == b"D":
            length = int.from_bytes(body[2:6], "big")
            rows.append(body[6 : 6 + length].decode())
        if kind == b"Z":
            return rows


def _authenticate(connection: socket.socket, user: str, password: str, database: str) -> None:
    start = f"user\0{user}\0database\0{database}\0\0".encode()
    connection.sendall((8 + len(start)).to_bytes(4, "big") + (196608).to_bytes(4, "big") + start)
    assert _receive(connection).rstrip(b"\0").endswith(b"SCRAM-SHA-256")

    first = f"n=,r={secrets.token_urlsafe(18)}"
    greeting = f"n,,{first}".encode()
    _send(connection, b"SCRAM-SHA-256\0" + len(greeting).to_bytes(4, "big") + greeting)
    challenge = _receive(connection).decode()
    given = dict(part.split("=", 1) for part in challenge.split(","))

    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(given["s"]), int(given["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    last = f"c=biws,r={given['r']}"
    signature = hmac.digest(hashlib.sha256(client_key).digest(), f"{first},{challenge},{last}".encode(), "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    _send(connection, f"{last},p={base64.b64encode(proof).decode()}".encode())
    _receive(connection)


def _send(connection: socket.socket, body: bytes, kind: bytes = b"p") -> None:
    connection.sendall(kind + (4 + len(body)).to_bytes(4, "big") + body)


def _receive(connection: socket.socket) -> bytes:
    """What an authentication message holds behind its kind."""
    kind, body = _message(connection)
    if kind == b"E":
        raise Refused(_reason(body))
    assert kind == b"R", kind
    return body[4:]


def _reason(error: bytes) -> str:
    fields = {field[:1]: field[1:] for field in error.split(b"\0") if field}
    return fields[b"M"].decode()


def _message(connection: socket.socket) -> tuple[bytes, bytes]:
    kind, length = _exactly(connection, 1), int.from_bytes(_exactly(connection, 4), "big")
    return kind, _exactly(connection, length - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("the server closed the connection")
        received += part
    return received
