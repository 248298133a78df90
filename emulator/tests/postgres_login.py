"""Logs in to PostgreSQL over TLS, or in clear text, and does nothing else there.

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
            plain.sendall((8).to_bytes(4, "big") + (80877103).to_bytes(4, "big"))
            assert plain.recv(1) == b"S"
            connection = ssl.create_default_context(cafile=str(authority)).wrap_socket(plain, server_hostname=address)
        with connection:
            _authenticate(connection, user, password, database)


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


def _send(connection: socket.socket, body: bytes) -> None:
    connection.sendall(b"p" + (4 + len(body)).to_bytes(4, "big") + body)


def _receive(connection: socket.socket) -> bytes:
    """What an authentication message holds behind its kind."""
    kind, length = _exactly(connection, 1), int.from_bytes(_exactly(connection, 4), "big")
    body = _exactly(connection, length - 4)
    if kind == b"E":
        fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
        raise Refused(fields[b"M"].decode())
    assert kind == b"R", kind
    return body[4:]


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionError("the server closed the connection")
        received += part
    return received
