"""What the first bytes of a text, or those of a row, show of its encoding."""

from __future__ import annotations

import re

MAC_ROMAN = re.compile(
    rb"[a-z][\x8a\x8c\x8e\x9f]|[A-Za-z][\x82-\x84\x86-\x89\x8b\x95\x98\x99\x9b\x9f][a-z]"
    rb"|[a-z][\x82-\x84\x86-\x89\x8b\x98\x9b]"
)
"""Letters of Mac Roman, which has its accented letters where Windows-1252 has signs and a few rare letters.

A capital after a small letter, or a sign within a word, is such a letter misread: José is Jos\\x8e there, which would
become JosŽ.
"""
AMBIGUOUS = re.compile(rb"[A-Za-z][\x9a\x9c\x9e]|[\x9a\x9c\x9e][a-z]")
"""The letters š œ ž, or ö ú û of Mac Roman."""
ACCENTED_1252 = re.compile(rb"[\xc0-\xff]")
SIGN_IN_WORD = re.compile(rb"[A-Za-z][\x91-\x94\x96\x97][a-z]")
"""De’Andre in Windows-1252, an accented letter in Mac Roman."""
_RARE_1252 = re.compile(rb"[\x82-\x84\x86-\x89\x8b\x98\x9b]")  # rare signs, but accented letters of Mac Roman


def detect_utf16(head: bytes) -> str | None:
    """Detect UTF-16 of mostly Latin text: a NUL in nearly every second byte and hardly any in the others."""
    sample = head[:4096]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > 0.7 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * pairs and odd < 0.05 * pairs else None


def may_be_mac_roman(row: bytes) -> bool:
    """Check whether letters of a row that is not UTF-8 may be those of Mac Roman."""
    if MAC_ROMAN.search(row) or _RARE_1252.search(row):
        return True
    is_ambiguous = AMBIGUOUS.search(row) is not None or SIGN_IN_WORD.search(row) is not None
    return is_ambiguous and ACCENTED_1252.search(row) is None
