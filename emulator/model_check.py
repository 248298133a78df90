"""A request's parameters against the API model: required members, lengths, ranges, patterns, enums.

The models are botocore's, the same that AWS's SDKs are generated from. moto accepts much that AWS refuses; a request
that breaks a rule of the model never reaches moto. Enum values are only recorded: AWS adds to them faster than SDKs
are released.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import regex
from moto.core.model import ListShape, MapShape, Shape, StructureShape

from .hooks import Call

_VALUE_LIMIT = 200
_PATTERN_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class Finding:
    """One broken rule: the parameter's path, the rule in words, the value (cut at 200 characters; never a secret)."""

    parameter: str
    rule: str
    value: str

    def __str__(self) -> str:
        return f"Value '{self.value}' at '{self.parameter}' failed to satisfy constraint: {self.rule}"


@dataclass
class Findings:
    """`broken` refuses the request, `unknown_enums` does not."""

    broken: list[Finding]
    unknown_enums: list[Finding]


def check(call: Call) -> Findings:
    """All findings on a call's parameters, in the order of the model."""
    findings = Findings([], [])
    shape = call.model.input_shape
    if shape is not None:
        _check(call.params, shape, "", findings)
    return findings


def _check(value: Any, shape: Shape, path: str, findings: Findings) -> None:
    if isinstance(shape, StructureShape):
        _check_structure(value, shape, path, findings)
    elif isinstance(shape, ListShape):
        _check_size(len(value), value, shape, path, "Member must have", " item(s)", findings)
        for index, item in enumerate(value):
            _check(item, shape.member, f"{path}[{index}]", findings)
    elif isinstance(shape, MapShape):
        _check_size(len(value), value, shape, path, "Member must have", " entries", findings)
        for key, item in value.items():
            _check(key, shape.key, f"{path} (key {key!r})", findings)
            _check(item, shape.value, f"{path}.{key}", findings)
    elif shape.type_name in ("integer", "long", "float", "double"):
        _check_size(value, value, shape, path, "Member must have value", "", findings)
    elif shape.type_name == "string" and isinstance(value, str):
        _check_string(value, shape, path, findings)
    elif shape.type_name == "blob" and isinstance(value, (bytes, bytearray, str)):
        _check_size(len(value), value, shape, path, "Member must have length", " byte(s)", findings)


def _check_structure(value: Any, shape: StructureShape, path: str, findings: Findings) -> None:
    if shape.is_document_type or not isinstance(value, dict):
        return
    for name in shape.required_members:
        if name not in value:
            findings.broken.append(Finding(_join(path, name), "Member must not be null", "null"))
    if shape.is_tagged_union and len(value) != 1:
        given = ", ".join(value) or "none"
        findings.broken.append(Finding(path, f"Exactly one of {', '.join(shape.members)} must be set", given))
    for name, item in value.items():
        if name in shape.members and item is not None:
            _check(item, shape.members[name], _join(path, name), findings)


def _check_string(value: str, shape: Shape, path: str, findings: Findings) -> None:
    _check_size(len(value), value, shape, path, "Member must have length", "", findings)
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        findings.broken.append(Finding(path, rule, _shown(value, shape)))
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        findings.unknown_enums.append(Finding(path, "Member must satisfy enum value set", _shown(value, shape)))


def _check_size(size: float, value: Any, shape: Shape, path: str, words: str, unit: str, findings: Findings) -> None:
    minimum = shape.metadata.get("min")
    maximum = shape.metadata.get("max")
    if minimum is not None and size < minimum:
        rule = f"{words} greater than or equal to {minimum}{unit}"
        findings.broken.append(Finding(path, rule, _shown(value, shape)))
    if maximum is not None and size > maximum:
        rule = f"{words} less than or equal to {maximum}{unit}"
        findings.broken.append(Finding(path, rule, _shown(value, shape)))


@functools.cache
def _compiled(pattern: str) -> Any:
    """None for the few patterns whose dialect Python's regex module does not read."""
    try:
        return regex.compile(pattern, regex.DOTALL)
    except regex.error:
        return None


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    try:
        return compiled.fullmatch(value, timeout=_PATTERN_TIMEOUT_SECONDS) is not None
    except TimeoutError:
        return True


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(value: Any, shape: Shape) -> str:
    if shape.metadata.get("sensitive"):
        return "(sensitive)"
    text = value.decode(errors="replace") if isinstance(value, (bytes, bytearray)) else str(value)
    return text if len(text) <= _VALUE_LIMIT else f"{text[:_VALUE_LIMIT]}…"
