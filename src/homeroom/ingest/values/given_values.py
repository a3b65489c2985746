"""Single values of files that a person gives to a command: days and numbers, read strictly."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache

DAY_FITS = "a day such as 2027-01-25 or 1/25/2027"
NUMBER_FITS = "a number such as 12 or 0.5"
_YEARS = range(1970, 2101)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?")
_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@lru_cache(maxsize=50_000)
def parse_given_day(text: str) -> date | None:
    """Return the day that a text names, None if it names none from 1970 to 2100."""
    if match := _ISO_DAY.fullmatch(text):
        parts = match[1], match[2], match[3]
    elif match := _US_DAY.fullmatch(text):
        parts = match[3], match[1], match[2]
    else:
        return None
    try:
        day = date(*map(int, parts))
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def parse_given_number(text: str) -> float | None:
    """Return a finite number that a text writes with a point; None for words, NaN, thousands with commas."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
