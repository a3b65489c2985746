"""Operators of a test: readers of a value in a settings document, and comparisons."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.domain.matching import COMPARISONS, ORDER_OPERATORS

_SHORT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y)\Z", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z", re.IGNORECASE
)
_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?\Z")
_NOW = re.compile(r"now(?:([+-])(\d+[smhdwy]))?\Z")
_POWERSHELL = re.compile(r"/Date\((-?\d+)\)/\Z")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_YEAR, _MONTH, _WEEK, _DAY, _HOUR, _MINUTE = 365 * 86400, 30 * 86400, 604800, 86400, 3600, 60


class UnreadableValue(ValueError):
    """A value cannot be read as the type that the test compares."""


def parse_duration(value: Any) -> float:
    """Parse a duration to seconds: 12h, 604800s, ISO 8601 (P180D), .NET (90.00:00:00), or a number of seconds.

    Raise UnreadableValue if it is none of these.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = value.strip() if isinstance(value, str) else ""
    if short := _SHORT.match(text):
        return float(short[1]) * _SECONDS[short[2].lower()]
    if span := _SPAN.match(text):
        days, hours, minutes, rest = (int(part or 0) for part in span.groups())
        return float(days * _DAY + hours * _HOUR + minutes * _MINUTE + rest)
    if len(text) > 1 and (iso := _ISO.match(text)):
        parts = [float(part or 0) for part in iso.groups()]
        return sum(
            part * size for part, size in zip(parts, (_YEAR, _MONTH, _WEEK, _DAY, _HOUR, _MINUTE, 1), strict=True)
        )
    raise UnreadableValue(f"{value!r} is no duration; 12h, 604800s, P180D or 90.00:00:00 would fit")


def parse_instant(value: Any) -> datetime:
    """Parse a time with its zone: ISO 8601 (UTC if no zone is given), or PowerShell's /Date(…)/.

    Raise UnreadableValue if it is neither.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = value.strip() if isinstance(value, str) else ""
    try:
        if milliseconds := _POWERSHELL.match(text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(milliseconds[1]))
        parsed = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UnreadableValue(f"{value!r} is no moment; 2026-01-15T08:00:00Z would fit") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def parse_moment(value: Any, *, at: datetime) -> datetime:
    """Parse a time in a policy: as `parse_instant`, or `now`, `now-7d`, `now+12h`."""
    if isinstance(value, str) and (relative := _NOW.match(value)):
        offset = parse_duration(relative[2]) if relative[2] else 0.0
        return at + timedelta(seconds=-offset if relative[1] == "-" else offset)
    return parse_instant(value)


def parse_number(value: Any) -> float:
    """Parse a number, also where it is written as text.

    Raise UnreadableValue if it is none.
    """
    if isinstance(value, bool):
        raise UnreadableValue(f"{value!r} is no number")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UnreadableValue(f"{value!r} is no number") from None


def _convert_to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _count_items(value: Any) -> int:
    return len(value) if isinstance(value, list | str | Mapping) else 1


def _split_values(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [part.strip() for item in values if item is not None for part in _convert_to_text(item).split(",")]


def _extract_mailbox(value: Any) -> str:
    """Return the address of `Name;address`, or of an address alone."""
    return _convert_to_text(value).rpartition(";")[2].strip().lower()


def _remove_duplicates(value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    return [item for position, item in enumerate(values) if item not in values[:position]]


VALUE_READERS: Mapping[str, Callable[[Any], Any]] = {
    "lower": lambda value: _convert_to_text(value).lower(),
    "text": _convert_to_text,
    "trim": lambda value: _convert_to_text(value).strip(),
    "number": parse_number,
    "duration": parse_duration,
    "time": parse_instant,
    "mailbox": _extract_mailbox,
}
"""Readers that convert a value before it is compared; in a list, each of its values."""

LIST_READERS: Mapping[str, Callable[[Any], Any]] = {
    "count": _count_items,
    "keys": lambda value: list(value) if isinstance(value, Mapping) else [],
    "distinct": _remove_duplicates,
    "split": _split_values,
}
"""Readers that convert a full list or mapping."""


def is_same_value(left: Any, right: Any) -> bool:
    """Check whether two JSON values are the same; true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _build_text_comparison(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: test(_convert_to_text(left), _convert_to_text(right))


def _build_ordering(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if isinstance(left, datetime) != isinstance(right, datetime):
            raise UnreadableValue(f"{left!r} cannot be compared with {right!r}")
        if not isinstance(left, datetime):
            left, right = parse_number(left), parse_number(right)
        return test(left, right)

    return compare


COMPARE_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": is_same_value,
    **{name: _build_text_comparison(COMPARISONS[name]) for name in ("contains", "startswith", "endswith")},
    "re": lambda left, right: re.search(right, _convert_to_text(left)) is not None,
    **{name: _build_ordering(COMPARISONS[name]) for name in ORDER_OPERATORS},
}
"""Comparison operators: value of the document, value of the policy."""
