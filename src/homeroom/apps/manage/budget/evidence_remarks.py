"""Remarks beside a problem from evidence: what is missing, what was left out, and what a figure rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_NAMES = 6


@dataclass(frozen=True, kw_only=True)
class EvidenceRemark:
    """A remark: `about` is fund, price, need, spares, support or device, `name` which of them."""

    about: str
    name: str
    reason: str


def join_names(names: Iterable[object]) -> str:
    """Return names in their order, and how many more there are."""
    listed = [str(name) for name in names]
    rest = f" and {len(listed) - MAX_NAMES} more" if len(listed) > MAX_NAMES else ""
    return ", ".join(listed[:MAX_NAMES]) + rest


def count_devices(count: int) -> str:
    """Return how many devices, in words."""
    return f"{count:,} device" if count == 1 else f"{count:,} devices"
