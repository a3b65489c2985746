"""Parse single values of a refresh problem: numbers, years, days and names; Unfit has what would fit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from homeroom.ingest.values.given_values import parse_given_day

MAX_NUMBER = 10**12
_DECIMAL = re.compile(r"\d{1,13}(\.\d{1,6})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
_NEVER = "9999-12-31"
"""How lists write that a device has no last good day."""
_NUMBER_FITS = "a number of 0 or more, such as 180000 or 201.57"
_SHARE_FITS = "a number above 0 and at most 1, such as 0.8"


class Unfit(ValueError):
    """Raised for a value that does not fit: the reason, and what would fit."""

    def __init__(self, reason: str, *, fits: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fits = fits


def parse_number(value: Any) -> Fraction:
    """Parse a number of YAML that is 0 or more, as it is written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("is no number", fits=_NUMBER_FITS)
    if math.isnan(value) or math.isinf(value):
        raise Unfit("is no finite number", fits=_NUMBER_FITS)
    if value < 0:
        raise Unfit("is negative", fits=_NUMBER_FITS)
    if value > MAX_NUMBER:
        raise Unfit("is too large", fits=f"a number of {MAX_NUMBER:,} at most")
    return Fraction(str(value))


def parse_share(value: Any) -> Fraction:
    """Parse a share above 0 and at most 1."""
    try:
        share = parse_number(value)
    except Unfit as error:
        raise Unfit(error.reason, fits=_SHARE_FITS) from None
    if not 0 < share <= 1:
        raise Unfit("is no share", fits=_SHARE_FITS)
    return share


def parse_payments(value: Any) -> tuple[Fraction, ...]:
    """Parse the shares of a price that are paid, year by year."""
    fits = "shares of the price, such as [1.0] or [0.27, 0.27, 0.27, 0.27]"
    if not isinstance(value, list) or not value:
        raise Unfit("is no list of shares", fits=fits)
    try:
        shares = tuple(parse_number(item) for item in value)
    except Unfit as error:
        raise Unfit(f"has a share that {error.reason}", fits=fits) from None
    if not sum(shares) or max(shares) > 10:
        raise Unfit("is no list of shares", fits=fits)
    return shares


def build_whole_parser(minimum: int, maximum: int) -> Callable[[Any], int]:
    """Build the parser of a whole number in a range."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise Unfit("is no number that fits", fits=f"a whole number from {minimum} to {maximum}")
        return value

    return parse


def parse_truth(value: Any) -> bool:
    """Parse true or false."""
    if not isinstance(value, bool):
        raise Unfit("is neither true nor false", fits="true or false")
    return value


def parse_name(value: Any) -> str:
    """Parse a name: text that is not empty, or a whole number that YAML made of one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise Unfit("is no name", fits="text, such as Oak")
    return value.strip()


def parse_names(value: Any) -> frozenset[str]:
    """Parse a list of names that is not empty."""
    if not isinstance(value, list) or not value:
        raise Unfit("is no list of names", fits="a list such as [Oak, Elm]")
    return frozenset(parse_name(item) for item in value)


def parse_month_day(value: Any) -> tuple[int, int]:
    """Parse a month and day in quotes, such as "05-31"."""
    match = _MONTH_DAY.fullmatch(value) if isinstance(value, str) else None
    month, day = (int(match[1]), int(match[2])) if match else (0, 0)
    try:
        date(2024, month, day)
    except ValueError:
        raise Unfit("is no day of a year", fits='a month and a day in quotes, such as "05-31"') from None
    return month, day


def parse_count_cell(text: str) -> int:
    """Parse a cell with a whole number of devices."""
    if not _WHOLE.fullmatch(text):
        raise Unfit("is no number of devices", fits="a whole number of 0 or more, such as 28")
    return int(text)


def parse_number_cell(text: str) -> Fraction:
    """Parse a cell with a number of 0 or more."""
    if not _DECIMAL.fullmatch(text):
        raise Unfit("is no number", fits="a number of 0 or more without signs and commas, such as 1299.50")
    return Fraction(text)


def parse_positive_cell(text: str) -> Fraction:
    """Parse a cell with a number above 0."""
    number = parse_number_cell(text)
    if not number:
        raise Unfit("is 0", fits="a number above 0, such as 5")
    return number


def parse_day_cell(text: str) -> date | None:
    """Parse a cell with a day; a blank one is None."""
    if not text:
        return None
    if text == _NEVER:
        return date.max
    day = parse_given_day(text)
    if day is None:
        raise Unfit("is no day", fits="a day such as 2029-06-30 or 6/30/2029, or nothing if nobody can tell")
    return day


def parse_year_cell(text: str) -> int:
    """Parse a cell with a year of four digits."""
    if not re.fullmatch(r"\d{4}", text, re.ASCII):
        raise Unfit("is no year", fits="a fiscal year, such as 2028")
    return int(text)


def format_value(value: Any) -> str:
    """Return a value as it goes into a message, shortened."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
