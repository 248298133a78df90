"""Amazon S3: replication.

Corrects PutBucketReplication (what AWS refuses) and GetBucketReplication (the rules as they were sent, where moto drops
DeleteMarkerReplication and SourceSelectionCriteria). Objects and delete markers that are new while a rule applies are
copied after the request that made them, as the role of the configuration may: with version id, metadata, tags, lock and
checksum. x-amz-replication-status says how far that is; it is PENDING while a region is lost. Changes of an object's
lock or tags are copied to what was copied before. Why something was not copied stands in the emulator's summary.

Not modelled: RTC and its metrics, ownership of replicas, batch replication, replica modification sync.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html, API_GetBucketReplication.html;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html ("Requirements for replication"),
replication-what-is-isnt-replicated.html, replication-status.html, setting-repl-config-perm-overview.html ("Setting up
permissions for live replication"), replication-failure-codes.html (the reasons), object-lock-managing.html
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from typing import Any

from moto.s3 import notifications
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend

from .. import deliveries, roles, running
from ..deliveries import Sender
from ..hooks import ApiError, Call, amends, moto_backends, prepares
from ..regions import lost_since
from ..resource_policy import Access, admits
from .s3 import bucket_policy

_SERVICE = "s3.amazonaws.com"


@prepares("s3", "PutBucketReplication")
def check_buckets(call: Call) -> None:
    """Both buckets exist, are two, and have versions."""
    source = call.backend().get_bucket(call.params["Bucket"])
    if not source.is_versioned:
        raise ApiError(
            "InvalidRequest", "Versioning must be 'Enabled' on the bucket to apply a replication configuration"
        )
    for rule in call.params["ReplicationConfiguration"]["Rules"]:
        destination = _destination(call.backend(), rule)
        if destination is None:
            raise ApiError("InvalidRequest", "Destination bucket must exist.")
        if destination is source:
            raise ApiError("InvalidRequest", "Destination bucket cannot be the same as the source bucket.")
        if not destination.is_versioned:
            raise ApiError("InvalidRequest", "Destination bucket must have versioning enabled.")
        if "Filter" in rule and "DeleteMarkerReplication" not in rule:
            raise ApiError(
                "InvalidRequest",
                "DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration "
                "schema. Please refer to S3 Developer Guide for more information.",
            )
        if "Filter" in rule and "Priority" not in rule:
            raise ApiError(
                "InvalidRequest",
                "Priority must be specified for this version of Cross Region Replication configuration schema. Please "
                "refer to S3 Developer Guide for more information.",
            )


@prepares("s3", "PutBucketVersioning")
def keep_versions(call: Call) -> None:
    """A bucket that is copied from keeps its versions."""
    bucket = call.backend().buckets.get(call.params["Bucket"])
    suspended = call.params["VersioningConfiguration"].get("Status") == "Suspended"
    if bucket is not None and suspended and _configuration(bucket) is not None:
        raise ApiError(
            "InvalidBucketState",
            "A replication configuration is present on this bucket, so you cannot change the versioning state. To "
            "change the versioning state, first delete the replication configuration.",
        )


@amends("s3", "PutBucketReplication")
def keep_replication(call: Call, _response: dict[str, Any]) -> None:
    """The configuration is kept on the bucket as it was sent; a rule without a name gets one."""
    configuration = call.params["ReplicationConfiguration"]
    for rule in configuration["Rules"]:
        rule.setdefault("ID", secrets.token_urlsafe(24))
    call.backend().get_bucket(call.params["Bucket"]).replication_as_sent = configuration


@amends("s3", "GetBucketReplication")
def echo_replication(call: Call, response: dict[str, Any]) -> None:
    """The configuration as it was sent."""
    response["ReplicationConfiguration"] = call.backend().get_bucket(call.params["Bucket"]).replication_as_sent


def _configuration(bucket: FakeBucket) -> dict[str, Any] | None:
    """moto's own is gone with DeleteBucketReplication."""
    return getattr(bucket, "replication_as_sent", None) if getattr(bucket, "replication", None) else None


