"""Texts and archives that are made to take long: an open quote, a line without an end, nested archives."""

from __future__ import annotations

import io
import zipfile

from homeroom.domain.protect.loose.documents import DocumentPart, NotReadReason, TablePart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.read_documents import read_file
from homeroom.ingest.documents.source import build_memory_source

LIMITS = DocumentLimits(row=2_000, line=1_000, endless=4_000)


class _Notes:
    """What a reader hands on."""

    def __init__(self) -> None:
        self.parts: list[DocumentPart] = []
        self.failed: dict[str, NotReadReason] = {}

    def begin(self, name: str) -> bool:
        return True

    def add(self, part: DocumentPart) -> None:
        self.parts.append(part)

    def end(self, name: str, kind: str) -> None:
        return None

    def fail(self, name: str, reason: NotReadReason) -> None:
        self.failed[name] = reason


def _read(content: bytes) -> _Notes:
    notes = _Notes()
    read_file(build_memory_source(content, name="x"), notes, limits=LIMITS)
    return notes


def test_a_quote_that_nothing_closes_costs_no_other_row():
    lines = ["Name,Number", *(f"Row {number},{number}" for number in range(100))]
    lines += ['"Open,100', *(f"Row {number},{number}" for number in range(101, 300)), '"Two\nlines",300', "Last,301"]
    notes = _read("\n".join(lines).encode())
    rows = [list(row) for part in notes.parts if isinstance(part, TablePart) for row in part.rows]
    assert [int(row[-1]) for row in rows[1:] if len(row) == 2] == [*range(302)]
    assert rows[101] == ['"Open', "100"]
    assert notes.failed == {}


def test_a_line_without_an_end_is_too_large():
    assert _read(b"word " * 2_000).failed == {"x": NotReadReason.TOO_LARGE}
    assert _read(b"word " * 200 + b"\n").failed == {}
    assert _read((b"word " * 150 + b"\n") * 20).failed == {}


def test_archives_packed_in_each_other_end_with_few_members():
    content = b"Name,Number\nSomebody,1\n"
    for level in range(4):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.{'zip' if level else 'csv'}", content)
        content = stream.getvalue()
    notes = _read(content)
    assert NotReadReason.TOO_LARGE in notes.failed.values()
    assert len(notes.parts) <= 1_000 + len(content) // 64
