"""Alarms fire: from metric data and log events to the message in a queue, and where nothing may arrive."""

from __future__ import annotations

import json
import time
import unittest
import urllib.error
from datetime import datetime, timedelta, timezone
from typing import Any

from .. import filter_patterns
from ..alarm_evaluation import Sample, Settings, Verdict, judge, period_starts, statistic
from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_CLOUDWATCH, _EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"


def _allow(service: str, *actions: str, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions), "Resource": "*"}
    return {**statement, "Condition": condition} if condition else statement


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


_OWNER = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
_KEY_ACTIONS = ("kms:GenerateDataKey*", "kms:Decrypt")


class AlarmTestCase(EmulatorTestCase):
    """An encrypted topic whose subscriber is a queue; the clock stands at a full hour, and is moved by the tests."""

    start = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)

    def setUp(self) -> None:
        self.cloudwatch, self.logs, self.events = map(self.server.client, ("cloudwatch", "logs", "events"))
        self.sns, self.sqs, self.kms = map(self.server.client, ("sns", "sqs", "kms"))
        self.server.control("POST", "summary/reset")
        self.server.control("DELETE", "metrics")
        self.set_clock(0)
        self.key = self.kms.create_key(Policy=self.key_policy(_CLOUDWATCH, _EVENTS))["KeyMetadata"]["KeyId"]
        self.topic = self.sns.create_topic(Name="page", Attributes={"KmsMasterKeyId": self.key})["TopicArn"]
        self.admit(
            _allow(_CLOUDWATCH, "sns:Publish", ArnLike={"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:*:alarm:*"})
        )
        self.queue = self.sqs.create_queue(QueueName="q")["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:q"
        self.let_into_queue(_allow("sns.amazonaws.com", "sqs:SendMessage", ArnEquals={"aws:SourceArn": self.topic}))
        self.subscription = self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.queue_arn)
        self.addCleanup(self.remove)

    def remove(self) -> None:
        self.server.control("DELETE", "clock")
        self.sns.unsubscribe(SubscriptionArn=self.subscription["SubscriptionArn"])
        self.sns.delete_topic(TopicArn=self.topic)
        self.sqs.delete_queue(QueueUrl=self.queue)
        self.kms.schedule_key_deletion(KeyId=self.key, PendingWindowInDays=7)
        types = ["MetricAlarm", "CompositeAlarm"]
        found = self.cloudwatch.describe_alarms(AlarmTypes=types)
        for composite in found["CompositeAlarms"]:
            self.cloudwatch.put_composite_alarm(AlarmName=composite["AlarmName"], AlarmRule="FALSE")
        for composite in found["CompositeAlarms"]:
            self.cloudwatch.delete_alarms(AlarmNames=[composite["AlarmName"]])
        names = [alarm["AlarmName"] for alarm in found["MetricAlarms"]]
        if names:
            self.cloudwatch.delete_alarms(AlarmNames=names)
        self.assertEqual(self.inventory(), [])

    @staticmethod
    def key_policy(*services: str) -> str:
        return _policy(_OWNER, *(_allow(service, *_KEY_ACTIONS) for service in services))

    def admit(self, *statements: dict[str, Any]) -> None:
        self.sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=_policy(*statements))

    def let_into_queue(self, *statements: dict[str, Any]) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": _policy(*statements)})

    def set_clock(self, minutes: float) -> None:
        self.now = self.start + timedelta(minutes=minutes)
        self.server.control("POST", "clock", {"now": self.now.isoformat()})

    def put_alarm(self, name: str, **changes: Any) -> None:
        settings = {
            "Namespace": "skymanuals",
            "MetricName": "errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [self.topic],
            "OKActions": [self.topic],
            **changes,
        }
        self.cloudwatch.put_metric_alarm(AlarmName=name, **{k: v for k, v in settings.items() if v is not None})

    def put(self, *values: float, name: str = "errors", **datum: Any) -> None:
        """Values of the minutes up to now, the newest last."""
        data = [
            {"MetricName": name, "Value": value, "Timestamp": self.now - timedelta(minutes=back), **datum}
            for back, value in zip(reversed(range(len(values))), values, strict=True)
        ]
        self.cloudwatch.put_metric_data(Namespace="skymanuals", MetricData=data)

    def evaluate(self, minutes: float | None = None) -> dict[str, str]:
        if minutes is not None:
            self.set_clock(minutes)
        states: dict[str, str] = self.server.control("POST", "alarms/evaluate", {})["states"].get(REGION, {})
        return states

    def messages(self) -> list[dict[str, Any]]:
        """SNS's envelopes, in their order."""
        answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        found = answer.get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    def changes(self) -> list[tuple[str, str, str]]:
        """Name, state before and state of what arrived."""
        documents = [json.loads(envelope["Message"]) for envelope in self.messages()]
        return [(each["AlarmName"], each["OldStateValue"], each["NewStateValue"]) for each in documents]

    def reasons(self) -> list[str]:
        return [each["reason"] for each in self.server.control("GET", "summary")["undelivered"]]


