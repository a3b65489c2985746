"""Ids in the forms that directories and makers use; no two of one kind are equal."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def guid(lane: int, index: int) -> str:
    """An id in the form that directories use; the same for the same lane and index."""
    mixed = (index * 2_654_435_761 + lane * 40_503) % 2**32
    return f"{mixed:08x}-{lane:04x}-4{index % 4096:03x}-8{lane % 4096:03x}-{index:012d}"


def serial_of(prefix: str, index: int) -> str:
    """A serial number that no other index has."""
    rest, letters = (index * 48_611 + 1_234_577) % 34**5, ""
    for _ in range(5):
        rest, digit = divmod(rest, 34)
        letters += _DIGITS[digit]
    return f"{prefix}{letters}"
