"""Any table that Python's csv module writes is read back exactly; damage never loses a row silently."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from html import unescape

from hypothesis import assume, example, given
from hypothesis import strategies as st

from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.limits import STANDARD
from tests.unit.ingest.strict_reader import SMALL_BLOCKS, ReadRow, read

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(list(" \",;|\t\r\n'#=\ufeff"))
_VALUES = st.text(_LETTERS, max_size=12).filter(lambda text: unescape(text) == text)
"""Texts that are not escapes: `&#39;` is read as the letter it encodes (tests/unit/ingest/test_html_entities.py)."""


@st.composite
def draw_table(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 5))
    row = st.lists(_VALUES, min_size=width, max_size=width)
    return draw(st.lists(row, max_size=12))


def _write_table(
    table: list[list[str]], *, delimiter: str, end: str, quoting: int
) -> tuple[bytes, tuple[ReadRow, ...]]:
    """Return the bytes of the table, and its rows with the line that each begins on."""
    width = len(table[0]) if table else 2
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow([f"c{n}" for n in range(width)])
    rows: list[ReadRow] = []
    for values in table:
        line = 1 + _count_line_ends(text.getvalue())
        writer.writerow(values)
        # A line of blanks alone cannot be written in a table of several columns, and a row without values is not read.
        if any(values):
            rows.append((line, *(value or None for value in values)))
    return text.getvalue().encode(), tuple(rows)


def _count_line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


@given(
    table=draw_table(),
    delimiter=st.sampled_from(",\t;|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    small=st.booleans(),
)
def test_a_table_comes_back_exactly(
    table: list[list[str]], delimiter: str, end: str, quoting: int, small: bool
) -> None:
    data, rows = _write_table(table, delimiter=delimiter, end=end, quoting=quoting)
    if table and len(table[0]) == 1:
        delimiter = ","
        data, rows = _write_table(table, delimiter=delimiter, end=end, quoting=quoting)
    limits = SMALL_BLOCKS if small else STANDARD
    assert read(data, limits=limits).rows == rows
    assert read(data, limits=limits, tolerant=True).rows == rows


class _QuotedField(str):
    """A field that was quoted. Alone and empty it is a row of one field; an unquoted one is a blank line."""

    __slots__ = ()


def _parse_slowly(data: bytes) -> list[list[str]] | None:
    """Parse by RFC 4180 with commas, letter by letter, as a reference. Return None if the text is not well-formed."""
    text, rows, row, field, state = data.decode().replace("\r\n", "\n"), [], [], "", "start"
    for letter in text + ("" if text.endswith("\n") else "\n"):
        if state == "quoted":
            field, state = (field + letter, state) if letter != '"' else (field, "closed")
        elif letter == '"' and state == "closed":
            field, state = field + letter, "quoted"
        elif letter == '"' and state == "start":
            state = "quoted"
        elif letter in ",\n":
            row.append(_QuotedField(field) if state == "closed" else field)
            field, state = "", "start"
            if letter == "\n":
                rows.append(row)
                row = []
        elif state == "closed" or letter == '"':
            return None
        else:
            field, state = field + letter, "plain"
    return rows if state == "start" else None


_VALID_CSV = b'a,b,c\n1,"x, y",3\n4,"5 ""z""",6\n7,8,9\n"k\nl",m,n\n'


@given(
    changes=st.lists(st.tuples(st.integers(6, len(_VALID_CSV) - 1), st.sampled_from(list(b'",\nx 1'))), max_size=4),
    end=st.integers(6, len(_VALID_CSV)),
    small=st.booleans(),
)
@example(changes=[], end=len(_VALID_CSV), small=True)
@example(changes=[(38, 34)], end=39, small=False)
def test_damage_is_refused_or_read_as_the_slow_reader_reads_it(
    changes: list[tuple[int, int]], end: int, small: bool
) -> None:
    damaged = bytearray(_VALID_CSV)
    for position, byte in changes:
        damaged[position] = byte
    slow = _parse_slowly(bytes(damaged[:end]))
    try:
        outcome = read(bytes(damaged[:end]), limits=SMALL_BLOCKS if small else STANDARD)
    except FileRefused:
        body = slow[1:] if slow else []
        assert slow is None or any(_is_ragged(row) for row in body)
        return
    assert slow is not None
    expected = [row[:3] for row in slow[1:] if any(row) and not (len(row) == 1 and not row[0].strip())]
    assert [list(row[1:]) for row in outcome.rows] == [[value or None for value in row] for row in expected]


