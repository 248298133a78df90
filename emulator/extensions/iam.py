"""AWS IAM: service-linked roles, and the account's password policy in the list of what exists.

Corrects CreateServiceLinkedRole: the roles of Amazon Elasticsearch Service and of AWS Config have the names that AWS
gives them.

Reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/slr-aos.html,
https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.iam.models import SERVICE_NAME_CONVERSION

from ..hooks import ApiError, Call, Found, lists, prepares

SERVICE_NAME_CONVERSION["es"] = "AmazonElasticsearchService"
SERVICE_NAME_CONVERSION["config"] = "Config"


@prepares("iam", "CreateServiceLinkedRole")
def check_name(call: Call) -> None:
    """AWS answers InvalidInput, and not EntityAlreadyExists as for other roles."""
    path = f"/aws-service-role/{call.params['AWSServiceName']}/"
    taken = next((role.name for role in call.backend().roles.values() if role.path == path), None)
    if taken is not None and "CustomSuffix" not in call.params:
        message = f"Service role name {taken} has been taken in this account, please try a different suffix."
        raise ApiError("InvalidInput", message)


@lists("iam")
def list_resources(backend: Any) -> Iterator[Found]:
    for role in backend.roles.values():
        if role.path.startswith("/aws-service-role/"):
            yield "aws_iam_service_linked_role", role.arn, role.name
            continue
        yield "aws_iam_role", role.name, role.name
        for policy in role.policies:
            yield "aws_iam_role_policy", f"{role.name}:{policy}", policy
        for arn in role.managed_policies:
            yield "aws_iam_role_policy_attachment", f"{role.name}/{arn}", arn.rsplit("/", 1)[-1]
    for arn, policy in backend.managed_policies.items():
        if ":iam::aws:" not in arn:
            yield "aws_iam_policy", arn, policy.name
    if backend.account_password_policy is not None:
        yield "aws_iam_account_password_policy", "iam-account-password-policy", "password policy of the account"
