"""Unescaping of text that was escaped for a web page before it was exported.

`O&#39;Brien` and `R&amp;D` are read as the letters that they represent.

Unescaped exactly once: `&amp;lt;` becomes `&lt;`. A value that also holds tags is HTML, which its reader parses, and
stays as it is; so does anything that no exporter writes, such as the number of a control character or a name that HTML
4 lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from html.entities import name2codepoint

import polars as pl

from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.files.text_layout import LINE

ESCAPED_NOTE = "HTML-escaped text, read as the letters that it stands for"
"""The note on a file that has some, with the number of values."""
_PATTERN = r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,8});"
_ESCAPE = re.compile(_PATTERN)
_IN_BYTES = re.compile(_PATTERN.encode())
_TAG = r"<[A-Za-z/!][^<>]*>"
_NAMES = frozenset((*name2codepoint, "apos"))
_BLANKS = "\t\n\r\u00a0"
_LOST = "\ufffd"


def may_contain_escapes(data: bytes) -> bool:
    """Check whether UTF-8 text has anything that looks escaped: one scan of its bytes instead of one for each value."""
    return b"&" in data and _IN_BYTES.search(data) is not None


def unescape_text(text: str) -> str:
    """Return one text with its escapes undone once."""
    return _ESCAPE.sub(_unescape_match, text)


def unescape_frame(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """Return the frame of texts with its escapes undone, and the `_line` of each value that had some."""
    lines: list[int] = []
    for name in frame.columns:
        if name == LINE or frame[name].dtype != pl.String or not frame[name].str.contains("&", literal=True).any():
            continue
        positions = (frame[name].str.contains(_PATTERN) & ~frame[name].str.contains(_TAG)).arg_true()
        old = frame[name].gather(positions)
        new = pl.Series(name, map(unescape_text, old), dtype=pl.String)
        changed = (new != old).arg_true()
        if len(changed):
            lines += frame[LINE].gather(positions.gather(changed)).to_list()
            frame = frame.with_columns(frame[name].scatter(positions, new))
    return frame, lines


def note_escapes(lines: Iterable[int], *, notes: Notes) -> None:
    """Note how many values were unescaped, and the first line of them; nothing if there were none."""
    if sorted_lines := sorted(lines):
        notes.add(ESCAPED_NOTE, line=sorted_lines[0], count=len(sorted_lines))


def _unescape_match(match: re.Match[str]) -> str:
    name = match[0][1:-1]
    if not name.startswith("#") and name not in _NAMES:
        return match[0]
    letter = unescape(match[0])
    fits = letter in _BLANKS or (letter.isprintable() and letter != _LOST)
    return letter if letter and fits else match[0]
