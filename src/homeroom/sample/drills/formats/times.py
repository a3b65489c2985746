"""Times as the tools write them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

NEVER: Final = "0001-01-01T00:00:00Z"
"""Go's zero time, which gophish writes where nothing happened yet."""


def format_nanoseconds(at: datetime) -> str:
    """Format as Go does: up to nine digits of a second, without zeros at the end."""
    nanoseconds = at.microsecond * 1000 + (at.microsecond * 7919 + at.second * 104729) % 1000
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def format_milliseconds(at: datetime) -> str:
    """Format with three digits of a second."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
