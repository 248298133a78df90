"""AWS Lambda: functions that run, and event source mappings of SQS queues.

Implements Invoke: RequestResponse waits for the function and answers as Lambda does (payload, FunctionError, the last
4 KiB of the log), Event answers at once. Every other caller inside moto (SNS, EventBridge, S3, Scheduler) invokes
asynchronously; such an invocation is not repeated when it fails. Corrects the function operations (LoggingConfig,
DeadLetterConfig, TracingConfig as they were sent) and the event source mappings, which poll: batches by size and
window, partial batch responses, as many batches at once as MaximumConcurrency says. CreateEventSourceMapping refuses
a queue whose visibility timeout is shorter than the function's.

Reference: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, API_CreateFunction.html,
API_CreateEventSourceMapping.html; https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.sqs.models import Message, Queue

from .. import deliveries, keys, lambda_runner, regions, running
from ..hooks import ApiError, Call, Found, Response, amends, implements, lists, moto_backends, prepares
from ..lambda_runner import Function, Outcome

#: Seconds after which a failed message is received again. In AWS: the rest of the queue's visibility timeout, which is
#: minutes.
RETRY_SECONDS = 1

_POLL_SECONDS = 0.1
_LOG_TAIL_BYTES = 4096

_log = logging.getLogger("emulator")


def describe(function: LambdaFunction) -> Function:
    """The function as it is now."""
    logging_config = _logging_config(function)
    return Function(
        name=function.function_name,
        arn=function.function_arn,
        role=function.role,
        version=str(function.version),
        region=function.region,
        runtime=function.run_time or "",
        handler=function.handler or "",
        timeout=int(function.timeout),
        memory_mib=int(function.memory_size),
        log_group=logging_config["LogGroup"],
        log_format=logging_config["LogFormat"],
        environment=dict(function.environment_vars),
        code=function.code_bytes,
    )


def invoke(function: Function, account_id: str, event: Any) -> Outcome:
    """Runs the function and keeps its log. The caller does not hold the lock of the state."""
    outcome = lambda_runner.run(function, event)
    with running.STATE:
        logs = moto_backends("logs")[account_id][function.region]
        logs.ensure_log_group(function.log_group)
        logs.create_log_stream(function.log_group, outcome.log_stream)
        now = int(time.time() * 1000)
        logs.put_log_events(
            function.log_group, outcome.log_stream, [{"timestamp": now, "message": line} for line in outcome.log]
        )
    return outcome


def invoke_later(function: LambdaFunction, event: Any) -> None:
    """Starts an invocation and does not wait for it. The caller holds the lock of the state."""
    Thread(target=invoke, args=(describe(function), function.account_id, event), daemon=True).start()


@implements("lambda", "Invoke")
def answer_invoke(call: Call) -> Response:
    """This operation runs outside the lock, for what the function does calls back."""
    payload = call.params.get("Payload") or b"{}"
    try:
        event = json.loads(payload)
    except ValueError as problem:
        raise ApiError("InvalidRequestContentException", f"Could not parse request body into json: {problem}") from None
    with running.STATE:
        try:
            found = call.backend().get_function(call.params["FunctionName"], call.params.get("Qualifier"))
        except UnknownFunctionException:
            raise ApiError("ResourceNotFoundException", f"Function not found: {call.params['FunctionName']}") from None
        function = describe(found)
        kind = call.params.get("InvocationType", "RequestResponse")
        if kind == "Event":
            invoke_later(found, event)
    if kind == "DryRun":
        return _answered(call, 204, {"Payload": b""})
    if kind == "Event":
        return _answered(call, 202, {"Payload": b""})
    outcome = invoke(function, call.account_id, event)
    response: dict[str, Any] = {"ExecutedVersion": function.version, "Payload": outcome.payload}
    if outcome.failed:
        response["FunctionError"] = "Unhandled"
    if call.params.get("LogType") == "Tail":
        tail = "\n".join(outcome.log).encode()[-_LOG_TAIL_BYTES:]
        response["LogResult"] = base64.b64encode(tail).decode()
    return _answered(call, 200, response)


def _answered(call: Call, status: int, members: dict[str, Any]) -> Response:
    """The member StatusCode is the status of the HTTP response."""
    response = call.serialize(members)
    return Response(status, response.headers, response.body)


def _invoke_from_moto(self: LambdaFunction, body: str, _request_headers: Any, _response_headers: Any) -> str:
    """What moto's other services call."""
    invoke_later(self, json.loads(body or "{}"))
    return ""


