"""Whether a service may act by an IAM role: the role's trust policy, its own policies, and a bucket's.

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


def may(role: Any, action: str, resource: str, resource_policy: str | None = None) -> bool:
    """The role's policies allow the action, and neither they nor the resource's policy deny it."""
    access = Access(role.arn, action, resource, {"aws:PrincipalArn": role.arn})
    documents = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())]
    # A role's policy is of the role itself, and names no principal.
    statements = [
        {**statement, "Principal": "*"}
        for document in documents
        for statement in as_list(json.loads(document).get("Statement", []))
    ]
    return admits(json.dumps({"Statement": statements}), access) and not denies(resource_policy, access)
