"""Tables that were printed to text: lines of as many cells as the headings above, apart by tabs, pipes or blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SEPARATORS = ("  ", "|", "│")
"""What parts cells of a printable line, in which a tab is none."""
_PRINTABLE = bytes([10, *range(32, 127)])
_TABS = re.compile(r"\t+")
_PIPES = re.compile(r"\s*[|│¦]\s*")
_BLANKS = re.compile(r"\s{2,}")
_RULE = re.compile(r"[\s|+\-=_─━│┼:.]+")
_LONG_NUMBER = re.compile(r"\d{4}|\d[/.-]\d|@|\d{2,}-\d{2,}")
_MAX_HEADING = 40


@dataclass(frozen=True, kw_only=True)
class PrintedTable:
    """Rows of a table with the number of the line of each; the first row is the headings."""

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Cell:
    text: str
    start: int
    end: int


def find_printed_tables(lines: Sequence[str]) -> Iterator[PrintedTable]:
    """Yield the tables among lines of text, in order."""
    text = "\n".join(lines)
    is_plain = not text.encode().translate(None, _PRINTABLE) if text.isascii() else all(map(str.isprintable, lines))
    if is_plain and not any(sign in text for sign in _SEPARATORS):
        return
    position, count = 0, len(lines)
    while position < count - 1:
        line = lines[position]
        if line.isprintable() and not ("  " in line or "|" in line or "│" in line):
            position += 1  # a single cell; what is printable holds no blank but the plain one
            continue
        headings = _split_cells(line)
        if not _are_headings(headings):
            position += 1
            continue
        rows, numbers, following = _collect_rows(lines, position, headings)
        if rows:
            yield PrintedTable(rows=(tuple(cell.text for cell in headings), *rows), lines=(position, *numbers))
            position = following
        else:
            position += 1


def are_heading_words(line: str) -> bool:
    """Check whether a line may be the headings of a table whose columns are not apart."""
    words = line.split()
    return (
        2 <= len(words) <= 20 and not _LONG_NUMBER.search(line) and len(line) <= 160 and not line.rstrip().endswith(".")
    )


def _collect_rows(
    lines: Sequence[str], position: int, headings: Sequence[_Cell]
) -> tuple[list[tuple[str, ...]], list[int], int]:
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    blank = 0
    number = position + 1
    while number < len(lines):
        line = lines[number]
        if not line.strip() or _RULE.fullmatch(line):
            blank += not line.strip()
            if blank > 1:
                break
            number += 1
            continue
        cells = _split_cells(line)
        if len(cells) < 2 or len(cells) > len(headings) + 1 or len(cells) * 2 < len(headings):
            break
        if rows and _are_headings(cells) and blank:
            break
        blank = 0
        rows.append(_assign_cells(cells, headings))
        numbers.append(number)
        number += 1
    return rows, numbers, number


def _assign_cells(cells: Sequence[_Cell], headings: Sequence[_Cell]) -> tuple[str, ...]:
    """Return the cells under their headings: by order if there are as many, else by where they are in the line."""
    if len(cells) == len(headings):
        return tuple(cell.text for cell in cells)
    columns = [""] * len(headings)
    for cell in cells:
        column = min(
            range(len(headings)),
            key=lambda number: (
                -_measure_overlap(cell, headings[number]),
                abs(cell.start - headings[number].start),
            ),
        )
        columns[column] = f"{columns[column]} {cell.text}".strip()
    return tuple(columns)


def _measure_overlap(cell: _Cell, heading: _Cell) -> int:
    return max(0, min(cell.end, heading.end) - max(cell.start, heading.start))


def _are_headings(cells: Sequence[_Cell]) -> bool:
    return len(cells) >= 2 and all(
        len(cell.text) <= _MAX_HEADING and not _LONG_NUMBER.search(cell.text) and any(map(str.isalpha, cell.text))
        and not cell.text.endswith(":") and ": " not in cell.text
        for cell in cells
    )  # fmt: skip


def _split_cells(line: str) -> list[_Cell]:
    separator = _TABS if "\t" in line else _PIPES if "|" in line or "│" in line else _BLANKS
    cells: list[_Cell] = []
    start = 0
    for match in separator.finditer(line):
        _append_cell(cells, line, start, match.start())
        start = match.end()
    _append_cell(cells, line, start, len(line))
    return cells


def _append_cell(cells: list[_Cell], line: str, start: int, end: int) -> None:
    text = line[start:end].strip()
    if text:
        cells.append(_Cell(text=text, start=start, end=end))
