"""Ids in the formats of directories and manufacturers; no two of one kind are equal."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def build_guid(lane: int, index: int) -> str:
    """Return an id in the format of directories, the same for the same lane and index."""
    mixed = (index * 2_654_435_761 + lane * 40_503) % 2**32
    return f"{mixed:08x}-{lane:04x}-4{index % 4096:03x}-8{lane % 4096:03x}-{index:012d}"


def build_serial(prefix: str, index: int) -> str:
    """Return a serial number that no other index has."""
    rest, letters = (index * 48_611 + 1_234_577) % 34**5, ""
    for _ in range(5):
        rest, digit = divmod(rest, 34)
        letters += _DIGITS[digit]
    return f"{prefix}{letters}"
