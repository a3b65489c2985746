"""Text that was escaped for a web page before it was exported: `O&#39;Brien` and `R&amp;D` are read as the letters they stand for.

Undone exactly once: `&amp;lt;` becomes `&lt;`. A value that holds tags beside it is HTML, which its reader takes apart, and
stays as it is; so does what no exporter writes, such as the number of a control character or a name that HTML 4 does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.entities import name2codepoint

import polars as pl

from homeroom.ingest.dialect import LINE
from homeroom.ingest.problems import Notes

ESCAPED = "HTML-escaped text, read as the letters that it stands for"
"""What is noted of a file that has some, with the number of values."""
_PATTERN = r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,8});"
_FOUND = re.compile(_PATTERN)
_IN_BYTES = re.compile(_PATTERN.encode())
_TAG = r"<[A-Za-z/!][^<>]*>"
_NAMES = frozenset((*name2codepoint, "apos"))
_BLANKS = "\t\n\r\u00a0"
_LOST = "\ufffd"


def may_hold(data: bytes) -> bool:
    """Whether a text of UTF-8 has anything that looks escaped: a scan of its bytes, which spares one of every value."""
    return _IN_BYTES.search(data) is not None


def undone(text: str) -> str:
    """One text with its escapes undone once."""
    return _FOUND.sub(_letter, text)


def unescaped(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """The frame of texts with its escapes undone, and the `_line` of each value that had some."""
    lines: list[int] = []
    for name in frame.columns:
        if name == LINE or frame[name].dtype != pl.String or not frame[name].str.contains("&", literal=True).any():
            continue
        at = (frame[name].str.contains(_PATTERN) & ~frame[name].str.contains(_TAG)).arg_true()
        old = frame[name].gather(at)
        new = pl.Series(name, map(undone, old), dtype=pl.String)
        other = (new != old).arg_true()
        if len(other):
            lines += frame[LINE].gather(at.gather(other)).to_list()
            frame = frame.with_columns(frame[name].scatter(at, new))
    return frame, lines


def noted(lines: Iterable[int], *, notes: Notes) -> None:
    """Notes how many values were read so, and the first line of them; nothing where none was."""
    if found := sorted(lines):
        notes.add(ESCAPED, line=found[0], count=len(found))


def _letter(found: re.Match[str]) -> str:
    name = found[0][1:-1]
    if not name.startswith("#") and name not in _NAMES:
        return found[0]
    letter = unescape(found[0])
    fits = letter in _BLANKS or (letter.isprintable() and letter != _LOST)
    return letter if letter and fits else found[0]
