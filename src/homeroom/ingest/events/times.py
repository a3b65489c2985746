"""Times of log records, in the spellings that exports have, as times in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.ingest.events.rejections import RecordRejected

EARLIEST, LATEST = 1990, 2100
"""Years of a log; a clock that was never set writes 1601 or 1970, one that ran over 2106."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DOTNET = re.compile(r"/Date\((-?\d+)[^)]*\)/")
_DIGITS = re.compile(r"-?\d+(\.\d+)?")
_US = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")
_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # from this number on, so many a second


def parse_time(value: Any) -> datetime | None:
    """Return the time in UTC, None if there is none; raise RecordRejected if no log can be of that year.

    A time without a zone is in UTC, as the consoles write it.
    """
    if value is None or value == "":
        return None
    try:
        time = _parse_text(value) if isinstance(value, str) else _parse_number(value)
        time = time if time is None else time.astimezone(UTC)
    except (OverflowError, TypeError, OSError):
        raise RecordRejected(f"the time {str(value)[:40]} is no time of a log") from None
    if time is not None and not EARLIEST <= time.year <= LATEST:
        raise RecordRejected(f"the time {str(value)[:40]} is no time of a log")
    return time


def _parse_text(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return _parse_other(text.strip())
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _parse_other(text: str) -> datetime | None:
    if match := _DOTNET.fullmatch(text):
        return _parse_number(int(match[1]) / 1000)
    if _DIGITS.fullmatch(text):
        return _parse_number(float(text))
    plain = text.removesuffix(" UTC").removesuffix(" GMT").replace(" +", "+").replace(" Z", "Z")
    if plain != text:
        return _parse_text(plain)
    for form in _US:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _parse_number(number: float) -> datetime | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    scale = next((scale for least, scale in _SCALES if abs(number) >= least), 1.0)
    return _EPOCH + timedelta(seconds=number / scale)
