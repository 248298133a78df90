"""KMS keys: who may use them, and what services answer to those who may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, REGION, EmulatorTestCase
from .test_functions import FunctionTestCase

_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
_ELSEWHERE = "us-east-1"


def _log_groups(arn: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
    }


def error_code(call: Callable[[], Any]) -> str:
    """The code of the error that the call ends with, or an empty text."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


class Keys(EmulatorTestCase):
    def setUp(self) -> None:
        self.kms, self.iam = self.server.client("kms"), self.server.client("iam")
        self.name = f"{self._testMethodName.replace('_', '-')}"[:60]

    def key(self, *statements: dict[str, Any], region: str = REGION) -> str:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [_ACCOUNT, *statements]})
        return str(self.server.client("kms", region).create_key(Policy=policy)["KeyMetadata"]["Arn"])

    def role(self, *statements: dict[str, Any]) -> str:
        trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]})
        arn = str(self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        self.grant(*statements)
        return arn

    def grant(self, *statements: dict[str, Any], role: str | None = None) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **s} for s in statements]})
        self.iam.put_role_policy(RoleName=role or self.name, PolicyName="run", PolicyDocument=document)

    def session(self, service: str, role: str) -> Any:
        """A client that signs as the role."""
        given = self.server.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.client(
            service,
            endpoint_url=self.server.endpoint,
            region_name=REGION,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )


