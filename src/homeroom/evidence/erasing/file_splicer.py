"""Edit rows of a Parquet file and copy the rest of its bytes: what holds none of the rows is not encoded again.

A column chunk that changes is written over the old one, with zeros after it, or at the end if it is longer; nothing of
the old chunk remains. So the other row groups stay where they are, and their part of the footer is copied as well. A
file that was written in another way, with an index of pages, dictionaries or encryption, raises UnknownEncoding.
Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from homeroom.evidence.erasing.chunk_splicer import (
    COMPRESSED,
    DATA_OFFSET,
    DICTIONARY_OFFSET,
    UNCOMPRESSED,
    RowEdits,
    SplicedChunk,
    splice_chunk,
)
from homeroom.evidence.erasing.compact_protocol import (
    Kind,
    Struct,
    UnknownEncoding,
    read_list_header,
    read_number,
    read_struct,
    skip_field,
    skip_struct,
    write_number,
    write_struct,
)

MAGIC = b"PAR1"
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_CHILDREN, _ELEMENT_NAME = 5, 4
_COLUMNS, _TOTAL_SIZE, _GROUP_ROWS, _FILE_OFFSET, _TOTAL_COMPRESSED = 1, 2, 3, 5, 6
_CHUNK_OFFSET, _METADATA = 2, 3
_KNOWN_CHUNK_FIELDS = {_CHUNK_OFFSET, _METADATA}

ReadColumn = Callable[[int, str], pa.ChunkedArray]
"""Returns the values of a column of one row group."""


@dataclass(frozen=True, kw_only=True)
class GroupEdits:
    """What changes in one row group: the positions of rows that go, and the other values by column and position."""

    removed: tuple[int, ...] = ()
    changed: Mapping[str, Mapping[int, object]]

    @property
    def changed_positions(self) -> set[int]:
        """Positions of rows in which a value changes."""
        return {position for values in self.changed.values() for position in values}

    def get_column_edits(self, name: str) -> RowEdits | None:
        """Return what changes in one column; None if nothing does."""
        changed = self.changed.get(name)
        return RowEdits(removed=self.removed, changed=changed) if self.removed or changed else None


class ChunkMemory:
    """Chunks that were spliced: the same bytes with the same edits are encoded once, however many files have them."""

    def __init__(self, *, max_bytes: int = 128 << 20) -> None:
        self._chunks: dict[tuple[object, ...], SplicedChunk] = {}
        self._size, self._max_bytes = 0, max_bytes

    def __len__(self) -> int:
        return len(self._chunks)

    def get(self, key: tuple[object, ...], splice: Callable[[], SplicedChunk]) -> SplicedChunk:
        """Return the chunk of that key, which is spliced if it is not known."""
        if key not in self._chunks:
            if self._size > self._max_bytes:
                self._chunks.clear()
                self._size = 0
            self._chunks[key] = splice()
            self._size += len(self._chunks[key].content)
        return self._chunks[key]


class FileSplicer:
    """Edits the row groups of one file. Raise UnknownEncoding if it was not written as blobs are."""

    def __init__(
        self,
        content: memoryview,
        *,
        schema: pa.Schema,
        read: ReadColumn,
        get_digest: Callable[[int, str], bytes],
        memory: ChunkMemory,
    ) -> None:
        size = int.from_bytes(content[-8:-4], "little")
        if content[-4:] != MAGIC or size > len(content) - 12:
            raise UnknownEncoding("the file is no Parquet without encryption")
        self._end = len(content) - 8 - size
        self._footer = bytes(content[self._end : -8])
        self._content, self._schema, self._read = content, schema, read
        self._get_digest, self._memory = get_digest, memory
        self._output, self._tail = bytearray(), bytearray()

    def splice(self, edits: Mapping[int, GroupEdits]) -> bytearray:
        """Return the bytes of the file with the edits of its row groups."""
        self._output, self._tail = bytearray(self._content[: self._end]), bytearray()
        spans = _locate_fields(self._footer)
        elements = _list_elements(self._footer, spans[_SCHEMA])
        rows, rows_end = read_number(self._footer, spans[_ROWS])
        kind, count, position = read_list_header(self._footer, spans[_GROUPS])
        if kind != Kind.STRUCT or any(number >= count for number in edits):
            raise UnknownEncoding("the footer has no such row groups")
        groups_start, groups = position, []
        for number in range(count):
            end = skip_struct(self._footer, position)
            group = self._footer[position:end]
            groups.append(self._splice_group(number, group, edits[number], elements) if number in edits else group)
            position = end
        remaining = write_number(rows - sum(len(edit.removed) for edit in edits.values()))
        start = self._footer[: spans[_ROWS]] + remaining + self._footer[rows_end:groups_start]
        footer = b"".join((start, *groups, self._footer[position:]))
        return self._output + self._tail + footer + len(footer).to_bytes(4, "little") + MAGIC

    def _splice_group(
        self, number: int, encoded: bytes, edits: GroupEdits, elements: Mapping[str, Sequence[Struct]]
    ) -> bytes:
        group, _ = read_struct(encoded)
        rows = group[_GROUP_ROWS][1] - len(edits.removed)
        if rows < 1:
            raise UnknownEncoding("no row of a row group remains")
        for column in group[_COLUMNS][1][1]:
            if not column.keys() <= _KNOWN_CHUNK_FIELDS or _METADATA not in column:
                raise UnknownEncoding("a column has an index, is encrypted or in another file")
            name = column[_METADATA][1][3][1][1][0].decode()
            column_edits = edits.get_column_edits(name)
            if column_edits is not None:
                self._splice_column(number, name, column, column_edits, elements)
        metadata = [column[_METADATA][1] for column in group[_COLUMNS][1][1]]
        group[_GROUP_ROWS] = (Kind.LONG, rows)
        group[_TOTAL_SIZE] = (Kind.LONG, sum(item[UNCOMPRESSED][1] for item in metadata))
        if _TOTAL_COMPRESSED in group:
            group[_TOTAL_COMPRESSED] = (Kind.LONG, sum(item[COMPRESSED][1] for item in metadata))
        if _FILE_OFFSET in group and metadata:
            group[_FILE_OFFSET] = (Kind.LONG, _get_start(metadata[0]))
        return write_struct(group)

    def _splice_column(
        self, number: int, name: str, column: Struct, edits: RowEdits, elements: Mapping[str, Sequence[Struct]]
    ) -> None:
        """Put a chunk in the place of the old one, or at the end, and note it in the struct ColumnChunk."""
        old = column[_METADATA][1]
        start, size = _get_start(old), old[COMPRESSED][1]
        if start < len(MAGIC) or start + size > self._end:
            raise UnknownEncoding("a column is outside of the file")
        splice = partial(
            splice_chunk,
            self._content[start : start + size],
            old,
            edits=edits,
            field=self._schema.field(name),
            elements=elements[name],
            read=partial(self._read, number, name),
        )
        changed = tuple((position, repr(value)) for position, value in (edits.changed or {}).items())
        chunk = self._memory.get((self._get_digest(number, name), name, tuple(edits.removed), changed), splice)
        place = start
        if len(chunk.content) <= size:
            self._output[start : start + size] = chunk.content + bytes(size - len(chunk.content))
        else:
            self._output[start : start + size] = bytes(size)
            place = self._end + len(self._tail)
            self._tail += chunk.content
        fields = {**chunk.metadata, DATA_OFFSET: (Kind.LONG, place)}
        column[_METADATA] = (Kind.STRUCT, dict(sorted(fields.items())))
        if column[_CHUNK_OFFSET][1]:
            column[_CHUNK_OFFSET] = (Kind.LONG, place)


def _locate_fields(footer: bytes) -> dict[int, int]:
    """Return the positions of the values of a footer's fields."""
    positions = dict(_iter_fields(footer))
    if not {_SCHEMA, _ROWS, _GROUPS} <= positions.keys():
        raise UnknownEncoding("the footer has no schema or no row groups")
    return positions


def _iter_fields(footer: bytes) -> Iterator[tuple[int, int]]:
    position = number = 0
    while header := footer[position]:
        number += header >> 4
        yield number, position + 1
        position = skip_field(footer, position + 1, header & 0x0F)


def _list_elements(footer: bytes, position: int) -> dict[str, list[Struct]]:
    """Return the elements of the schema by the column of the table that they are part of."""
    _, count, position = read_list_header(footer, position)
    elements: list[Struct] = []
    for _ in range(count):
        element, position = read_struct(footer, position)
        elements.append(element)
    columns: dict[str, list[Struct]] = {}
    start = 1
    while start < len(elements):
        end, open_elements = start, 1
        while open_elements and end < len(elements):
            open_elements += elements[end].get(_CHILDREN, (0, 0))[1] - 1
            end += 1
        columns[elements[start][_ELEMENT_NAME][1].decode()] = elements[start:end]
        start = end
    return columns


def _get_start(metadata: Struct) -> int:
    """Return where a column chunk starts."""
    data: int = metadata[DATA_OFFSET][1]
    return min(data, metadata[DICTIONARY_OFFSET][1]) if DICTIONARY_OFFSET in metadata else data
