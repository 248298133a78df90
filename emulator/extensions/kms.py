"""AWS KMS: keys that exist in several regions, and what exists.

Implements ReplicateKey, where moto makes the primary a replica of its own copy, which gets neither tags nor a policy.

Reference: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html;
https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html (id, material, rotation and usage
are shared; description, policy, tags, grants and aliases are each key's own)
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from ..hooks import ApiError, Call, Found, implements, lists, moto_backends


@implements("kms", "ReplicateKey")
def replicate_key(call: Call) -> dict[str, Any]:
    backend = call.backend()
    primary = backend.keys.get(backend.any_id_to_key_id(call.params["KeyId"]))
    if primary is None:
        raise ApiError("NotFoundException", f"Key '{call.params['KeyId']}' does not exist")
    region = call.params["ReplicaRegion"]
    if not primary.multi_region or primary.multi_region_configuration["PrimaryKey"]["Arn"] != primary.arn:
        raise ApiError("UnsupportedOperationException", f"{primary.arn} is not a multi-Region primary key.")
    if primary.key_state != "Enabled":
        raise ApiError("KMSInvalidStateException", f"{primary.arn} is {primary.key_state}.")
    there = moto_backends("kms")[call.account_id][region]
    if primary.id in there.keys:
        raise ApiError("AlreadyExistsException", f"{primary.id} exists in {region} already.")
    replica = copy(primary)
    replica.region = region
    replica.arn = primary.arn.replace(f":{call.region}:", f":{region}:")
    replica.policy = call.params.get("Policy") or replica.generate_default_policy()
    replica.description = call.params.get("Description", "")
    replica.grants, replica.aliases = {}, {}
    primary.multi_region_configuration["ReplicaKeys"].append({"Arn": replica.arn, "Region": region})
    # The list of replicas is one.
    replica.multi_region_configuration = {**primary.multi_region_configuration, "MultiRegionKeyType": "REPLICA"}
    there.keys[replica.id] = replica
    tags = call.params.get("Tags", [])
    if tags:
        there.tagger.tag_resource(replica.id, tags)
    metadata = replica.to_dict()["KeyMetadata"]
    return {"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy, "ReplicaTags": tags}


@lists("kms")
def list_resources(backend: Any) -> Iterator[Found]:
    for key in backend.keys.values():
        if key.key_manager != "AWS" and key.key_state != "PendingDeletion":
            yield "aws_kms_key", key.id, key.description or key.id
        for name in key.aliases:
            if not name.startswith("alias/aws/"):
                yield "aws_kms_alias", name, name
