"""Read bytes as the strict reader does: every row with its line, the broken rows, or the refusal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO

from homeroom.ingest.contract.connector import Connector, JsonKind
from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.csv_files.block_splitter import NO_LINE_END_NOTE
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.detection.sniffer import sniff_file
from homeroom.ingest.files.byte_source import ByteSource

SMALL_BLOCKS = replace(STANDARD, block=16)
"""Blocks of 16 bytes, so that every few rows are cut somewhere."""

ENVELOPE_CONNECTOR = Connector(
    name="wrapped",
    title="Lists in envelopes",
    kinds=tuple(
        JsonKind(id=name, title=name, stream="w.w", tables=(), reader="none", needs=("a",), envelope=name)
        for name in ("value", "users")
    ),
    readers={},
)

ReadRow = tuple[int | str | None, ...]


@dataclass(frozen=True)
class ReadOutcome:
    """Names, rows that begin with their line, notes, and the lines of broken rows with their reasons."""

    names: tuple[str, ...]
    rows: tuple[ReadRow, ...]
    notes: tuple[str, ...]
    broken: tuple[tuple[int, str], ...] = ()


def build_source(data: bytes, *, name: str = "given.csv") -> ByteSource:
    return ByteSource(name=name, folder="/given", size=len(data), open=lambda: BytesIO(data))


def read(data: bytes, *, limits: Limits = STANDARD, tolerant: bool = False) -> ReadOutcome:
    """Read all rows of the file. Raise FileRefused, unless `tolerant` also for a single row that does not fit."""
    broken = BrokenRows() if tolerant else None
    sniffed = sniff_file(build_source(data), limits=limits, connectors=(ENVELOPE_CONNECTOR,))
    reading_notes = Notes()
    names: dict[str, None] = {}
    rows: list[ReadRow] = []
    if sniffed.csv:
        frames = list(sniffed.csv.iter_chunks(notes=reading_notes, broken=broken))
    else:
        assert sniffed.document is not None, sniffed.form
        envelope = next((list_name for list_name in sniffed.document.rows if list_name), "")
        frames = list(sniffed.document.iter_chunks(notes=reading_notes, envelope=envelope))
    for frame in frames:
        names.update(dict.fromkeys(name for name in frame.columns if name != "_line"))
    for frame in frames:
        columns = [name if name in frame.columns else None for name in names]
        records = frame.iter_rows(named=True)
        rows.extend((row["_line"], *(row[name] if name else None for name in columns)) for row in records)
    notes = [note for note in (*sniffed.notes.list_all(), *reading_notes.list_all()) if note.reason != NO_LINE_END_NOTE]
    rejects = broken.take_rejects().select("line", "reason").rows() if broken is not None else []
    return ReadOutcome(tuple(names), tuple(rows), tuple(str(note) for note in notes), tuple(rejects))


def expect_refusal(data: bytes, *, limits: Limits = STANDARD, tolerant: bool = False) -> FileRefused:
    """Return the refusal of a file that must be refused."""
    try:
        outcome = read(data, limits=limits, tolerant=tolerant)
    except FileRefused as error:
        return error
    raise AssertionError(f"was read: {outcome}")
