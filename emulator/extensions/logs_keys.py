"""Amazon CloudWatch Logs: the KMS keys of log groups.

Implements AssociateKmsKey and DisassociateKmsKey. They and CreateLogGroup refuse a key that is not there, is disabled,
or whose policy does not let CloudWatch Logs use it for the group.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html (the statement, and the
encryption context); https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html; the
message as in https://github.com/hashicorp/terraform-provider-aws/issues/29282
"""

from __future__ import annotations

from typing import Any

from .. import keys
from ..hooks import ApiError, Call, implements, prepares

#: A member of each of the documented patterns `kms:Encrypt*`, `kms:Decrypt*` and so on.
_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:GenerateDataKey", "kms:DescribeKey")


@prepares("logs", "CreateLogGroup")
def check_key_of_new_group(call: Call) -> None:
    if call.params.get("kmsKeyId"):
        _check(call, call.params["kmsKeyId"], call.params["logGroupName"])


@implements("logs", "AssociateKmsKey")
def associate_key(call: Call) -> dict[str, Any]:
    group = _group(call)
    _check(call, call.params["kmsKeyId"], group.name)
    group.kms_key_id = call.params["kmsKeyId"]
    return {}


@implements("logs", "DisassociateKmsKey")
def disassociate_key(call: Call) -> dict[str, Any]:
    _group(call).kms_key_id = None
    return {}


def _group(call: Call) -> Any:
    name = call.params.get("logGroupName") or call.params.get("resourceIdentifier", "").split(":log-group:")[-1]
    group = call.backend().groups.get(name)
    if group is None:
        raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def _check(call: Call, key: str, name: str) -> None:
    arn = f"arn:aws:logs:{call.region}:{call.account_id}:log-group:{name}"
    found = keys.find(key, call.account_id, call.region)
    context = {"kms:EncryptionContext:aws:logs:arn": arn}
    service = f"logs.{call.region}.amazonaws.com"
    if found is None or not all(keys.service_may(found, service, action, context) for action in _ACTIONS):
        raise ApiError(
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
        )
