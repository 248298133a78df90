"""Filter patterns of CloudWatch Logs: which log events a metric filter or a subscription filter is about.

Read are, in the documented syntax, terms (`ERROR`, `"two words"`, `?either ?or`, `-without`, `%regular expression%`),
JSON selectors (`{ $.level = "error" && $.latency > 500 }`) and space-delimited ones (`[ip, user, status = 5*]`).
Anything else is refused. Text is compared case by case.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html (FilterAndPatternSyntax
ForMetricFilters.html, FilterAndPatternSyntax-Regular-Expressions: a regular expression has no groups; two of them in
one pattern)
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import tokens

_MOST_EXPRESSIONS = 2
_EXPRESSION = re.compile(r"(?:[\w:#=@/;,\-^$?\[\]{}|*+.\s]|\\[dDsSwW]|\\x[0-9a-fA-F]{2}|\\[^a-zA-Z0-9])*")

#: What a pattern found in an event: values of its fields by name (space-delimited) or selector (JSON), as text.
Fields = dict[str, str]


class InvalidPattern(ValueError):
    """What is wrong with a pattern."""


@dataclass(frozen=True)
class Pattern:
    """`match` gives what was found in an event's message, None where the event does not match."""

    match: Callable[[str], Callable[[str], Any] | None]


def parse(text: str) -> Pattern:
    """Raises InvalidPattern."""
    if text.count("%") // 2 > _MOST_EXPRESSIONS:
        raise InvalidPattern(f"at most {_MOST_EXPRESSIONS} regular expressions are allowed")
    stripped = text.strip()
    if stripped.startswith("{"):
        return _json_pattern(stripped)
    if stripped.startswith("["):
        return _delimited_pattern(stripped)
    return _term_pattern(stripped)


def _regular_expression(text: str) -> re.Pattern[str]:
    if not _EXPRESSION.fullmatch(text):
        raise InvalidPattern(f"%{text}% has what a regular expression of a filter pattern cannot have")
    try:
        return re.compile(text)
    except re.error as problem:
        raise InvalidPattern(f"%{text}% is no regular expression: {problem}") from problem


# Terms

_TERM = re.compile(
    r'\s*(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<expression>[^%]*)%|(?P<plain>[^\s"%]+))(?=\s|$)'
)


def _term_pattern(text: str) -> Pattern:
    signs: dict[str, list[Callable[[str], bool]]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise InvalidPattern(f"{text[position:][:40]!r} is not understood; quote what is no word")
        if term["plain"] is not None and not re.fullmatch(r"\w+", term["plain"]):
            raise InvalidPattern(f"{term['plain']!r} has other characters than letters and digits, and must be quoted")
        signs[term["sign"]].append(_contains(term))
        position = term.end()
    required, either, excluded = signs[""], signs["?"], signs["-"]
    if either and (required or excluded):
        raise InvalidPattern(
            "?terms beside others are ignored by CloudWatch Logs: write them in a pattern of their own"
        )

    def matches(message: str) -> bool:
        return (
            all(holds(message) for holds in required)
            and not any(holds(message) for holds in excluded)
            and (not either or any(holds(message) for holds in either))
        )

    return Pattern(lambda message: (lambda _: None) if matches(message) else None)


def _contains(term: re.Match[str]) -> Callable[[str], bool]:
    if term["expression"] is not None:
        expression = _regular_expression(term["expression"])
        return lambda message: expression.search(message) is not None
    wanted = _unescaped(term["quoted"]) if term["quoted"] is not None else term["plain"]
    return lambda message: wanted in message


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


# JSON and space-delimited patterns: conditions, joined by && and ||

_CONDITION_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\")|(?P<expression>%[^%]*%)|(?P<symbol>&&|\|\||!=|<=|>=|[=<>(){}\[\],])"
    r"|(?P<selector>\$(?:\.[\w\-*]+|\[(?:\d+|\*|'[^']*'|\"[^\"]*\")\])*)|(?P<word>[^\s\"%=<>(){}\[\],&|!]+))"
)


class _Missing:
    """Where a selector points at nothing."""


