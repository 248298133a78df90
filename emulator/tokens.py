"""Text as the tokens of a small language."""

from __future__ import annotations

import re
from collections.abc import Callable


def split(pattern: re.Pattern[str], text: str, refusal: Callable[[str, int], ValueError]) -> list[tuple[str, str]]:
    """Kind and text of each token: `pattern` matches one, blanks before it included, in the group that its kind names.

    Raises what `refusal` makes of the first characters that are no token, and of their place, counted from 1.
    """
    found = []
    position, text = 0, text.rstrip()
    while position < len(text):
        token = pattern.match(text, position)
        if token is None or token.lastgroup is None:
            raise refusal(text[position:][:40], position + 1)
        found.append((token.lastgroup, token[token.lastgroup]))
        position = token.end()
    return found
