"""Functions that run, and what invokes them."""

from __future__ import annotations

import base64
import io
import json
import time
import unittest
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from botocore.exceptions import ClientError

from emulator.extensions.s3_notifications import PRINCIPAL_ID
from emulator.schedules import next_time

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
        self.assertRegex(environment["NODE_EXTRA_CA_CERTS"], "/local-ca\\.pem$")
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


class ScheduleTest(FunctionTestCase):
    def test_a_schedule_invokes_its_function_with_its_input(self) -> None:
        arn = self.function("scheduled", "exports.handler = async (event) => console.log(`due ${event.a}`);")
        soon = datetime.now(timezone.utc) + timedelta(seconds=2)
        self.server.client("scheduler").create_schedule(
            Name="s",
            ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": arn, "RoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/r", "Input": '{"a": 1}'},
        )
        self.assertIn(("aws_scheduler_schedule", "default/s"), self.inventory())
        self.wait_for(lambda: "due 1" in self.log("/aws/lambda/scheduled"))


class SubscriptionTest(FunctionTestCase):
    def test_topics_and_rules_invoke_a_function_that_admits_them(self) -> None:
        code = """exports.handler = async (event) =>
            console.log(event.Records ? `topic ${event.Records[0].Sns.Message}` : `rule ${event.detail.a}`);"""
        arn = self.function("told", code)
        sns, events, lambda_ = map(self.server.client, ("sns", "events", "lambda"))
        topic = sns.create_topic(Name="t")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        rule = events.put_rule(Name="r", EventPattern='{"source": ["app"]}')["RuleArn"]
        events.put_targets(Rule="r", Targets=[{"Id": "f", "Arn": arn}])
        entry = {"Source": "app", "DetailType": "d", "Detail": '{"a": 1}'}
        sns.publish(TopicArn=topic, Message="no")
        events.put_events(Entries=[entry])
        refused = [each["reason"] for each in self.server.control("GET", "summary")["undelivered"]]
        self.assertEqual(
            refused,
            [
                "the function's policy does not let sns.amazonaws.com invoke it for the topic",
                "the function's policy does not let events.amazonaws.com invoke it",
            ],
        )
        for service, source in (("sns", topic), ("events", rule)):
            lambda_.add_permission(
                FunctionName="told",
                StatementId=service,
                Action="lambda:InvokeFunction",
                Principal=f"{service}.amazonaws.com",
                SourceArn=source,
            )
        sns.publish(TopicArn=topic, Message="yes")
        events.put_events(Entries=[entry])
        self.wait_for(lambda: {"topic yes", "rule 1"} <= set(self.log("/aws/lambda/told")))
        self.assertNotIn("topic no", self.log("/aws/lambda/told"))


class NextTimeTest(unittest.TestCase):
    def next(self, expression: str, after: str, time_zone: str = "UTC") -> str:
        def utc(text: str) -> datetime:
            return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)

        when = next_time(expression, time_zone, utc(after), utc("2026-01-01T00:00:30"))
        return f"{when:%Y-%m-%dT%H:%M:%S}" if when else "never"

    def test_rates_count_from_the_creation(self) -> None:
        self.assertEqual(self.next("rate(5 minutes)", "2026-01-01T00:05:29"), "2026-01-01T00:05:30")
        self.assertEqual(self.next("rate(1 hour)", "2026-01-01T01:00:30"), "2026-01-01T02:00:30")

    def test_cron(self) -> None:
        self.assertEqual(self.next("cron(0 3 * * ? *)", "2026-01-01T03:00:00"), "2026-01-02T03:00:00")
        self.assertEqual(self.next("cron(0/20 9-10 ? * MON-FRI *)", "2026-01-02T10:40:00"), "2026-01-05T09:00:00")
        self.assertEqual(self.next("cron(0 0 1 JAN,jul ? *)", "2026-01-01T00:00:00"), "2026-07-01T00:00:00")
        self.assertEqual(self.next("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00"), "never")

    def test_cron_in_a_time_zone(self) -> None:
        self.assertEqual(self.next("cron(0 3 * * ? *)", "2026-07-01T00:00:00", "Europe/Berlin"), "2026-07-01T01:00:00")

    def test_once(self) -> None:
        self.assertEqual(self.next("at(2026-01-01T00:01:00)", "2026-01-01T00:00:59"), "2026-01-01T00:01:00")
        self.assertEqual(self.next("at(2026-01-01T00:01:00)", "2026-01-01T00:01:00"), "never")


class NotificationTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.s3 = self.server.client("s3")
        self.sqs = self.server.client("sqs")

    def queue(self, name: str, allowed: bool) -> tuple[str, str]:
        statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})} if allowed else {}
        return (
            self.sqs.create_queue(QueueName=name, Attributes=policy)["QueueUrl"],
            f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}",
        )

    def bucket(self, name: str, **settings: Any) -> None:
        where = {"LocationConstraint": REGION}
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration=where, **settings)
        versioning = {"Status": "Enabled"}
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)

    def notify(self, bucket: str, queue_arn: str) -> None:
        configuration = {"QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"]}
        self.s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [configuration]}
        )

    def test_names_version_uploader_and_order(self) -> None:
        url, arn = self.queue("events", allowed=True)
        self.bucket("notified")
        self.notify("notified", arn)
        versions = [self.s3.put_object(Bucket="notified", Key="a b/ü", Body=body)["VersionId"] for body in ("1", "22")]
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        bodies = [json.loads(message["Body"]) for message in messages]
        self.assertEqual(bodies[0]["Event"], "s3:TestEvent")
        records = [body["Records"][0] for body in bodies[1:]]
        objects = [record["s3"]["object"] for record in records]
        self.assertEqual([object_["versionId"] for object_ in objects], versions)
        self.assertEqual([object_["key"] for object_ in objects], ["a+b%2F%C3%BC"] * 2)
        self.assertLess(objects[0]["sequencer"], objects[1]["sequencer"])
        self.assertEqual(records[0]["userIdentity"]["principalId"], PRINCIPAL_ID)

    def test_requests_without_a_signature_write_read_and_notify_each_time(self) -> None:
        url, arn = self.queue("unsigned", allowed=True)
        self.bucket("unsigned")
        self.notify("unsigned", arn)
        address = f"{self.server.endpoint}/unsigned/folder/k"
        versions = []
        for body in (b"1", b"22"):
            headers = {"Content-Type": "text/markdown"}
            request = Request(address, data=body, method="PUT", headers=headers)
            with urlopen(request, timeout=60) as response:
                versions.append(response.headers["x-amz-version-id"])
        with urlopen(address, timeout=60) as response:
            self.assertEqual((response.read(), response.headers["Content-Type"]), (b"22", "text/markdown"))
        listed = self.s3.list_object_versions(Bucket="unsigned")["Versions"]
        self.assertEqual(sorted(each["VersionId"] for each in listed), sorted(versions))
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        records = [record for m in messages for record in json.loads(m["Body"]).get("Records", [])]
        self.assertEqual([record["s3"]["object"]["versionId"] for record in records], versions)

    def test_a_queue_that_s3_may_not_write_to_is_refused(self) -> None:
        _, arn = self.queue("closed", allowed=False)
        self.bucket("refused")
        with self.assertRaises(ClientError) as caught:
            self.notify("refused", arn)
        self.assertIn("Unable to validate the following destination", str(caught.exception))

    def test_one_of_many_conditional_writes_succeeds(self) -> None:
        self.bucket("conditional")

        def put(number: int) -> bool:
            try:
                self.server.client("s3").put_object(Bucket="conditional", Key="k", Body=str(number), IfNoneMatch="*")
            except ClientError as refused:
                self.assertEqual(refused.response["ResponseMetadata"]["HTTPStatusCode"], 412)
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            self.assertEqual(sum(pool.map(put, range(64))), 1)
        self.assertEqual(len(self.s3.list_object_versions(Bucket="conditional")["Versions"]), 1)

    def test_object_lock(self) -> None:
        self.bucket("locked", ObjectLockEnabledForBucket=True)
        retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        self.s3.put_object_lock_configuration(
            Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention}
        )
        plain = self.server.client("s3", checksums="when_required")
        with self.assertRaises(ClientError) as caught:
            plain.put_object(Bucket="locked", Key="k", Body=b"1")
        self.assertIn("Content-MD5", str(caught.exception))
        version = self.s3.put_object(Bucket="locked", Key="k", Body=b"1")["VersionId"]
        # Without a default for new objects, the old one stays locked.
        self.s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
        self.assertNotIn("Rule", self.s3.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"])
        with self.assertRaises(ClientError):
            self.s3.delete_object(Bucket="locked", Key="k", VersionId=version)
        self.s3.delete_object(Bucket="locked", Key="k", VersionId=version, BypassGovernanceRetention=True)
        self.s3.delete_bucket(Bucket="locked")


class QueueTest(EmulatorTestCase):
    def test_an_attribute_that_is_set_leaves_the_others(self) -> None:
        client = self.server.client("sqs")
        url = client.create_queue(QueueName="q")["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:q"
        statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        allow = json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        client.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": allow})
        client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})

        def attributes(*names: str) -> dict[str, str]:
            found: dict[str, str] = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            return found

        found = attributes("Policy", "RedriveAllowPolicy", "VisibilityTimeout")
        expected = {"Policy": json.loads(policy), "RedriveAllowPolicy": json.loads(allow), "VisibilityTimeout": 7}
        self.assertEqual({name: json.loads(text) for name, text in found.items()}, expected)
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": "", "RedriveAllowPolicy": ""})
        left = attributes("All")
        self.assertNotIn("Policy", left)
        self.assertNotIn("RedriveAllowPolicy", left)

    def test_a_redrive_policy_is_returned_as_it_was_sent(self) -> None:
        client = self.server.client("sqs")
        client.create_queue(QueueName="target")
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:target"
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5}, separators=(",", ":"))
        url = client.create_queue(QueueName="source", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(found["RedrivePolicy"], redrive)

    def test_a_form_posted_to_a_queues_url_needs_no_signature(self) -> None:
        url = self.server.client("sqs").create_queue(QueueName="open")["QueueUrl"]

        def post(**form: str) -> str:
            with urlopen(Request(url, data=urlencode(form).encode()), timeout=60) as response:
                text: str = response.read().decode()
                return text

        post(Action="SendMessage", MessageBody="a b&c")
        self.assertIn("<Body>a b&amp;c</Body>", post(Action="ReceiveMessage"))
