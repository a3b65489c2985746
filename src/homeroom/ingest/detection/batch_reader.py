"""Small files of one package read as one frame.

The cost depends on the rows and not on the number of files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.evidence.files.reading_journal import get_journal
from homeroom.ingest.contract.connector import JsonKind, Reader, Reading
from homeroom.ingest.contract.errors import FileRefused, add_file_names
from homeroom.ingest.contract.faults import convert_fault
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.csv_files.html_entities import unescape_frame
from homeroom.ingest.detection.package import PackageFile
from homeroom.ingest.files.prefetch import map_ordered
from homeroom.ingest.files.text_layout import LINE
from homeroom.ingest.json_files.fast_path import decode_fast
from homeroom.ingest.json_files.flatten import MAX_CELLS, NotFlattenable, flatten_objects
from homeroom.ingest.json_files.typed_reader import InferredSchema, SchemaMismatch, build_columns

FILE = "_file"
_MAX_BATCH_BYTES = 12 << 20
"""Bytes of files that are read together: with their columns, as much as one large file's frame takes."""
_AT_ONCE = 2
"""Batches in progress: the interpreter builds columns of one while expressions of another are computed."""


def group_files(files: Sequence[PackageFile]) -> Iterator[range]:
    """Yield the numbers of files that are read together: adjacent pages of JSON of one kind; every other file alone."""
    start, size = 0, 0
    for number, file in enumerate(files):
        if number > start and not (_can_join(files[start], file) and size + file.size <= _MAX_BATCH_BYTES):
            yield range(start, number)
            start, size = number, 0
        size += file.size
    if files:
        yield range(start, len(files))


def _can_join(first: PackageFile, candidate: PackageFile) -> bool:
    return (
        first.kind == candidate.kind
        and isinstance(first.kind, JsonKind)
        and not first.kind.objects
        and not candidate.is_companion
        and not (first.is_damaged or candidate.is_damaged)
    )


@dataclass(frozen=True, kw_only=True)
class BatchFrame:
    """Rows of several files in one frame.

    `_line` counts through; `numbers` are the files', `starts` the rows before each.
    """

    frame: pl.DataFrame
    numbers: Sequence[int]
    starts: Sequence[int]

    @property
    def row_counts(self) -> list[int]:
        """Number of rows of each file."""
        ends = [*self.starts[1:], self.frame.height]
        return [end - start for start, end in zip(self.starts, ends, strict=True)]

    def split_by_file(self, reading: Reading) -> Reading:
        """Return the reading of the frame, with the file of each row beside it and `_line` as it is in that file."""
        tables = {name: self._add_file_numbers(frame, line=LINE) for name, frame in reading.tables.items()}
        return replace(reading, tables=tables, rejects=self._add_file_numbers(reading.rejects, line="line"))

    def _add_file_numbers(self, frame: pl.DataFrame, *, line: str) -> pl.DataFrame:
        through = frame[line].fill_null(1)
        position = pl.Series(self.starts, dtype=pl.Int64).search_sorted(through - 1, side="right") - 1
        starts = pl.Series(self.starts, dtype=pl.Int64).gather(position)
        files = pl.Series(self.numbers, dtype=pl.Int32).gather(position)
        return frame.with_columns((pl.col(line) - starts).alias(line), files.alias(FILE))


@dataclass(frozen=True, kw_only=True)
class BatchReading:
    """The numbers of files that are read together, their reading, and how many rows each has; None for a file alone.

    `mixed_formats` are sentences about their days, if a column has them in several formats.
    """

    numbers: range
    reading: Reading | None = None
    rows: Sequence[int] = ()
    mixed_formats: tuple[str, ...] = ()


def read_together(files: Sequence[PackageFile], *, readers: Mapping[str, Reader]) -> Iterator[BatchReading]:
    """Yield the readings of small files that are read together, batch after batch.

    Raise FileRefused.
    """
    schemas: dict[str, InferredSchema] = {}
    journal = get_journal()

    def read_batch(run: range) -> BatchReading:
        kind = files[run.start].kind
        if len(run) == 1 or not isinstance(kind, JsonKind):
            return BatchReading(numbers=run)
        identities = [
            (f"read {file.sniffed.origin.name}", file.sniffed.origin.size) for file in files[run.start : run.stop]
        ]
        if journal.has_suspects() and any(map(journal.is_suspected, identities)):
            return BatchReading(numbers=run)
        try:
            with journal.watch(*identities):
                batch = build_batch(
                    files, run, schema=schemas.setdefault(kind.id, InferredSchema(envelope=kind.envelope))
                )
                read = partial(kind.get_row_reader(readers), batch.frame)
                reading = add_file_names(read, {"": files[run.start].name})
        except FileRefused:
            raise
        except NotFlattenable:
            return BatchReading(numbers=run)
        except Exception as error:  # noqa: BLE001  (read one by one, the file that is to blame is named)
            convert_fault(error, file=files[run.start].name)
            return BatchReading(numbers=run)
        mixed_formats = tuple(
            f"{sentence}, in {len(run):,} files from this one on" for sentence in reading.usage.mixed_formats
        )
        return BatchReading(
            numbers=run, reading=batch.split_by_file(reading), rows=batch.row_counts, mixed_formats=mixed_formats
        )

    return map_ordered(read_batch, group_files(files), at_once=_AT_ONCE)