def _destination(backend: S3Backend, rule: dict[str, Any]) -> FakeBucket | None:
    return backend.buckets.get(rule["Destination"]["Bucket"].split(":")[-1])


#: New versions and changed ones, in the order of the requests; each with its bucket's name.
_waiting: list[tuple[S3Backend, str, FakeKey | FakeDeleteMarker]] = []

_put_object = S3Backend.put_object
_set_delete_marker = S3Backend._set_delete_marker


def _put_and_remember(self: S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> FakeKey:
    key = _put_object(self, bucket_name, *args, **kwargs)
    _waiting.append((self, bucket_name, key))
    return key


def _mark_and_remember(self: S3Backend, bucket_name: str, key_name: str) -> FakeDeleteMarker:
    marker = _set_delete_marker(self, bucket_name, key_name)
    _waiting.append((self, bucket_name, marker))
    return marker


S3Backend.put_object = _put_and_remember  # type: ignore[method-assign]
S3Backend._set_delete_marker = _mark_and_remember  # type: ignore[method-assign]


@amends("s3", "PutObjectRetention", "PutObjectLegalHold", "PutObjectTagging", "DeleteObjectTagging")
def remember_change(call: Call, _response: dict[str, Any]) -> None:
    """Of an object that was copied, or is to be."""
    bucket = call.backend().get_bucket(call.params["Bucket"])
    versions = [key for key in bucket.keys.getlist(call.params["Key"], []) if isinstance(key, FakeKey)]
    wanted = call.params.get("VersionId")
    key = next((each for each in reversed(versions) if wanted in (None, each.version_id)), None)
    if key is not None and _status(key) in ("PENDING", "COMPLETED"):
        _waiting.append((call.backend(), bucket.name, key))


def _status(key: FakeKey) -> str | None:
    return getattr(key, "replication_status", None)


_response_headers = FakeKey.response_dict


def _headers_with_status(self: FakeKey) -> dict[str, Any]:
    headers: dict[str, Any] = _response_headers.fget(self)  # type: ignore[attr-defined]
    status = _status(self)
    return {**headers, "x-amz-replication-status": status} if status else headers


FakeKey.response_dict = property(_headers_with_status)  # type: ignore[assignment, method-assign]


def settle() -> None:
    """Copies what is new. What is in a lost region, or goes there, waits."""
    waiting = _waiting[:]
    _waiting.clear()
    for backend, bucket_name, version in waiting:
        bucket = backend.buckets.get(bucket_name)
        if bucket is None or _configuration(bucket) is None or _status_of(version) == "REPLICA":
            continue
        rules = list(_rules_for(backend, bucket, version))
        if not rules:
            continue
        places = [bucket, *(found for rule in rules if (found := _destination(backend, rule)) is not None)]
        if any(lost_since(place.region_name) for place in places):
            version.replication_status = "PENDING"  # type: ignore[union-attr]
            _waiting.append((backend, bucket_name, version))
            continue
        failures = [reason for rule in rules if (reason := _copy(backend, bucket, version, rule)) is not None]
        version.replication_status = "FAILED" if failures else "COMPLETED"  # type: ignore[union-attr]


running.after_each_request(settle)


def _status_of(version: FakeKey | FakeDeleteMarker) -> str | None:
    return getattr(version, "replication_status", None)


def _rules_for(backend: S3Backend, bucket: FakeBucket, version: FakeKey | FakeDeleteMarker) -> Iterator[dict[str, Any]]:
    """One for each destination: that with the highest priority."""
    chosen: dict[str, dict[str, Any]] = {}
    rules = (_configuration(bucket) or {"Rules": []})["Rules"]
    for rule in sorted(rules, key=lambda each: int(each.get("Priority", 0))):
        if rule["Status"] == "Enabled" and _applies(backend, rule, version):
            chosen[rule["Destination"]["Bucket"]] = rule
    yield from chosen.values()


def _applies(backend: S3Backend, rule: dict[str, Any], version: FakeKey | FakeDeleteMarker) -> bool:
    condition = rule.get("Filter", {})
    condition = condition.get("And", condition)
    tags = condition.get("Tags", [condition["Tag"]] if "Tag" in condition else [])
    if not version.name.startswith(condition.get("Prefix", rule.get("Prefix", ""))):
        return False
    if isinstance(version, FakeDeleteMarker):
        return rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled" and not tags
    own = backend.tagger.get_tag_dict_for_resource(version.arn)
    if any(own.get(tag["Key"]) != tag["Value"] for tag in tags):
        return False
    chosen = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {}).get("Status") == "Enabled"
    return chosen or not str(version.encryption or "").startswith("aws:kms")


