"""Patterns of recognizers, rewritten to find the same in less time."""

from __future__ import annotations

import re

_LOOK_BACK = re.compile(r"\(\?<!(\[[^\]]+\]|\\w)\)(\\d|\[A-Z\])(?:\{(\d+)(?:(,)(\d+))?\})?(?![*+?{])")
"""A pattern that begins with what must not be before it, and then with signs of one kind."""
_CAPITAL = re.compile(r"(?<!\\)(?<!\(\?)[A-ZÀ-Þ]")


def lower_pattern(pattern: str) -> str:
    """Return a pattern in small letters; what is behind a backslash is a class, and no letter."""
    return _CAPITAL.sub(lambda match: match[0].lower(), pattern)


def start_with_letter(pattern: str) -> str:
    """Return a pattern that finds the same, in a fifth of the time: its first sign before the look at what precedes it.

    Python's search skips to signs that a pattern can begin with, but not past a look back.
    """
    match = _LOOK_BACK.match(pattern)
    if match is None:
        return pattern
    before, sign, minimum, is_range, maximum = match.groups()
    least = int(minimum or 1)
    if not least:
        return pattern
    rest = f"{{{least - 1},{int(maximum) - 1}}}" if is_range else f"{{{least - 1}}}"
    return f"{sign}(?<!{before}{sign}){sign}{rest}{pattern[match.end() :]}"
