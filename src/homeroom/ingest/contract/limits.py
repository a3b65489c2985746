"""Limits of the strict reader: how much of the machine one file may use."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, kw_only=True)
class Limits:
    """All sizes in bytes.

    A file that exceeds one of them is refused with that limit in the reason. `ratio` is how much a zip member may grow,
    checked only for members over `ratio_from` bytes: DEFLATE reaches 1032:1 and real rosters 5 to 20:1. `row` bounds
    one row, one JSON object or one XML record, `entries` the values or elements in it; `document` and twice the entries
    bound an XML file that must be read as one record, `columns` the names of one file, `depth` the levels of one JSON
    document. `text` bounds a YAML file, `texts` a file that a reader takes as a whole text. `by_line` is how many lines
    a CSV file needs so that each is remembered. `cells` bounds one sheet of a workbook, from its first to its last row
    and column, empty ones among them.
    """

    field: int = MIB
    row: int = 16 * MIB
    document: int = 64 * MIB
    file: int = 8 * GIB
    columns: int = 4096
    block: int = 4 * MIB
    depth: int = 32
    rows_per_frame: int = 50_000
    members: int = 10_000
    unpacked: int = 16 * GIB
    ratio: int = 200
    ratio_from: int = MIB
    text: int = 256 * KIB
    texts: int = 8 * MIB
    entries: int = 1_000_000
    by_line: int = 50_000
    cells: int = 10_000_000


STANDARD = Limits()