LambdaFunction.invoke = _invoke_from_moto  # type: ignore[assignment, method-assign]


def _logging_config(function: LambdaFunction) -> dict[str, Any]:
    sent = getattr(function, "logging_config", {})
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}", **sent}


def _complete(configuration: dict[str, Any], function: LambdaFunction) -> None:
    configuration["LoggingConfig"] = _logging_config(function)
    dead_letter = getattr(function, "dead_letter_config", None)
    if dead_letter:
        configuration["DeadLetterConfig"] = dead_letter


@amends("lambda", "CreateFunction", "UpdateFunctionConfiguration")
def keep_configuration(call: Call, response: dict[str, Any]) -> None:
    """LoggingConfig and DeadLetterConfig as sent, over those sent before; tracing, which moto does not update."""
    function = call.backend().get_function(call.params["FunctionName"])
    if "LoggingConfig" in call.params:
        function.logging_config = dict(call.params["LoggingConfig"])
    if "DeadLetterConfig" in call.params:
        function.dead_letter_config = call.params["DeadLetterConfig"]
    if "TracingConfig" in call.params:
        function.tracing_config = response["TracingConfig"] = call.params["TracingConfig"]
    if "EphemeralStorage" in call.params:
        function.ephemeral_storage = call.params["EphemeralStorage"]["Size"]
        response["EphemeralStorage"] = call.params["EphemeralStorage"]
    _complete(response, function)


@amends("lambda", "GetFunctionConfiguration", "UpdateFunctionCode")
def echo_configuration(call: Call, response: dict[str, Any]) -> None:
    _complete(response, call.backend().get_function(call.params["FunctionName"]))


@amends("lambda", "GetFunction")
def echo_function(call: Call, response: dict[str, Any]) -> None:
    function = call.backend().get_function(call.params["FunctionName"], call.params.get("Qualifier"))
    _complete(response["Configuration"], function)


def _queue_of(arn: str) -> Queue | None:
    _, _, service, region, account_id, name = arn.split(":")
    if service != "sqs":
        return None
    queue: Queue | None = moto_backends("sqs")[account_id][region].queues.get(name)
    return queue


def _visibility_timeout(queue: Queue) -> int:
    """Seconds. moto sets the attribute by its name at run time."""
    return int(queue.visibility_timeout)  # type: ignore[attr-defined]


@prepares("lambda", "CreateEventSourceMapping")
def check_visibility(call: Call) -> None:
    """The message is hidden for as long as the function may run."""
    queue = _queue_of(call.params.get("EventSourceArn", "::::::"))
    if queue is None:
        return
    try:
        function = call.backend().get_function(call.params["FunctionName"])
    except UnknownFunctionException:
        return
    if _visibility_timeout(queue) < int(function.timeout):
        raise ApiError(
            "InvalidParameterValueException",
            f"Queue visibility timeout: {_visibility_timeout(queue)} seconds is less than "
            f"Function timeout: {function.timeout} seconds",
        )


@amends("lambda", "CreateEventSourceMapping")
def detach(call: Call, _response: dict[str, Any]) -> None:
    """moto would invoke the function inside SendMessage, for each message alone."""
    queue = _queue_of(call.params.get("EventSourceArn", "::::::"))
    if queue is not None:
        queue.lambda_event_source_mappings.clear()


