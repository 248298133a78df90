"""AWS Systems Manager: patterns of parameters.

Corrects PutParameter: a value that the parameter's pattern does not match is refused.

Reference: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..hooks import ApiError, Call, Found, lists, prepares


@prepares("ssm", "PutParameter")
def match_pattern(call: Call) -> None:
    """The request's own pattern, or that of the parameter as it is."""
    versions = call.backend()._parameters.get(call.params["Name"])
    pattern = call.params.get("AllowedPattern") or (versions and versions[-1].allowed_pattern)
    if pattern and not re.search(pattern, call.params["Value"]):
        raise ApiError(
            "ParameterPatternMismatchException",
            f"Parameter value, cannot be validated against allowedPattern: {pattern}",
        )


@lists("ssm")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, versions in backend._parameters.items():
        if versions and not name.startswith("/aws/"):
            yield "aws_ssm_parameter", name, name