MISSING = _Missing()
_Test = Callable[[Any], bool]


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _Conditions:
    """Reads conditions; `operand` says what may stand on the left."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens.split(
            _CONDITION_TOKEN, text, lambda rest, _: InvalidPattern(f"{rest!r} is not understood")
        )
        self._next = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "the end")

    def take(self, *symbols: str) -> bool:
        found = self.peek()[0] in ("symbol", "word") and self.peek()[1] in symbols
        self._next += found
        return found

    def advance(self) -> tuple[str, str]:
        token = self.peek()
        self._next += 1
        return token

    def expect(self, symbol: str) -> None:
        if not self.take(symbol):
            raise InvalidPattern(f"{self.peek()[1]!r} stands where {symbol!r} is expected")

    def follows_a_comma_or_the_end(self) -> bool:
        """After the next token."""
        following = self._tokens[self._next + 1 : self._next + 2]
        return not following or following[0] == ("symbol", ",")

    def expect_end(self) -> None:
        if self.peek()[0] != "end":
            raise InvalidPattern(f"{self.peek()[1]!r} stands where the pattern should end")

    def either(self, single: Callable[[], _Test]) -> _Test:
        tests = [self._both(single)]
        while self.take("||"):
            tests.append(self._both(single))
        return lambda event: any(test(event) for test in tests)

    def _both(self, single: Callable[[], _Test]) -> _Test:
        tests = [self._one(single)]
        while self.take("&&"):
            tests.append(self._one(single))
        return lambda event: all(test(event) for test in tests)

    def _one(self, single: Callable[[], _Test]) -> _Test:
        if self.take("("):
            inner = self.either(single)
            self.expect(")")
            return inner
        return single()

    def comparison(self, symbol: str) -> _Test:
        """A test of a value: `=`, `!=` with text, a number, a wildcard or a regular expression; else with a number."""
        kind, token = self.advance()
        if kind not in ("text", "word", "expression"):
            raise InvalidPattern(f"{token!r} stands where a value is expected")
        if symbol not in ("=", "!="):
            if kind != "word" or not is_number(token):
                raise InvalidPattern(f"{symbol} compares numbers, and {token!r} is none")
            number = float(token)
            compare = _ORDERS[symbol]
            return lambda value: is_number(value) and compare(float(value), number)
        equal = _equality(kind, token)
        if symbol == "=":
            return equal
        return lambda value: value is not MISSING and not equal(value)


def _equality(kind: str, token: str) -> _Test:
    if kind == "expression":
        expression = _regular_expression(token[1:-1])
        return lambda value: value is not MISSING and expression.search(_text(value)) is not None
    if kind == "word" and is_number(token):
        number = float(token)
        return lambda value: is_number(value) and float(value) == number
    wanted = _unescaped(token[1:-1]) if kind == "text" else token
    parts = [re.escape(part) for part in wanted.split("*")]
    wildcard = re.compile(".*".join(parts), re.DOTALL)
    return lambda value: isinstance(value, str) and wildcard.fullmatch(value) is not None


def is_number(value: Any) -> bool:
    """Whether a value of an event is a number, or text that is one."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return True
    return isinstance(value, str) and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", value) is not None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json_pattern(text: str) -> Pattern:
    if not text.endswith("}"):
        raise InvalidPattern("a JSON pattern ends in }")
    conditions = _Conditions(text[1:-1])
    test = conditions.either(lambda: _json_condition(conditions))
    conditions.expect_end()

    def match(message: str) -> Callable[[str], Any] | None:
        try:
            event = json.loads(message)
        except ValueError:
            return None
        if not isinstance(event, dict) or not test(event):
            return None
        return lambda selector: select(event, selector)

    return Pattern(match)


def _json_condition(conditions: _Conditions) -> _Test:
    kind, selector = conditions.advance()
    if kind != "selector":
        raise InvalidPattern(f"{selector!r} stands where a selector, such as $.level, is expected")
    if conditions.take("IS"):
        return _is(conditions, selector)
    if conditions.take("NOT"):
        conditions.expect("EXISTS")
        return lambda event: select(event, selector) is MISSING
    if conditions.take("EXISTS"):
        return lambda event: select(event, selector) is not MISSING
    symbol = conditions.advance()[1]
    if symbol not in ("=", "!=", "<", "<=", ">", ">="):
        raise InvalidPattern(f"{symbol!r} stands where a comparison of {selector} is expected")
    test = conditions.comparison(symbol)
    return lambda event: any(test(value) for value in select_all(event, selector))


