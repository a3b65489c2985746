"""Packages: recognized files that are loaded together, and the data that is passed on about each of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
import pyarrow as pa
from lxml import etree

from homeroom.ingest.contract.connector import ADDED, Connector, CsvKind, FileKind, JsonKind, Reader, RowReader, XmlKind
from homeroom.ingest.contract.errors import Note, Notes, Problem
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.contract.reject_frames import build_empty_rejects
from homeroom.ingest.csv_files.block_splitter import NO_LINE_END_NOTE
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.csv_files.html_entities import note_escapes, unescape_frame
from homeroom.ingest.csv_files.line_hashes import HashedLines, LineNumbers, NotLineByLine
from homeroom.ingest.csv_files.reader import CsvDocument
from homeroom.ingest.detection.file_kinds import map_spellings
from homeroom.ingest.detection.sniffer import SniffedFile
from homeroom.ingest.files.text_layout import LINE
from homeroom.ingest.json_files.reader import EMPTY_LIST_NOTE, JsonDocument
from homeroom.ingest.xml_files.repair import build_cut_reject


@dataclass(frozen=True, kw_only=True)
class PackageFile:
    """One file of a package.

    `mode` is full or delta. `sha256` and `size` are of the file's own bytes. `texts` are the whole texts by base name,
    of a file of form text and of its companions. `is_companion` is true of a file that accompanies another one and is
    not read by itself. `is_empty` is true of an export without rows. `broken` has the rows of a CSV file that could not
    be read, as far as it was read.
    """

    name: str
    kind: FileKind
    sha256: str
    size: int
    mode: str
    sniffed: SniffedFile = field(repr=False)
    texts: MappingOf[str, str] = field(default_factory=dict, repr=False, compare=False)
    is_companion: bool = False
    is_empty: bool = False
    dropped: Counter[str] = field(default_factory=Counter, repr=False, compare=False)
    broken: BrokenRows = field(default_factory=BrokenRows, repr=False, compare=False)
    _reading_notes: Notes = field(default_factory=Notes, repr=False, compare=False)

    @property
    def text(self) -> str:
        """Whole text of a YAML file or of a file of form text; empty for every other form."""
        return self.sniffed.text

    @property
    def notes(self) -> tuple[Note, ...]:
        """Tolerated oddities.

        Complete only after the file was read to its end, as is `dropped`.
        """
        return (*self.sniffed.notes.list_all(), *self._reading_notes.list_all())

    @property
    def is_damaged(self) -> bool:
        """True if parts of the file cannot be read and are left out."""
        is_cut = self.sniffed.xml is not None and self.sniffed.xml.is_cut
        return is_cut or bool(self.sniffed.document and self.sniffed.document.damage)

    @property
    def lost_rows(self) -> pl.DataFrame:
        """Rejects (REJECT_SCHEMA) of the rows that no reader gets, since they cannot be read from the file."""
        damage = self.sniffed.document.damage if self.sniffed.document else None
        if self.sniffed.xml and self.sniffed.xml.is_cut:
            return build_cut_reject(self.sniffed.xml)
        return damage.build_rejects() if damage else build_empty_rejects()

    def iter_chunks(self) -> Iterator[pl.DataFrame]:
        """Yield frames of text columns and `_line`, the kind's names in the kind's spelling.

        There are none for forms without rows. The file is read again at each call. Rows of CSV that cannot be read are
        added to `broken`. Raise FileRefused; the frames before it must then be discarded.
        """
        self._reset()
        if csv_file := self._csv_file:
            csv_kind, csv = csv_file
            if csv_kind.member:  # the other members show that the export was written to its end
                csv = replace(csv, ends_in_header=False)
            names = map_spellings(csv_kind, names=self.sniffed.names)
            needed = csv_kind.select_required(self.sniffed.names)
            chunks = csv.iter_chunks(notes=self._reading_notes, names=names, broken=self.broken, needed=needed)
            yield from align_to_records(chunks, column=csv_kind.gathers) if csv_kind.gathers else chunks
        elif json_file := self._json_file:
            kind, document = json_file
            if self.is_empty:
                yield document.build_empty_frame(required=kind.select_names(), notes=self._reading_notes)
            elif not kind.objects:
                yield from self._iter_json_chunks(kind, document)

    @property
    def _csv_file(self) -> tuple[CsvKind, CsvDocument] | None:
        """Kind and document of a CSV file, else None."""
        kind, csv = self.kind, self.sniffed.csv
        return (kind, csv) if isinstance(kind, CsvKind) and csv else None

    @property
    def _json_file(self) -> tuple[JsonKind, JsonDocument] | None:
        """Kind and document of a JSON file, else None."""
        kind, document = self.kind, self.sniffed.document
        return (kind, document) if isinstance(kind, JsonKind) and document else None

    def _iter_json_chunks(self, kind: JsonKind, document: JsonDocument) -> Iterator[pl.DataFrame]:
        envelope = document.find_envelope(kind)
        chunks = document.iter_chunks(
            notes=self._reading_notes,
            names=map_spellings(kind, names=document.names[envelope]),
            required=kind.select_names(),
            envelope=envelope,
            drops=frozenset(kind.drops),
            dropped=self.dropped,
            broken=self.broken,
        )
        for chunk in chunks:
            frame, lines = unescape_frame(chunk) if kind.escaped else (chunk, [])
            self.note_escaped(lines)
            yield frame

    def note_escaped(self, lines: Iterable[int]) -> None:
        """Note that values on these lines were escaped."""
        note_escapes(lines, notes=self._reading_notes)

    @property
    def fingerprint(self) -> str:
        """Hash (64 hex digits) of all that decides what a line of a CSV file holds; empty if a row is no line.

        Empty too for a file with damaged bytes, which is read completely.
        """
        kind, csv = self._csv_file or (None, None)
        if kind is None or csv is None or not kind.alone or kind.gathers:
            return ""
        if csv.encoding.doubt is not None or self.sniffed.survey.nul_line is not None or csv.dialect.repeated:
            return ""
        settings = (
            kind,
            csv.dialect.names,
            csv.dialect.delimiter,
            csv.dialect.remark,
            csv.encoding.codec,
            csv.limits,
        )
        return hashlib.sha256(repr((*settings, csv.dialect.line)).encode()).hexdigest()

    def hash_lines(self) -> HashedLines:
        """Return the line hashes of a CSV file with a fingerprint.

        Raise FileRefused, or NotLineByLine, also for too few lines.
        """
        csv = self.sniffed.csv
        if csv is None or not self.fingerprint:
            raise NotLineByLine
        lines = csv.hash_lines()
        if len(lines) < csv.limits.by_line:
            raise NotLineByLine
        return lines

    def iter_selected(self, lines: HashedLines, selected: LineNumbers) -> Iterator[pl.DataFrame]:
        """Yield the rows of those lines alone, as `iter_chunks` does; notes then have no line numbers."""
        self._reset()
        if csv_file := self._csv_file:
            kind, csv = csv_file
            names = map_spellings(kind, names=self.sniffed.names)
            yield from csv.iter_selected(lines, selected, notes=self._reading_notes, names=names)

    def get_row_reader(self, readers: MappingOf[str, Reader]) -> RowReader:
        """Return the reader of a file of rows among those of its connector. Raise TypeError for any other file."""
        if not isinstance(self.kind, CsvKind | JsonKind):
            raise TypeError(f"{self.name} has no rows")
        return self.kind.get_row_reader(readers)

    @property
    def header(self) -> pl.DataFrame:
        """Frame of a CSV file without rows, as `iter_chunks` would yield it."""
        spellings = map_spellings(self.kind, names=self.sniffed.names) if isinstance(self.kind, CsvKind) else {}
        names = [spellings.get(name, name) for name in self.sniffed.names]
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String()), LINE: pl.Int64()})

    @property
    def first_row_line(self) -> int:
        """Physical line on which the first row of a CSV file begins."""
        return self.sniffed.csv.dialect.line if self.sniffed.csv else 1

    @property
    def has_notes(self) -> bool:
        """True if the last reading added notes, or found rows that cannot be read.

        A missing line end at the end concerns no line in particular.
        """
        notes = (note for note in self._reading_notes.list_all() if note.reason != NO_LINE_END_NOTE)
        return bool(self.broken.count or any(notes))

    @property
    def _fast_document(self) -> JsonDocument | None:
        """JSON document that was decoded in one go, and whose names are spelled as the kind spells them; else None."""
        if not (json_file := self._json_file):
            return None
        kind, document = json_file
        envelope = document.find_envelope(kind)
        if not (document.is_fast and envelope) or kind.drops:
            return None
        return None if map_spellings(kind, names=document.names[envelope]) else document

    def take_cached_rows(self) -> pa.StructArray | None:
        """Return the rows of a page if they were cached while it was sniffed: once, since the cache is released."""
        document = self._fast_document
        return document.cached_rows.pop() if document is not None and document.cached_rows else None

    def read_page(self) -> bytes | None:
        """Return the text of a page for the typed reader, or None if the file is no such page."""
        return self._fast_document.read_text() if self._fast_document else None

    def load_objects(self) -> list[dict[str, Any]] | None:
        """Return all objects of a small JSON file that is read flat.

        None unless its names are spelled as the kind spells them.
        """
        if self.is_empty:
            self._reset()
            return []
        if not (json_file := self._json_file):
            return None
        kind, document = json_file
        envelope = document.find_envelope(kind)
        if map_spellings(kind, names=document.names[envelope]):
            return None
        if (rows := document.load_rows(envelope)) and not kind.drops:
            self._reset()
            return rows
        return [item for batch, _ in self.iter_objects() for item in batch if isinstance(item, dict)]

    def iter_objects(self) -> Iterator[tuple[Sequence[MappingOf[str, Any]], int]]:
        """Yield whole objects in batches and the ordinal of the first; at least one batch.

        Otherwise as `iter_chunks`.
        """
        self._reset()
        if self.is_empty:
            self._reading_notes.add(EMPTY_LIST_NOTE)
            yield [], 1
        elif json_file := self._json_file:
            kind, document = json_file
            batches = document.iter_objects(
                notes=self._reading_notes,
                envelope=document.find_envelope(kind),
                drops=frozenset(kind.drops),
                dropped=self.dropped,
            )
            yield from self._add_top_values(batches, kind, document) if kind.adds else batches

    def _add_top_values(
        self, batches: Iterable[tuple[Sequence[MappingOf[str, Any]], int]], kind: JsonKind, document: JsonDocument
    ) -> Iterator[tuple[Sequence[MappingOf[str, Any]], int]]:
        """Yield the batches with what the file has once for all of its objects in each of them."""
        added = {"file": self.sniffed.origin.base_name.rpartition(".")[0] or self.sniffed.origin.base_name}
        added |= {name: value for name in kind.adds if isinstance(value := document.top.get(name), str)}
        for batch, first in batches:
            yield [{**item, ADDED: added} for item in batch], first

    def iter_elements(self) -> Iterator[tuple[Sequence[etree._Element], MappingOf[str, str]]]:
        """Yield elements in batches and the root's attributes; at least one batch.

        Otherwise as `iter_chunks`.
        """
        self._reset()
        if self.sniffed.xml and isinstance(self.kind, XmlKind):
            yield from self.sniffed.xml.iter_records(self.kind.record)

    def _reset(self) -> None:
        self._reading_notes.clear()
        self.dropped.clear()
        self.broken.clear()


@dataclass(frozen=True, kw_only=True)
class Package:
    """Files of one stream that are loaded together.

    `incomplete` is the reason why it is not complete, else empty. `sync_id` is the id of the sync of a console that
    brought the files, so that the same answer on another day is loaded again; empty for files that a person gave.
    """

    connector: Connector
    stream: str
    mode: str
    complete: bool
    files: tuple[PackageFile, ...]
    incomplete: str = ""
    sync_id: str = ""

    @property
    def accumulates(self) -> bool:
        """True if its rows are added to the current ones, as a log's are."""
        return any(file.kind.accumulates for file in self.files)


