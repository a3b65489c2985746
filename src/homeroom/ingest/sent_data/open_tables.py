"""Open the files that were given as tables of text: CSV in any encoding, sheets of workbooks, members of zips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.errors import FileRefused, Notes, Problem, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.csv_files.reader import CsvDocument, open_csv
from homeroom.ingest.detection.sniffer import must_be_text
from homeroom.ingest.files.byte_source import ByteSource, survey_source
from homeroom.ingest.rows.field_table import LINE

_OTHER_FORMS = (b"{", b"[{", b"<")


@dataclass(frozen=True, kw_only=True)
class SentTable:
    """One table among the files: its source and its headings."""

    source: ByteSource
    document: CsvDocument

    @property
    def names(self) -> tuple[str, ...]:
        """Headings that have a name, as they are."""
        return tuple(name for name in self.document.dialect.names if name not in self.document.dialect.nameless)

    def iter_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows as frames of text; those that do not fit are left out. Raise FileRefused."""
        for frame in self.document.iter_chunks(notes=Notes(), broken=BrokenRows()):
            yield frame.drop(LINE, strict=False)


def open_tables(
    paths: Sequence[Path], *, limits: Limits, is_known: Callable[[Sequence[str]], bool]
) -> tuple[tuple[SentTable, ...], tuple[Problem, ...]]:
    """Return the tables in files, folders and zips, and the problems of what cannot be read.

    `is_known` accepts the headings of a list, which may be below title rows.
    """
    tables: list[SentTable] = []
    problems: list[Problem] = []
    for path in paths:
        contents = find_sources(path, limits=limits)
        problems += contents.problems
        for source in contents.origins:
            try:
                tables.append(_open_table(source, limits=limits, is_known=is_known))
            except FileRefused as error:
                problems += error.problems
    return tuple(tables), tuple(problems)


def _open_table(source: ByteSource, *, limits: Limits, is_known: Callable[[Sequence[str]], bool]) -> SentTable:
    survey = survey_source(source, limits=limits)
    must_be_text(source, survey.head)
    if survey.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_OTHER_FORMS):
        raise build_refusal(source.name, "is no table", fits="a roster bundle, a CSV file or a workbook")
    document = open_csv(source, survey=survey, limits=limits, notes=Notes(), allow_doubt=True, is_known=is_known)
    return SentTable(source=source, document=document)
