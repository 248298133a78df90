"""Services write logs where the bucket's policy admits them, and nowhere else."""

from __future__ import annotations

import json
import unittest
from typing import Any

from ..resource_policy import Access, admits
from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_DENY_PLAIN_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:*"],
    "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class PolicyTest(unittest.TestCase):
    allow = {"Effect": "Allow", "Principal": {"Service": "s.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "*"}
    context = {"aws:SourceAccount": ACCOUNT_ID, "aws:SourceArn": "arn:aws:s3:::source"}

    def admitted(self, *statements: dict[str, Any], **context: str) -> bool:
        access = Access("s.amazonaws.com", "s3:PutObject", "arn:aws:s3:::logs/k", {**self.context, **context})
        return admits(_policy(*statements), access)

    def test_principal_action_and_resource(self) -> None:
        self.assertTrue(self.admitted(self.allow))
        self.assertTrue(self.admitted({**self.allow, "Principal": "*", "Action": ["S3:put*"]}))
        self.assertTrue(self.admitted({**self.allow, "Resource": ["arn:aws:s3:::logs/?"]}))
        self.assertFalse(self.admitted({**self.allow, "Principal": {"Service": ["other.amazonaws.com"]}}))
        self.assertFalse(self.admitted({**self.allow, "Action": "s3:GetObject"}))
        self.assertFalse(self.admitted({**self.allow, "Resource": "arn:aws:s3:::logs"}))
        self.assertFalse(self.admitted())

    def test_conditions(self) -> None:
        for condition, expected in (
            ({"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}, True),
            ({"StringEquals": {"AWS:sourceaccount": ["1", ACCOUNT_ID]}}, True),
            ({"StringEquals": {"aws:SourceAccount": "222222222222"}}, False),
            ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, True),
            ({"ArnLike": {"aws:SourceArn": "arn:aws:logs:*"}}, False),
            ({"StringEquals": {"aws:SourceOrgID": "o-1"}}, False),
            ({"StringEqualsIfExists": {"aws:SourceOrgID": "o-1"}}, True),
            ({"StringNotEquals": {"aws:SourceOrgID": "o-1"}}, True),
            ({"Null": {"aws:SourceOrgID": "true"}}, True),
            ({"Null": {"aws:SourceArn": "true"}}, False),
            ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, False),
        ):
            with self.subTest(condition):
                self.assertEqual(self.admitted({**self.allow, "Condition": condition}), expected)

    def test_a_deny_that_applies_wins(self) -> None:
        deny = {**self.allow, "Effect": "Deny", "Principal": "*"}
        self.assertFalse(self.admitted(self.allow, deny))
        plain_http = {"Bool": {"aws:SecureTransport": "false"}}
        self.assertTrue(self.admitted(self.allow, {**deny, "Condition": plain_http}))


class LoadBalancerLogTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.s3 = self.server.client("s3")
        self.s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": REGION})
        ec2 = self.server.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
            for n, zone in enumerate("ab")
        ]
        self.elbv2 = self.server.client("elbv2")
        balancer = self.elbv2.create_load_balancer(Name="l", Subnets=[each["SubnetId"] for each in subnets])
        self.arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]

    def tearDown(self) -> None:
        self.elbv2.delete_load_balancer(LoadBalancerArn=self.arn)
        self.s3.delete_bucket(Bucket="logs")

    def switch_on(self, bucket: str = "logs") -> None:
        values = {"enabled": "true", "bucket": bucket, "prefix": "alb"}
        self.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=self.arn,
            Attributes=[{"Key": f"access_logs.s3.{name}", "Value": value} for name, value in values.items()],
        )

    def refusal(self, bucket: str = "logs") -> dict[str, Any]:
        with self.assertRaises(self.elbv2.exceptions.ClientError) as caught:
            self.switch_on(bucket)
        error: dict[str, Any] = caught.exception.response["Error"]
        return error

    def statement(self, **changes: Any) -> dict[str, Any]:
        return {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::logs/alb/AWSLogs/{ACCOUNT_ID}/*",
            **changes,
        }

    def test_the_documented_policies_are_admitted(self) -> None:
        regional = {"AWS": "arn:aws:iam::156460612806:root"}
        for statements in (
            [self.statement()],
            [self.statement(), _DENY_PLAIN_HTTP],
            [self.statement(Principal=regional)],
        ):
            with self.subTest(statements):
                self.s3.put_bucket_policy(Bucket="logs", Policy=_policy(*statements))
                self.switch_on()

    def test_what_the_test_delivery_does_not_meet_is_refused(self) -> None:
        source = {"ArnLike": {"aws:SourceArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT_ID}:loadbalancer/*"}}
        expected = {
            "Type": "Sender",
            "Code": "InvalidConfigurationRequest",
            "Message": "Access Denied for bucket: logs. Please check S3bucket permission",
        }
        self.assertEqual(self.refusal(), expected)
        for changes in (
            {"Condition": source},
            {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}},
            {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
            {"Principal": {"AWS": "arn:aws:iam::127311923021:root"}},
            {"Resource": f"arn:aws:s3:::logs/AWSLogs/{ACCOUNT_ID}/*"},
            {"Resource": "arn:aws:s3:::logs/alb/AWSLogs/222222222222/*"},
        ):
            with self.subTest(changes):
                self.s3.put_bucket_policy(Bucket="logs", Policy=_policy(self.statement(**changes)))
                self.assertEqual(self.refusal(), expected)

    def test_a_bucket_under_a_kms_key_is_refused(self) -> None:
        self.s3.put_bucket_policy(Bucket="logs", Policy=_policy(self.statement()))
        for algorithm, refused in (("aws:kms", True), ("AES256", False)):
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
            self.s3.put_bucket_encryption(Bucket="logs", ServerSideEncryptionConfiguration={"Rules": [rule]})
            if refused:
                self.assertEqual(self.refusal()["Code"], "InvalidConfigurationRequest")
            else:
                self.switch_on()

    def test_a_bucket_of_another_region_or_none_is_refused(self) -> None:
        other = self.server.client("s3", "us-east-1")
        other.create_bucket(Bucket="elsewhere")
        self.assertIn("not located in the same region", self.refusal("elsewhere")["Message"])
        self.assertIn("Access Denied for bucket: nowhere.", self.refusal("nowhere")["Message"])
        other.delete_bucket(Bucket="elsewhere")


class BucketLogTest(EmulatorTestCase):
    def test_the_statement_may_name_this_bucket_and_no_other(self) -> None:
        s3 = self.server.client("s3", "us-east-1")
        s3.create_bucket(Bucket="source")
        s3.create_bucket(Bucket="target")
        logging = {"LoggingEnabled": {"TargetBucket": "target", "TargetPrefix": "s3/"}}
        for source, refused in (("other", True), ("source", False)):
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::target/s3/*",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
                },
            }
            s3.put_bucket_policy(Bucket="target", Policy=_policy(statement))
            if refused:
                with self.assertRaises(s3.exceptions.ClientError) as caught:
                    s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=logging)
                self.assertEqual(caught.exception.response["Error"]["Code"], "InvalidTargetBucketForLogging")
            else:
                s3.put_bucket_logging(Bucket="source", BucketLoggingStatus=logging)
        self.assertEqual(s3.get_bucket_logging(Bucket="source")["LoggingEnabled"], logging["LoggingEnabled"])


class DistributionLogTest(EmulatorTestCase):
    def test_a_delivery_adds_its_statement_to_a_policy_without_it(self) -> None:
        s3, logs = self.server.client("s3", "us-east-1"), self.server.client("logs", "us-east-1")
        s3.create_bucket(Bucket="logs")
        logs.put_delivery_source(
            name="source", resourceArn=f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/E1", logType="ACCESS_LOGS"
        )
        destination = logs.put_delivery_destination(
            name="d", deliveryDestinationConfiguration={"destinationResourceArn": "arn:aws:s3:::logs/cloudfront"}
        )["deliveryDestination"]["arn"]
        s3.put_bucket_policy(Bucket="logs", Policy=_policy(_DENY_PLAIN_HTTP))
        for expected in (2, 2):
            delivery = logs.create_delivery(deliverySourceName="source", deliveryDestinationArn=destination)["delivery"]
            policy = json.loads(s3.get_bucket_policy(Bucket="logs")["Policy"])
            self.assertEqual(len(policy["Statement"]), expected)
            logs.delete_delivery(id=delivery["id"])
        added = policy["Statement"][1]
        self.assertEqual(added["Resource"], "arn:aws:s3:::logs/cloudfront/*")
        source = f"arn:aws:logs:us-east-1:{ACCOUNT_ID}:delivery-source:source"
        self.assertEqual(added["Condition"]["ArnLike"], {"aws:SourceArn": source})
