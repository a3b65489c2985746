"""Funding sources of devices, for the asset list's custom field: one source per batch, some left blank.

A batch is the devices of one model bought in one year. Relief money (ESSER) could be committed until 2024-09-30 (U.S.
Department of Education, American Rescue Plan Act), so no later purchase has it; E-Rate pays for networks and not for
devices of students (FCC, Eligible Services List).
"""

from __future__ import annotations

from datetime import date
from typing import Final
from zlib import crc32

_LAST_RELIEF: Final = date(2024, 9, 30)
_NETWORK: Final = ("Network Switch",)
_RELIEF: Final[tuple[str, ...]] = ("ESSER", "General Fund", "Technology Bond", "ESSER", "Title I")
_FOR_STUDENTS: Final[tuple[str, ...]] = ("Technology Bond", "General Fund", "Title I", "Technology Bond")
_FOR_STAFF: Final[tuple[str, ...]] = ("General Fund", "Technology Bond", "General Fund")


def choose_funding_source(*, category: str, model: str, bought: date, number: int) -> str:
    """Return the funding source of an asset; empty for about one in fourteen, where the field was left blank."""
    if number % 14 == 6:
        return ""
    if category in _NETWORK:
        return "E-Rate"
    if category in ("Chromebook", "Tablet"):
        sources = _RELIEF if bought <= _LAST_RELIEF else _FOR_STUDENTS
    else:
        sources = _FOR_STAFF
    return sources[crc32(f"{model} {bought.year}".encode()) % len(sources)]
