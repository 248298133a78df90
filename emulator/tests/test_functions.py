"""Functions that run, and what invokes them."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from typing import Any

from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_TIMEOUT_SECONDS = 20


def _zip(code: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("index.js", code)
    return file.getvalue()


class FunctionTestCase(EmulatorTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        cls.server.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=policy)

    def function(self, name: str, code: str, **settings: Any) -> str:
        """Creates a function that runs `code`; its ARN."""
        client = self.server.client("lambda")
        arn: str = client.create_function(
            FunctionName=name,
            Role=f"arn:aws:iam::{ACCOUNT_ID}:role/r",
            Runtime="nodejs22.x",
            Handler="index.handler",
            Code={"ZipFile": _zip(code)},
            **{"Timeout": 10, **settings},
        )["FunctionArn"]
        self.addCleanup(client.delete_function, FunctionName=name)
        return arn

    def invoke(self, name: str, event: Any = None, **options: Any) -> tuple[dict[str, Any], Any]:
        response = self.server.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **options)
        payload = response["Payload"].read()
        return response, json.loads(payload) if payload else None

    def log(self, group: str) -> list[str]:
        client = self.server.client("logs")
        try:
            return [event["message"] for event in client.filter_log_events(logGroupName=group)["events"]]
        except client.exceptions.ResourceNotFoundException:
            return []

    def wait_for(self, condition: Any, seconds: float = _TIMEOUT_SECONDS) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline, "nothing happened in time")
            time.sleep(0.1)
        return value


class InvokeTest(FunctionTestCase):
    def test_answers_with_what_the_handler_returns(self) -> None:
        self.function(
            "echo",
            """exports.handler = async (event, context) => {
                console.log("hello", event.a);
                return { event, name: context.functionName, left: context.getRemainingTimeInMillis() > 0 };
            };""",
        )
        response, payload = self.invoke("echo", {"a": 1}, LogType="Tail")
        self.assertEqual(payload, {"event": {"a": 1}, "name": "echo", "left": True})
        self.assertNotIn("FunctionError", response)
        self.assertEqual((response["StatusCode"], response["ExecutedVersion"]), (200, "$LATEST"))
        self.assertIn("hello 1", base64.b64decode(response["LogResult"]).decode())
        self.assertIn("hello 1", self.log("/aws/lambda/echo"))

    def test_a_handler_with_a_callback(self) -> None:
        self.function("callback", "exports.handler = (event, context, done) => setTimeout(() => done(null, 7), 10);")
        self.assertEqual(self.invoke("callback")[1], 7)

    def test_the_environment_is_the_functions_and_lambdas(self) -> None:
        self.function(
            "environment",
            "exports.handler = async () => process.env;",
            Environment={"Variables": {"OWN": "1"}},
            LoggingConfig={"LogFormat": "JSON", "LogGroup": "own-group"},
        )
        _, environment = self.invoke("environment")
        self.assertEqual(environment["OWN"], "1")
        self.assertEqual(environment["AWS_ENDPOINT_URL"], self.server.endpoint)
        self.assertEqual(environment["AWS_REGION"], REGION)
        self.assertEqual(environment["AWS_LAMBDA_FUNCTION_NAME"], "environment")
        self.assertRegex(environment["_X_AMZN_TRACE_ID"], "^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};")
        self.assertNotIn("NODE_EXTRA_CA_CERTS", environment)
        self.assertNotEqual(self.log("own-group"), [])

    def test_an_error_has_lambdas_shape(self) -> None:
        self.function("throws", "exports.handler = async () => { throw new TypeError('no'); };")
        response, payload = self.invoke("throws")
        self.assertEqual(response["FunctionError"], "Unhandled")
        self.assertEqual((payload["errorType"], payload["errorMessage"]), ("TypeError", "no"))
        self.assertEqual(payload["trace"][0], "TypeError: no")

    def test_the_timeout_ends_the_function(self) -> None:
        self.function("slow", "exports.handler = () => { for (;;); };", Timeout=1)
        started = time.monotonic()
        response, payload = self.invoke("slow")
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual((response["FunctionError"], payload["errorType"]), ("Unhandled", "Sandbox.Timedout"))
        self.assertRegex(payload["errorMessage"], r"^RequestId: \S+ Error: Task timed out after 1.00 seconds$")

    def test_a_function_that_exits_or_has_no_handler(self) -> None:
        self.function("exits", "exports.handler = async () => process.exit(3);")
        _, payload = self.invoke("exits")
        self.assertEqual(payload["errorType"], "Runtime.ExitError")
        self.assertRegex(payload["errorMessage"], "Runtime exited with error: exit status 3$")
        self.function("empty", "")
        self.assertEqual(self.invoke("empty")[1]["errorType"], "Runtime.HandlerNotFound")

    def test_an_event_is_answered_at_once_and_runs(self) -> None:
        self.function("event", "exports.handler = async () => console.log('ran');")
        response, payload = self.invoke("event", InvocationType="Event")
        self.assertEqual((response["StatusCode"], payload), (202, None))
        self.wait_for(lambda: "ran" in self.log("/aws/lambda/event"))

    def test_an_unknown_function(self) -> None:
        with self.assertRaises(ClientError) as caught:
            self.invoke("unknown")
        self.assertEqual(caught.exception.response["Error"]["Code"], "ResourceNotFoundException")

    def test_new_code_and_configuration(self) -> None:
        client = self.server.client("lambda")
        self.function("changes", "exports.handler = async () => 1;", TracingConfig={"Mode": "Active"})
        code = _zip("exports.handler = async () => process.env.OWN;")
        client.update_function_code(FunctionName="changes", ZipFile=code)
        client.update_function_configuration(
            FunctionName="changes",
            Environment={"Variables": {"OWN": "2"}},
            TracingConfig={"Mode": "PassThrough"},
            LoggingConfig={"LogFormat": "JSON", "LogGroup": "g"},
        )
        self.assertEqual(self.invoke("changes")[1], "2")
        configuration = client.get_function(FunctionName="changes")["Configuration"]
        self.assertEqual(configuration["TracingConfig"]["Mode"], "PassThrough")
        self.assertEqual(configuration["LoggingConfig"], {"LogFormat": "JSON", "LogGroup": "g"})
        self.assertIn(("aws_lambda_function", "changes"), self.inventory())


_COLLECT = """exports.handler = async (event) => {
    for (const { messageId, body } of event.Records) console.log(`batch of ${event.Records.length}: ${body}`);
    return { batchItemFailures: event.Records.filter(({ body }) => body === "poison").map(({ messageId }) =>
        ({ itemIdentifier: messageId })) };
};"""


class EventSourceMappingTest(FunctionTestCase):
    def queue(self, name: str, **attributes: str) -> tuple[str, str]:
        client = self.server.client("sqs")
        url = client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60", **attributes})["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    def bodies(self, url: str) -> list[str]:
        messages = self.server.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in messages]

    def depth(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    def test_a_batch_within_the_window_and_partial_failures(self) -> None:
        dead_url, dead_arn = self.queue("dead")
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
        url, arn = self.queue("work", RedrivePolicy=redrive)
        self.function("collect", _COLLECT)
        mapping = self.server.client("lambda").create_event_source_mapping(
            EventSourceArn=arn,
            FunctionName="collect",
            BatchSize=10,
            MaximumBatchingWindowInSeconds=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": 2},
        )
        self.assertIn(("aws_lambda_event_source_mapping", mapping["UUID"]), self.inventory())
        self.assertIn(("aws_sqs_queue", url), self.inventory())
        for body in ("a", "poison", "b"):
            self.server.client("sqs").send_message(QueueUrl=url, MessageBody=body)
        self.wait_for(lambda: self.bodies(dead_url) == ["poison"])
        self.assertEqual(self.depth(url), 0)
        lines = [line for line in self.log("/aws/lambda/collect") if line.startswith("batch of")]
        self.assertEqual(
            sorted(lines),
            ["batch of 1: poison", "batch of 3: a", "batch of 3: b", "batch of 3: poison"],
        )

    def test_an_error_keeps_the_whole_batch(self) -> None:
        url, arn = self.queue("errors")
        self.function("fails", "exports.handler = async () => { throw new Error('no'); };")
        self.server.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="fails")
        self.server.client("sqs").send_message(QueueUrl=url, MessageBody="a")
        self.wait_for(lambda: self.log("/aws/lambda/fails"))
        self.assertEqual(self.depth(url), 1)

    def test_a_visibility_timeout_shorter_than_the_function_is_refused(self) -> None:
        _, arn = self.queue("short", VisibilityTimeout="5")
        self.function("long", "exports.handler = async () => 1;", Timeout=6)
        with self.assertRaises(ClientError) as caught:
            self.server.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="long")
        self.assertIn("5 seconds is less than Function timeout: 6 seconds", str(caught.exception))