@given(
    changes=st.lists(st.tuples(st.integers(6, len(_VALID_CSV) - 1), st.sampled_from(list(b'",\nx 1'))), max_size=4),
    end=st.integers(6, len(_VALID_CSV)),
    small=st.booleans(),
)
@example(changes=[(8, 10)], end=len(_VALID_CSV), small=True)
def test_damage_costs_the_rows_that_the_slow_reader_calls_ragged(
    changes: list[tuple[int, int]], end: int, small: bool
) -> None:
    damaged = bytearray(_VALID_CSV)
    for position, byte in changes:
        damaged[position] = byte
    text = bytes(damaged[:end])
    slow = _parse_slowly(text)
    assume(slow is not None)
    assert slow is not None
    cut_row = slow[-1] if not text.endswith(b"\n") else None
    body = [row for row in slow[1:] if any(row) and not (len(row) == 1 and not row[0].strip())]
    ragged = [row for row in slow[1:] if _is_broken(row, is_cut=row is cut_row)]
    sound = [row[:3] for row in body if not _is_broken(row, is_cut=row is cut_row) and any(row[:3])]
    try:
        outcome = read(bytes(damaged[:end]), limits=SMALL_BLOCKS if small else STANDARD, tolerant=True)
    except FileRefused:
        assert not sound
        return
    assert [list(row[1:]) for row in outcome.rows] == [[value or None for value in row] for row in sound]
    assert len(outcome.broken) == len(ragged)


@given(data=st.binary(max_size=300), small=st.booleans())
def test_random_bytes_are_read_tolerantly_or_refused_and_nothing_else(data: bytes, small: bool) -> None:
    with suppress(FileRefused):
        assert read(b"a,b\n" + data, limits=SMALL_BLOCKS if small else STANDARD, tolerant=True).names == ("a", "b")


def _is_broken(row: list[str], *, is_cut: bool) -> bool:
    """Check whether a row is broken: empty fields after the last column are not, unless they are quoted.

    Nor is a row of empty fields alone that has its line end.
    """
    if not is_cut and not any(value or isinstance(value, _QuotedField) for value in row):
        return False
    return _is_ragged(row) and (len(row) < 3 or any(value or isinstance(value, _QuotedField) for value in row[3:]))


def _is_ragged(row: list[str]) -> bool:
    blank = len(row) == 1 and not row[0].strip() and not isinstance(row[0], _QuotedField)
    return not blank and (len(row) < 3 or len(row) > 3)


@given(data=st.binary(max_size=300), small=st.booleans())
def test_random_bytes_are_read_or_refused_and_nothing_else(data: bytes, small: bool) -> None:
    with suppress(FileRefused):
        assert read(data, limits=SMALL_BLOCKS if small else STANDARD).names is not None


@given(
    changes=st.lists(st.tuples(st.integers(0, len(_VALID_CSV) - 1), st.integers(0, 255)), min_size=1, max_size=3),
    tolerant=st.booleans(),
)
def test_any_changed_byte_gives_the_same_answer_for_every_block_size(
    changes: list[tuple[int, int]], tolerant: bool
) -> None:
    damaged = bytearray(_VALID_CSV)
    for position, byte in changes:
        damaged[position] = byte

    def read_rows(limits: object) -> object:
        try:
            outcome = read(bytes(damaged), limits=limits, tolerant=tolerant)  # type: ignore[arg-type]
            return outcome.rows, outcome.broken
        except FileRefused:
            return "refused"

    assert read_rows(SMALL_BLOCKS) == read_rows(STANDARD)
