"""Versions compared as people count them: part by part as numbers, so that 9.10 comes after 9.9.

Parts stand between dots. The number of a part is its leading digits: letters and signs end it, so that 2.3b1 and 2.3-1 are
2.3; a part without any is 0, and parts that are missing are 0. An epoch (1:2.3, as Linux packages have it) is left out.
A version that does not begin with a digit, or has a number of more than WIDTH digits, cannot be read.
"""

from __future__ import annotations

import re

WIDTH = 18
READABLE = r"^([0-9]+:)?[0-9]"
TOO_LONG = f"[0-9]{{{WIDTH + 1}}}"
EPOCH = r"^[0-9]+:"
LEADING = r"^[0-9]+"
EMPTY_PARTS = f"(0{{{WIDTH}}})+$"
"""Portable expressions, with which `homeroom.evidence.patterns` makes the same key in SQL and in polars."""
_EMPTY_PARTS = re.compile(f"(0{{{WIDTH}}})+\\Z")


def version_key(version: str) -> str | None:
    """A text that orders as the versions do; None where the version cannot be read."""
    if re.search(READABLE, version) is None or re.search(TOO_LONG, version) is not None:
        return None
    parts = re.sub(EPOCH, "", version).split(".")
    numbers = (found.group() if (found := re.match(LEADING, part)) else "0" for part in parts)
    return _EMPTY_PARTS.sub("", "".join(number.zfill(WIDTH) for number in numbers))
