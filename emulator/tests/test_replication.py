"""What a region's replica of another one's bucket holds."""

from __future__ import annotations

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
