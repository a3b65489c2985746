"""List caches: filter and sort columns of the inventory lists as memory-mapped arrays.

A page of a list needs two facts about every row, whether it matches and its position in the order, and shows fifty
rows. A database index answers one filter well and combinations badly, and each index costs time for every row that a
merge writes. Each generation therefore has its lists in memory-mapped files: a position per row in the order of names,
a value code per filter column, and the positions in each other order. A query over a million rows takes a millisecond,
and the count is exact. Displayed values are in the database only; the files contain no names.

A merge writes the files before it publishes a generation. Missing files are rebuilt from the rows at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_list_folder
from homeroom.evidence.page_cache.mapped_files import (
    Positions,
    find_positions,
    open_mapped_file,
    read_numbers,
    write_arrow_file,
)

MAX_OPEN_LISTS = 48
"""Lists that a process has mapped at a time: three per generation of each district."""
_LAYOUT_VERSION = 2
"""Version of the file layout; change the number when the layout changes."""
_SUBJECT, _BY_SUBJECT, _NUMBER, _ORDER = "subject", "_by_subject", "_number ", "_order "


@dataclass(frozen=True, kw_only=True)
class ListLayout:
    """The columns by which one list is filtered and sorted.

    `filters` are (column, whether it holds a subject of another kind); `sorts` are (name, column), the first of them
    by name. Blanks come last in each other order.
    """

    kind: str
    filters: tuple[tuple[str, bool], ...]
    sorts: tuple[tuple[str, str], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The subject, and the columns of sorts and filters."""
        return tuple(dict.fromkeys([_SUBJECT, *(column for _, column in self.sorts), *dict(self.filters)]))


@dataclass(frozen=True, kw_only=True, eq=False)
class ListCache:
    """One list in one generation. Each array has one value per row, at the row's position in the order of names.

    `codes` are by column: an index into its `words`. `numbers` are subjects of another kind, -1 for none. `orders` are
    by sort: the positions in its order (the order of names has none).
    """

    subjects: Positions
    by_subject: npt.NDArray[np.int32]
    codes: Mapping[str, npt.NDArray[Any]]
    words: Mapping[str, Sequence[Any]]
    numbers: Mapping[str, Positions]
    orders: Mapping[str, npt.NDArray[np.int32]]
    _choices: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _tokens: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.subjects)

    def find_positions(self, subjects: Sequence[int]) -> Positions:
        """Return the positions of those subjects that are in the list."""
        positions = find_positions(subjects, ids=self.subjects, by_id=self.by_subject)
        return positions[positions >= 0]

    def list_choices(self, column: str) -> tuple[str, ...]:
        """Return the distinct texts of a column in order, without blank."""
        if column not in self._choices:
            self._choices[column] = tuple(cell for cell in self.words[column] if cell)
        return self._choices[column]

    def list_tokens(self, column: str) -> tuple[str, ...]:
        """Return the distinct words of a column whose texts are words with spaces between them, in order."""
        if column not in self._tokens:
            self._tokens[column] = tuple(sorted({token for cell in self.words[column] for token in cell.split()}))
        return self._tokens[column]


_list_caches: SingleFlightCache[ListCache] = SingleFlightCache(max_entries=MAX_OPEN_LISTS)


def open_list_cache(
    store: EvidenceStore, *, layout: ListLayout, derived: str, build_table: Callable[[], pa.Table]
) -> ListCache:
    """Open one list of the generation that shows a snapshot, written first with `build_table` if missing.

    Raise QueryTimeout, and what `build_table` raises.
    """
    path = get_list_path(store, layout=layout, derived=derived)
    return open_mapped_file(path, cache=_list_caches, wrap=_wrap_table, build_table=build_table)


def write_list_cache(store: EvidenceStore, *, layout: ListLayout, derived: str, table: pa.Table) -> None:
    """Write one list of a generation that will show that snapshot, before it is published."""
    write_arrow_file(get_list_path(store, layout=layout, derived=derived), table)


