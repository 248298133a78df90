"""The rule expression of a composite alarm: ALARM(), OK(), INSUFFICIENT_DATA(), TRUE, FALSE, AND, OR, NOT, parentheses.

NOT binds more closely than AND, and AND more closely than OR. Not read: AT_LEAST.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html (AlarmRule: at
most 10,240 characters, which the API model checks, and 100 alarms)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import tokens

MOST_ALARMS = 100
_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_TOKEN = re.compile(r'\s*(?:(?P<parenthesis>[()])|"(?P<quoted>[^"]*)"|(?P<word>[^\s()"]+))')

#: The state of an alarm by its name.
States = Callable[[str], str]


class InvalidRule(ValueError):
    """What is wrong with an expression, and where."""


@dataclass(frozen=True)
class Rule:
    """`alarms` are the names that the expression refers to, each once, in its order."""

    alarms: tuple[str, ...]
    holds: Callable[[States], bool]


def parse(expression: str) -> Rule:
    """Raises InvalidRule."""
    reader = _Reader(expression)
    holds = reader.either()
    reader.expect_end()
    alarms = tuple(dict.fromkeys(reader.alarms))
    if len(alarms) > MOST_ALARMS:
        raise InvalidRule(f"it refers to {len(alarms)} alarms, at most {MOST_ALARMS} are allowed")
    return Rule(alarms, holds)


def name_of(reference: str) -> str:
    """The alarm's name, where a rule or a suppressor gives its name or its ARN."""
    return (
        reference.split(":", 6)[6] if re.match(r"arn:[\w-]+:cloudwatch:[^:]*:\d{12}:alarm:", reference) else reference
    )


class _Reader:
    def __init__(self, expression: str) -> None:
        self._tokens = tokens.split(
            _TOKEN,
            expression,
            lambda rest, character: InvalidRule(f"{rest!r} at character {character} is not understood"),
        )
        self.alarms: list[str] = []
        self._next = 0

    def either(self) -> Callable[[States], bool]:
        terms = [self._both()]
        while self._take("OR"):
            terms.append(self._both())
        return lambda states: any(term(states) for term in terms)

    def _both(self) -> Callable[[States], bool]:
        terms = [self._single()]
        while self._take("AND"):
            terms.append(self._single())
        return lambda states: all(term(states) for term in terms)

    def _single(self) -> Callable[[States], bool]:
        if self._take("NOT"):
            negated = self._single()
            return lambda states: not negated(states)
        if self._take("("):
            inner = self.either()
            self._expect(")")
            return inner
        if self._take("TRUE"):
            return lambda _: True
        if self._take("FALSE"):
            return lambda _: False
        for state in _STATES:
            if self._take(state):
                return self._state_of_an_alarm(state)
        raise InvalidRule(f"{self._shown()} stands where an alarm's state is expected")

    def _state_of_an_alarm(self, state: str) -> Callable[[States], bool]:
        self._expect("(")
        if self._next == len(self._tokens) or self._tokens[self._next][0] == "parenthesis":
            raise InvalidRule(f"{self._shown()} stands where an alarm's name is expected")
        name = name_of(self._tokens[self._next][1])
        self._next += 1
        self._expect(")")
        self.alarms.append(name)
        return lambda states: states(name) == state

    def expect_end(self) -> None:
        if self._next < len(self._tokens):
            raise InvalidRule(f"{self._shown()} stands where AND, OR or the end is expected")

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise InvalidRule(f"{self._shown()} stands where {token!r} is expected")

    def _take(self, token: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next] in (("parenthesis", token), ("word", token))
        self._next += found
        return found

    def _shown(self) -> str:
        return repr(self._tokens[self._next][1]) if self._next < len(self._tokens) else "the end"
