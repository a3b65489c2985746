"""Packages: recognised files that are loaded together, and what is handed on about each of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
from lxml import etree

from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.dialect import LINE
from homeroom.ingest.documents import NOTHING, Document
from homeroom.ingest.entities import noted, unescaped
from homeroom.ingest.kinds import spelling_of
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.linewise import Lines, NotByLines, Numbers
from homeroom.ingest.looking import Look
from homeroom.ingest.problems import Note, Notes, Problem


@dataclass(frozen=True, kw_only=True)
class PackageFile:
    """One file of a package. `mode` is full or delta. `sha256` and `size` are of the file's own bytes.

    `texts` are the whole texts by base name, of a file of form text and of those beside it. `carried` is true of a file
    that is handed over with another one and not read by itself. `void` is true of an export without rows.
    """

    name: str
    kind: Kind
    sha256: str
    size: int
    mode: str
    look: Look = field(repr=False)
    texts: MappingOf[str, str] = field(default_factory=dict, repr=False, compare=False)
    carried: bool = False
    void: bool = False
    dropped: Counter[str] = field(default_factory=Counter, repr=False, compare=False)
    _reading: Notes = field(default_factory=Notes, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The whole text of a YAML file or of one of form text; empty for every other form."""
        return self.look.text

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was odd but tolerated. Complete only after the file was read to its end, as is `dropped`."""
        return (*self.look.notes.all(), *self._reading.all())

    def chunks(self) -> Iterator[pl.DataFrame]:
        """Frames of text columns and `_line`, the kind's names in the kind's spelling; none for forms without rows.

        Reads the file anew at each call. Raises Refused; frames that came before must then be thrown away.
        """
        self._begin()
        document = self.look.document
        if self.look.csv:
            chunks = self.look.csv.chunks(notes=self._reading, names=spelling_of(self.kind, names=self.look.names))
            yield from gathered(chunks, by=self.kind.gathers) if self.kind.gathers else chunks
        elif document and self.void:
            yield document.nothing(asked=(*self.kind.needs, *self.kind.any_of), notes=self._reading)
        elif document and not self.kind.objects:
            yield from self._lettered(document)

    def _lettered(self, document: Document) -> Iterator[pl.DataFrame]:
        under = document.under(self.kind)
        chunks = document.chunks(
            notes=self._reading,
            names=spelling_of(self.kind, names=document.names[under]),
            asked=(*self.kind.needs, *self.kind.any_of),
            under=under,
            drops=frozenset(self.kind.drops),
            dropped=self.dropped,
        )
        for chunk in chunks:
            frame, escaped = unescaped(chunk) if self.kind.escaped else (chunk, [])
            self.lettered(escaped)
            yield frame

    def lettered(self, lines: Iterable[int]) -> None:
        """Notes that values on these lines were escaped."""
        noted(lines, notes=self._reading)

    @property
    def form(self) -> str:
        """One hash (64 hex digits) of all that decides what a line of a CSV file holds; empty where a row is no line."""
        csv = self.look.csv
        if csv is None or not self.kind.alone or self.kind.gathers:
            return ""
        told = (self.kind, csv.dialect.names, csv.dialect.delimiter, csv.dialect.remark, csv.encoding.codec, csv.limits)
        return hashlib.sha256(repr((*told, csv.dialect.line)).encode()).hexdigest()

    def lines(self) -> Lines:
        """The lines of a CSV file with a form. Raises NotByLines, also where there are too few to be worth it, and Refused."""
        csv = self.look.csv
        if csv is None or not self.form:
            raise NotByLines
        lines = csv.lines()
        if len(lines) < csv.limits.by_line:
            raise NotByLines
        return lines

    def picked(self, lines: Lines, wanted: Numbers) -> Iterator[pl.DataFrame]:
        """The rows of those lines alone, as `chunks` gives them; with notes it cannot be told what they are of."""
        self._begin()
        if csv := self.look.csv:
            names = spelling_of(self.kind, names=self.look.names)
            yield from csv.picked(lines, wanted, notes=self._reading, names=names)

    @property
    def header(self) -> pl.DataFrame:
        """The frame of a CSV file without rows, as `chunks` would give it."""
        spelled = spelling_of(self.kind, names=self.look.names)
        names = [spelled.get(name, name) for name in self.look.names]
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String()), LINE: pl.Int64()})

    @property
    def first(self) -> int:
        """The physical line on which the first row of a CSV file begins."""
        return self.look.csv.dialect.line if self.look.csv else 1

    @property
    def odd(self) -> bool:
        """Whether the last reading noted something."""
        return bool(self._reading.all())

    @property
    def _page(self) -> Document | None:
        """A small JSON file that was decoded in one go, whose names are spelled as the kind spells them."""
        document = self.look.document
        under = document.under(self.kind) if document else ""
        if document is None or not (document.plain and under) or self.kind.drops:
            return None
        return None if spelling_of(self.kind, names=document.names[under]) else document

    def kept(self) -> pa.StructArray | None:
        """The rows of a page, where they were kept when it was looked at: once, since they are let go of."""
        page = self._page
        return page.kept.pop() if page is not None and page.kept else None

    def page(self) -> bytes | None:
        """The text of a page, of which a type may be asked; None where the file is no such."""
        return self._page.text() if self._page else None

    def plain(self) -> list[dict[str, Any]] | None:
        """All objects of a small JSON file that is read flat; None where its names are not spelled as the kind spells them."""
        document = self.look.document
        if self.void:
            self._begin()
            return []
        if document is None or spelling_of(self.kind, names=document.names[document.under(self.kind)]):
            return None
        if (rows := document.at_once(document.under(self.kind))) and not self.kind.drops:
            self._begin()
            return rows
        return [found for batch, _ in self.objects() for found in batch if isinstance(found, dict)]

    def objects(self) -> Iterator[tuple[Sequence[MappingOf[str, Any]], int]]:
        """Whole objects in batches and the ordinal of the first; at least one batch. As `chunks` otherwise."""
        self._begin()
        if self.void:
            self._reading.add(NOTHING)
            yield [], 1
        elif document := self.look.document:
            under, drops = document.under(self.kind), frozenset(self.kind.drops)
            yield from document.objects(notes=self._reading, under=under, drops=drops, dropped=self.dropped)

    def elements(self) -> Iterator[tuple[Sequence[etree._Element], MappingOf[str, str]]]:
        """Elements in batches and the root's attributes; at least one batch. As `chunks` otherwise."""
        self._begin()
        if self.look.xml:
            yield from self.look.xml.records(self.kind.record)

    def _begin(self) -> None:
        self._reading.clear()
        self.dropped.clear()


