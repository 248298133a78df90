"""What an IAM role may do, and which services may act by it: its own policies, its trust policy, and a resource's.

Reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
"""

from __future__ import annotations

import json
from typing import Any

from .hooks import moto_backends
from .resource_policy import Access, admits, as_list, denies


def find_role(account_id: str, role_arn: str | None) -> Any | None:
    """moto's role of this ARN."""
    roles = moto_backends("iam")[account_id]["aws"].roles.values()
    return next((role for role in roles if role.arn == role_arn), None)


def trusts(role: Any, service: str, context: dict[str, str] | None = None) -> bool:
    """The role lets the service take it, whose request carries the keys of `context`."""
    access = Access(service, "sts:AssumeRole", role.arn, context or {})
    return admits(role.assume_role_policy_document, access)


def find_trusting(
    account_id: str, role_arn: str | None, service: str, context: dict[str, str] | None = None
) -> Any | None:
    """moto's role of this ARN; None also where it does not let the service take it."""
    role = find_role(account_id, role_arn)
    return role if role is not None and trusts(role, service, context) else None


def policy_of(principal: str, account_id: str) -> str:
    """All policies of a role as one, which speaks about the role alone; an administrator's otherwise."""
    if ":role/" not in principal:
        return json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
    return _own_policy(find_role(account_id, principal))


def may(role: Any, action: str, resource: str, resource_policy: str | None = None) -> bool:
    """The role's policies allow the action, and neither they nor the resource's policy deny it."""
    access = Access(role.arn, action, resource)
    return admits(_own_policy(role), access) and not denies(resource_policy, access)


def _own_policy(role: Any | None) -> str:
    """No statement where there is no role."""
    documents = [*role.policies.values(), *(each.document for each in role.managed_policies.values())] if role else []
    # A role's policy is of the role itself, and names no principal.
    statements = [
        {**statement, "Principal": "*"}
        for document in documents
        for statement in as_list(json.loads(document).get("Statement", []))
    ]
    return json.dumps({"Statement": statements})
