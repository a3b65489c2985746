"""Keys that order versions as people count them: part by part as numbers, so that 9.10 comes after 9.9.

Parts are separated by dots. The number of a part is its leading digits: letters and signs end it, so that 2.3b1 and
2.3-1 are 2.3; a part without any is 0, and parts that are missing are 0. An epoch (1:2.3, as Linux packages have it) is
left out. A version that does not begin with a digit, or has a number of more than MAX_DIGITS digits, cannot be read.
"""

from __future__ import annotations

import re

MAX_DIGITS = 18
READABLE = r"^([0-9]+:)?[0-9]"
TOO_LONG = f"[0-9]{{{MAX_DIGITS + 1}}}"
EPOCH = r"^[0-9]+:"
LEADING = r"^[0-9]+"
EMPTY_PARTS = f"(0{{{MAX_DIGITS}}})+$"
"""Portable expressions, with which `homeroom.evidence.query.pattern_sql` builds the same key in SQL."""
_EMPTY_PARTS = re.compile(f"(0{{{MAX_DIGITS}}})+\\Z")


def compute_version_key(version: str) -> str | None:
    """Return a text that sorts as the versions do; None if the version cannot be read."""
    if re.search(READABLE, version) is None or re.search(TOO_LONG, version) is not None:
        return None
    parts = re.sub(EPOCH, "", version).split(".")
    numbers = (match.group() if (match := re.match(LEADING, part)) else "0" for part in parts)
    return _EMPTY_PARTS.sub("", "".join(number.zfill(MAX_DIGITS) for number in numbers))