class FiringTest(AlarmTestCase):
    def test_the_message_of_a_metric_alarm_arrives_at_the_subscriber_of_an_encrypted_topic(self) -> None:
        dimensions = [{"Name": "Route", "Value": "/a"}]
        self.put_alarm("errors", AlarmDescription="What to do", Dimensions=dimensions, TreatMissingData="missing")
        self.put(5, Dimensions=[{"Name": "Route", "Value": "/b"}])
        self.put(5)
        self.assertEqual(self.messages(), [])
        self.put(2, Dimensions=dimensions)
        (envelope,) = self.messages()
        self.assertEqual(envelope["Type"], "Notification")
        self.assertEqual(envelope["TopicArn"], self.topic)
        self.assertEqual(envelope["Subject"], 'ALARM: "errors" in Europe (Ireland)')
        document = json.loads(envelope["Message"])
        document.pop("AlarmConfigurationUpdatedTimestamp")
        self.assertRegex(document.pop("StateChangeTime"), r"^2026-11-25T12:00:\d\d\.\d{3}\+0000$")
        self.assertEqual(
            document,
            {
                "AlarmName": "errors",
                "AlarmDescription": "What to do",
                "AWSAccountId": ACCOUNT_ID,
                "NewStateValue": "ALARM",
                "NewStateReason": "Threshold Crossed: 1 out of the last 1 datapoint [2.0 (25/11/26 12:00:00)] was "
                "greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).",
                "Region": "Europe (Ireland)",
                "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:errors",
                "OldStateValue": "INSUFFICIENT_DATA",
                "OKActions": [self.topic],
                "AlarmActions": [self.topic],
                "InsufficientDataActions": [],
                "Trigger": {
                    "MetricName": "errors",
                    "Namespace": "skymanuals",
                    "StatisticType": "Statistic",
                    "Statistic": "SUM",
                    "Unit": None,
                    "Dimensions": [{"value": "/a", "name": "Route"}],
                    "Period": 60,
                    "EvaluationPeriods": 1,
                    "DatapointsToAlarm": 1,
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                    "Threshold": 1.0,
                    "TreatMissingData": "missing",
                    "EvaluateLowSampleCountPercentile": "",
                },
            },
        )
        self.assertEqual(self.evaluate(2), {"errors": "ALARM"}, "CloudWatch looks two periods further back")
        self.set_clock(3)
        self.put(0, Dimensions=dimensions)
        self.assertEqual(self.changes(), [("errors", "ALARM", "OK")])
        self.assertEqual(self.evaluate(9), {"errors": "INSUFFICIENT_DATA"})
        self.assertEqual(self.messages(), [], "the alarm has no action for INSUFFICIENT_DATA")
        self.assertEqual(self.reasons(), [])
        self.assertEqual(len(self.server.control("GET", "deliveries")), 2)

    def test_an_alarm_without_enabled_actions_tells_nobody(self) -> None:
        self.put_alarm("errors", ActionsEnabled=False)
        self.put(2)
        self.assertEqual(self.evaluate(), {"errors": "ALARM"})
        self.assertEqual(self.messages(), [])

    def test_m_out_of_n_and_a_percentile(self) -> None:
        self.put_alarm("mn", EvaluationPeriods=3, DatapointsToAlarm=2)
        self.put_alarm("p90", Statistic=None, ExtendedStatistic="p90", Threshold=89.0, MetricName="latency")
        self.put(2, 0, 0)
        self.assertEqual(self.evaluate(), {"mn": "OK", "p90": "OK"})
        self.set_clock(1)
        self.put(3)
        self.assertEqual(self.evaluate()["mn"], "OK")
        self.set_clock(2)
        self.put(1)
        self.assertEqual(self.evaluate()["mn"], "ALARM")
        data = {"MetricName": "latency", "Values": [float(n) for n in range(1, 101)], "Timestamp": self.now}
        self.cloudwatch.put_metric_data(Namespace="skymanuals", MetricData=[data])
        self.assertEqual(self.evaluate()["p90"], "ALARM")

    def test_metric_math_is_evaluated_where_one_metric_gets_data(self) -> None:
        metrics = [
            {
                "Id": id_,
                "MetricStat": {"Metric": {"Namespace": "AWS/X", "MetricName": name}, "Period": 60, "Stat": "Sum"},
                "ReturnData": False,
            }
            for id_, name in (("errors", "5xx"), ("requests", "Count"))
        ]
        expression = "IF(requests > 10, 100 * FILL(errors, 0) / requests, 0)"
        self.put_alarm(
            "rate",
            **dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period")),
            Metrics=[*metrics, {"Id": "rate", "Expression": expression, "Label": "%"}],
            Threshold=5.0,
        )
        base = {"region": REGION, "namespace": "AWS/X"}
        for name, value, expected in (
            ("Count", 9, "OK"),
            ("Count", 11, "OK"),
            ("5xx", 0.5, "OK"),
            ("5xx", 0.5, "ALARM"),
        ):
            answer = self.server.control("POST", "metrics", {**base, "metricName": name, "value": value})
            self.assertEqual(answer, {"alarms": {"rate": expected}}, (name, value))
        changes = [json.loads(envelope["Message"]) for envelope in self.messages()]
        self.assertEqual([each["NewStateValue"] for each in changes], ["OK", "ALARM"])
        self.assertEqual([each["Id"] for each in changes[1]["Trigger"]["Metrics"]], ["errors", "requests", "rate"])

    def test_a_usage_metric_is_compared_with_its_quota(self) -> None:
        dimensions = {"Service": "Lambda", "Resource": "ConcurrentExecutions", "Type": "Resource", "Class": "None"}
        metric = {
            "Namespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        }
        stat = {"Metric": metric, "Period": 60, "Stat": "Maximum"}
        self.put_alarm(
            "usage",
            **dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period")),
            Metrics=[
                {"Id": "m1", "MetricStat": stat, "ReturnData": False},
                {"Id": "e1", "Expression": "m1 / SERVICE_QUOTA(m1) * 100"},
            ],
            Threshold=80.0,
        )
        document = {
            "region": REGION,
            "namespace": "AWS/Usage",
            "metricName": "ResourceCount",
            "dimensions": dimensions,
        }
        for value, expected in ((799, "OK"), (800, "ALARM")):
            answer = self.server.control("POST", "metrics", {**document, "value": value})
            self.assertEqual(answer, {"alarms": {"usage": expected}})

    def test_a_message_in_a_queue_fires_the_alarm_of_the_queue(self) -> None:
        dimensions = [{"Name": "QueueName", "Value": "dead"}]
        for metric in ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"):
            self.put_alarm(metric, Namespace="AWS/SQS", MetricName=metric, Dimensions=dimensions, Statistic="Maximum")
        dead = self.sqs.create_queue(QueueName="dead")["QueueUrl"]
        self.server.control("DELETE", "clock")
        self.assertEqual(set(self.evaluate().values()), {"OK"})
        self.messages()
        self.sqs.send_message(QueueUrl=dead, MessageBody="m")
        time.sleep(1.1)
        self.assertEqual(set(self.evaluate().values()), {"ALARM"})
        self.assertEqual(len(self.messages()), 2)
        self.sqs.delete_queue(QueueUrl=dead)

    def test_set_alarm_state_tells_the_actions_once(self) -> None:
        self.put_alarm("errors")
        for _ in range(2):
            self.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")
        (envelope,) = self.messages()
        self.assertEqual(json.loads(envelope["Message"])["NewStateReason"], "a drill")
        self.assertEqual(self.evaluate(), {"errors": "OK"})
        for params in ({"AlarmName": "none"}, {"StateReasonData": "{"}):
            with self.assertRaises(self.cloudwatch.exceptions.ClientError):
                self.cloudwatch.set_alarm_state(
                    **{"AlarmName": "errors", "StateValue": "OK", "StateReason": "r", **params}
                )

    def test_metric_data_is_read_back_by_period_newest_first(self) -> None:
        for value, seconds in ((10, -90), (20, -80), (90, -20)):
            when = self.now + timedelta(seconds=seconds)
            self.cloudwatch.put_metric_data(
                Namespace="Own", MetricData=[{"MetricName": "Time", "Value": value, "Timestamp": when}]
            )
        metric = {"Namespace": "Own", "MetricName": "Time"}
        window = {"StartTime": self.now - timedelta(minutes=5), "EndTime": self.now + timedelta(minutes=1)}
        queries = [
            {"Id": id_, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}
            for id_, stat in (("a", "Average"), ("b", "p100"), ("c", "SampleCount"))
        ]
        results = self.cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]
        self.assertEqual([result["Values"] for result in results], [[90, 15], [90, 20], [1, 2]])
        self.assertEqual(
            [moment - self.now for moment in results[0]["Timestamps"]],
            [timedelta(minutes=-1), timedelta(minutes=-2)],
        )
        with self.assertRaisesRegex(self.cloudwatch.exceptions.ClientError, "not unique"):
            self.cloudwatch.get_metric_data(MetricDataQueries=[queries[0], queries[0]], **window)
        with self.assertRaisesRegex(self.cloudwatch.exceptions.ClientError, "must be less than"):
            self.cloudwatch.get_metric_data(
                MetricDataQueries=queries, StartTime=window["EndTime"], EndTime=window["StartTime"]
            )

    def test_metric_data_that_aws_refuses(self) -> None:
        old = self.now - timedelta(days=15)
        for namespace, datum, expected in (
            ("AWS/ECS", {"Value": 1}, "The value AWS/ECS for parameter Namespace is invalid."),
            ("n", {"Value": 1, "Values": [1]}, "exactly one of"),
            ("n", {}, "one of Value, Values and StatisticValues is required"),
            ("n", {"Values": [1, 2], "Counts": [1]}, "must have the same size"),
            ("n", {"Value": 1, "Timestamp": old}, "at most two weeks old"),
        ):
            with self.subTest(expected), self.assertRaises(self.cloudwatch.exceptions.ClientError) as caught:
                self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "m", **datum}])
            self.assertIn(expected, caught.exception.response["Error"]["Message"])

    def test_a_control_route_refuses_what_it_cannot_use(self) -> None:
        for route, document, expected in (
            ("clock", {"now": "noon"}, "now must be a time in ISO 8601, not 'noon'"),
            ("alarms/evaluate", {"at": 1}, "at must be a time in ISO 8601"),
            ("metrics", {"region": REGION, "namespace": "n"}, "metricName must be a string"),
            ("metrics", {"region": REGION, "namespace": "n", "metricName": "m"}, "value must be a number"),
        ):
            with self.subTest(route), self.assertRaises(urllib.error.HTTPError) as caught:
                self.server.control("POST", route, document)
            self.assertIn(expected, json.load(caught.exception)["error"])
            caught.exception.close()