FileLocation = tuple[str, str]
"""A folder, and a file's name in it up to its first dot."""


@dataclass(frozen=True, kw_only=True)
class MappingFile:
    """A mapping file: how to read a CSV of the district's own.

    Its text is YAML, not yet parsed. `place` is its location.
    """

    name: str
    text: str
    place: FileLocation = ("", "")


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """All files that were detected.

    Each problem names its file; all other files can still be loaded.
    """

    packages: tuple[Package, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


def align_to_records(
    chunks: Iterator[pl.DataFrame], *, column: str, max_rows: int = STANDARD.rows_per_frame
) -> Iterator[pl.DataFrame]:
    """Yield the same rows, cut so that consecutive rows with one value in `column` stay together.

    The last record of a chunk waits for the next one, at most `max_rows` rows long. At least one frame is yielded.
    """
    pending: list[pl.DataFrame] = []
    for chunk in chunks:
        frame = pl.concat([*pending, chunk]) if pending else chunk
        differing = (
            frame[column].ne_missing(frame[column].last()).arg_true()
            if frame.height
            else pl.Series([], dtype=pl.UInt32)
        )
        complete_rows = int(differing[-1]) + 1 if differing.len() else 0
        if frame.height - complete_rows > max_rows:
            complete_rows = frame.height
        pending = [frame[complete_rows:]]
        if complete_rows:
            yield frame[:complete_rows]
    if pending and (pending[0].height or not complete_rows):
        yield pending[0]
