"""The words of a test: how one value of a settings document is read, and how it is compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_SHORT = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w|y)\Z", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z", re.IGNORECASE
)
_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?\Z")
_NOW = re.compile(r"now(?:([+-])(\d+[smhdwy]))?\Z")
_POWERSHELL = re.compile(r"/Date\((-?\d+)\)/\Z")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_YEAR, _MONTH, _WEEK, _DAY, _HOUR, _MINUTE = 365 * 86400, 30 * 86400, 604800, 86400, 3600, 60


class Unread(ValueError):
    """A value cannot be read as what the test compares."""


def seconds(value: Any) -> float:
    """A duration in seconds: 12h, 604800s, ISO 8601 (P180D), .NET (90.00:00:00), or a number of seconds."""
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
    raise Unread(f"{value!r} is no duration; 12h, 604800s, P180D or 90.00:00:00 would fit")


def instant(value: Any) -> datetime:
    """A moment with its zone: ISO 8601 (UTC where no zone is said), or PowerShell's /Date(…)/."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = value.strip() if isinstance(value, str) else ""
    try:
        if said := _POWERSHELL.match(text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(said[1]))
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Unread(f"{value!r} is no moment; 2026-01-15T08:00:00Z would fit") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def moment(value: Any, *, at: datetime) -> datetime:
    """A moment that a policy names: as `instant`, or `now`, `now-7d`, `now+12h`."""
    if isinstance(value, str) and (relative := _NOW.match(value)):
        moved = seconds(relative[2]) if relative[2] else 0.0
        return at + timedelta(seconds=-moved if relative[1] == "-" else moved)
    return instant(value)


def number(value: Any) -> float:
    """A number, also where it is written as text."""
    if isinstance(value, bool):
        raise Unread(f"{value!r} is no number")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Unread(f"{value!r} is no number") from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | str | Mapping) else 1


def _split(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [part.strip() for one in given if one is not None for part in _text(one).split(",")]


def _mailbox(value: Any) -> str:
    """The address of `Name;address`, or of an address alone."""
    return _text(value).rpartition(";")[2].strip().lower()


def _distinct(value: Any) -> list[Any]:
    given = value if isinstance(value, list) else [value]
    return [one for place, one in enumerate(given) if one not in given[:place]]


READ_EACH: Mapping[str, Callable[[Any], Any]] = {
    "lower": lambda value: _text(value).lower(),
    "text": _text,
    "trim": lambda value: _text(value).strip(),
    "number": number,
    "duration": seconds,
    "time": instant,
    "mailbox": _mailbox,
}
"""How a value is read before it is compared; of a list, each of its values."""

READ_WHOLE: Mapping[str, Callable[[Any], Any]] = {
    "count": _length,
    "keys": lambda value: list(value) if isinstance(value, Mapping) else [],
    "distinct": _distinct,
    "split": _split,
}
"""How a list or mapping is read as a whole."""


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(left: Any, right: Any) -> bool:
        if isinstance(left, datetime) != isinstance(right, datetime):
            raise Unread(f"{left!r} cannot be compared with {right!r}")
        if not isinstance(left, datetime):
            left, right = number(left), number(right)
        return test(left, right)

    return compared


COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": same,
    "contains": lambda left, right: _text(right) in _text(left),
    "startswith": lambda left, right: _text(left).startswith(_text(right)),
    "endswith": lambda left, right: _text(left).endswith(_text(right)),
    "re": lambda left, right: re.search(right, _text(left)) is not None,
    "lt": _ordered(lambda left, right: left < right),
    "lte": _ordered(lambda left, right: left <= right),
    "gt": _ordered(lambda left, right: left > right),
    "gte": _ordered(lambda left, right: left >= right),
}
"""The comparing words: value of the document, value of the policy."""
DATED = {"before": "lt", "after": "gt"}
"""Words that compare moments."""
