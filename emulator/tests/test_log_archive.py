"""CloudWatch Logs and Firehose deliver log events into a bucket, as the roles and the bucket let them."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_GROUP = "/ecs/skymanuals-api"
_STREAM_ARN = f"arn:aws:firehose:{REGION}:{ACCOUNT_ID}:deliverystream/archive"
_BUCKET = "skymanuals-archive"
_ERRORS = "/aws/kinesisfirehose/archive"


class LogArchiveTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.logs, self.firehose = self.server.client("logs"), self.server.client("firehose")
        self.iam, self.s3 = self.server.client("iam"), self.server.client("s3")
        self.s3.create_bucket(
            Bucket=_BUCKET,
            ObjectLockEnabledForBucket=True,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2557}}
        self.s3.put_object_lock_configuration(
            Bucket=_BUCKET, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
        self.logs.create_log_group(logGroupName=_GROUP)
        self.logs.create_log_stream(logGroupName=_GROUP, logStreamName="api/1")
        self.logs.create_log_group(logGroupName=_ERRORS)
        self.logs.create_log_stream(logGroupName=_ERRORS, logStreamName="delivery")
        self.deliver_arn = self.role("deliver", "firehose.amazonaws.com", "s3:PutObject", f"arn:aws:s3:::{_BUCKET}/*")
        self.feed_arn = self.role("feed", "logs.amazonaws.com", "firehose:PutRecord", _STREAM_ARN)

    def role(self, name: str, service: str, action: str, resource: str) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        self.allow(name, action, resource)
        return str(role["Role"]["Arn"])

    def allow(self, name: str, action: str, resource: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(statement))

    def tearDown(self) -> None:
        for name in self.firehose.list_delivery_streams()["DeliveryStreamNames"]:
            self.firehose.delete_delivery_stream(DeliveryStreamName=name)
        for group in (_GROUP, _ERRORS):
            self.logs.delete_log_group(logGroupName=group)
        for name in ("deliver", "feed"):
            self.iam.delete_role_policy(RoleName=name, PolicyName="p")
            self.iam.delete_role(RoleName=name)
        for version in self.s3.list_object_versions(Bucket=_BUCKET).get("Versions", []):
            self.s3.delete_object(
                Bucket=_BUCKET,
                Key=version["Key"],
                VersionId=version["VersionId"],
                BypassGovernanceRetention=True,
            )
        self.s3.delete_bucket(Bucket=_BUCKET)
        self.assertEqual(self.inventory(), [])

    def create(self, **changes: Any) -> None:
        destination = {
            "RoleARN": self.deliver_arn,
            "BucketARN": f"arn:aws:s3:::{_BUCKET}",
            "Prefix": "logs/day=!{timestamp:yyyy-MM-dd}/",
            "ErrorOutputPrefix": "undelivered/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/",
            "CompressionFormat": "GZIP",
            "ProcessingConfiguration": {
                "Enabled": True,
                "Processors": [{"Type": "Decompression"}, {"Type": "AppendDelimiterToRecord"}],
            },
            "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": _ERRORS, "LogStreamName": "delivery"},
            **changes,
        }
        self.firehose.create_delivery_stream(
            DeliveryStreamName="archive", ExtendedS3DestinationConfiguration=destination
        )

    def subscribe(self, name: str = "archive", **changes: Any) -> None:
        parameters = {"filterPattern": "", "destinationArn": _STREAM_ARN, "roleArn": self.feed_arn, **changes}
        self.logs.put_subscription_filter(logGroupName=_GROUP, filterName=name, **parameters)

    def put(self, *messages: str) -> int:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName=_GROUP, logStreamName="api/1", logEvents=events)
        return now

    def objects(self) -> list[dict[str, Any]]:
        found = self.s3.list_objects_v2(Bucket=_BUCKET).get("Contents", [])
        return [{**self.s3.get_object(Bucket=_BUCKET, Key=each["Key"]), "Key": each["Key"]} for each in found]

    def test_a_line_in_and_a_locked_object_out(self) -> None:
        self.create()
        self.subscribe()
        self.put("one", "zwei ü")
        bodies = []
        for found in self.objects():
            self.assertRegex(
                found["Key"],
                r"^logs/day=\d{4}-\d\d-\d\d/archive-1-\d{4}(-\d\d){5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.gz$",
            )
            self.assertEqual(found["ObjectLockMode"], "GOVERNANCE")
            bodies.append(gzip.decompress(found["Body"].read()).decode())
        self.assertTrue(all(body.endswith("}\n") for body in bodies))
        lines = sorted((json.loads(body) for body in bodies), key=lambda line: str(line["messageType"]))
        self.assertEqual([line["messageType"] for line in lines], ["CONTROL_MESSAGE", "DATA_MESSAGE"])
        self.assertEqual(lines[1]["logGroup"], _GROUP)
        self.assertEqual([event["message"] for event in lines[1]["logEvents"]], ["one", "zwei ü"])
        self.assertIn(("aws_kinesis_firehose_delivery_stream", _STREAM_ARN), self.inventory())

    def assert_refused(self, message: str, **changes: Any) -> None:
        with self.assertRaises(self.firehose.exceptions.InvalidArgumentException) as caught:
            self.create(**changes)
        self.assertIn(message, caught.exception.response["Error"]["Message"])
        self.assertEqual(self.firehose.list_delivery_streams()["DeliveryStreamNames"], [])

    def test_what_firehose_cannot_deliver_with_is_refused(self) -> None:
        self.assert_refused("unable to assume role", RoleARN=self.feed_arn)
        self.assert_refused("unable to assume role", RoleARN=self.deliver_arn + "-gone")
        self.assert_refused("exists and is accessible", BucketARN="arn:aws:s3:::skymanuals-archive-gone")
        self.assert_refused("ErrorOutputPrefix cannot be null or empty", ErrorOutputPrefix="")
        self.assert_refused(
            "ErrorOutputPrefix must contain !{firehose:error-output-type}",
            ErrorOutputPrefix="errors/!{timestamp:yyyy}/",
        )
        self.assert_refused("Prefix cannot contain", Prefix="!{firehose:error-output-type}/")
        self.assert_refused("!{timestamp:QQQ} is not supported", Prefix="logs/!{timestamp:QQQ}/")
        self.assert_refused("!{partitionKeyFromQuery:a}", Prefix="logs/!{partitionKeyFromQuery:a}/")

    def test_a_subscription_is_refused_whose_role_may_not_put_records(self) -> None:
        invalid = self.logs.exceptions.InvalidParameterException
        refused = "Could not deliver test message to specified Firehose stream"
        with self.assertRaisesRegex(invalid, refused):
            self.subscribe()
        self.create()
        with self.assertRaisesRegex(invalid, refused):
            self.subscribe(roleArn=self.deliver_arn)
        with self.assertRaisesRegex(invalid, "vendor firehose cannot be used without roleArn"):
            self.subscribe(roleArn=None)
        self.allow("feed", "firehose:PutRecord", _STREAM_ARN + "-other")
        with self.assertRaisesRegex(invalid, refused):
            self.subscribe()
        self.assertEqual(self.objects(), [])

    def test_a_third_subscription_of_a_group_is_refused(self) -> None:
        self.create()
        self.subscribe("one")
        self.subscribe("two")
        with self.assertRaises(self.logs.exceptions.LimitExceededException):
            self.subscribe("three")

    def test_what_the_bucket_refuses_is_told_in_the_log_of_the_stream(self) -> None:
        self.create()
        self.subscribe()
        before = len(self.objects())
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{_BUCKET}/*",
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": self.deliver_arn}},
        }
        self.s3.put_bucket_policy(Bucket=_BUCKET, Policy=document(statement))
        self.put("of the role that may")
        self.assertEqual(len(self.objects()), before + 1)
        statement["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": self.deliver_arn + "-other"}}
        self.s3.put_bucket_policy(Bucket=_BUCKET, Policy=document(statement))
        self.put("refused")
        self.assertEqual(len(self.objects()), before + 1)
        (told,) = self.logs.filter_log_events(logGroupName=_ERRORS)["events"]
        self.assertEqual(json.loads(told["message"])["errorCode"], "S3.AccessDenied")
        self.s3.delete_bucket_policy(Bucket=_BUCKET)

    def test_what_is_not_compressed_goes_below_the_error_prefix(self) -> None:
        self.create()
        self.firehose.put_record(DeliveryStreamName="archive", Record={"Data": b"plain"})
        (found,) = self.objects()
        self.assertRegex(found["Key"], r"^undelivered/decompression-failed/day=\d{4}-\d\d-\d\d/archive-1-")
        self.assertEqual(json.loads(gzip.decompress(found["Body"].read()))["rawData"], "cGxhaW4=")

    def test_a_changed_destination_is_checked_with_what_it_was(self) -> None:
        self.create()

        def change(**changes: str) -> None:
            self.firehose.update_destination(
                DeliveryStreamName="archive",
                CurrentDeliveryStreamVersionId="1",
                DestinationId="destinationId-000000000001",
                ExtendedS3DestinationUpdate=changes,
            )

        with self.assertRaisesRegex(self.firehose.exceptions.InvalidArgumentException, "unable to assume role"):
            change(RoleARN=self.feed_arn)
        change(Prefix="lines/")
        self.firehose.put_record(DeliveryStreamName="archive", Record={"Data": gzip.compress(b"{}")})
        self.assertRegex(self.objects()[0]["Key"], r"^lines/\d{4}/\d\d/\d\d/\d\d/archive-2-")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class AthenaTest(EmulatorTestCase):
    def test_a_workgroup_changes_and_goes_with_its_queries(self) -> None:
        athena, glue = self.server.client("athena"), self.server.client("glue")
        glue.create_database(DatabaseInput={"Name": "archive"})
        glue.create_table(DatabaseName="archive", TableInput={"Name": "logs"})
        results = {"OutputLocation": "s3://results/athena/"}
        athena.create_work_group(Name="archive", Configuration={"ResultConfiguration": results})
        query = athena.create_named_query(Name="lines", Database="archive", QueryString="SELECT 1", WorkGroup="archive")
        self.assertEqual(
            {type_ for type_, _ in self.inventory()},
            {
                "aws_athena_named_query",
                "aws_athena_workgroup",
                "aws_glue_catalog_database",
                "aws_glue_catalog_table",
            },
        )
        athena.update_work_group(
            WorkGroup="archive",
            Description="changed",
            ConfigurationUpdates={
                "BytesScannedCutoffPerQuery": 10_000_000,
                "ResultConfigurationUpdates": {"OutputLocation": "s3://results/other/"},
            },
        )
        found = athena.get_work_group(WorkGroup="archive")["WorkGroup"]
        self.assertEqual(found["Description"], "changed")
        self.assertEqual(found["Configuration"]["BytesScannedCutoffPerQuery"], 10_000_000)
        self.assertEqual(found["Configuration"]["ResultConfiguration"]["OutputLocation"], "s3://results/other/")
        invalid = athena.exceptions.InvalidRequestException
        with self.assertRaisesRegex(invalid, "not empty"):
            athena.delete_work_group(WorkGroup="archive")
        athena.delete_named_query(NamedQueryId=query["NamedQueryId"])
        for operation in (athena.get_named_query, athena.delete_named_query):
            with self.assertRaisesRegex(invalid, "was not found"):
                operation(NamedQueryId=query["NamedQueryId"])
        athena.create_named_query(Name="lines", Database="archive", QueryString="SELECT 1", WorkGroup="archive")
        athena.delete_work_group(WorkGroup="archive", RecursiveDeleteOption=True)
        with self.assertRaisesRegex(invalid, "is not found"):
            athena.update_work_group(WorkGroup="archive")
        glue.delete_table(DatabaseName="archive", Name="logs")
        glue.delete_database(Name="archive")
        self.assertEqual(self.inventory(), [])