def _copy(
    backend: S3Backend, source: FakeBucket, version: FakeKey | FakeDeleteMarker, rule: dict[str, Any]
) -> str | None:
    """The reason why it was not copied."""
    destination = _destination(backend, rule)
    reason = "DstBucketNotFound" if destination is None else _obstacle(backend, source, destination, version, rule)
    if destination is None or reason is not None:
        sender = Sender(_SERVICE, source.arn, backend.account_id)
        deliveries.record(sender, rule["Destination"]["Bucket"], None, version.name, f"not replicated: {reason}")
        return reason
    if isinstance(version, FakeDeleteMarker):
        _add(destination, _replica_of_marker(version))
        return None
    replica = _replica(backend, destination, version, rule)
    is_new = _add(destination, replica)
    tags = backend.tagger.get_tag_dict_for_resource(version.arn)
    backend.tagger.delete_all_tags_for_resource(replica.arn)
    if tags:
        backend.tagger.tag_resource(replica.arn, [{"Key": name, "Value": value} for name, value in tags.items()])
    if is_new:
        event = notifications.S3NotificationEvent.OBJECT_CREATED_PUT_EVENT
        notifications.send_event(backend.account_id, event, destination, replica)
    return None


def _obstacle(
    backend: S3Backend,
    source: FakeBucket,
    destination: FakeBucket,
    version: FakeKey | FakeDeleteMarker,
    rule: dict[str, Any],
) -> str | None:
    role_arn = (_configuration(source) or {})["Role"]
    context = {"aws:SourceAccount": backend.account_id, "aws:SourceArn": source.arn}
    role = roles.find_trusting(backend.account_id, role_arn, _SERVICE, context)
    if role is None:
        return "AssumeRoleNotPermitted"
    if not destination.is_versioned:
        return "DstBucketUnversioned"
    if source.object_lock_enabled and not destination.object_lock_enabled:
        return "DstBucketObjectLockConfigMissing"

    def may(action: str, bucket: FakeBucket, resource: str) -> bool:
        return roles.may(role, action, resource, bucket_policy(bucket))

    there = f"{destination.arn}/{version.name}"
    if isinstance(version, FakeDeleteMarker):
        return None if may("s3:ReplicateDelete", destination, there) else "DstDelObjNotPermitted"
    here = f"{source.arn}/{version.name}"
    for action, resource, reason in (
        ("s3:GetReplicationConfiguration", source.arn, "SrcBucketReplicationConfigMissing"),
        ("s3:ListBucket", source.arn, "SrcListNotPermitted"),
        ("s3:GetObjectVersionForReplication", here, "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", here, "SrcGetObjectNotPermitted"),
    ):
        if not may(action, source, resource):
            return f"{reason} ({action})"
    if backend.tagger.has_tags(version.arn):
        if not may("s3:GetObjectVersionTagging", source, here):
            return "SrcGetObjectTagsNotPermitted"
        if not may("s3:ReplicateTags", destination, there):
            return "DstPutTagsNotPermitted"
    if version.lock_mode and not may("s3:GetObjectRetention", source, here):
        return "SrcGetObjectNotPermitted (s3:GetObjectRetention)"
    if version.lock_legal_status and not may("s3:GetObjectLegalHold", source, here):
        return "SrcGetObjectNotPermitted (s3:GetObjectLegalHold)"
    if not may("s3:ReplicateObject", destination, there):
        return "DstPutObjectNotPermitted"
    if str(version.encryption or "").startswith("aws:kms"):
        return _key_obstacle(backend, destination, version, rule, role_arn)
    return None


