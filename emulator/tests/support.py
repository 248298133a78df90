"""A running emulator and AWS clients for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT_ID = "111111111111"
REGION = "eu-west-1"


#: Seconds in which an emulator that was told to end must have ended. It ends its databases first, and on a machine with
#: more work than processors that takes many times as long as on an idle one.
STOP_SECONDS = 120


class Server:
    """An emulator process on a free port."""

    def __init__(self, *arguments: str, stop_seconds: float = STOP_SECONDS) -> None:
        self._stop_seconds = stop_seconds
        with ExitStack() as resources:
            # A file: a pipe that nobody reads would hold up an emulator that has much to say.
            self._log = resources.enter_context(tempfile.TemporaryFile(mode="w+"))
            self.process = subprocess.Popen(
                [sys.executable, "-m", "emulator", "--port", "0", "--account-id", ACCOUNT_ID, *arguments],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
            )
            assert self.process.stdout is not None
            resources.enter_context(self.process.stdout)
            self._resources = resources.pop_all()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the emulator did not start: {self._kill()}")
        self.announcement: dict[str, Any] = json.loads(line)
        self.endpoint = f"http://127.0.0.1:{self.announcement['port']}"

    def client(
        self, service: str, region: str = REGION, validate: bool = False, checksums: str = "when_supported"
    ) -> Any:
        """A boto3 client that sends requests unchecked unless `validate`, and never retries."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id="AKIAAAAAAAAAAAAAAAAA",
            aws_secret_access_key="dummy",
            config=Config(
                parameter_validation=validate,
                retries={"total_max_attempts": 1},
                request_checksum_calculation=checksums,
            ),
        )

    def control(self, method: str, route: str, document: Any = None) -> Any:
        """The JSON answer of a control route."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.endpoint}/_emulator/{route}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def stop(self) -> int:
        """Ends the process with SIGTERM; its exit code.

        One that does not end is killed, and the test fails with its log.
        """
        self.process.terminate()
        try:
            code = self.process.wait(timeout=self._stop_seconds)
        except subprocess.TimeoutExpired:
            log = self._kill()
            raise AssertionError(f"the emulator went on for {self._stop_seconds} s after SIGTERM: {log}") from None
        self._resources.close()
        return code

    def _kill(self) -> str:
        """What it wrote to stderr."""
        self.process.kill()
        self.process.wait()
        self._log.seek(0)
        log: str = self._log.read()
        self._resources.close()
        return log


class EmulatorTestCase(unittest.TestCase):
    """Each test class has a server of its own, with the public zone example.com."""

    server: Server

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = Server("--hosted-zone", "example.com")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()

    def inventory(self) -> list[tuple[str, str]]:
        """Type and import id of all that exists."""
        return [(item["type"], item["id"]) for item in self.server.control("GET", "inventory")]


class EmulatorWithDirectoryTestCase(EmulatorTestCase):
    """Its server has a directory, and so runs databases and caches."""

    directory: tempfile.TemporaryDirectory[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = tempfile.TemporaryDirectory()
        cls.server = Server("--directory", cls.directory.name)

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.directory.cleanup()