def get_list_path(store: EvidenceStore, *, layout: ListLayout, derived: str) -> Path:
    """Return the path of one list. Its name contains a layout hash, so that a newer program rebuilds older files."""
    return get_list_folder(store, derived=derived) / f"{layout.kind}-{_hash_layout(layout)}.arrow"


@cache
def _hash_layout(layout: ListLayout) -> str:
    text = repr((_LAYOUT_VERSION, list(layout.filters), list(layout.sorts)))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _wrap_table(table: pa.Table) -> ListCache:
    words: Mapping[str, list[Any]] = json.loads(table.schema.metadata[b"words"])
    subject_columns = [name for name in table.column_names if name.startswith(_NUMBER)]
    order_columns = [name for name in table.column_names if name.startswith(_ORDER)]
    return ListCache(
        subjects=read_numbers(table, _SUBJECT),
        by_subject=read_numbers(table, _BY_SUBJECT),
        codes={name: read_numbers(table, name) for name in words},
        words=words,
        numbers={name.removeprefix(_NUMBER): read_numbers(table, name) for name in subject_columns},
        orders={name.removeprefix(_ORDER): read_numbers(table, name) for name in order_columns},
    )


def build_list_table(layout: ListLayout, rows: pl.DataFrame) -> pa.Table:
    """Build one list for `write_list_cache`; `rows` have the columns of the layout, in any order."""
    (_, name_column), *other_sorts = layout.sorts
    rows = rows.sort(name_column, _SUBJECT)
    subjects = rows[_SUBJECT].to_numpy()
    arrays: dict[str, npt.NDArray[Any]] = {
        _SUBJECT: subjects,
        _BY_SUBJECT: np.argsort(subjects, kind="stable").astype(np.int32),
    }
    words: dict[str, list[Any]] = {}
    for column, is_subject in dict(layout.filters).items():
        if is_subject:
            arrays[_NUMBER + column] = rows[column].fill_null(-1).to_numpy()
        else:
            words[column], arrays[column] = _encode_column(rows[column])
    for sort, column in other_sorts:
        is_coded = column in words
        order = _order_coded(words[column], arrays[column]) if is_coded else _order_values(rows[column])
        arrays[_ORDER + sort] = order
    return pa.table(arrays).replace_schema_metadata({"words": json.dumps(words)})


def _order_coded(words: Sequence[Any], codes: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Return the positions in the order of values whose codes are in order; rows with a blank come last."""
    has_blank = bool(words) and words[0] == ""
    keys = np.where(codes == 0, len(words) - 1, codes - 1).astype(codes.dtype) if has_blank else codes
    return np.argsort(keys, kind="stable").astype(np.int32)


def _order_values(column: pl.Series) -> npt.NDArray[np.int32]:
    """Return the positions in the order of values; rows without one or with a blank come last."""
    values = column.replace("", None) if column.dtype == pl.String else column
    order = values.alias("value").to_frame().select(pl.arg_sort_by("value", nulls_last=True, maintain_order=True))
    return order.to_series().to_numpy().astype(np.int32)


def read_subjects(table: pa.Table) -> Positions:
    """Return the subjects of a table that `build_list_table` returned, in the order of names."""
    subjects: Positions = read_numbers(table, _SUBJECT)
    return subjects


def _encode_column(column: pl.Series) -> tuple[list[Any], npt.NDArray[Any]]:
    """Return the distinct values in order, nulls last, and each row's code in the narrowest integer type."""
    values = column.alias("value").to_frame()
    vocabulary = values.unique().sort("value", nulls_last=True).with_row_index("code")
    codes = values.join(vocabulary, on="value", how="left", nulls_equal=True, maintain_order="left")["code"]
    width = np.uint8 if len(vocabulary) <= 1 << 8 else np.uint16 if len(vocabulary) <= 1 << 16 else np.uint32
    return vocabulary["value"].to_list(), codes.to_numpy().astype(width)
