"""Runs AWS Lambda functions of the Node.js runtimes: each invocation is a process of its own.

It has the function's environment, Lambda's own variables, credentials of its role (whose secret is a dummy) and this
emulator as AWS_ENDPOINT_URL. Not modelled: warm starts, memory limits, layers, other runtimes.

Reference: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html,
https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Semaphore
from typing import IO, Any

from . import identities, running

#: Invocations that run at once; more wait for their turn.
CONCURRENCY = 4

_BOOTSTRAP = Path(__file__).with_name("lambda_bootstrap.cjs")
_turns = Semaphore(CONCURRENCY)
_unpacking = Lock()


@dataclass(frozen=True)
class Function:
    """What an invocation needs to know of a function, copied out of moto's state."""

    name: str
    arn: str
    #: ARN of the role that it runs as.
    role: str
    version: str
    region: str
    runtime: str
    handler: str
    #: Seconds.
    timeout: int
    memory_mib: int
    log_group: str
    log_format: str
    environment: dict[str, str]
    #: The deployment package, a zip archive.
    code: bytes = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended."""

    request_id: str
    #: JSON: what the handler returned, or Lambda's description of the error.
    payload: bytes
    #: The invocation failed (Lambda's FunctionError `Unhandled`).
    failed: bool
    #: What the function wrote, and Lambda's own lines around it.
    log: list[str]
    log_stream: str


def forget_code() -> None:
    """Removes what was unpacked, by this emulator or by one that was killed."""
    shutil.rmtree(_code_directory(), ignore_errors=True)


def run(function: Function, event: Any) -> Outcome:
    """Runs the function once, to its end or its timeout. Waits for a turn first, without limit."""
    with _turns:
        return _run(function, event)


def _run(function: Function, event: Any) -> Outcome:
    request_id = str(uuid.uuid4())
    stream = time.strftime(f"%Y/%m/%d/[{function.version}]", time.gmtime()) + secrets.token_hex(16)
    started = time.monotonic()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as result:
        if function.runtime.startswith("nodejs"):
            problem = _execute(function, event, request_id, stream, output, result)
        else:
            problem = ("Runtime.Unsupported", f"the emulator runs Node.js only, not {function.runtime}")
        lines = _read(output).decode(errors="replace").splitlines()
        written = _read(result)
    failed = True
    if problem is not None:
        payload = {"errorType": problem[0], "errorMessage": f"RequestId: {request_id} Error: {problem[1]}"}
        document: Any = payload
    else:
        answer = json.loads(written)
        failed = "error" in answer
        document = answer["error"] if failed else answer["result"]
    milliseconds = (time.monotonic() - started) * 1000
    return Outcome(
        request_id=request_id,
        payload=json.dumps(document, separators=(",", ":")).encode(),
        failed=failed,
        log=[
            f"START RequestId: {request_id} Version: {function.version}",
            *lines,
            *([f"{request_id} {problem[1]}"] if problem else []),
            f"END RequestId: {request_id}",
            f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tMemory Size: {function.memory_mib} MB",
        ],
        log_stream=stream,
    )


def _execute(
    function: Function, event: Any, request_id: str, stream: str, output: IO[bytes], result: IO[bytes]
) -> tuple[str, str] | None:
    """Runs the process; type and message of the error where it did not get to the end."""
    line = {
        "event": event,
        "context": {
            "awsRequestId": request_id,
            "callbackWaitsForEmptyEventLoop": True,
            "functionName": function.name,
            "functionVersion": function.version,
            "invokedFunctionArn": function.arn,
            "logGroupName": function.log_group,
            "logStreamName": stream,
            "memoryLimitInMB": str(function.memory_mib),
            "timeoutMs": function.timeout * 1000,
        },
    }
    code = _unpacked(function.code)
    try:
        process = subprocess.Popen(
            [running.PROCESS.node, str(_BOOTSTRAP), str(code), str(result.fileno())],
            cwd=code,
            env=_environment(function, stream, str(code)),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=(result.fileno(),),
            start_new_session=True,
        )
    except OSError as cause:
        return "Runtime.InvalidEntrypoint", f"{running.PROCESS.node}: {cause.strerror}"
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
    try:
        status = process.wait(timeout=function.timeout)
    except subprocess.TimeoutExpired:
        return "Sandbox.Timedout", f"Task timed out after {function.timeout:.2f} seconds"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    if result.seek(0, os.SEEK_END) == 0:
        how = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return "Runtime.ExitError", f"Runtime exited with error: {how}"
    return None


def _environment(function: Function, stream: str, code: str) -> dict[str, str]:
    authority = running.PROCESS.directory / running.LOCAL_AUTHORITY
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    own = {
        "AWS_ACCESS_KEY_ID": identities.access_key_of(function.role),
        "AWS_DEFAULT_REGION": function.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": running.PROCESS.endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mib),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": function.region,
        # The function's runtime is newer than the Node.js that plays it may be.
        "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "AWS_SESSION_TOKEN": "dummy",
        "HOME": "/tmp",
        "LAMBDA_TASK_ROOT": code,
        "LANG": "en_US.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        "_X_AMZN_TRACE_ID": f"Root={root};Parent={secrets.token_hex(8)};Sampled=1",
    }
    if authority.is_file():
        own["NODE_EXTRA_CA_CERTS"] = str(authority)
    # Lambda refuses its own names in a function's configuration: nothing is overridden but TZ, as in Lambda.
    return {**own, **function.environment}


def _unpacked(code: bytes) -> Path:
    """The folder of an archive's files, unpacked once per content."""
    directory = _code_directory() / hashlib.sha256(code).hexdigest()
    with _unpacking:
        if not directory.is_dir():
            partial = directory.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            with zipfile.ZipFile(io.BytesIO(code)) as archive:
                archive.extractall(partial)
            partial.rename(directory)
    return directory


def _code_directory() -> Path:
    return running.PROCESS.directory / "functions"


def _read(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()
