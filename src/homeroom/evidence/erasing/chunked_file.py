"""Read a Parquet file by column chunks: chunks with the same bytes are decoded and searched once, in all files.

A district's snapshots differ in few rows, so that most chunks of a file have the bytes of the day before.
"""

from __future__ import annotations

import hashlib
import mmap
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

Digest = bytes
_MAX_VALUES = 1_000_000
"""Values that are remembered, some 100 bytes each."""


@dataclass(frozen=True, kw_only=True)
class ColumnQuestion:
    """Which values of a column are looked for. Questions with the same key find the same in the same values."""

    column: str
    key: str
    find: Callable[[pl.DataFrame], pl.Series]
    """Returns the positions of the values in a frame that has this column only."""


@dataclass(frozen=True, eq=False)
class ChunkCache:
    """What is known of chunks: the rows of each group and the digests by file, and what was found in which bytes."""

    groups: dict[str, tuple[int, ...]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    digests: dict[str, dict[tuple[int, str], Digest]] = field(default_factory=dict)
    found: dict[tuple[Digest, str, str], tuple[int, ...]] = field(default_factory=dict)
    taken: dict[tuple[Digest, str, tuple[int, ...]], list[Any]] = field(default_factory=dict)
    size: Counter[str] = field(default_factory=Counter)

    def remember(self, key: tuple[Digest, str, tuple[int, ...]], values: list[Any]) -> None:
        """Remember values of a chunk, and forget all others if they are too many."""
        if self.size["values"] > _MAX_VALUES:
            self.taken.clear()
            self.size.clear()
        self.size["values"] += len(values)
        self.taken[key] = values


class ChunkedFile:
    """A Parquet file, read by chunks as far as `cache` does not know them; a context manager."""

    def __init__(self, path: Path, cache: ChunkCache) -> None:
        self.path, self._cache = path, cache
        self._digests = cache.digests.setdefault(path.stem, {})
        self._handle: pq.ParquetFile | None = None
        self._map: mmap.mmap | None = None
        self._arrays: dict[tuple[int, str], pa.ChunkedArray] = {}

    def __enter__(self) -> ChunkedFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._arrays.clear()
        if self._handle is not None:
            self._handle.close()
        if self._map is not None:
            self._map.close()

    @property
    def group_rows(self) -> tuple[int, ...]:
        """The number of rows of each row group."""
        rows = self._cache.groups.get(self.path.stem)
        if rows is None:
            metadata = self._file.metadata
            rows = tuple(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
            self._cache.groups[self.path.stem] = rows
        return rows

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        names = self._cache.names.get(self.path.stem)
        if names is None:
            names = self._cache.names[self.path.stem] = tuple(self.schema.names)
        return names

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._file.schema_arrow

    @cached_property
    def content(self) -> mmap.mmap:
        """The bytes of the file."""
        with self.path.open("rb") as handle:
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        return self._map

    def read(self, group: int, name: str) -> pa.ChunkedArray:
        """Return the values of a column of one row group."""
        if (group, name) not in self._arrays:
            table = self._file.read_row_group(group, columns=[name], use_threads=False)
            self._arrays[group, name] = table.column(name)
        return self._arrays[group, name]

    def get_digest(self, group: int, name: str) -> Digest:
        """Return the digest of the bytes of a column of one row group, and of its type."""
        if (group, name) not in self._digests:
            metadata = self._file.metadata.row_group(group)
            digest = hashlib.sha256(str(self.schema.field(name)).encode())
            for number in self._leaves[name]:
                chunk = metadata.column(number)
                offset = chunk.data_page_offset
                if chunk.has_dictionary_page:
                    offset = min(offset, chunk.dictionary_page_offset)
                digest.update(self.content[offset : offset + chunk.total_compressed_size])
            self._digests[group, name] = digest.digest()
        return self._digests[group, name]

    def find(self, group: int, question: ColumnQuestion) -> tuple[int, ...]:
        """Return the positions in one row group that a question finds."""
        key = (self.get_digest(group, question.column), question.column, question.key)
        if key not in self._cache.found:
            values = pl.from_arrow(self.read(group, question.column))
            assert isinstance(values, pl.Series)
            self._cache.found[key] = tuple(question.find(values.alias(question.column).to_frame()))
        return self._cache.found[key]

    def find_any(self, group: int, questions: Sequence[ColumnQuestion]) -> tuple[int, ...]:
        """Return the positions in one row group that any of the questions finds, in order."""
        return tuple(sorted({position for question in questions for position in self.find(group, question)}))

    def take(self, group: int, name: str, positions: tuple[int, ...]) -> list[Any]:
        """Return the values of a column at some positions of one row group."""
        key = (self.get_digest(group, name), name, positions)
        if key not in self._cache.taken:
            values = pl.from_arrow(self.read(group, name).take(pa.array(positions, type=pa.int64())))
            assert isinstance(values, pl.Series)
            self._cache.remember(key, values.to_list())
        return self._cache.taken[key]

    @cached_property
    def _leaves(self) -> dict[str, list[int]]:
        schema = self._file.schema
        leaves: dict[str, list[int]] = {}
        for number in range(len(schema)):
            leaves.setdefault(schema.column(number).path.split(".")[0], []).append(number)
        return leaves

    @property
    def _file(self) -> pq.ParquetFile:
        if self._handle is None:
            self._handle = pq.ParquetFile(self.path)
        return self._handle