class LogGroups(Keys):
    def setUp(self) -> None:
        super().setUp()
        self.logs = self.server.client("logs")

    def refusal(self, operation: str, **params: Any) -> tuple[str, str]:
        with self.assertRaises(ClientError) as raised:
            getattr(self.logs, operation)(**params)
        error = raised.exception.response["Error"]
        return error["Code"], error["Message"]

    def test_a_key_that_admits_the_service(self) -> None:
        key = self.key(_log_groups(f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:*"))
        self.logs.create_log_group(logGroupName=self.name, kmsKeyId=key)
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        self.assertEqual(group["kmsKeyId"], key)

        self.logs.disassociate_kms_key(logGroupName=self.name)
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        self.assertNotIn("kmsKeyId", group)
        self.logs.associate_kms_key(logGroupName=self.name, kmsKeyId=key)
        [group] = self.logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        self.assertEqual(group["kmsKeyId"], key)

    def test_a_key_that_does_not(self) -> None:
        self.logs.create_log_group(logGroupName=self.name)
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{self.name}"
        refused = (
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
        )
        disabled = self.key(_log_groups(f"{arn}*"))
        self.kms.disable_key(KeyId=disabled.rsplit("/", 1)[-1])
        for key in (
            self.key(),
            self.key(_log_groups(f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:other")),
            self.key({**_log_groups(f"{arn}*"), "Action": ["kms:Encrypt*"]}),
            self.key(_log_groups(f"{arn}*"), region=_ELSEWHERE),
            disabled,
            f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ):
            with self.subTest(key):
                self.assertEqual(self.refusal("associate_kms_key", logGroupName=self.name, kmsKeyId=key), refused)
        self.assertEqual(
            self.refusal("create_log_group", logGroupName=f"{self.name}-2", kmsKeyId=self.key())[0],
            "AccessDeniedException",
        )
        self.assertEqual(
            self.refusal("associate_kms_key", logGroupName="missing", kmsKeyId=self.key())[0],
            "ResourceNotFoundException",
        )


class Roles(Keys):
    def by(self, service: str, *actions: str, key: str = "*") -> dict[str, Any]:
        """Through this service only."""
        via = {"StringEquals": {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}}
        return {"Action": list(actions), "Resource": key, "Condition": via}

    def test_a_secret(self) -> None:
        key = self.key()
        read = {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}
        secrets = self.session("secretsmanager", self.role(read))
        self.server.client("secretsmanager").create_secret(Name=self.name, SecretString="s", KmsKeyId=key)
        self.server.client("secretsmanager").create_secret(Name=f"{self.name}-2", SecretString="s")
        with self.assertRaisesRegex(ClientError, r"\(AccessDeniedException\).* Access to KMS is not allowed$"):
            secrets.get_secret_value(SecretId=self.name)
        self.assertEqual(secrets.get_secret_value(SecretId=f"{self.name}-2")["SecretString"], "s")
        self.grant(read, self.by("s3", "kms:Decrypt", key=key))
        self.assertEqual(error_code(lambda: secrets.get_secret_value(SecretId=self.name)), "AccessDeniedException")
        self.grant(read, self.by("secretsmanager", "kms:Decrypt", key=key))
        self.assertEqual(secrets.get_secret_value(SecretId=self.name)["SecretString"], "s")
        # A statement of the key itself is enough, and a Deny of either is too much.
        self.grant(read)
        admitted = {**_ACCOUNT, "Principal": {"AWS": self.iam.get_role(RoleName=self.name)["Role"]["Arn"]}}
        for effect in ("Allow", "Deny"):
            policy = json.dumps({"Version": "2012-10-17", "Statement": [_ACCOUNT, {**admitted, "Effect": effect}]})
            self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
            if effect == "Allow":
                self.assertEqual(secrets.get_secret_value(SecretId=self.name)["SecretString"], "s")
            else:
                code = error_code(lambda: secrets.get_secret_value(SecretId=self.name))
                self.assertEqual(code, "AccessDeniedException")

    def test_an_object(self) -> None:
        key, bucket = self.key(), self.name
        admin = self.server.client("s3")
        admin.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        admin.put_object(Bucket=bucket, Key="before", Body=b"x")
        self.encrypt(bucket, key)
        admin.put_object(Bucket=bucket, Key="after", Body=b"x")
        access = {"Action": "s3:*", "Resource": "*"}
        s3 = self.session("s3", self.role(access))
        self.assertEqual(s3.get_object(Bucket=bucket, Key="before")["Body"].read(), b"x")
        with self.assertRaisesRegex(ClientError, r"\(AccessDenied\).* not authorized to perform: kms:Decrypt on .*/"):
            s3.get_object(Bucket=bucket, Key="after")
        with self.assertRaisesRegex(ClientError, r"\(AccessDenied\).* perform: kms:GenerateDataKey on resource: arn:"):
            s3.put_object(Bucket=bucket, Key="own", Body=b"x")
        self.grant(access, self.by("s3", "kms:Decrypt", "kms:GenerateDataKey", key=key))
        self.assertEqual(s3.get_object(Bucket=bucket, Key="after")["Body"].read(), b"x")
        s3.put_object(Bucket=bucket, Key="own", Body=b"x")

        self.encrypt(bucket, self.key(region=_ELSEWHERE))
        code = error_code(lambda: admin.put_object(Bucket=bucket, Key="own", Body=b"x"))
        self.assertEqual(code, "KMS.NotFoundException")
        self.encrypt(bucket, key)
        self.kms.schedule_key_deletion(KeyId=key.rsplit("/", 1)[-1], PendingWindowInDays=7)
        code = error_code(lambda: admin.put_object(Bucket=bucket, Key="own", Body=b"x"))
        self.assertEqual(code, "KMS.KMSInvalidStateException")

    def encrypt(self, bucket: str, key: str) -> None:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        self.server.client("s3").put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{**rule, "BucketKeyEnabled": True}]}
        )

    def test_a_queue(self) -> None:
        key = self.key()
        admin = self.server.client("sqs")
        queue = admin.create_queue(QueueName=self.name, Attributes={"KmsMasterKeyId": key})["QueueUrl"]
        access = {"Action": "sqs:*", "Resource": "*"}
        sqs = self.session("sqs", self.role(access))
        for call in (
            lambda: sqs.receive_message(QueueUrl=queue),
            lambda: sqs.send_message(QueueUrl=queue, MessageBody="x"),
        ):
            self.assertEqual(error_code(call), "KmsAccessDenied")
        self.grant(access, self.by("sqs", "kms:Decrypt", key=key))
        sqs.receive_message(QueueUrl=queue)

        def send() -> Any:
            return sqs.send_message(QueueUrl=queue, MessageBody="x")

        self.assertEqual(error_code(send), "KmsAccessDenied")
        self.grant(access, self.by("sqs", "kms:Decrypt", "kms:GenerateDataKey", key=key))
        send()

    def test_a_stream(self) -> None:
        key = self.key()
        admin = self.server.client("kinesis")
        admin.create_stream(StreamName=self.name, ShardCount=1)
        admin.start_stream_encryption(StreamName=self.name, EncryptionType="KMS", KeyId=key)
        access = {"Action": "kinesis:*", "Resource": "*"}
        kinesis = self.session("kinesis", self.role(access))

        def put() -> Any:
            return kinesis.put_record(StreamName=self.name, Data=b"x", PartitionKey="1")

        self.assertEqual(error_code(put), "KMSAccessDeniedException")
        self.grant(access, self.by("kinesis", "kms:GenerateDataKey", key=key))
        put()
        iterator = kinesis.get_shard_iterator(
            StreamName=self.name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self.grant(access, self.by("kinesis", "kms:Decrypt", key=key))
        self.assertEqual([r["Data"] for r in kinesis.get_records(ShardIterator=iterator)["Records"]], [b"x"])

    def test_a_subscription_filter(self) -> None:
        key = self.key()
        admin, logs = self.server.client("kinesis"), self.server.client("logs")
        admin.create_stream(StreamName=self.name, ShardCount=1)
        admin.start_stream_encryption(StreamName=self.name, EncryptionType="KMS", KeyId=key)
        arn = admin.describe_stream(StreamName=self.name)["StreamDescription"]["StreamARN"]
        logs.create_log_group(logGroupName=self.name)
        put = {"Action": "kinesis:PutRecord", "Resource": arn}
        role = self.role(put)

        def subscribe() -> Any:
            return logs.put_subscription_filter(
                logGroupName=self.name, filterName="f", filterPattern="", destinationArn=arn, roleArn=role
            )

        self.assertEqual(error_code(subscribe), "InvalidParameterException")
        self.grant(put, self.by("kinesis", "kms:GenerateDataKey", key=key))
        subscribe()


class Services(Keys, FunctionTestCase):
    def test_s3_announces_to_a_queue_whose_key_admits_it(self) -> None:
        s3, sqs = self.server.client("s3"), self.server.client("sqs")
        s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        queue = sqs.create_queue(QueueName=self.name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Resource": arn}
        policy = json.dumps({"Statement": [{**statement, "Action": "sqs:SendMessage"}]})
        admitted = {**statement, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}
        configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}

        def announce_under(key: str) -> None:
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy, "KmsMasterKeyId": key})
            s3.put_bucket_notification_configuration(Bucket=self.name, NotificationConfiguration=configuration)

        for key in ("alias/aws/sqs", self.key(), self.key(admitted, region=_ELSEWHERE)):
            with self.subTest(key):
                self.assertEqual(error_code(lambda: announce_under(key)), "InvalidArgument")  # noqa: B023
        announce_under(self.key(admitted))

    def test_a_function_reads_no_queue_that_its_role_may_not_decrypt(self) -> None:
        key = self.key()
        sqs, functions = self.server.client("sqs"), self.server.client("lambda")
        attributes = {"KmsMasterKeyId": key, "VisibilityTimeout": "30"}
        queue = sqs.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        take = {"Action": "sqs:*", "Resource": arn}
        self.grant(take, role="r")
        function = self.function(self.name, "exports.handler = async () => {};")
        functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, BatchSize=1)
        sqs.send_message(QueueUrl=queue, MessageBody="x")
        self.wait_for(lambda: function in [d["target"] for d in self.server.control("GET", "summary")["undelivered"]])
        self.assertEqual(self.waiting(queue), "1")
        self.grant(take, {"Action": "kms:Decrypt", "Resource": key}, role="r")
        self.wait_for(lambda: self.waiting(queue) == "0")

    def waiting(self, queue: str) -> str:
        name = "ApproximateNumberOfMessages"
        sqs = self.server.client("sqs")
        return str(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=[name])["Attributes"][name])
