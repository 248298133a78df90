"""Who signs a request (a role's sessions by their access key), what they may do, and the secrets of the run's keys."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .hooks import moto_backends
from .resource_policy import Access, admits, as_list

#: Functions' sessions, and what scripts and tests sign with.
SECRETS = ("dummy", "emulator")

_roles: dict[str, str] = {}


def access_key_of(role_arn: str) -> str:
    """The key that all sessions of a role sign with."""
    key = "AKIAFUNCTION" + hashlib.sha256(role_arn.encode()).hexdigest()[:8].upper()
    _roles[key] = role_arn
    return key


def role_of(access_key: str) -> str | None:
    """ARN of the role whose session signs with the key: of a function, or one that STS gave. None for any other key: it
    is its account's administrator's."""
    if access_key in _roles:
        return _roles[access_key]
    for backends in moto_backends("sts").values():
        session = backends["aws"].get_assumed_role_from_access_key(access_key)
        if session is not None:
            return str(session.role_arn)
    return None


def policy_of(principal: str, account_id: str) -> str:
    """All policies of a role as one, which speaks about the role alone; an administrator's otherwise."""
    if ":role/" not in principal:
        return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
    role = _role(principal, account_id)
    documents = list(role.policies.values()) if role else []
    documents += [policy.document for policy in role.managed_policies.values()] if role else []
    parsed = [json.loads(each) if isinstance(each, str) else each for each in documents]
    statements = [{**s, "Principal": "*"} for document in parsed for s in as_list(document.get("Statement", []))]
    return json.dumps({"Statement": statements})


def may_assume(service: str, role_arn: str, account_id: str, context: dict[str, str]) -> bool:
    """Whether the role exists and its trust policy admits the service; `context` has the condition keys."""
    role = _role(role_arn, account_id)
    if role is None:
        return False
    trust = role.assume_role_policy_document
    # A trust policy has no resource: it is the role's.
    access = Access(service, "sts:AssumeRole", role_arn, context)
    return admits(trust if isinstance(trust, str) or trust is None else json.dumps(trust), access)


def _role(arn: str, account_id: str) -> Any:
    roles = moto_backends("iam")[account_id]["aws"].roles.values()
    return next((each for each in roles if each.arn == arn), None)
