"""Who may use a KMS key: a service by the key's policy; a role by it too, or by its own policies where the key's lets
the account decide.

Reference: https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html,
key-policy-default.html#key-policy-default-allow-root-enable-iam, conditions-kms.html#conditions-kms-via-service
"""

from __future__ import annotations

from typing import Any

from . import roles
from .hooks import moto_backends
from .resource_policy import Access, admits, allows, denies

#: What services answer whose callers may not use the key.
NO_ACCESS = (
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
    "allowed to access."
)


def is_of_aws(key: str | None) -> bool:
    """Whether no key of the account is named: AWS's own is used, which admits every principal of the account."""
    return not key or key.split(":")[-1].startswith("alias/aws/")


def find(key: str, account_id: str, region: str) -> Any:
    """The key of an id, an alias or an ARN; None where the region has none."""
    parts = key.split(":")
    if len(parts) > 3 and parts[3] != region:
        return None
    backend = moto_backends("kms")[account_id][region]
    alias = backend.get_alias_name(key)
    id_ = backend.get_key_id_from_alias(alias) if alias.startswith("alias/") else backend.get_key_id(key)
    return backend.keys.get(id_)


def service_may(found: Any, service: str, action: str, context: dict[str, str]) -> bool:
    """`context` has the condition keys of the service's request."""
    return found.key_state == "Enabled" and admits(found.policy, Access(service, action, found.arn, context))


def role_may(role_arn: str, action: str, key: str | None, by: tuple[str, str, str]) -> bool:
    """`by`: the service that asks in the role's name, as kms:ViaService has it (`s3`), account id and region."""
    service, account_id, region = by
    if key is None or is_of_aws(key):
        return True
    found = find(key, account_id, region)
    if found is None or found.key_state != "Enabled":
        return False
    context = {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account_id}
    own = Access(role_arn, action, found.arn, context)
    account = Access(f"arn:aws:iam::{account_id}:root", action, found.arn, context)
    identity = roles.policy_of(role_arn, account_id)
    admitted = allows(found.policy, own) or (allows(found.policy, account) and allows(identity, own))
    return admitted and not denies(found.policy, own) and not denies(identity, own)
