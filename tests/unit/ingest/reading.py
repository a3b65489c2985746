"""Reads bytes as the strict reader does, for tests: every row with its line, or the refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO

from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.limits import STANDARD, Limits
from homeroom.ingest.looking import looked_at
from homeroom.ingest.origins import Origin
from homeroom.ingest.problems import Notes, Refused

SMALL = replace(STANDARD, block=16)
"""Blocks of 16 bytes, so that every few rows are cut somewhere."""

WRAPPED = Connector(
    name="wrapped",
    title="Lists in envelopes",
    kinds=tuple(
        Kind(id=name, title=name, form="json", stream="w.w", tables=(), reader="none", needs=("a",), envelope=name)
        for name in ("value", "users")
    ),
    readers={},
)

Row = tuple[int | str | None, ...]


@dataclass(frozen=True)
class Outcome:
    """Names, rows that begin with their line, and notes."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def origin_of(data: bytes, *, name: str = "given.csv") -> Origin:
    return Origin(name=name, folder="/given", size=len(data), open=lambda: BytesIO(data))


def read(data: bytes, *, limits: Limits = STANDARD) -> Outcome:
    """Everything that the file holds. Raises Refused."""
    look = looked_at(origin_of(data), limits=limits, connectors=(WRAPPED,))
    reading = Notes()
    names: dict[str, None] = {}
    rows: list[Row] = []
    if look.csv:
        frames = list(look.csv.chunks(notes=reading))
    else:
        assert look.document is not None, look.form
        under = next((one for one in look.document.rows if one), "")
        frames = list(look.document.chunks(notes=reading, under=under))
    for frame in frames:
        names.update(dict.fromkeys(name for name in frame.columns if name != "_line"))
    for frame in frames:
        there = [name if name in frame.columns else None for name in names]
        found = frame.iter_rows(named=True)
        rows.extend((row["_line"], *(row[name] if name else None for name in there)) for row in found)
    notes = (*look.notes.all(), *reading.all())
    return Outcome(tuple(names), tuple(rows), tuple(str(note) for note in notes))


def refusal(data: bytes, *, limits: Limits = STANDARD) -> Refused:
    """The refusal of a file that must be refused."""
    try:
        found = read(data, limits=limits)
    except Refused as refused:
        return refused
    raise AssertionError(f"was read: {found}")