@dataclass(frozen=True, kw_only=True)
class Package:
    """Files of one stream that are loaded together. `incomplete` says why it is not complete, else is empty.

    `walk` is the id of the walk through a console that brought the files, so that the same answer on another day is seen
    anew; empty for files that somebody gave.
    """

    connector: Connector
    stream: str
    mode: str
    complete: bool
    files: tuple[PackageFile, ...]
    incomplete: str = ""
    walk: str = ""

    @property
    def accumulates(self) -> bool:
        """Whether its rows are laid over those that stand, as a log's are."""
        return any(file.kind.accumulates for file in self.files)


Place = tuple[str, str]
"""A folder, and a file's name in it without what follows its first dot."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping file: how to read a CSV of the district's own. Its text is YAML, not yet parsed. `place` is where it lies."""

    name: str
    text: str
    sha256: str
    place: Place = ("", "")


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """Everything that was found. Each problem names its file; all other files can still be loaded."""

    packages: tuple[Package, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()
    mappings: tuple[Mapping, ...] = ()


def gathered(chunks: Iterator[pl.DataFrame], *, by: str, most: int = STANDARD.rows_per_frame) -> Iterator[pl.DataFrame]:
    """The same rows, cut so that rows which follow one another with one value in `by` stay together.

    The last record of a chunk waits for the next one, at most `most` rows long. At least one frame is yielded.
    """
    waiting: list[pl.DataFrame] = []
    for chunk in chunks:
        frame = pl.concat([*waiting, chunk]) if waiting else chunk
        other = frame[by].ne_missing(frame[by].last()).arg_true() if frame.height else pl.Series([], dtype=pl.UInt32)
        whole = int(other[-1]) + 1 if other.len() else 0
        if frame.height - whole > most:
            whole = frame.height
        waiting = [frame[whole:]]
        if whole:
            yield frame[:whole]
    if waiting and (waiting[0].height or not whole):
        yield waiting[0]
