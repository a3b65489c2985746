"""Write the files of evidence again without some people: a file that holds nothing of them stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from homeroom.evidence.diff.row_hashes import POSITION_COLUMNS
from homeroom.evidence.erasing.chunk_splicer import RowEdits, edit_values
from homeroom.evidence.erasing.chunked_file import ChunkCache, ChunkedFile
from homeroom.evidence.erasing.compact_protocol import UnknownEncoding
from homeroom.evidence.erasing.file_splicer import ChunkMemory, FileSplicer, GroupEdits
from homeroom.evidence.erasing.row_eraser import ErasedRows, RowEraser
from homeroom.evidence.event_files.catalog import EventSegment
from homeroom.evidence.event_files.segment_schema import HASH, INSTANCE
from homeroom.evidence.event_files.segments import hash_content, read_segments, write_segment
from homeroom.evidence.files.blobs import BlobWriter, get_blob_path, write_blob
from homeroom.evidence.files.manifests import Partition
from homeroom.evidence.tables import Table

PREVIEWED = "previewed"
"""The name of a file that a preview would write."""
_NO_POSITIONS = pl.DataFrame(schema={"_file": pl.Int32, "_line": pl.Int64})


@dataclass(frozen=True, kw_only=True, eq=False)
class RewrittenBlob:
    """The file that replaces another, its number of rows, and the positions of rows that it lacks."""

    blob: str
    rows: int
    is_changed: bool = False
    removed: pl.DataFrame = field(default_factory=_NO_POSITIONS.clone)


class BlobRewriter:
    """Rewrites each file once, however many manifests name it, and counts rows by table; a preview only counts."""

    def __init__(self, folder: Path, eraser: RowEraser, *, preview: bool = False) -> None:
        self._folder, self._eraser, self._preview = folder, eraser, preview
        self._written: dict[tuple[str, str, str], RewrittenBlob] = {}
        self._chunks, self._spliced = ChunkCache(), ChunkMemory()
        self.removed_rows: Counter[str] = Counter()
        self.changed_rows: Counter[str] = Counter()

    @property
    def files(self) -> int:
        """Number of files that were written again."""
        return sum(item.is_changed for item in self._written.values())

    def rewrite_partition(self, part: Partition, *, table: Table, instance: str | pl.Expr = "") -> Partition:
        """Return a partition without the people; the same if it holds nothing of them."""
        if not part.blob:
            return part
        base = self._rewrite(part.blob, table, instance)
        overlay = self._rewrite(part.overlay, table, instance) if part.overlay else None
        if not base.is_changed and not (overlay and overlay.is_changed):
            return part
        gone, gone_rows = self._rewrite_hashes(part.removed_rows, base.removed)
        return replace(
            part,
            blob=base.blob,
            rows=base.rows - gone_rows + (overlay.rows if overlay else 0),
            removed_rows=gone,
            overlay=overlay.blob if overlay and overlay.rows else "",
            row_hashes="" if base.is_changed else part.row_hashes,
        )

    def rewrite_segment(self, segment: EventSegment, *, table: Table) -> EventSegment | None:
        """Return a segment of events in which the rows hold nothing of the people; None if no row remains."""
        path = get_blob_path(self._folder, segment.blob)
        present = pq.read_schema(path).names
        searched = read_segments(
            self._folder,
            [segment],
            table=table,
            columns=[*(item.column for item in self._eraser.build_questions(table, present)), INSTANCE],
        )
        candidates = self._eraser.find_candidates(searched, table=table, instance=pl.col(INSTANCE))
        if not len(candidates):
            return segment
        rows = read_segments(self._folder, [segment], table=table)
        erased = self._eraser.erase(rows, table=table, instance=pl.col(INSTANCE), candidates=candidates)
        if erased is None:
            return segment
        self._count(table, erased)
        if not erased.rows.height:
            return None
        if self._preview:
            return segment
        remaining = erased.rows.with_columns(hash_content(erased.rows, table=table).alias(HASH))
        return write_segment(self._folder, remaining, table=table, is_variant=segment.is_variant)

    def rewrite_rows(self, blob: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> str:
        """Return the name of a small file after a change of its rows; an empty text if no row remains."""
        stored = pq.read_table(get_blob_path(self._folder, blob))
        rows = _build_frame(stored)
        changed = change(rows)
        if changed.equals(rows):
            return blob
        if self._preview:
            return blob
        return self._write(changed, schema=stored.schema) if changed.height else ""

    def _rewrite(self, blob: str, table: Table, instance: str | pl.Expr) -> RewrittenBlob:
        key = (blob, table.name, str(instance))
        if key not in self._written:
            self._written[key] = self._rewrite_once(blob, table, instance)
        return self._written[key]

    def _rewrite_once(self, blob: str, table: Table, instance: str | pl.Expr) -> RewrittenBlob:
        with ChunkedFile(get_blob_path(self._folder, blob), self._chunks) as file:
            count = sum(file.group_rows)
            questions = self._eraser.build_questions(table, file.schema.names, instance=instance)
            edits: dict[int, GroupEdits] = {}
            for group, rows in enumerate(file.group_rows):
                candidates = file.find_any(group, questions) if rows else ()
                if candidates and (edit := self._decide(file, group, candidates, table, instance)):
                    edits[group] = edit
            if not edits:
                return RewrittenBlob(blob=blob, rows=count)
            removed = sum(len(edit.removed) for edit in edits.values())
            self.removed_rows[table.name] += removed
            self.changed_rows[table.name] += sum(len(edit.changed_positions) for edit in edits.values())
            return RewrittenBlob(
                blob=PREVIEWED if self._preview else self._splice(file, edits),
                rows=count - removed,
                is_changed=True,
                removed=_list_positions(file, edits),
            )

    def _decide(
        self, file: ChunkedFile, group: int, candidates: tuple[int, ...], table: Table, instance: str | pl.Expr
    ) -> GroupEdits | None:
        """Return what changes in the rows at some positions of a row group; None if nothing does."""
        cells = {name: file.take(group, name, candidates) for name in file.schema.names}
        rows = (dict(zip(cells, values, strict=True)) for values in zip(*cells.values(), strict=True))
        if isinstance(instance, str):
            sources = [instance] * len(candidates)
        else:
            named = pl.DataFrame({name: cells[name] for name in instance.meta.root_names()}, strict=False)
            sources = named.select(instance.alias("source"))["source"].to_list()
        removed, changes = self._eraser.decide(zip(candidates, sources, rows, strict=True), table=table)
        if not removed and not changes:
            return None
        changed: dict[str, dict[int, object]] = {}
        for position, change in changes.items():
            for name, value in change.items():
                changed.setdefault(name, {})[position] = value
        return GroupEdits(removed=tuple(removed), changed=changed)

    def _splice(self, file: ChunkedFile, edits: Mapping[int, GroupEdits]) -> str:
        """Write a file with some edits, and return its name; one that cannot be spliced is encoded again."""
        try:
            splicer = FileSplicer(
                memoryview(file.path.read_bytes()),
                schema=file.schema,
                read=file.read,
                get_digest=file.get_digest,
                memory=self._spliced,
            )
            return write_blob(self._folder, splicer.splice(edits))
        except UnknownEncoding:
            return self._encode(file, edits)

    def _encode(self, file: ChunkedFile, edits: Mapping[int, GroupEdits]) -> str:
        writer = BlobWriter(self._folder, schema=file.schema)
        try:
            for group in range(len(file.group_rows)):
                arrays = [
                    edit_values(
                        file.read(group, field.name),
                        edits[group].get_column_edits(field.name) or RowEdits() if group in edits else RowEdits(),
                        field.type,
                    )
                    for field in file.schema
                ]
                rows = pa.Table.from_arrays(arrays, schema=file.schema)
                if rows.num_rows:
                    writer.write(rows, group_rows=rows.num_rows)
        except BaseException:
            writer.discard()
            raise
        return writer.close()

    def _rewrite_hashes(self, blob: str, removed: pl.DataFrame) -> tuple[str, int]:
        """Return the file of hashes of rows that are not current any more, without some rows, and how many it has."""
        if not blob:
            return "", 0
        stored = pq.read_table(get_blob_path(self._folder, blob))
        hashes = _build_frame(stored)
        remaining = hashes.join(removed, on=POSITION_COLUMNS, how="anti", nulls_equal=True, maintain_order="left")
        if remaining.height == hashes.height:
            return blob, hashes.height
        if not remaining.height:
            return "", 0
        return self._write(remaining, schema=stored.schema), remaining.height

    def _write(self, rows: pl.DataFrame, *, schema: pa.Schema) -> str:
        if self._preview:
            return PREVIEWED
        writer = BlobWriter(self._folder, schema=schema)
        try:
            writer.write(rows.to_arrow().cast(schema))
        except BaseException:
            writer.discard()
            raise
        return writer.close()

    def _count(self, table: Table, erased: ErasedRows) -> None:
        self.removed_rows[table.name] += len(erased.removed)
        self.changed_rows[table.name] += len(erased.changed)


def _list_positions(file: ChunkedFile, edits: Mapping[int, GroupEdits]) -> pl.DataFrame:
    """Return the file and line that removed rows came from, as far as the file has them."""
    if not set(POSITION_COLUMNS) <= set(file.schema.names):
        return _NO_POSITIONS
    return pl.DataFrame(
        {
            name: [
                value for group, edit in edits.items() if edit.removed for value in file.take(group, name, edit.removed)
            ]
            for name in POSITION_COLUMNS
        },
        schema=_NO_POSITIONS.schema,
    )


def _build_frame(rows: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)
    return frame
