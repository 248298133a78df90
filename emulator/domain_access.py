"""Whether a domain answers a request: its signature, and what the domain's and the caller's policies say.

In one account a request needs an Allow of either, and no Deny. A key that no role has is the account's administrator's.

Reference: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html (when policies collide);
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, quote

from . import identities, roles
from .domain_operations import Refused
from .hooks import moto_backends
from .resource_policy import Access, admits, denies

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def _refused(status: int, message: str) -> Refused:
    return Refused(status, "", "", {"Message": message})


def authenticate(method: str, target: str, headers: dict[str, str], body: bytes, region: str, account_id: str) -> str:
    """The ARN of who signed the request. Raises Refused where nobody did, or not for this service and region."""
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        action = f"es:ESHttp{method.capitalize()}"
        raise _refused(403, f"User: anonymous is not authorized to perform: {action}")
    if found["service"] != "es":
        raise _refused(403, "Credential should be scoped to correct service: 'es'. ")
    if found["region"] != region:
        raise _refused(403, f"Credential should be scoped to a valid region, not '{found['region']}'. ")
    expected = (_signature(found, secret, method, target, headers, body) for secret in identities.SECRETS)
    if not any(hmac.compare_digest(each, found["signature"]) for each in expected):
        raise _refused(
            403,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )
    return identities.role_of(found["key"]) or f"arn:aws:iam::{account_id}:root"


def _signature(
    found: re.Match[str], secret: str, method: str, target: str, headers: dict[str, str], body: bytes
) -> str:
    path, _, query = target.partition("?")
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in parse_qsl(query, True))
    names = found["headers"].split(";")
    canonical = "\n".join(
        [
            method,
            # Every service but S3 has the path encoded once more.
            quote(path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in names),
            "",
            ";".join(names),
            headers.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest()),
        ]
    )
    scope = f"{found['date']}/{found['region']}/{found['service']}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers.get('x-amz-date', '')}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def authorize(principal: str, method: str, path: str, domain: Any, account_id: str) -> None:
    """Raises Refused where the domain's policy and the caller's do not let them."""
    action = f"es:ESHttp{method.capitalize()}"
    access = Access(principal, action, f"{domain.arn}{path}")
    policies = (domain.access_policies, roles.policy_of(principal, account_id))
    if any(admits(policy, access) for policy in policies) and not any(denies(policy, access) for policy in policies):
        return
    raise _refused(403, f"User: {principal} is not authorized to perform: {action} on resource: {access.resource}")


def check_repository(settings: dict[str, Any], principal: str | None, domain: Any, account_id: str) -> None:
    """The caller may pass the role, the service may take it, and the role reaches the bucket. Raises Refused.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html (prerequisites)
    """
    role_arn, bucket = settings["role_arn"], settings["bucket"]
    passing = Access(principal or "", "iam:PassRole", role_arn, {"iam:PassedToService": "es.amazonaws.com"})
    if principal is not None and not admits(roles.policy_of(principal, account_id), passing):
        raise _refused(403, f"User: {principal} is not authorized to perform: iam:PassRole on resource: {role_arn}")
    context = {"aws:SourceAccount": account_id, "aws:SourceArn": domain.arn}
    if roles.find_trusting(account_id, role_arn, "es.amazonaws.com", context) is None:
        raise Refused(400, "illegal_argument_exception", f"The service may not assume the role {role_arn}")
    own = roles.policy_of(role_arn, account_id)
    wanted = [("s3:ListBucket", ""), ("s3:GetObject", "/x"), ("s3:PutObject", "/x"), ("s3:DeleteObject", "/x")]
    lacking = [
        action for action, key in wanted if not admits(own, Access(role_arn, action, f"arn:aws:s3:::{bucket}{key}"))
    ]
    if bucket not in moto_backends("s3")[account_id]["aws"].buckets:
        lacking = ["a bucket of that name"]
    if lacking:
        reason = f"[{bucket}] path is not accessible on master node: the role {role_arn} lacks {', '.join(lacking)}"
        raise Refused(500, "repository_verification_exception", reason)