def build_batch(
    files: Sequence[PackageFile], numbers: Sequence[int], *, schema: InferredSchema | None = None
) -> BatchFrame:
    """Return the rows of the files with these numbers, one after another.

    Raise FileRefused, and NotFlattenable if an object is lost. `schema` learns from one call to the next. Rows that
    were cached while a page was sniffed are used; other pages are read through a schema, or, if none fits them, one by
    one.
    """
    kind = _get_json_kind(files[numbers[0]])
    schema = schema or InferredSchema(envelope=kind.envelope)
    pages = [_read_page(files[number], schema) for number in numbers]
    parsed_pages = [page for page in pages if page is not None]
    heights = list(map(len, parsed_pages))
    max_columns = min(STANDARD.columns, MAX_CELLS // max(sum(heights), 1))
    try:
        frames = [
            _build_frame(list(alike_pages), max_columns=max_columns)
            for _, alike_pages in groupby(parsed_pages, key=lambda page: page.type)
        ]
    except SchemaMismatch:
        return _build_by_row(files, numbers)
    if len(parsed_pages) < len(pages) or len({name for frame in frames for name in frame.columns}) > max_columns + 1:
        return _build_by_row(files, numbers)
    columns = pl.concat(frames, how="diagonal").drop(LINE).to_dict(as_series=True)
    return _unescape_batch(
        _build_batch_frame([_add_required_columns(kind, columns, sum(heights))], heights, numbers), files
    )


def _get_json_kind(file: PackageFile) -> JsonKind:
    """Return the kind of a page. Raise TypeError for a file that is no JSON: none is read in a batch."""
    if not isinstance(file.kind, JsonKind):
        raise TypeError(f"{file.name} is no page of JSON")
    return file.kind


def _unescape_batch(batch: BatchFrame, files: Sequence[PackageFile]) -> BatchFrame:
    """Return the same with escapes undone if the system writes such, as `PackageFile.iter_chunks` does."""
    if not _get_json_kind(files[batch.numbers[0]]).escaped:
        return batch
    frame, lines = unescape_frame(batch.frame)
    for number, start, row_count in zip(batch.numbers, batch.starts, batch.row_counts, strict=True):
        files[number].note_escaped(line - start for line in lines if start < line <= start + row_count)
    return replace(batch, frame=frame)


def _read_page(file: PackageFile, schema: InferredSchema) -> pa.StructArray | None:
    """Return the rows of a page; None if the file is no page, or no schema fits it."""
    if (cached_rows := file.take_cached_rows()) is not None:
        return cached_rows
    page = file.read_page()
    if page is None:
        return None
    rows = schema.read_rows(page)
    if rows is None and (document := decode_fast(page)):
        schema.learn(document)
        rows = schema.read_rows(page)
    return rows


def _build_frame(pages: Sequence[pa.StructArray], *, max_columns: int) -> pl.DataFrame:
    """Return the rows of pages of one schema, and `_line`.

    Raise SchemaMismatch.
    """
    columns = build_columns(pa.chunked_array(pages), max_columns=max_columns)
    # Concatenated as columns of views, whose texts stay in place: concatenating the pages would copy them.
    return pl.DataFrame({**columns, LINE: pl.int_range(sum(map(len, pages)), eager=True)}).rechunk()


def _build_by_row(files: Sequence[PackageFile], numbers: Sequence[int]) -> BatchFrame:
    objects_by_file = [files[number].load_objects() for number in numbers]
    flat_objects = [rows for rows in objects_by_file if rows is not None]
    try:
        if len(flat_objects) == len(objects_by_file):
            flat = _flatten_files(_get_json_kind(files[numbers[0]]), flat_objects)
            return _unescape_batch(_build_batch_frame([flat], list(map(len, flat_objects)), numbers), files)
    except NotFlattenable:
        pass  # file by file, which says where
    frames = [list(files[number].iter_chunks()) for number in numbers]
    if any(files[number].broken.count for number in numbers):
        raise NotFlattenable  # a lost object counts in the file that it is in
    heights = [sum(frame.height for frame in file_frames) for file_frames in frames]
    return _build_batch_frame([frame for file_frames in frames for frame in file_frames], heights, numbers)


def _flatten_files(kind: JsonKind, objects_by_file: Sequence[Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
    """Return the objects of all files as one frame.

    Raise NotFlattenable.
    """
    all_objects = [item for rows in objects_by_file for item in rows]
    return _add_required_columns(
        kind, flatten_objects(all_objects, depth=STANDARD.depth, max_names=STANDARD.columns), len(all_objects)
    )


def _add_required_columns(kind: JsonKind, columns: dict[str, pl.Series], rows: int) -> pl.DataFrame:
    """Return the columns and those by which the kind is recognized, which a reader may request."""
    for name in kind.select_names():
        columns.setdefault(name, pl.Series(name, [None] * rows, dtype=pl.String()))
    return pl.DataFrame(columns)


def _build_batch_frame(frames: Sequence[pl.DataFrame], heights: Sequence[int], numbers: Sequence[int]) -> BatchFrame:
    frame = pl.concat(frames, how="diagonal")
    through = pl.Series(LINE, range(1, frame.height + 1), dtype=pl.Int64)
    return BatchFrame(frame=frame.with_columns(through), numbers=numbers, starts=[0, *accumulate(heights)][:-1])
