"""The WSGI application: control routes, then for each AWS request the check, the extensions and moto."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.http import HTTP_STATUS_CODES

from . import alarms, clock, deliveries, extensions, inventory, lambda_runner, regions, running
from .containers import PROGRAMS, InvalidProgram, Program
from .extensions.backup_jobs import run_plan
from .extensions.cloudwatch_metrics import forget_metric_data, put_as_a_service
from .extensions.lambda_ import Poller
from .extensions.lambda_interfaces import set_linger
from .extensions.s3 import add_other_accounts_bucket
from .extensions.scheduler import Clock
from .extensions.service_quotas import InvalidQuota, set_quota
from .faults import Fault, Faults, InvalidFault
from .hooks import AMENDMENTS, IMPLEMENTATIONS, PREPARATIONS, ApiError, Call, Response
from .model_check import Finding, check
from .regions import InvalidRegion
from .routing import MalformedRequest, identify, unsigned_object_request, unsigned_queue_request
from .summary import Summary

CONTROL_PREFIX = "/_emulator/"

#: What AWS calls a request that breaks the model, by protocol.
_VALIDATION_ERRORS = {"ec2": "InvalidParameterValue", "query": "ValidationError", "rest-xml": "InvalidArgument"}

#: Operations that run outside the lock, because what they start calls back into the emulator.
_REENTRANT = frozenset({("lambda", "Invoke")})

_log = logging.getLogger("emulator")

StartResponse = Callable[..., Any]


class InFlight:
    """Counts the requests that are being answered, those of callers that are gone included."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.count = 0

    def __enter__(self) -> None:
        with self._lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.count -= 1


class Answered:
    """The newest answers, by the id that an SDK gives all attempts of one call.

    An SDK whose connection broke asks again. Carried out twice, the call would fail or make a second object.
    """

    _MOST = 1000

    def __init__(self) -> None:
        self._answers: dict[str, Response] = {}

    def find(self, environ: dict[str, Any]) -> Response | None:
        return self._answers.get(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))

    def keep(self, environ: dict[str, Any], response: Response) -> None:
        """An error of the emulator itself is not kept: another attempt may do better."""
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not invocation or response.status >= 500:
            return
        self._answers[invocation] = response
        if len(self._answers) > self._MOST:
            del self._answers[next(iter(self._answers))]


