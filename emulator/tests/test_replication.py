"""What another region has of a bucket, and of a key."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from botocore.exceptions import ClientError

from .support import ACCOUNT_ID, EmulatorTestCase

_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/replication"
_VERSIONED = {"Status": "Enabled"}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


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


class ObjectReplicationTest(EmulatorTestCase):
    """The chunks and the custody records of one region in another one."""

    def setUp(self) -> None:
        self.home, self.away = (self.server.client("s3", region) for region in ("us-east-1", "us-west-2"))
        self.iam = self.server.client("iam", "us-east-1")
        self.name = self.id().rpartition(".")[2].replace("_", "-")[:40]
        self.source, self.replica = f"{self.name}-source", f"{self.name}-replica"

    def create(self, locked: bool = False, locked_replica: bool | None = None) -> None:
        lock = {"ObjectLockEnabledForBucket": locked}
        self.home.create_bucket(Bucket=self.source, **lock)
        lock = {"ObjectLockEnabledForBucket": locked if locked_replica is None else locked_replica}
        self.away.create_bucket(
            Bucket=self.replica, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}, **lock
        )
        for client, bucket in ((self.home, self.source), (self.away, self.replica)):
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=_VERSIONED)

    def allow(self, *without: str, trusted: str = "s3.amazonaws.com") -> str:
        """A role that may copy, but for some actions."""
        trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
        role = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        source, replica = f"arn:aws:s3:::{self.source}", f"arn:aws:s3:::{self.replica}"
        grants = {
            source: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            f"{source}/*": [
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
                "s3:GetObjectRetention",
                "s3:GetObjectLegalHold",
            ],
            f"{replica}/*": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        }
        statements = [
            {"Effect": "Allow", "Action": [a for a in actions if a not in without] or ["s3:None"], "Resource": resource}
            for resource, actions in grants.items()
        ]
        self.iam.put_role_policy(RoleName=self.name, PolicyName="copy", PolicyDocument=_policy(*statements))
        return str(role)

    def replicate(self, role: str, **members: Any) -> None:
        rule = _rule(self.replica, **members)
        self.home.put_bucket_replication(Bucket=self.source, ReplicationConfiguration={"Role": role, "Rules": [rule]})

    def put(self, key: str, **options: Any) -> str:
        return str(self.home.put_object(Bucket=self.source, Key=key, Body=key.encode(), **options)["VersionId"])

    def status(self, key: str) -> str | None:
        status: str | None = self.home.head_object(Bucket=self.source, Key=key).get("ReplicationStatus")
        return status

    def copied(self) -> list[str]:
        found = self.away.list_object_versions(Bucket=self.replica)
        return [f"{each['Key']} {each['VersionId']}" for each in found.get("Versions", [])]

    def test_what_is_new_is_copied_with_all_that_belongs_to_it(self) -> None:
        self.create(locked=True)
        self.put("before")
        self.replicate(self.allow())
        until = datetime(2040, 1, 1, tzinfo=timezone.utc)
        version = self.put(
            "chunk",
            ContentType="application/pdf",
            Metadata={"manual": "a320"},
            Tagging="kind=manual",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=until,
        )
        self.assertEqual(self.copied(), [f"chunk {version}"])
        self.assertEqual([self.status("before"), self.status("chunk")], [None, "COMPLETED"])
        found = self.away.get_object(Bucket=self.replica, Key="chunk")
        self.assertEqual(found["Body"].read(), b"chunk")
        self.assertEqual(
            [found[name] for name in ("VersionId", "ContentType", "Metadata", "ReplicationStatus", "ObjectLockMode")],
            [version, "application/pdf", {"manual": "a320"}, "REPLICA", "COMPLIANCE"],
        )
        self.assertEqual(found["ObjectLockRetainUntilDate"], until)
        tags = self.away.get_object_tagging(Bucket=self.replica, Key="chunk")["TagSet"]
        self.assertEqual(tags, [{"Key": "kind", "Value": "manual"}])
        with self.assertRaisesRegex(ClientError, "AccessDenied"):
            self.away.delete_object(Bucket=self.replica, Key="chunk", VersionId=version)
        self.home.put_object_legal_hold(Bucket=self.source, Key="chunk", LegalHold={"Status": "ON"})
        hold = self.away.get_object_legal_hold(Bucket=self.replica, Key="chunk")["LegalHold"]
        self.assertEqual(hold, {"Status": "ON"})

    def test_a_replica_without_a_lock_of_its_own_has_that_of_its_bucket(self) -> None:
        self.create(locked=True)
        retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}
        lock = {"ObjectLockEnabled": "Enabled", "Rule": retention}
        self.away.put_object_lock_configuration(Bucket=self.replica, ObjectLockConfiguration=lock)
        self.replicate(self.allow())
        self.put("chunk")
        self.assertNotIn("ObjectLockMode", self.home.head_object(Bucket=self.source, Key="chunk"))
        found = self.away.head_object(Bucket=self.replica, Key="chunk")
        self.assertEqual(found["ObjectLockMode"], "GOVERNANCE")

    def test_delete_markers_are_copied_where_a_rule_says_so_and_deleted_versions_never(self) -> None:
        self.create()
        role = self.allow()
        self.replicate(role)
        version = self.put("kept")
        self.home.delete_object(Bucket=self.source, Key="kept")
        self.assertEqual(self.away.list_object_versions(Bucket=self.replica).get("DeleteMarkers", []), [])
        self.replicate(role, DeleteMarkerReplication={"Status": "Enabled"})
        other = self.put("gone")
        marker = self.home.delete_object(Bucket=self.source, Key="gone")["VersionId"]
        markers = self.away.list_object_versions(Bucket=self.replica)["DeleteMarkers"]
        self.assertEqual([(each["Key"], each["VersionId"]) for each in markers], [("gone", marker)])
        self.home.delete_object(Bucket=self.source, Key="kept", VersionId=version)
        self.assertEqual(sorted(self.copied()), sorted([f"kept {version}", f"gone {other}"]))

    def test_a_rule_chooses_by_prefix_and_status_and_a_replica_goes_no_further(self) -> None:
        self.create()
        role = self.allow()
        self.replicate(role, Filter={"Prefix": "manuals/"})
        version = self.put("manuals/1")
        self.put("drafts/1")
        self.assertEqual(self.copied(), [f"manuals/1 {version}"])
        self.assertIsNone(self.status("drafts/1"))
        self.replicate(role, Status="Disabled")
        self.put("manuals/2")
        self.assertEqual(self.copied(), [f"manuals/1 {version}"])
        back = _rule(self.source)
        self.away.put_bucket_replication(Bucket=self.replica, ReplicationConfiguration={"Role": role, "Rules": [back]})
        self.replicate(role)
        version = self.put("manuals/3")
        found = self.home.list_object_versions(Bucket=self.source, Prefix="manuals/3")["Versions"]
        self.assertEqual([each["VersionId"] for each in found], [version])

    def test_what_the_role_may_not_do_fails_and_is_named(self) -> None:
        self.create()
        self.replicate(self.allow("s3:ReplicateObject"))
        self.put("chunk")
        self.assertEqual(self.status("chunk"), "FAILED")
        self.assertEqual(self.copied(), [])
        named = {"source": f"arn:aws:s3:::{self.source}", "target": f"arn:aws:s3:::{self.replica}"}
        named["reason"] = "not replicated: DstPutObjectNotPermitted"
        self.assertIn(named, self.server.control("GET", "summary")["undelivered"])

    def test_a_bucket_that_takes_copies_of_one_role_only(self) -> None:
        self.create()
        role = self.allow()
        self.replicate(role)
        for principal, status in ((role, "COMPLETED"), (f"{role}-other", "FAILED")):
            statement = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:ReplicateObject",
                "Resource": f"arn:aws:s3:::{self.replica}/*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": principal}},
            }
            self.away.put_bucket_policy(Bucket=self.replica, Policy=_policy(statement))
            self.put(status)
            self.assertEqual(self.status(status), status)

    def test_a_role_that_s3_may_not_assume_copies_nothing(self) -> None:
        self.create()
        self.replicate(self.allow(trusted="lambda.amazonaws.com"))
        self.put("chunk")
        self.assertEqual([self.status("chunk"), self.copied()], ["FAILED", []])

    def test_locked_objects_need_a_bucket_with_lock(self) -> None:
        self.create(locked=True, locked_replica=False)
        self.replicate(self.allow())
        self.put("chunk")
        self.assertEqual([self.status("chunk"), self.copied()], ["FAILED", []])

    def test_an_encrypted_object_needs_both_keys(self) -> None:
        self.create()
        keys = {
            region: self.server.client("kms", region).create_key()["KeyMetadata"]["Arn"]
            for region in ("us-east-1", "us-west-2")
        }
        role = self.allow()
        chosen = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
        destination = {
            "Bucket": f"arn:aws:s3:::{self.replica}",
            "EncryptionConfiguration": {"ReplicaKmsKeyID": keys["us-west-2"]},
        }
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys["us-east-1"]}
        self.replicate(role)
        self.put("not-chosen", **encrypted)
        self.assertIsNone(self.status("not-chosen"))
        self.replicate(role, SourceSelectionCriteria=chosen, Destination=destination)
        self.put("not-permitted", **encrypted)
        self.assertEqual(self.status("not-permitted"), "FAILED")
        uses = [
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": keys["us-east-1"]},
            {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": keys["us-west-2"]},
        ]
        self.iam.put_role_policy(RoleName=self.name, PolicyName="keys", PolicyDocument=_policy(*uses))
        self.put("permitted", **encrypted)
        self.assertEqual(self.status("permitted"), "COMPLETED")
        found = self.away.head_object(Bucket=self.replica, Key="permitted")
        self.assertEqual(found["SSEKMSKeyId"], keys["us-west-2"])

    def test_versions_stay_on_while_they_are_copied(self) -> None:
        self.create()
        self.replicate(self.allow())
        with self.assertRaisesRegex(ClientError, "InvalidBucketState"):
            self.home.put_bucket_versioning(Bucket=self.source, VersioningConfiguration={"Status": "Suspended"})

    def test_a_lost_region_has_what_was_copied_before_and_gets_the_rest_later(self) -> None:
        self.create()
        self.replicate(self.allow())
        first = self.put("first")
        self.server.control("POST", "lost-regions", {"region": "us-west-2"})
        self.addCleanup(self.server.control, "DELETE", "lost-regions")
        second = self.put("second")
        self.assertEqual([self.status("first"), self.status("second")], ["COMPLETED", "PENDING"])
        with self.assertRaises(ClientError) as lost:
            self.copied()
        self.assertEqual(lost.exception.response["ResponseMetadata"]["HTTPStatusCode"], 503)
        self.server.control("DELETE", "lost-regions")
        self.assertEqual(sorted(self.copied()), sorted([f"first {first}", f"second {second}"]))
        self.assertEqual(self.status("second"), "COMPLETED")


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
