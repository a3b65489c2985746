"""Text that is read in blocks gives the lines and rows that it gives line by line, whatever its ends and quotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.protect.loose.documents import DocumentNotRead, TablePart, TextPart
from homeroom.ingest.documents import text_files
from homeroom.ingest.documents.limits import STANDARD
from homeroom.ingest.documents.text_files import iter_delimited_parts, iter_line_parts, iter_text_parts

LIMITS = replace(STANDARD, rows=7, lines=5, line=24, row=30, endless=60)
SIGNS = (
    "a",
    "bc",
    ",",
    ",",
    "\n",
    "\n",
    "\r",
    "\r\n",
    '"',
    '""',
    " ",
    "\0",
    "\x0b",
    "\x1c",
    "\x85",
    "\u2028",
    "é",
    "0123456789",
)
TEXTS = st.lists(st.sampled_from(SIGNS), max_size=120).map("".join)


def _iter_lines_one_by_one(text: str) -> Iterator[str]:
    stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    size = 0
    while line := stream.readline(LIMITS.line):
        size = 0 if line[-1] in "\r\n" else size + len(line)
        if size > LIMITS.endless:
            raise DocumentNotRead(text_files.NotReadReason.TOO_LARGE)
        yield line.replace("\0", "")


def _iter_parts_row_by_row(lines: list[str]) -> Iterator[TablePart]:
    rows: list[list[str]] = []
    first, continues, size = 1, False, 0
    source = text_files._RowLines(lines, limit=LIMITS.row)
    for row in text_files._iter_rows(source, len(lines), delimiter=","):
        if first == 1 and not rows and row and row[0].lower().startswith("sep="):
            first += 1
            continue
        rows.append(row)
        size += len("".join(row))
        if len(rows) >= LIMITS.rows or size >= LIMITS.line:
            yield TablePart(rows=rows, first_row=first, continues=continues)
            first += len(rows)
            rows, continues, size = [], True, 0
    if rows:
        yield TablePart(rows=rows, first_row=first, continues=continues)


@given(text=TEXTS, block=st.integers(1, 40))
@settings(max_examples=400, deadline=None)
def test_lines_are_the_same_in_blocks_of_any_size(text: str, block: int):
    stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "_BLOCK", block)
        try:
            expected = list(_iter_lines_one_by_one(text))
        except DocumentNotRead:
            with pytest.raises(DocumentNotRead):
                list(chain.from_iterable(text_files._iter_blocks(stream, limits=LIMITS)))
        else:
            assert list(chain.from_iterable(text_files._iter_blocks(stream, limits=LIMITS))) == expected


@given(text=TEXTS, batch=st.integers(1, 12), begins=st.sampled_from(["", "sep=,\n"]))
@settings(max_examples=400, deadline=None)
def test_rows_are_the_same_in_batches_of_any_size(text: str, batch: int, begins: str):
    csv.field_size_limit(1 << 20)
    lines = (begins + text).replace("\0", "").splitlines(keepends=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "_BATCH", batch)
        assert list(iter_delimited_parts(lines, delimiter=",", limits=LIMITS)) == list(_iter_parts_row_by_row(lines))


def _iter_parts_line_by_line(lines: list[str]) -> Iterator[TextPart]:
    block: list[str] = []
    first, size = 1, 0
    continues = False
    for line in lines:
        block.append(line)
        size += len(line)
        is_full = len(block) >= LIMITS.lines or size >= LIMITS.line
        if is_full and (not line.strip() or len(block) >= 2 * LIMITS.lines or size >= LIMITS.line):
            yield TextPart(lines=block, first_line=first, continues=continues)
            first += len(block)
            block, size, continues = [], 0, True
    if block:
        yield TextPart(lines=block, first_line=first, continues=continues)


@given(text=TEXTS, batch=st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_parts_of_lines_are_the_same_in_batches_of_any_size(text: str, batch: int):
    lines = text.splitlines()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "_SAMPLE_LINES", batch)
        assert list(iter_line_parts(lines, limits=LIMITS)) == list(_iter_parts_line_by_line(lines))


@given(text=TEXTS | st.lists(st.sampled_from(["a,b\n", "a,b,c\n", "a b\n", ",\n", "a;b,c\n", "\n", "a"])).map("".join))
@settings(max_examples=400, deadline=None)
def test_cells_are_counted_as_the_reader_of_rows_parts_them(text: str):
    csv.field_size_limit(1 << 20)
    lines = text.replace("\0", "").splitlines(keepends=True)
    delimiter = text_files.detect_delimiter(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_files, "_LONG_LINE", 0)
        assert text_files.detect_delimiter(lines) == delimiter


def test_a_sample_of_lines_is_no_loss():
    text = "".join(f"{number},b,c\n" for number in range(5000))
    parts = iter_text_parts(io.BytesIO(text.encode()), head=text[:100].encode(), limits=STANDARD)
    assert [row[0] for part in parts if isinstance(part, TablePart) for row in part.rows] == [*map(str, range(5000))]
