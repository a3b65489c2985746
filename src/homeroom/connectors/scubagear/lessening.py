"""How a value that may name people is made less, so that a policy still finds what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

type Keep = Callable[[Any], Any]
"""A pure function from a value to what is kept of it."""

ONE = "one"
"""Stands for somebody or something whose name is not kept."""
NUMBERS_OF_PEOPLE = (
    "Credit Card Number",
    "U.S. Individual Taxpayer Identification Number (ITIN)",
    "U.S. Social Security Number (SSN)",
)


def as_it_is(value: Any) -> Any:
    """A plain value, or a list of plain ones; of anything with fields of its own only that it was there."""
    if isinstance(value, list):
        return [as_it_is(one) for one in value]
    return ONE if isinstance(value, Mapping) else value


def whole_number(value: Any) -> int | None:
    """A whole number (the door hands numbers over as text); null where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def how_many(value: Any) -> list[str] | None:
    """As many entries as there were, without their names; null stays null."""
    if value is None:
        return None
    return [ONE] * len(value) if isinstance(value, list) else [ONE] * bool(value)


def all_or_one(value: Any) -> Any:
    """A list's words All and None; each name in it is only counted."""
    if not isinstance(value, list):
        value = [] if value is None else [value]
    return [one if one in ("All", "None") else ONE for one in value]


def addresses(value: Any) -> list[str]:
    """A short hash of each address in `Name;address`: two lists can be compared, nobody can read them."""
    listed = value if isinstance(value, list) else [] if value is None else [value]
    return [_hash(one.rpartition(";")[2].strip().lower()) for one in listed if isinstance(one, str) and one.strip()]


def present(value: Any) -> str | None:
    """That there is something; null stays null."""
    return None if value is None else ONE


def named(*names: str) -> Keep:
    """Which of these names a long text holds; null stays null."""

    def kept(value: Any) -> str | None:
        return None if value is None else ", ".join(name for name in names if name in str(value))

    return kept


def _hash(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]
