"""AWS WAF v2: lock tokens.

Corrects the operations that create or update an object: a lock token has the form that the API model gives it.

Reference: https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACLSummary.html (LockToken)
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from moto.wafv2 import models

from ..hooks import Found, lists


def _lock_token(_self: object) -> str:
    return str(uuid.uuid4())


def _renew(self: Any, _token: str) -> None:
    self.renewed_lock_token = str(uuid.uuid4())


for _model in vars(models).values():
    if isinstance(_model, type) and "_generate_lock_token" in vars(_model):
        _model._generate_lock_token = _lock_token  # type: ignore[attr-defined]

models.FakeIPSet.lock_token = property(lambda self: self.renewed_lock_token, _renew)  # type: ignore[assignment]


@lists("wafv2")
def list_resources(backend: Any) -> Iterator[Found]:
    for acl in backend.wacls.values():
        scope = "CLOUDFRONT" if ":global/" in acl.arn else "REGIONAL"
        yield "aws_wafv2_web_acl", f"{acl.id}/{acl.name}/{scope}", acl.name
    for ip_set in backend.ip_sets.values():
        yield "aws_wafv2_ip_set", f"{ip_set.ip_set_id}/{ip_set.name}/{ip_set.scope}", ip_set.name
    for arn in backend.logging_configurations:
        yield "aws_wafv2_web_acl_logging_configuration", arn, arn.split("/")[-2]