def _key_obstacle(
    backend: S3Backend, destination: FakeBucket, version: FakeKey, rule: dict[str, Any], role: str
) -> str | None:
    """The role decrypts with the source's key, and encrypts with one of the destination's region."""
    wanted = rule["Destination"].get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
    own = roles.policy_of(role, backend.account_id)
    found = wanted and _key(backend.account_id, destination.region_name, wanted)
    if not found:
        return "DstKmsKeyNotFound"
    if found.key_state != "Enabled":
        return "DstKmsKeyInvalidState"
    source = version.kms_key_id and _key(backend.account_id, _region_of_key(backend, version), version.kms_key_id)
    if source and not admits(own, Access(role, "kms:Decrypt", source.arn, _through_s3(source))):
        return "SrcKmsDecryptNotPermitted"
    if not admits(own, Access(role, "kms:Encrypt", found.arn, _through_s3(found))):
        return "DstKmsEncryptNotPermitted"
    return None


def _region_of_key(backend: S3Backend, version: FakeKey) -> str:
    return str(backend.get_bucket(str(version.bucket_name)).region_name)


def _through_s3(key: Any) -> dict[str, str]:
    return {"kms:ViaService": f"s3.{key.region}.amazonaws.com"}


def _key(account_id: str, region: str, name: str) -> Any:
    backend = moto_backends("kms")[account_id][region]
    if name.startswith("arn:") and name.split(":")[3] != region:
        return None
    return backend.keys.get(backend.any_id_to_key_id(name))


def _replica(backend: S3Backend, destination: FakeBucket, version: FakeKey, rule: dict[str, Any]) -> FakeKey:
    replica = copy.copy(version)
    replica.bucket_name = destination.name
    replica.replication_status = "REPLICA"  # type: ignore[attr-defined]
    # Its own from here on: a copy shares what it refers to.
    replica._metadata = copy.copy(version._metadata)
    storage_class = rule["Destination"].get("StorageClass")
    if storage_class is not None:
        replica.set_storage_class(storage_class)
    encryption = rule["Destination"].get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
    if str(version.encryption or "").startswith("aws:kms"):
        replica.kms_key_id = encryption
    elif version.encryption is None and destination.encryption:
        default = destination.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        replica.encryption, replica.kms_key_id = default["SSEAlgorithm"], default.get("KMSMasterKeyID")
    if not version.lock_mode and destination.has_default_lock:
        replica.lock_mode, replica.lock_until = destination.default_lock_mode, destination.default_retention()
    return replica


def _replica_of_marker(marker: FakeDeleteMarker) -> FakeDeleteMarker:
    replica = copy.copy(marker)
    replica.replication_status = "REPLICA"  # type: ignore[attr-defined]
    return replica


def _add(destination: FakeBucket, version: FakeKey | FakeDeleteMarker) -> bool:
    """Adds the version or replaces it; whether it is new there."""
    versions = destination.keys.getlist(version.name, [])
    others = [each for each in versions if each.version_id != version.version_id]
    if len(others) < len(versions):
        versions = [version if each.version_id == version.version_id else each for each in versions]
        destination.keys.setlist(version.name, versions)
        return False
    destination.keys.setlist(version.name, [*versions, version])
    return True
