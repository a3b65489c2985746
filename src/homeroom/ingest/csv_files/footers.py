"""Footers of lists: what reports and databases write below the last row, and what is no row of the list."""

from __future__ import annotations

import re
from collections.abc import Sequence

FOOTER = re.compile(
    rb"\W*(?:(?:grand |sub)?totals?\b.*"
    rb"|end of (?:report|file|list|data|export)\W*"
    rb"|(?:records?|rows?)(?: count)?\W+[\d,]+\W*"
    rb"|[\d,]+ (?:records?|rows?)(?: (?:selected|affected|returned|exported|total))?\W*)",
    re.IGNORECASE | re.DOTALL,
)
"""A line below the last row that has fewer fields than the header."""
FOOTER_NOTE = "a total below the last row, which is no row of the list"
_TOTAL = re.compile(
    r"\W*(?:(?:grand |sub)?totals?(?: (?:number|count|records?|rows?|users?|devices?|students?|items?))?"
    r"|(?:records?|rows?|count|sum)(?: count| total)?)(?:\W+[\d,. ]+)?\W*",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[\d.,:%$€£ -]*")


def is_total(values: Sequence[str | None]) -> bool:
    """Check whether a row as wide as the header is a line of totals: the word first, and nothing but figures after."""
    filled = [value for value in values if value]
    return bool(filled) and bool(_TOTAL.fullmatch(filled[0])) and all(map(_FIGURE.fullmatch, filled[1:]))