class Poller:
    """The pollers of all event source mappings, in one thread; every batch runs in a thread of its own."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        #: Batches that run, by mapping.
        self._running: dict[str, int] = {}
        #: Mappings whose function's role may not decrypt.
        self._unread: set[str] = set()

    def start(self) -> None:
        Thread(target=self._poll_for_ever, name="event-source-mappings", daemon=True).start()

    def _poll_for_ever(self) -> None:
        while True:
            time.sleep(_POLL_SECONDS)
            try:
                with running.STATE:
                    self.poll()
            except Exception:
                _log.exception("the poller of the event source mappings failed")

    def poll(self) -> None:
        """Starts every batch that is due."""
        backends: dict[str, LambdaBackend] = moto_backends("lambda")[self._account_id]
        for region in list(backends):
            if regions.lost_since(region) is not None:
                continue
            for mapping in list(backends[region]._event_source_mappings.values()):
                queue = _queue_of(mapping.event_source_arn)
                if queue is None or not mapping.enabled:
                    continue
                limit = (mapping.scaling_config or {}).get("MaximumConcurrency") or lambda_runner.CONCURRENCY
                if queue.messages and not self._may_decrypt(backends[region], mapping, queue):
                    continue
                while self._running.get(mapping.uuid, 0) < limit and _is_due(mapping, queue):
                    if not self._start_batch(backends[region], mapping, queue):
                        break

    def _may_decrypt(self, backend: LambdaBackend, mapping: EventSourceMapping, queue: Queue) -> bool:
        """Lambda receives with the function's role, which may use the queue's key; it says nothing where it may not."""
        role = backend.get_function(mapping.function_arn).role
        key = queue.kms_master_key_id  # type: ignore[attr-defined]
        if keys.role_may(role, "kms:Decrypt", key, ("sqs", self._account_id, queue.region)):
            self._unread.discard(mapping.uuid)
            return True
        if mapping.uuid not in self._unread:
            self._unread.add(mapping.uuid)
            sender = deliveries.sender_with_source("lambda.amazonaws.com", queue.queue_arn, self._account_id)
            reason = f"the role {role} may not decrypt with {key}"
            deliveries.record(sender, mapping.function_arn, None, "", reason)
        return False

    def _start_batch(self, backend: LambdaBackend, mapping: EventSourceMapping, queue: Queue) -> bool:
        messages: list[Message] = moto_backends("sqs")[self._account_id][queue.region].receive_message(
            queue.name, mapping.batch_size, 0, _visibility_timeout(queue), ["All"]
        )
        if not messages:
            return False
        self._running[mapping.uuid] = self._running.get(mapping.uuid, 0) + 1
        function = describe(backend.get_function(mapping.function_arn))
        Thread(target=self._run_batch, args=(function, mapping, queue, messages), daemon=True).start()
        return True

    def _run_batch(
        self, function: Function, mapping: EventSourceMapping, queue: Queue, messages: list[Message]
    ) -> None:
        records = [_record(message, queue) for message in messages]
        try:
            outcome = invoke(function, self._account_id, {"Records": records})
            failed = _failed_messages(outcome, mapping, {message.id for message in messages})
        except Exception:
            _log.exception("a batch of %s failed inside the emulator", queue.name)
            failed = {message.id for message in messages}
        finally:
            with running.STATE:
                self._running[mapping.uuid] -= 1
        with running.STATE:
            for message in messages:
                if message.id in failed:
                    _make_visible_soon(queue, message.id)
                else:
                    queue.delete_message(message.receipt_handle or "")


def _is_due(mapping: EventSourceMapping, queue: Queue) -> bool:
    """Whether a batch is full, or its first message has waited for the batching window."""
    waiting = queue.messages
    window = mapping.max_batch_window or 0
    if not waiting or len(waiting) >= mapping.batch_size or not window:
        return bool(waiting)
    first = min(max(message.sent_timestamp or 0, message.visible_at) for message in waiting)
    return time.time() * 1000 - first >= window * 1000


def _make_visible_soon(queue: Queue, message_id: str) -> None:
    for message in queue._messages:
        if message.id == message_id:
            message.visible_at = min(message.visible_at, (time.time() + RETRY_SECONDS) * 1000)


def _failed_messages(outcome: Outcome, mapping: EventSourceMapping, ids: set[str]) -> set[str]:
    """What is not deleted: everything after an error, or what the function names where it may do so.

    An identifier that is empty or not in the batch fails the whole batch, as in Lambda.
    """
    if outcome.failed:
        return ids
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    answer = json.loads(outcome.payload)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if answer is None or answer == {} or not failures:
        return set()
    named = {str(failure.get("itemIdentifier")) for failure in failures if isinstance(failure, dict)}
    return named if named <= ids and len(named) == len(failures) else ids


def _record(message: Message, queue: Queue) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        },
        "messageAttributes": message.message_attributes,
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


@lists("lambda")
def list_resources(backend: Any) -> Iterator[Found]:
    for function in backend.list_functions():
        yield "aws_lambda_function", function.function_name, function.function_name
    for uuid, mapping in backend._event_source_mappings.items():
        yield "aws_lambda_event_source_mapping", uuid, f"{mapping.event_source_arn} to {mapping.function_name}"
