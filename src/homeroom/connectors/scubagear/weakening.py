"""Reduce values that may name people, so that a policy still finds the facts that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

type ValueReducer = Callable[[Any], Any]
"""A pure function from a value to its stored form."""

PLACEHOLDER = "one"
"""Replaces somebody or something whose name is not stored."""
NUMBERS_OF_PEOPLE = (
    "Credit Card Number",
    "U.S. Individual Taxpayer Identification Number (ITIN)",
    "U.S. Social Security Number (SSN)",
)


def keep_plain_value(value: Any) -> Any:
    """Return a plain value, or a list of plain ones; replace an object by the placeholder."""
    if isinstance(value, list):
        return [keep_plain_value(item) for item in value]
    return PLACEHOLDER if isinstance(value, Mapping) else value


def parse_whole_number(value: Any) -> int | None:
    """Parse a whole number (ingest passes numbers as text); None if it is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def count_entries(value: Any) -> list[str] | None:
    """Return as many placeholders as there are entries; None stays None."""
    if value is None:
        return None
    return [PLACEHOLDER] * len(value) if isinstance(value, list) else [PLACEHOLDER] * bool(value)


def mask_names(value: Any) -> Any:
    """Return a list's words All and None; replace each name in it by the placeholder."""
    if not isinstance(value, list):
        value = [] if value is None else [value]
    return [item if item in ("All", "None") else PLACEHOLDER for item in value]


def hash_addresses(value: Any) -> list[str]:
    """Return a short hash of each address in `Name;address`: two lists can be compared, nobody can read them."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [
        _hash_address(item.rpartition(";")[2].strip().lower())
        for item in items
        if isinstance(item, str) and item.strip()
    ]


def mark_presence(value: Any) -> str | None:
    """Return the placeholder for any value; None stays None."""
    return None if value is None else PLACEHOLDER


def build_name_matcher(*names: str) -> ValueReducer:
    """Build a function that lists which of these names a long text holds; None stays None."""

    def match_names(value: Any) -> str | None:
        return None if value is None else ", ".join(name for name in names if name in str(value))

    return match_names


def _hash_address(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]
