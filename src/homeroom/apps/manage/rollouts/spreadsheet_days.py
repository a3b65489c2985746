"""Days as spreadsheets in the United States write them: month, day and year with slashes."""

from __future__ import annotations

import re
from datetime import date

_DAY = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
_RANGE = re.compile(r"(\d{4}-\d\d-\d\d)\s*(?:-|–|to)\s*(\d{4}-\d\d-\d\d)")


def write_iso_days(text: str) -> str:
    """Return a text with its days as the spec has them: 12/1/2026 and 12/1/26 as 2026-12-01, ranges with two dots.

    What is no day stays as it was typed.
    """
    return _RANGE.sub(r"\1..\2", _DAY.sub(_write_day, text))


def _write_day(match: re.Match[str]) -> str:
    month, day, year = (int(number) for number in match.groups())
    try:
        return date(year if year > 99 else 2000 + year, month, day).isoformat()
    except ValueError:
        return match[0]
