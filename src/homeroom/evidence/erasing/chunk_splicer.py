"""Encode one column chunk of a Parquet file again without some of its rows: pages without them are copied as bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from homeroom.evidence.erasing.compact_protocol import Kind, Struct, UnknownEncoding, read_struct
from homeroom.evidence.files.blobs import open_parquet_writer

TYPE, ENCODINGS, PATH, CODEC, VALUES, UNCOMPRESSED, COMPRESSED = 1, 2, 3, 4, 5, 6, 7
"""Fields of the struct ColumnMetaData."""
DATA_OFFSET, INDEX_PAGE_OFFSET, DICTIONARY_OFFSET, STATISTICS, BLOOM_OFFSET = 9, 10, 11, 12, 14
_ENCODING_COUNTS, _SIZE_STATISTICS = 13, 16
_PAGE_TYPE, _PAGE_UNCOMPRESSED, _PAGE_COMPRESSED, _DATA_PAGE = 1, 2, 3, 5
_PAGE_VALUES, _PAGE_STATISTICS = 1, 5
_OLD_MAX, _OLD_MIN, _NULLS, _MAX, _MIN = 1, 2, 3, 5, 6


@dataclass(frozen=True, kw_only=True)
class RowEdits:
    """What changes in the rows of a row group: the positions that go, and other values by position."""

    removed: Sequence[int] = ()
    changed: Mapping[int, Any] | None = None

    @property
    def positions(self) -> list[int]:
        """All positions, in order."""
        return sorted({*self.removed, *(self.changed or {})})


@dataclass(frozen=True, kw_only=True)
class SplicedChunk:
    """The bytes of a column chunk, and its struct ColumnMetaData, whose offset is still to be set."""

    content: bytes
    metadata: Struct


@dataclass(frozen=True, kw_only=True)
class _Page:
    content: bytes | memoryview
    rows: int
    uncompressed: int
    statistics: Struct


def splice_chunk(
    content: memoryview,
    metadata: Struct,
    *,
    edits: RowEdits,
    field: pa.Field,
    elements: Sequence[Struct],
    read: Callable[[], pa.ChunkedArray],
) -> SplicedChunk:
    """Return a column chunk with some edits of its rows.

    `elements` are its part of the schema, `read` returns its values. Raise UnknownEncoding if the file was
    written in another way than blobs are.
    """
    if {INDEX_PAGE_OFFSET, BLOOM_OFFSET} & metadata.keys():
        raise UnknownEncoding("a column has an index page or a bloom filter")
    encode = partial(_encode, field=field, elements=elements, like=metadata)
    has_new_values = any(value is not None for value in (edits.changed or {}).values())
    if DICTIONARY_OFFSET not in metadata and len(elements) == 1 and not has_new_values:
        spliced = _splice_pages(content, metadata, edits, read, encode)
        if spliced is not None:
            return spliced
    return encode(edit_values(read(), edits, field.type))


def edit_values(values: pa.ChunkedArray | pa.Array, edits: RowEdits, kind: pa.DataType) -> pa.Array:
    """Return values without those at some positions, and with others replaced."""
    pieces, start, changed = [], 0, edits.changed or {}
    removed = set(edits.removed)
    for position in edits.positions:
        pieces.append(values.slice(start, position - start))
        if position not in removed:
            pieces.append(pa.array([changed[position]], type=kind))
        start = position + 1
    pieces.append(values.slice(start))
    chunks = [chunk for piece in pieces for chunk in (piece.chunks if isinstance(piece, pa.ChunkedArray) else [piece])]
    return pa.concat_arrays([chunk.cast(kind) for chunk in chunks]) if chunks else pa.array([], type=kind)


def _splice_pages(
    content: memoryview,
    metadata: Struct,
    edits: RowEdits,
    read: Callable[[], pa.ChunkedArray],
    encode: Callable[[pa.Array], SplicedChunk],
) -> SplicedChunk | None:
    """Encode only the pages with edits, and return the chunk; None if its statistics may not hold any more."""
    pages, start, positions = [], 0, edits.positions
    nulls = 0
    for page in _iter_pages(content):
        end = start + page.rows
        concerned = positions[bisect_left(positions, start) : bisect_left(positions, end)]
        if not concerned:
            pages.append(page)
        else:
            before = read().slice(start, page.rows)
            after = edit_values(before, _shift_edits(edits, concerned, start), before.type)
            nulls += after.null_count - before.null_count
            if len(after):
                pages += _iter_pages(memoryview(encode(after).content))
        start = end
    if start != metadata[VALUES][1]:
        raise UnknownEncoding("the pages of a column have another number of values than its footer says")
    spliced = b"".join(page.content for page in pages)
    fields = {number: field for number, field in metadata.items() if number not in (_ENCODING_COUNTS, _SIZE_STATISTICS)}
    fields[VALUES] = (Kind.LONG, sum(page.rows for page in pages))
    fields[UNCOMPRESSED] = (Kind.LONG, sum(page.uncompressed for page in pages))
    fields[COMPRESSED] = (Kind.LONG, len(spliced))
    if STATISTICS in fields:
        statistics = _update_statistics(fields[STATISTICS][1], pages, nulls)
        if statistics is None:
            return None
        fields[STATISTICS] = (Kind.STRUCT, statistics)
    return SplicedChunk(content=spliced, metadata=fields)


def _update_statistics(old: Struct, pages: Sequence[_Page], nulls: int) -> Struct | None:
    """Return the statistics of a chunk if a page that stays has its minimum, and another its maximum; else None."""
    for bound in (_MIN, _MAX):
        if bound in old and not any(page.statistics.get(bound, (0, None))[1] == old[bound][1] for page in pages):
            return None
    for deprecated, bound in ((_OLD_MIN, _MIN), (_OLD_MAX, _MAX)):
        if deprecated in old and (bound not in old or old[deprecated][1] != old[bound][1]):
            return None
    return {**old, _NULLS: (Kind.LONG, old[_NULLS][1] + nulls)} if _NULLS in old else old


def _shift_edits(edits: RowEdits, concerned: Sequence[int], start: int) -> RowEdits:
    removed, changed = set(edits.removed), edits.changed or {}
    return RowEdits(
        removed=[position - start for position in concerned if position in removed],
        changed={position - start: changed[position] for position in concerned if position in changed},
    )


def _iter_pages(content: memoryview) -> Iterator[_Page]:
    """Yield the pages of a chunk. Raise UnknownEncoding if there is a page of another kind than data, version 1."""
    start = 0
    while start < len(content):
        header, body = read_struct(content, start)
        if header[_PAGE_TYPE][1] != 0 or _DATA_PAGE not in header:
            raise UnknownEncoding("a page is no data page of version 1")
        end = body + header[_PAGE_COMPRESSED][1]
        data = header[_DATA_PAGE][1]
        if end > len(content):
            raise UnknownEncoding("a page ends after its column")
        yield _Page(
            content=content[start:end],
            rows=data[_PAGE_VALUES][1],
            uncompressed=body - start + header[_PAGE_UNCOMPRESSED][1],
            statistics=data[_PAGE_STATISTICS][1] if _PAGE_STATISTICS in data else {},
        )
        start = end


def _encode(values: pa.Array, *, field: pa.Field, elements: Sequence[Struct], like: Struct) -> SplicedChunk:
    """Return values as a chunk. Raise UnknownEncoding if the schema or compression of the file is another."""
    sink = pa.BufferOutputStream()
    schema = pa.schema([field])
    with open_parquet_writer(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays([values], schema=schema), row_group_size=max(len(values), 1))
    content = memoryview(sink.getvalue()).cast("B")
    size = int.from_bytes(content[-8:-4], "little")
    footer, _ = read_struct(content[-8 - size : -8])
    if footer[2][1][1][1:] != list(elements) or len(footer[4][1][1]) != 1:
        raise UnknownEncoding(f"the column {field.name} has another type")
    metadata = footer[4][1][1][0][1][1][1][0][3][1]
    if any(metadata[name] != like[name] for name in (TYPE, PATH, CODEC)):
        raise UnknownEncoding(f"the column {field.name} is stored in another way")
    start = metadata[DATA_OFFSET][1]
    return SplicedChunk(content=bytes(content[start : start + metadata[COMPRESSED][1]]), metadata=metadata)
