"""Whether a resource policy lets an AWS service do something, as IAM evaluates it.

A condition on a key that the request does not carry is not met, unless the operator is negated or ends in IfExists.

Reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Access:
    """One request to a resource: by a service principal (`logging.s3.amazonaws.com`) or an AWS principal (an ARN)."""

    principal: str
    action: str
    resource: str
    #: Condition keys that the request carries, such as aws:SourceArn.
    context: dict[str, str] = field(default_factory=dict)


def admits(policy: str | None, access: Access) -> bool:
    """An Allow applies, and no Deny."""
    return allows(policy, access) and not denies(policy, access)


def allows(policy: str | None, access: Access) -> bool:
    """An Allow applies; a Deny may apply too."""
    return any(_applies(statement, access) for statement in _statements(policy, "Allow"))


def denies(policy: str | None, access: Access) -> bool:
    """A Deny applies."""
    return any(_applies(statement, access) for statement in _statements(policy, "Deny"))


def as_list(value: Any) -> list[Any]:
    """A policy's element as a list: it may also be a single value."""
    return value if isinstance(value, list) else [value]


def _statements(policy: str | None, effect: str) -> Iterable[dict[str, Any]]:
    return [s for s in as_list(json.loads(policy or "{}").get("Statement", [])) if s.get("Effect") == effect]


def _applies(statement: dict[str, Any], access: Access) -> bool:
    return (
        _is_principal(statement, access.principal)
        and _is_one_of(statement, "Action", access.action.lower(), str.lower)
        # Without the element, it is the resource that the policy belongs to.
        and (not {"Resource", "NotResource"} & statement.keys() or _is_one_of(statement, "Resource", access.resource))
        and _conditions_hold(statement.get("Condition", {}), _context(access))
    )


def _is_principal(statement: dict[str, Any], wanted: str) -> bool:
    negated = "NotPrincipal" in statement
    element = statement.get("NotPrincipal", statement.get("Principal", {}))
    if not isinstance(element, dict):
        return bool(element == "*") != negated
    account = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):root", wanted)
    names = {wanted, account[1] if account else wanted}
    kind = "AWS" if wanted.startswith("arn:") else "Service"
    given: list[str] = as_list(element.get(kind, []))
    named = not names.isdisjoint(given) or (kind == "AWS" and "*" in given)
    return named != negated


def _is_one_of(
    statement: dict[str, Any], element: str, wanted: str, normalized: Callable[[str], str] = lambda text: text
) -> bool:
    negated = f"Not{element}" in statement
    patterns = as_list(statement.get(f"Not{element}", statement.get(element, [])))
    return any(_is_like(wanted, normalized(str(pattern))) for pattern in patterns) != negated


def _is_like(value: str, pattern: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _context(access: Access) -> dict[str, str]:
    """What every request of an AWS service or principal carries, and the request's own keys; names in lower case."""
    keys = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
    if access.principal.startswith("arn:"):
        keys["aws:PrincipalArn"] = access.principal
    else:
        keys |= {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": access.principal}
    return {name.lower(): value for name, value in {**keys, **access.context}.items()}


def _conditions_hold(conditions: dict[str, dict[str, Any]], context: dict[str, str]) -> bool:
    return all(
        _holds(name, context.get(key.lower()), [str(value) for value in as_list(wanted)])
        for name, keys in conditions.items()
        for key, wanted in keys.items()
    )


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _is_like,
    "ArnEquals": _is_like,
    "ArnLike": _is_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "NumericEquals": lambda value, wanted: float(value) == float(wanted),
    "NumericLessThan": lambda value, wanted: float(value) < float(wanted),
    "NumericLessThanEquals": lambda value, wanted: float(value) <= float(wanted),
    "NumericGreaterThan": lambda value, wanted: float(value) > float(wanted),
    "NumericGreaterThanEquals": lambda value, wanted: float(value) >= float(wanted),
}


def _holds(name: str, value: str | None, wanted: list[str]) -> bool:
    """Operators that are not known here (dates, addresses, binary) do not hold."""
    quantifier, _, name = name.rpartition(":")
    if name == "Null":
        return (value is None) == (wanted[0].lower() == "true")
    base, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    negated = "Not" in base
    if value is None:
        return if_exists or negated or quantifier == "ForAllValues"
    compare = _COMPARISONS.get(base.replace("Not", "", 1))
    return compare is not None and any(compare(value, each) for each in wanted) != negated
