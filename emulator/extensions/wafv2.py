"""AWS WAF v2: lock tokens.

Corrects the operations that create or update an object: a lock token has the form that the API model gives it.

Reference: https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACLSummary.html (LockToken)
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.wafv2 import models


def _lock_token(_self: object) -> str:
    return str(uuid.uuid4())


def _renew(self: Any, _token: str) -> None:
    self.renewed_lock_token = str(uuid.uuid4())


for _model in vars(models).values():
    if isinstance(_model, type) and "_generate_lock_token" in vars(_model):
        _model._generate_lock_token = _lock_token  # type: ignore[attr-defined]

models.FakeIPSet.lock_token = property(lambda self: self.renewed_lock_token, _renew)  # type: ignore[assignment]