def _is(conditions: _Conditions, selector: str) -> _Test:
    for word, wanted in (("TRUE", True), ("FALSE", False), ("NULL", None)):
        if conditions.take(word):
            return lambda event, wanted=wanted: select(event, selector) is wanted  # type: ignore[misc]
    raise InvalidPattern(f"{conditions.peek()[1]!r} stands where TRUE, FALSE or NULL is expected")


_STEP = re.compile(r"\.([\w\-*]+)|\[(\d+|\*)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def is_selector(text: str) -> bool:
    """Whether the text is a JSON selector such as `$.latency` or `$.items[0].size`."""
    return re.fullmatch(r"\$(?:\.[\w\-*]+|\[(?:\d+|\*|'[^']*'|\"[^\"]*\")\])+", text) is not None


def select(event: Any, selector: str) -> Any:
    """The first value that a selector points at; MISSING where there is none."""
    return select_all(event, selector)[0]


def select_all(event: Any, selector: str) -> list[Any]:
    """The values that a selector points at: several where it has a `*`, MISSING alone where there is none."""
    values = [event]
    for step in _STEP.finditer(selector):
        key = next(group for group in step.groups() if group is not None)
        values = [found for value in values for found in _step(value, key, quoted=step.lastindex in (3, 4))]
    return values or [MISSING]


def _step(value: Any, key: str, quoted: bool) -> list[Any]:
    if key == "*" and not quoted:
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict):
        return [value[key]] if key in value else []
    if isinstance(value, list) and key.isdigit():
        return value[int(key) :][:1]
    return []


# Space-delimited

_FIELD = re.compile(r'"[^"]*"|\[[^\]]*\]|\S+')


def _delimited_pattern(text: str) -> Pattern:
    if not text.endswith("]"):
        raise InvalidPattern("a space-delimited pattern ends in ]")
    conditions = _Conditions(text[1:-1])
    names: list[str] = []
    tests: list[_Test] = []
    while True:
        _delimited_field(conditions, names, tests)
        if not conditions.take(","):
            break
    conditions.expect_end()
    if names.count("...") > 1:
        raise InvalidPattern("... may stand once")

    def match(message: str) -> Callable[[str], Any] | None:
        fields = _fields(message, names)
        if fields is None or not all(test(fields) for test in tests):
            return None
        return lambda name: fields.get(name.removeprefix("$"), MISSING)

    return Pattern(match)


def _delimited_field(conditions: _Conditions, names: list[str], tests: list[_Test]) -> None:
    """`name`, `name = value`, or conditions on that name, joined by && and ||."""
    kind, name = conditions.peek()
    if kind != "word" or not (name == "..." or re.fullmatch(r"\w+", name)):
        raise InvalidPattern(f"{name!r} stands where a field's name is expected")
    names.append(name)
    if conditions.follows_a_comma_or_the_end():
        conditions.advance()
        return

    def single() -> _Test:
        field = conditions.advance()[1]
        if field != name:
            raise InvalidPattern(f"{field!r} stands where field {name!r} is expected")
        symbol = conditions.advance()[1]
        if symbol not in ("=", "!=", "<", "<=", ">", ">="):
            raise InvalidPattern(f"{symbol!r} stands where a comparison of {name} is expected")
        test = conditions.comparison(symbol)
        return lambda fields: test(fields.get(name, MISSING))

    tests.append(conditions.either(single))


def _fields(message: str, names: list[str]) -> Fields | None:
    """None where the event has another number of fields than the pattern."""
    values = [
        value[1:-1] if value[0] == value[-1] == '"' or value[0] + value[-1] == "[]" else value
        for value in _FIELD.findall(message)
    ]
    if "..." in names:
        before = names.index("...")
        after = len(names) - before - 1
        if len(values) < before + after:
            return None
        kept = [*zip(names[:before], values, strict=False)]
        kept += zip(names[before + 1 :], values[len(values) - after :], strict=True)
        return dict(kept)
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else None
