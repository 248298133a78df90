"""Command line: python -m emulator --port PORT --account-id ID [--hosted-zone NAME ...] [--directory D] [--node N]."""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from . import authority, running

HOST = "127.0.0.1"


def main(argv: list[str] | None = None) -> int:
    """Runs the emulator until SIGTERM or SIGINT; the exit code, 1 when the port is taken."""
    arguments = _parse(argv)
    # moto reads its settings when it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = arguments.account_id
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="emulator: %(levelname)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"moto\.")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    listener = _listen(arguments.port)
    if listener is None:
        return 1

    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import ThreadedWSGIServer

    from .seeds import create_hosted_zones
    from .server import Emulator

    port = listener.getsockname()[1]
    running.PROCESS.endpoint = f"http://{HOST}:{port}"
    running.PROCESS.account_id = arguments.account_id
    running.PROCESS.directory = arguments.directory or running.temporary_directory()
    running.PROCESS.node = arguments.node
    authority.publish(running.PROCESS.directory)
    emulator = Emulator(arguments.account_id)
    create_hosted_zones(arguments.account_id, arguments.hosted_zone)
    emulator.start_background_work()
    server = ThreadedWSGIServer(HOST, port, emulator, handler=MotoRequestHandler, fd=listener.fileno())
    print(json.dumps({"ready": True, "port": port, "pid": os.getpid()}), flush=True)
    server.serve_forever()
    return 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="An AWS account in memory, on 127.0.0.1.")
    parser.add_argument("--port", type=_port, required=True, help="TCP port, 0 for any that is free")
    parser.add_argument("--account-id", type=_account_id, required=True, help="12 digits")
    parser.add_argument(
        "--hosted-zone",
        action="append",
        default=[],
        metavar="NAME",
        help="a public Route 53 zone that exists from the start; may be given several times",
    )
    parser.add_argument(
        "--directory", type=_directory, help="takes what the emulator writes; without it, a temporary one"
    )
    parser.add_argument("--node", default="node", help="Node.js, which runs Lambda functions; from the PATH by default")
    return parser.parse_args(argv)


def _directory(text: str) -> Path:
    directory = Path(text).resolve()
    if not directory.is_dir():
        raise argparse.ArgumentTypeError(f"'{text}' is not a directory")
    return directory


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: 0 to 65535")
    return int(text)


def _account_id(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not an AWS account id: 12 digits")
    return text


def _listen(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as problem:
        print(f"emulator: cannot listen on {HOST}:{port}: {problem.strerror}", file=sys.stderr)
        return None
    listener.listen(128)
    return listener


def _end(_number: int, _frame: Any) -> None:
    # Requests in flight run in threads that may be waiting out a planted delay: none of them is waited for.
    running.end()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
