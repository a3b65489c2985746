"""Values of an event's fields, in the forms that rules compare: as texts, numbers, addresses and times."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?\s*(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
MILLISECONDS_FROM = 1e11
"""An epoch time from this on is in milliseconds; as seconds it would be in the year 5138."""


def iterate_scalars(value: Any) -> Iterator[Any]:
    """Return the values in a field that are something: itself, or the elements of a list."""
    if isinstance(value, list | tuple):
        for element in value:
            yield from iterate_scalars(element)
    elif value is not None:
        yield value


def iterate_texts(values: Iterable[Any]) -> Iterator[str]:
    """Return all values of an event as texts."""
    for value in values:
        for scalar in iterate_scalars(value):
            yield format_text(scalar)


def format_text(value: Any) -> str:
    """Return a scalar as the text that rules compare: `true`, `4688`, `3.5`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def parse_number(value: Any) -> int | float | None:
    """Return a number, or a text that is one; None for anything else, such as truth values."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    match = _NUMBER.fullmatch(value)
    if match is None:
        return None
    return float(value) if match[1] else int(value)


def parse_time(value: Any) -> datetime | None:
    """Return a time of ISO 8601 or of an epoch in UTC; None for anything else."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    number = parse_number(value)
    if number is not None:
        return _convert_epoch(number)
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    text = f"{day}T{clock or '00:00'}" + (f".{fraction[:6].ljust(6, '0')}" if fraction else "") + (zone or "Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _convert_epoch(number: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(number / 1000 if abs(number) >= MILLISECONDS_FROM else number, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
