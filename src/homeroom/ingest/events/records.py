"""Records of a log file before anything is known of their product, and those that could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record: its number in the file, its decoded value, and how many bytes it has."""

    number: int
    value: Any
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """The place of a record that could not be read, and why."""

    number: int
    reason: str
