"""CloudWatch Logs delivers log events into a data stream, as the role and the stream let it."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_GROUP = "/ecs/skymanuals-api"
_STREAM_ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT_ID}:stream/logs"
_REFUSED = "Could not deliver test message to specified Kinesis stream"


class SubscriptionTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.logs = self.server.client("logs")
        self.kinesis = self.server.client("kinesis")
        self.iam = self.server.client("iam")
        self.kinesis.create_stream(StreamName="logs", ShardCount=1, Tags={"Name": "logs"})
        self.logs.create_log_group(logGroupName=_GROUP)
        self.logs.create_log_stream(logGroupName=_GROUP, logStreamName="api/1")
        self.role_arn = self.iam.create_role(RoleName="deliver", AssumeRolePolicyDocument=trust())["Role"]["Arn"]
        self.iam.put_role_policy(RoleName="deliver", PolicyName="p", PolicyDocument=policy(_STREAM_ARN))

    def tearDown(self) -> None:
        self.logs.delete_log_group(logGroupName=_GROUP)
        for name in self.iam.list_role_policies(RoleName="deliver")["PolicyNames"]:
            self.iam.delete_role_policy(RoleName="deliver", PolicyName=name)
        self.iam.delete_role(RoleName="deliver")
        for name in self.kinesis.list_streams()["StreamNames"]:
            self.kinesis.delete_stream(StreamName=name)
        self.assertEqual(self.inventory(), [])

    def subscribe(self, name: str = "all", **changes: Any) -> None:
        self.logs.put_subscription_filter(
            **{
                "logGroupName": _GROUP,
                "filterName": name,
                "filterPattern": "",
                "destinationArn": _STREAM_ARN,
                "roleArn": self.role_arn,
                **changes,
            }
        )

    def put(self, *messages: str) -> int:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName=_GROUP, logStreamName="api/1", logEvents=events)
        return now

    def records(self) -> list[dict[str, Any]]:
        shard = self.kinesis.list_shards(StreamName="logs")["Shards"][0]["ShardId"]
        iterator = self.kinesis.get_shard_iterator(StreamName="logs", ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        records = self.kinesis.get_records(ShardIterator=iterator)["Records"]
        return [json.loads(gzip.decompress(record["Data"])) for record in records]

    def test_a_test_record_and_then_the_events_with_the_ids_of_filter_log_events(self) -> None:
        self.subscribe(distribution="Random")
        now = self.put("one", "zwei ü")
        control, data = self.records()
        self.assertEqual(control["messageType"], "CONTROL_MESSAGE")
        found = self.logs.filter_log_events(logGroupName=_GROUP)["events"]
        ids = [event["eventId"] for event in found]
        self.assertRegex(ids[0], r"^\d{56}$")
        self.assertEqual(
            data,
            {
                "messageType": "DATA_MESSAGE",
                "owner": ACCOUNT_ID,
                "logGroup": _GROUP,
                "logStream": "api/1",
                "subscriptionFilters": ["all"],
                "logEvents": [
                    {"id": ids[0], "timestamp": now, "message": "one"},
                    {"id": ids[1], "timestamp": now, "message": "zwei ü"},
                ],
            },
        )
        (described,) = self.logs.describe_subscription_filters(logGroupName=_GROUP)["subscriptionFilters"]
        self.assertEqual(described["distribution"], "Random")
        self.assertIn(("aws_cloudwatch_log_subscription_filter", f"{_GROUP}|all"), self.inventory())
        self.assertIn(("aws_kinesis_stream", "logs"), self.inventory())

    def assert_refused(self, code: str, message: str, **changes: Any) -> None:
        with self.assertRaises(self.logs.exceptions.ClientError) as caught:
            self.subscribe(**changes)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code)
        self.assertIn(message, error["Message"])
        self.assertEqual(self.records(), [])

    def test_what_cannot_be_delivered_is_refused(self) -> None:
        invalid = "InvalidParameterException"
        self.assert_refused(invalid, _REFUSED, destinationArn=_STREAM_ARN + "-gone")
        self.assert_refused(invalid, _REFUSED, roleArn=self.role_arn + "-gone")
        self.assert_refused(invalid, "without roleArn", roleArn=None)
        for trusted in (trust("lambda.amazonaws.com"), trust(source="arn:aws:logs:eu-west-1:222222222222:*")):
            self.iam.update_assume_role_policy(RoleName="deliver", PolicyDocument=trusted)
            self.assert_refused(invalid, _REFUSED)
        self.iam.update_assume_role_policy(RoleName="deliver", PolicyDocument=trust())
        self.iam.put_role_policy(RoleName="deliver", PolicyName="p", PolicyDocument=policy(_STREAM_ARN + "-other"))
        self.assert_refused(invalid, _REFUSED)
        self.iam.delete_role_policy(RoleName="deliver", PolicyName="p")
        self.assert_refused(invalid, _REFUSED)

    def test_two_filters_a_group_of_which_one_may_change(self) -> None:
        self.subscribe("one")
        self.subscribe("two")
        with self.assertRaises(self.logs.exceptions.LimitExceededException):
            self.subscribe("three")
        self.subscribe("two", distribution="Random")
        found = self.logs.describe_subscription_filters(logGroupName=_GROUP)["subscriptionFilters"]
        self.assertEqual([each["distribution"] for each in found], ["ByLogStream", "Random"])

    def test_a_filter_gets_what_its_pattern_matches(self) -> None:
        self.subscribe(filterPattern="ERROR")
        self.put("ERROR one", "INFO two")
        self.put("INFO three")
        events = [record["logEvents"] for record in self.records()[1:]]
        self.assertEqual([[event["message"] for event in each] for each in events], [["ERROR one"]])
        with self.assertRaises(self.logs.exceptions.InvalidParameterException):
            self.subscribe(filterPattern="{")

    def test_events_are_accepted_and_skipped_while_the_role_is_not_admitted(self) -> None:
        self.subscribe()
        self.iam.delete_role_policy(RoleName="deliver", PolicyName="p")
        self.put("skipped")
        self.iam.put_role_policy(RoleName="deliver", PolicyName="p", PolicyDocument=policy(_STREAM_ARN))
        self.put("delivered")
        delivered = [event["message"] for record in self.records()[1:] for event in record["logEvents"]]
        self.assertEqual(delivered, ["delivered"])

    def test_a_stream_has_the_tags_that_it_was_created_with(self) -> None:
        tags = self.kinesis.list_tags_for_stream(StreamName="logs")["Tags"]
        self.assertEqual(tags, [{"Key": "Name", "Value": "logs"}])

    def test_a_table_is_found(self) -> None:
        dynamodb = self.server.client("dynamodb")
        dynamodb.create_table(
            TableName="positions",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "leaseKey", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "leaseKey", "AttributeType": "S"}],
        )
        self.assertIn(("aws_dynamodb_table", "positions"), self.inventory())
        dynamodb.delete_table(TableName="positions")


def trust(service: str = "logs.amazonaws.com", source: str = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:*") -> str:
    """The documented trust policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"aws:SourceArn": source}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy(stream_arn: str) -> str:
    statement = {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": stream_arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
