"""Limits of reading documents: how much of the machine one of them may use."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.ingest.contract.limits import MIB


@dataclass(frozen=True, kw_only=True)
class DocumentLimits:
    """All sizes in bytes.

    `document` bounds what is read as one: a PDF, a part of an office file, a message. A member of an archive that grows
    more than `ratio` times, or an archive whose members together do, is a bomb from `grown` bytes on. `depth` is how
    deep archives may be in each other, `members` how many documents one file may hold. `cells` bounds a sheet, `rows`
    is how many rows are handed on at a time, `lines` and `line` bound text that is handed on at a time. A text with a
    line of more than `endless` bytes is too large; a row of more than `row` bytes has a quote that nothing closes.
    """

    document: int = 64 * MIB
    ratio: int = 100
    grown: int = 8 * MIB
    depth: int = 8
    members: int = 20_000
    cells: int = 3_000_000
    rows: int = 2_000
    lines: int = 2_000
    line: int = MIB
    row: int = MIB // 4
    endless: int = 4 * MIB
    pages: int = 20_000


STANDARD = DocumentLimits()