class AdmissionTest(AlarmTestCase):
    """Nothing arrives where a policy does not admit the sender, and the summary says why."""

    def fire(self) -> None:
        self.put_alarm("errors")
        self.put(2)
        self.assertEqual(self.evaluate(), {"errors": "ALARM"})

    def test_a_topic_that_does_not_admit_cloudwatch(self) -> None:
        self.admit(_allow(_EVENTS, "sns:Publish"))
        self.fire()
        self.assertEqual(self.messages(), [])
        self.assertEqual(self.reasons(), [f"the topic's policy does not let {_CLOUDWATCH} publish"])

    def test_a_topic_that_admits_another_accounts_alarms(self) -> None:
        self.admit(_allow(_CLOUDWATCH, "sns:Publish", StringEquals={"aws:SourceAccount": "222222222222"}))
        self.fire()
        self.assertEqual(self.reasons(), [f"the topic's policy does not let {_CLOUDWATCH} publish"])

    def test_a_topic_with_its_default_policy_admits_alarms(self) -> None:
        topic = self.sns.create_topic(Name="plain")["TopicArn"]
        self.put_alarm("errors", AlarmActions=[topic])
        self.put(2)
        self.assertEqual(self.reasons(), [])
        self.sns.delete_topic(TopicArn=topic)

    def test_a_key_that_does_not_admit_cloudwatch(self) -> None:
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=self.key_policy(_EVENTS))
        self.fire()
        self.assertEqual(self.messages(), [])
        self.assertEqual(
            self.reasons(), [f"the policy of key {self.key} does not let {_CLOUDWATCH} do kms:GenerateDataKey"]
        )

    def test_the_key_that_aws_manages(self) -> None:
        self.sns.set_topic_attributes(
            TopicArn=self.topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns"
        )
        self.fire()
        self.assertEqual(
            self.reasons(),
            [f"key alias/aws/sns is managed by AWS, and its policy does not admit {_CLOUDWATCH}"],
        )

    def test_a_queue_that_does_not_admit_the_topic(self) -> None:
        other = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:other"
        self.let_into_queue(_allow("sns.amazonaws.com", "sqs:SendMessage", ArnEquals={"aws:SourceArn": other}))
        self.fire()
        self.assertEqual(self.messages(), [])
        self.assertEqual(
            self.reasons(), ["the queue's policy does not let sns.amazonaws.com send messages of the topic"]
        )

    def test_an_encrypted_queue_whose_key_does_not_admit_sns(self) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"KmsMasterKeyId": self.key})
        self.fire()
        expected = f"the policy of key {self.key} does not let sns.amazonaws.com do kms:GenerateDataKey"
        self.assertEqual(self.reasons(), [expected])

    def test_an_action_that_is_no_topic(self) -> None:
        self.put_alarm("errors", AlarmActions=[f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:f"])
        self.put(2)
        self.assertEqual(self.reasons(), ["the emulator has no actions but SNS topics"])


class CompositeTest(AlarmTestCase):
    def put_composite(self, rule: str, **changes: Any) -> None:
        self.cloudwatch.put_composite_alarm(
            AlarmName="users", AlarmRule=rule, AlarmActions=[self.topic], OKActions=[self.topic], **changes
        )

    def put_children(self) -> None:
        for name in ("errors", "latency"):
            self.put_alarm(name, MetricName=name, AlarmActions=[], OKActions=[])
        self.put_alarm("deploying", MetricName="deploying", AlarmActions=[], OKActions=[])

    def put_suppressed(self, extension_seconds: int) -> None:
        """The composite alarm of `errors`, which waits two minutes for `deploying`; what its creation sent is read."""
        self.put_composite(
            "ALARM(errors)",
            ActionsSuppressor="deploying",
            ActionsSuppressorWaitPeriod=120,
            ActionsSuppressorExtensionPeriod=extension_seconds,
        )
        self.messages()

    def test_it_follows_its_rule_and_tells_its_actions(self) -> None:
        self.put_children()
        self.put_composite("ALARM(errors) AND NOT OK(latency)")
        self.assertEqual(self.changes(), [("users", "INSUFFICIENT_DATA", "OK")])
        self.put(2)
        (envelope,) = self.messages()
        document = json.loads(envelope["Message"])
        arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm"
        self.assertEqual((document["AlarmName"], document["NewStateValue"]), ("users", "ALARM"))
        self.assertEqual(document["AlarmRule"], "ALARM(errors) AND NOT OK(latency)")
        self.assertEqual(
            [(c["Arn"], c["State"]["Value"]) for c in document["TriggeringChildren"]], [(f"{arn}:errors", "ALARM")]
        )
        self.assertRegex(
            document["NewStateReason"], rf"^{arn}:errors transitioned to ALARM at Wednesday 25 November, 2026 12:00"
        )
        self.put(0, name="latency")
        self.assertEqual(self.changes(), [("users", "ALARM", "OK")])

    def test_a_composite_of_a_composite(self) -> None:
        self.put_children()
        self.put_composite("ALARM(errors)")
        self.cloudwatch.put_composite_alarm(AlarmName="top", AlarmRule="ALARM(users)", AlarmActions=[self.topic])
        self.messages()
        self.put(2)
        self.assertEqual(sorted(self.changes()), [("top", "OK", "ALARM"), ("users", "OK", "ALARM")])

    def test_a_circle_is_not_evaluated(self) -> None:
        self.put_children()
        self.put_composite("FALSE")
        self.cloudwatch.put_composite_alarm(AlarmName="top", AlarmRule="ALARM(users)")
        self.put_composite("ALARM(errors) OR ALARM(top)")
        self.put(2)
        self.assertEqual(self.evaluate()["users"], "OK")

    def test_a_suppressor_that_is_in_alarm(self) -> None:
        self.put_children()
        self.put_suppressed(extension_seconds=180)
        self.put(1, name="deploying")
        self.put(2)
        self.assertEqual(self.evaluate()["users"], "ALARM")
        self.assertEqual(self.messages(), [])
        for minute in (1, 2, 3, 4):
            self.set_clock(minute)
            self.put(2)
            self.put(1 if minute < 2 else 0, name="deploying")
        self.assertEqual(self.messages(), [], "the extension period is not over")
        self.set_clock(5.5)
        self.put(2)
        self.assertEqual(self.changes(), [("users", "OK", "ALARM")])

    def test_it_waits_for_the_suppressor(self) -> None:
        self.put_children()
        self.put_suppressed(extension_seconds=60)
        self.put(2)
        self.set_clock(1)
        self.put(2)
        self.assertEqual(self.messages(), [])
        self.set_clock(2.5)
        self.put(2)
        self.assertEqual(self.changes(), [("users", "OK", "ALARM")])

    def test_what_ends_while_it_waits_is_not_told(self) -> None:
        self.put_children()
        self.put_suppressed(extension_seconds=60)
        self.put(2)
        self.assertEqual(self.evaluate(1.5)["users"], "ALARM")
        self.assertEqual(self.evaluate(5)["users"], "OK")
        self.assertEqual(self.messages(), [])


class LogTest(AlarmTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logs.create_log_group(logGroupName="/api")
        self.logs.create_log_stream(logGroupName="/api", logStreamName="s")

    def remove(self) -> None:
        self.logs.delete_log_group(logGroupName="/api")
        super().remove()

    def log(self, *messages: str) -> None:
        now = int(datetime.now(timezone.utc).timestamp() * 1000)
        self.logs.put_log_events(
            logGroupName="/api", logStreamName="s", logEvents=[{"timestamp": now, "message": m} for m in messages]
        )

    def test_a_log_event_fires_the_alarm_of_its_metric_filter(self) -> None:
        self.server.control("DELETE", "clock")
        self.put_alarm("errors")
        self.logs.put_metric_filter(
            logGroupName="/api",
            filterName="f",
            filterPattern='{ $.level = "error" && $.status >= 500 }',
            metricTransformations=[{"metricName": "errors", "metricNamespace": "skymanuals", "metricValue": "1"}],
        )
        self.log('{"level": "error", "status": 404}', "error 500", '{"level": "info", "status": 500}')
        self.assertEqual(self.messages(), [])
        self.log('{"level": "error", "status": 503}')
        self.assertEqual(self.changes(), [("errors", "INSUFFICIENT_DATA", "ALARM")])

    def test_value_dimensions_and_default(self) -> None:
        self.server.control("DELETE", "clock")
        dimensions = [{"Name": "Route", "Value": "/a"}]
        self.put_alarm("slow", MetricName="slow", Threshold=900.0, Dimensions=dimensions, TreatMissingData="missing")
        self.put_alarm("few", MetricName="few", Threshold=0.5, ComparisonOperator="LessThanThreshold")
        for name, pattern, transformation in (
            ("slow", "{ $.ms > 100 }", {"metricValue": "$.ms", "dimensions": {"Route": "$.route"}}),
            ("few", "ok", {"metricValue": "1", "defaultValue": 0}),
        ):
            self.logs.put_metric_filter(
                logGroupName="/api",
                filterName=name,
                filterPattern=pattern,
                metricTransformations=[{"metricName": name, "metricNamespace": "skymanuals", **transformation}],
            )
        self.log('{"ms": 950, "route": "/b"}', '{"ms": 950}')
        self.assertEqual(self.changes(), [("few", "INSUFFICIENT_DATA", "ALARM")])
        self.log('{"ms": 950, "route": "/a"}')
        self.assertEqual(self.changes(), [("slow", "INSUFFICIENT_DATA", "ALARM")])


class EventTest(AlarmTestCase):
    def put_rule(self, pattern: dict[str, Any], **target: Any) -> None:
        self.events.put_rule(Name="r", EventPattern=json.dumps(pattern))
        self.events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": self.topic, **target}])
        self.addCleanup(self.events.delete_rule, Name="r")
        self.addCleanup(self.events.remove_targets, Rule="r", Ids=["t"])

    def send(self) -> None:
        detail = json.dumps({"group": "service:api", "stoppedReason": 'Essential "api" exited', "count": 2})
        entry = {"Source": "app", "DetailType": "Task Stopped", "Detail": detail}
        self.events.put_events(Entries=[entry])

    def test_a_topic_gets_what_the_input_transformer_makes(self) -> None:
        self.admit(_allow(_EVENTS, "sns:Publish"))
        transformer = {
            "InputPathsMap": {"why": "$.detail.stoppedReason", "kind": "$.detail-type", "n": "$.detail.count"},
            "InputTemplate": '"<kind>: <why> (<n>)"',
        }
        self.put_rule({"source": ["app"]}, InputTransformer=transformer)
        self.send()
        (envelope,) = self.messages()
        self.assertEqual(envelope["Message"], r'"Task Stopped: Essential \"api\" exited (2)"')

    def test_a_topic_gets_the_event(self) -> None:
        self.admit(_allow(_EVENTS, "sns:Publish"))
        self.put_rule({"source": ["app"], "detail": {"group": ["service:api"]}})
        self.send()
        (envelope,) = self.messages()
        event = json.loads(envelope["Message"])
        self.assertEqual((event["detail-type"], event["detail"]["count"]), ("Task Stopped", 2))
        self.events.disable_rule(Name="r")
        self.send()
        self.assertEqual(self.messages(), [])

    def test_a_condition_in_the_topics_policy_is_not_met(self) -> None:
        """EventBridge sends no aws:SourceArn to SNS."""
        rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/r"
        self.admit(_allow(_EVENTS, "sns:Publish", ArnEquals={"aws:SourceArn": rule}))
        self.put_rule({"source": ["app"]})
        self.send()
        self.assertEqual(self.messages(), [])
        self.assertEqual(self.reasons(), [f"the topic's policy does not let {_EVENTS} publish"])

    def test_a_key_that_does_not_admit_eventbridge(self) -> None:
        self.admit(_allow(_EVENTS, "sns:Publish"))
        self.kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=self.key_policy(_CLOUDWATCH))
        self.put_rule({"source": ["app"]})
        self.send()
        self.assertEqual(
            self.reasons(), [f"the policy of key {self.key} does not let {_EVENTS} do kms:GenerateDataKey"]
        )

    def test_a_queue_is_a_target_where_it_admits_the_rule(self) -> None:
        self.put_rule({"source": ["app"]}, Arn=self.queue_arn)
        self.send()
        self.assertEqual(self.reasons(), [f"the queue's policy does not let {_EVENTS} send messages of the rule"])
        rule = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:rule/r"
        self.let_into_queue(_allow(_EVENTS, "sqs:SendMessage", ArnEquals={"aws:SourceArn": rule}))
        self.send()
        (event,) = self.messages()
        self.assertEqual(event["detail-type"], "Task Stopped")

    def test_the_change_of_an_alarm_is_an_event(self) -> None:
        self.admit(_allow(_EVENTS, "sns:Publish"))
        self.put_rule({"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
        self.put_alarm("errors", AlarmActions=[], OKActions=[])
        self.put(0)
        self.put(2)
        (envelope,) = self.messages()
        event = json.loads(envelope["Message"])
        self.assertEqual(event["detail-type"], "CloudWatch Alarm State Change")
        self.assertEqual((event["detail"]["alarmName"], event["detail"]["previousState"]["value"]), ("errors", "OK"))


class EvaluationTest(unittest.TestCase):
    """The tables of "Configuring how CloudWatch alarms treat missing data": 0 does not breach, X does, - is missing."""

    def judged(self, points: str, treatment: str, wanted: int = 3, to_alarm: int = 3) -> Verdict:
        settings = Settings("GreaterThanThreshold", 0.5, wanted, to_alarm, treatment)
        values = {time: float(p == "X") for time, p in enumerate(points.replace(" ", "")) if p != "-"}
        return judge(settings, range(len(points.replace(" ", ""))), values, "CURRENT")

    def test_missing_data(self) -> None:
        treatments = ("missing", "ignore", "breaching", "notBreaching")
        for points, to_alarm, expected in (
            ("0 - X - X", 3, ("OK", "OK", "OK", "OK")),
            ("0 - - - -", 3, ("OK", "OK", "OK", "OK")),
            ("- - - - -", 3, ("INSUFFICIENT_DATA", "CURRENT", "ALARM", "OK")),
            ("0 X X - X", 3, ("ALARM", "ALARM", "ALARM", "ALARM")),
            ("- - X - -", 3, ("ALARM", "CURRENT", "ALARM", "OK")),
            ("0 - X - X", 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
            ("0 0 X 0 X", 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
            ("- - - - 0", 2, ("OK", "OK", "ALARM", "OK")),
            ("- - - X -", 2, ("ALARM", "CURRENT", "ALARM", "OK")),
            ("- - - - X", 3, ("CURRENT", "CURRENT", "ALARM", "OK")),
        ):
            for treatment, state in zip(treatments, expected, strict=True):
                with self.subTest(points=points, to_alarm=to_alarm, treatment=treatment):
                    self.assertEqual(self.judged(points, treatment, to_alarm=to_alarm).state, state)

    def test_comparisons(self) -> None:
        for comparison, expected in (
            ("GreaterThanThreshold", ["OK", "OK", "ALARM"]),
            ("GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]),
            ("LessThanThreshold", ["ALARM", "OK", "OK"]),
            ("LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]),
        ):
            settings = Settings(comparison, 5, 1, 1, "missing")
            self.assertEqual([judge(settings, [0], {0: value}, "OK").state for value in (4, 5, 6)], expected)

    def test_statistics(self) -> None:
        samples = [Sample(1, 4, 4, 4, (4,)), Sample(1, 8, 8, 8, (8,)), Sample(2, 2, 0, 2, (0, 2))]
        expected = {"SampleCount": 4, "Sum": 14, "Average": 3.5, "Minimum": 0, "Maximum": 8, "p50": 3, "p100": 8}
        self.assertEqual({name: statistic(name, samples) for name in expected}, expected)
        self.assertIsNone(statistic("Sum", []))
        self.assertIsNone(statistic("p50", [Sample(2, 2, 0, 2, None)]))

    def test_the_period_that_is_not_over_counts_once_it_has_data(self) -> None:
        self.assertEqual(period_starts(630, 300, 1, lambda start: start == 600), (0, 300, 600))
        self.assertEqual(period_starts(630, 300, 1, lambda _: False), (-300, 0, 300))

    def test_reasons(self) -> None:
        self.assertEqual(
            self.judged("- - - - -", "breaching").reason,
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
            "[Breaching].",
        )
        self.assertEqual(
            self.judged("0", "missing", 1, 1).reason,
            "Threshold Crossed: 1 datapoint [0.0 (01/01/70 00:00:00)] was not greater than the threshold (0.5).",
        )


class FilterPatternTest(unittest.TestCase):
    event = json.dumps(
        {
            "level": "error",
            "status": 503,
            "user": None,
            "ok": False,
            "path": "/api/v1/manuals",
            "tags": ["a", "b"],
            "detail": {"a.b": 1, "ms": 12.5},
        }
    )

    def matches(self, pattern: str, message: str | None = None) -> bool:
        return filter_patterns.parse(pattern).match(message or self.event) is not None

    def test_terms(self) -> None:
        message = "ERROR: two words in [main]"
        for pattern, expected in (
            ("", True),
            ("ERROR words", True),
            ("ERROR Words", False),
            ('"two words"', True),
            ('"words two"', False),
            ("?WARN ?ERROR", True),
            ("?WARN ?FATAL", False),
            ("ERROR -main", False),
            ('ERROR -"[other]"', True),
            ("%E[A-Z]+:%", True),
            ("%[0-9]%", False),
        ):
            with self.subTest(pattern):
                self.assertEqual(self.matches(pattern, message), expected)

    def test_json(self) -> None:
        for pattern, expected in (
            ('{ $.level = "error" }', True),
            ("{ $.level = error && $.status >= 500 }", True),
            ('{ $.level = "warn" || ($.status > 502 && $.status < 504) }', True),
            ("{ $.status = 503 }", True),
            ("{ $.status != 503 }", False),
            ("{ $.nothing != 1 }", False),
            ("{ $.nothing NOT EXISTS }", True),
            ("{ $.user IS NULL }", True),
            ("{ $.ok IS FALSE }", True),
            ("{ $.ok IS TRUE }", False),
            ('{ $.path = "/api/*/manuals" }', True),
            ("{ $.path = %v[0-9]% }", True),
            ('{ $.tags[1] = "b" }', True),
            ('{ $.tags[*] = "b" }', True),
            ("{ $.detail['a.b'] = 1 }", True),
            ("{ $.detail.ms = 12.5 }", True),
            ("{ $.level > 1 }", False),
        ):
            with self.subTest(pattern):
                self.assertEqual(self.matches(pattern), expected)
        self.assertFalse(self.matches('{ $.level = "error" }', "level=error"))

    def test_space_delimited(self) -> None:
        message = '203.0.113.9 - alice [10/Oct/2026:13:55:36] "GET /a.html HTTP/1.1" 404 1534'
        for pattern, expected in (
            ("[ip, id, user, time, request, status, bytes]", True),
            ("[ip, id, user, time, request]", False),
            ("[ip, id, user, time, request = *.html*, status = 4*, bytes]", True),
            ("[..., status = 404, bytes > 1000]", True),
            ("[ip, ..., bytes < 1000]", False),
            ("[ip, id, user, time, request, status = 200 || status = 404, bytes]", True),
            ('[ip = "203.0.113.*", ..., status != 404, bytes]', False),
        ):
            with self.subTest(pattern):
                self.assertEqual(self.matches(pattern, message), expected)
        found = filter_patterns.parse("[..., status, bytes]").match(message)
        assert found is not None
        self.assertEqual(found("$bytes"), "1534")

    def test_what_is_no_pattern_is_refused(self) -> None:
        for pattern in (
            "{ $.level }",
            "{ level = 1 }",
            "{ $.level == 1 }",
            "{ $.level = 1",
            "{ $.a > high }",
            "[a = ]",
            "[a, ..., b, ...]",
            "a:b",
            '"open',
            "?a b",
            "%(group)%",
            "%a% %b% %c%",
        ):
            with self.subTest(pattern), self.assertRaises(filter_patterns.InvalidPattern):
                filter_patterns.parse(pattern)
