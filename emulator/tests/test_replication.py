"""What another region has of a bucket, and of a key."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, EmulatorTestCase

_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/replication"
_VERSIONED = {"Status": "Enabled"}


def _rule(destination: str, **members: Any) -> dict[str, Any]:
    return {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
        **members,
    }


class ReplicationRulesTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.s3 = self.server.client("s3", region="us-east-1")
        for name in ("source", "replica"):
            self.s3.create_bucket(Bucket=name)
            self.addCleanup(self.s3.delete_bucket, Bucket=name)

    def put(self, *rules: dict[str, Any]) -> None:
        self.s3.put_bucket_replication(Bucket="source", ReplicationConfiguration={"Role": _ROLE, "Rules": list(rules)})

    def version(self, *names: str) -> None:
        for name in names:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=_VERSIONED)

    def refused(self, *rules: dict[str, Any]) -> str:
        with self.assertRaises(ClientError) as refusal:
            self.put(*rules)
        self.assertEqual(refusal.exception.response["Error"]["Code"], "InvalidRequest")
        return str(refusal.exception.response["Error"]["Message"])

    def test_rules_are_returned_as_sent(self) -> None:
        self.version("source", "replica")
        rule = _rule(
            "replica",
            SourceSelectionCriteria={"SseKmsEncryptedObjects": {"Status": "Enabled"}},
            Destination={
                "Bucket": "arn:aws:s3:::replica",
                "StorageClass": "STANDARD_IA",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:us-west-2:{ACCOUNT_ID}:alias/chunks"},
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
            },
        )
        self.put(rule)
        configuration = self.s3.get_bucket_replication(Bucket="source")["ReplicationConfiguration"]
        self.assertEqual(configuration, {"Role": _ROLE, "Rules": [rule]})
        self.s3.delete_bucket_replication(Bucket="source")
        with self.assertRaisesRegex(ClientError, "ReplicationConfigurationNotFoundError"):
            self.s3.get_bucket_replication(Bucket="source")

    def test_what_cannot_be_replicated_is_refused(self) -> None:
        self.assertEqual(
            self.refused(_rule("replica")),
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        )
        self.version("source")
        self.assertEqual(self.refused(_rule("replica")), "Destination bucket must have versioning enabled.")
        self.assertEqual(self.refused(_rule("nowhere")), "Destination bucket must exist.")
        self.assertEqual(self.refused(_rule("source")), "Destination bucket cannot be the same as the source bucket.")
        self.version("replica")
        without_markers = _rule("replica")
        del without_markers["DeleteMarkerReplication"]
        self.assertIn("DeleteMarkerReplication must be specified", self.refused(without_markers))
        without_priority = _rule("replica")
        del without_priority["Priority"]
        self.assertIn("Priority must be specified", self.refused(without_priority))


class KeyReplicationTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.home, self.away = (self.server.client("kms", region) for region in ("us-east-1", "us-west-2"))

    def test_a_replica_has_its_own_tags_policy_and_description_and_the_primary_stays(self) -> None:
        tags = [{"TagKey": "Environment", "TagValue": "production-dr"}]
        root = {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}
        statement = {"Sid": "Own", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        primary = self.home.create_key(MultiRegion=True, Description="chunks", Tags=[])["KeyMetadata"]
        self.home.create_alias(AliasName="alias/chunks", TargetKeyId=primary["KeyId"])
        replicated = self.home.replicate_key(
            KeyId=primary["KeyId"], ReplicaRegion="us-west-2", Description="replica", Tags=tags, Policy=policy
        )
        arn = replicated["ReplicaKeyMetadata"]["Arn"]
        self.assertEqual(arn, primary["Arn"].replace("us-east-1", "us-west-2"))
        replica = self.away.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]
        self.assertEqual([replica["Arn"], replica["Description"], replica["KeyState"]], [arn, "replica", "Enabled"])
        self.assertEqual(replica["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA")
        self.assertEqual(self.away.list_resource_tags(KeyId=primary["KeyId"])["Tags"], tags)
        self.assertEqual(self.away.get_key_policy(KeyId=primary["KeyId"], PolicyName="default")["Policy"], policy)
        self.assertEqual(self.away.list_aliases(KeyId=primary["KeyId"])["Aliases"], [])
        found = self.home.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]
        self.assertEqual([found["Arn"], found["Description"]], [primary["Arn"], "chunks"])
        self.assertEqual(
            found["MultiRegionConfiguration"],
            {
                "MultiRegionKeyType": "PRIMARY",
                "PrimaryKey": {"Arn": primary["Arn"], "Region": "us-east-1"},
                "ReplicaKeys": [{"Arn": arn, "Region": "us-west-2"}],
            },
        )
        self.assertEqual(self.home.list_resource_tags(KeyId=primary["KeyId"])["Tags"], [])

    def test_what_cannot_be_replicated_is_refused(self) -> None:
        single = self.home.create_key()["KeyMetadata"]["KeyId"]
        multi = self.home.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        self.home.replicate_key(KeyId=multi, ReplicaRegion="us-west-2")
        for client, key, region, code in (
            (self.home, single, "us-west-2", "UnsupportedOperationException"),
            (self.home, multi, "us-west-2", "AlreadyExistsException"),
            (self.home, multi, "us-east-1", "AlreadyExistsException"),
            (self.away, multi, "eu-west-1", "UnsupportedOperationException"),
            (self.home, "mrk-00000000000000000000000000000000", "us-west-2", "NotFoundException"),
        ):
            with self.subTest(code=code, region=region), self.assertRaises(ClientError) as refusal:
                client.replicate_key(KeyId=key, ReplicaRegion=region)
            self.assertEqual(refusal.exception.response["Error"]["Code"], code)
