"""AWS WAF v2: lock tokens and quotas of patterns.

Corrects the operations that create or update an object: a lock token has the form that the API model gives it. A regex
pattern of more than 200 characters is refused, where the API model lets 512 pass, and so is a set of more than 10
patterns. Neither quota can be raised.

Reference: https://docs.aws.amazon.com/waf/latest/APIReference/API_WebACLSummary.html (LockToken);
https://docs.aws.amazon.com/waf/latest/developerguide/limits.html; for the set, that AWS answers
WAFLimitsExceededException: https://github.com/alphagov/govuk-infrastructure/pull/4530. For the pattern's length the
exception is the one that the API documents for exceeded limits.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from moto.wafv2 import models

from ..hooks import ApiError, Call, Found, lists, prepares


def _lock_token(_self: object) -> str:
    return str(uuid.uuid4())


def _renew(self: Any, _token: str) -> None:
    self.renewed_lock_token = str(uuid.uuid4())


for _model in vars(models).values():
    if isinstance(_model, type) and "_generate_lock_token" in vars(_model):
        _model._generate_lock_token = _lock_token  # type: ignore[attr-defined]

_MAX_PATTERN_LENGTH = 200
_MAX_PATTERNS = 10


@prepares("wafv2", "CreateWebACL", "UpdateWebACL", "CreateRuleGroup", "UpdateRuleGroup", "CheckCapacity")
def limit_patterns_of_rules(call: Call) -> None:
    """Of every statement, however deep it is nested."""
    _limit_patterns(call.params.get("Rules", []))


@prepares("wafv2", "CreateRegexPatternSet", "UpdateRegexPatternSet")
def limit_pattern_sets(call: Call) -> None:
    patterns = call.params["RegularExpressionList"]
    if len(patterns) > _MAX_PATTERNS:
        raise _exceeded(f"{len(patterns)} patterns in the set {call.params['Name']}, at most {_MAX_PATTERNS}")
    _limit_patterns(patterns)


def _limit_patterns(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _limit_patterns(item)
    elif isinstance(value, dict):
        pattern = value.get("RegexString")
        if isinstance(pattern, str) and len(pattern) > _MAX_PATTERN_LENGTH:
            raise _exceeded(f"a regex pattern of {len(pattern)} characters, at most {_MAX_PATTERN_LENGTH}: {pattern}")
        for item in value.values():
            _limit_patterns(item)


def _exceeded(what: str) -> ApiError:
    message = f"AWS WAF couldn’t perform the operation because you exceeded your resource limit: {what}"
    return ApiError("WAFLimitsExceededException", message)


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