class Emulator:
    """One AWS account in memory, spoken to over HTTP (WSGI).

    moto's state is plain dictionaries without locks, so requests are answered one at a time; planted delays are
    waited out before the lock is taken.
    """

    def __init__(self, account_id: str) -> None:
        extensions.load()
        self._account_id = account_id
        self._moto = DomainDispatcherApplication(_create_moto_app)
        self._lock = running.STATE
        self._summary = Summary()
        self._faults = Faults()
        self._in_flight = InFlight()
        self._answered = Answered()

    def start_background_work(self) -> None:
        """What happens without a request: event source mappings poll, schedules come due."""
        lambda_runner.forget_code()
        running.at_end(lambda_runner.forget_code)
        Poller(self._account_id).start()
        Clock(self._account_id).start()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(CONTROL_PREFIX):
            response = self._control(environ)
        else:
            with self._in_flight:
                response = self._answer(environ)
        reason = HTTP_STATUS_CODES.get(response.status, "Unknown")
        start_response(f"{response.status} {reason}", response.headers)
        return [response.body]

    def _answer(self, environ: dict[str, Any]) -> Response:
        body = _read_body(environ)
        environ, body = unsigned_queue_request(environ, body)
        with self._lock:
            environ = unsigned_object_request(environ)
        try:
            call = identify(Request({**environ, "wsgi.input": io.BytesIO(body)}), self._account_id)
        except MalformedRequest as problem:
            finding = Finding("(body)", f"Member must have the type of the API model: {problem.cause}", "")
            self._summary.count(problem.call)
            return self._refuse(problem.call, [finding])
        if call is None:
            with self._lock:
                unsigned = self._ask_moto(None, environ, body)
                running.settle()
                return unsigned
        self._summary.count(call)
        if regions.is_lost(call):
            lost = call.serialize(ApiError("ServiceUnavailable", "Service is unable to handle request."))
            return Response(503, lost.headers, lost.body)
        fault = self._faults.meet(call)
        if fault is not None:
            return fault
        findings = check(call)
        self._summary.record_unknown_enums(call, findings.unknown_enums)
        if findings.broken:
            return self._refuse(call, findings.broken)
        with self._exclusive(call):
            response = self._answered.find(environ)
            if response is None:
                response = self._perform(call, environ, body)
                self._answered.keep(environ, response)
            return response

    @contextlib.contextmanager
    def _exclusive(self, call: Call) -> Iterator[None]:
        if (call.service, call.operation) in _REENTRANT:
            yield
        else:
            with self._lock:
                yield
                running.settle()

    def _perform(self, call: Call, environ: dict[str, Any], body: bytes) -> Response:
        key = (call.service, call.operation)
        try:
            for prepare in PREPARATIONS.get(key, ()):
                prepare(call)
            implementation = IMPLEMENTATIONS.get(key)
            if implementation is not None:
                result = implementation(call)
                return result if isinstance(result, Response) else call.serialize(result)
            response = self._ask_moto(call, environ, body)
            if response.status < 300 and key in AMENDMENTS:
                members = call.parse(response)
                for amend in AMENDMENTS[key]:
                    amend(call, members)
                return call.serialize(members)
            return response
        except ServiceException as problem:
            return call.serialize(problem)
        except Exception:
            _log.exception("%s.%s failed inside the emulator", *key)
            response = call.serialize(ApiError("InternalFailure", f"{key[0]}.{key[1]} failed inside the emulator"))
            return Response(500, response.headers, response.body)

    def _ask_moto(self, call: Call | None, environ: dict[str, Any], body: bytes) -> Response:
        try:
            response = _run(self._moto, {**environ, "wsgi.input": io.BytesIO(body)})
        except NotImplementedError:
            return self._unimplemented(call, environ)
        if response.status == 404 and b"<title>404 Not Found</title>" in response.body:
            return self._unimplemented(call, environ)
        return response

    def _unimplemented(self, call: Call | None, environ: dict[str, Any]) -> Response:
        """Status 400: on 500 or 501 an SDK would ask again, for minutes."""
        if call is None:
            name = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
            self._summary.record_unimplemented(name)
            return _json(400, {"__type": "NotImplemented", "message": f"the emulator has no operation for {name}"})
        name = f"{call.service}.{call.operation}"
        self._summary.record_unimplemented(name)
        _log.warning("%s is not implemented", name)
        response = call.serialize(ApiError("NotImplemented", f"the emulator does not implement {name}"))
        return Response(400, response.headers, response.body)

    def _refuse(self, call: Call, findings: list[Finding]) -> Response:
        self._summary.refuse(call, findings)
        code = _VALIDATION_ERRORS.get(str(call.model.service_model.protocol), "ValidationException")
        count = "1 validation error" if len(findings) == 1 else f"{len(findings)} validation errors"
        message = f"{call.service}.{call.operation}: {count} detected: {'; '.join(map(str, findings))}"
        _log.warning("refused %s", message)
        response = call.serialize(ApiError(code, message))
        return Response(400, response.headers, response.body)

    def _control(self, environ: dict[str, Any]) -> Response:
        route = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(CONTROL_PREFIX))
        if route == ("GET", "health"):
            return _json(200, {"ok": True, "accountId": self._account_id, "pid": os.getpid()})
        if route == ("GET", "summary"):
            return _json(200, {**self._summary.as_json(), "undelivered": deliveries.undelivered()})
        if route == ("POST", "summary/reset"):
            self._summary.reset()
            deliveries.forget()
            return _json(200, {"ok": True})
        if route == ("GET", "inventory"):
            with self._lock:
                return _json(200, inventory.list_resources(self._account_id))
        if route == ("GET", "in-flight"):
            return _json(200, {"requests": self._in_flight.count - self._faults.held})
        if route == ("GET", "faults"):
            return _json(200, self._faults.as_json())
        if route == ("DELETE", "faults"):
            self._faults.clear()
            return _json(200, {"ok": True})
        if route == ("POST", "faults"):
            return _change(route[1], _read_body(environ), self._plant)
        if route == ("GET", "lost-regions"):
            return _json(200, regions.as_json())
        if route == ("POST", "lost-regions"):
            return _change(route[1], _read_body(environ), self._alone(regions.lose))
        if route == ("DELETE", "lost-regions"):
            with self._lock:
                regions.give_back()
                running.settle()
            return _json(200, {"ok": True})
        if route == ("GET", "containers"):
            return _json(200, PROGRAMS.as_json())
        if route == ("DELETE", "containers"):
            PROGRAMS.clear()
            return _json(200, {"ok": True})
        if route == ("POST", "containers"):
            return _change(route[1], _read_body(environ), _register)
        if route == ("GET", "deliveries"):
            return _json(200, deliveries.as_json())
        if route == ("DELETE", "deliveries"):
            deliveries.forget()
            return _json(200, {"ok": True})
        if route == ("POST", "clock"):
            return _change(route[1], _read_body(environ), clock.set_now)
        if route == ("DELETE", "clock"):
            clock.reset()
            return _json(200, {"ok": True})
        if route == ("POST", "metrics"):
            return _change(route[1], _read_body(environ), self._locked(put_as_a_service))
        if route == ("DELETE", "metrics"):
            with self._lock:
                forget_metric_data(self._account_id)
            return _json(200, {"ok": True})
        if route == ("POST", "alarms/evaluate"):
            return _change(route[1], _read_body(environ) or b"{}", self._locked(alarms.evaluate_all))
        if route == ("POST", "backup-plans"):
            return _change(route[1], _read_body(environ), self._locked(run_plan))
        if route == ("POST", "quotas"):
            return _change(route[1], _read_body(environ), set_quota)
        if route == ("POST", "lambda-interfaces"):
            return _change(route[1], _read_body(environ), set_linger)
        if route == ("POST", "other-accounts-buckets"):
            return _change(route[1], _read_body(environ), add_other_accounts_bucket)
        return _json(404, {"error": f"no control route {route[0]} {CONTROL_PREFIX}{route[1]}"})

    def _locked(self, change: Callable[[Any, str], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
        """What changes moto's state, in this account."""
        return self._alone(lambda document: change(document, self._account_id))

    def _alone(self, change: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
        """What changes the emulator's state."""

        def perform(document: Any) -> dict[str, Any]:
            with self._lock:
                return change(document)

        return perform

    def _plant(self, document: Any) -> dict[str, Any]:
        fault = Fault.from_json(document)
        self._faults.plant(fault)
        return fault.as_json()


def _register(document: Any) -> dict[str, Any]:
    program = Program.from_json(document)
    PROGRAMS.register(program)
    return program.as_json()


def _change(route: str, body: bytes, change: Callable[[Any], dict[str, Any]]) -> Response:
    """What a control route's body asks for; status 400 and a message where it cannot be."""
    try:
        return _json(200, change(json.loads(body)))
    except (InvalidFault, InvalidProgram, InvalidQuota, InvalidRegion, ValueError) as problem:
        return _json(400, {"error": f"POST {CONTROL_PREFIX}{route}: {problem}"})


def _create_moto_app(service: Any) -> Any:
    """Of one service, on its first request."""
    if service is None:
        raise NotImplementedError("moto does not have the service")
    return create_backend_app(service)


def _read_body(environ: dict[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body: bytes = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def _run(application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Response:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
        started[:] = [(status, headers)]
        return lambda _: None

    chunks = application(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    return Response(int(status.split()[0]), list(headers), body)


def _json(status: int, document: Any) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())
