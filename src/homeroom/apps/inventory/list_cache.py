"""List caches: filter and sort columns of the inventory lists as memory-mapped arrays.

A page of a list needs two facts about every row, whether it matches and its position in the order, and shows fifty
rows. A database index answers one filter well and combinations badly, and each index costs time for every row that a
merge writes. Each generation therefore has its lists under `listed/<snapshot>/` in memory-mapped files: a position per
row in the order of names, a value code per filter column, and the positions in each other order. A query over a million
rows takes a millisecond, and the count is exact. Displayed values are in the database only; the files contain no names.

A merge writes the files before it publishes a generation. Missing files are rebuilt from the rows at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from django.db import connection

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.inventory.list_definitions import LISTINGS, FilterOperator, ListDefinition
from homeroom.apps.inventory.models import GENERATION_SQL, Projection
from homeroom.domain.district import District
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
_LAYOUT_VERSION = 1
"""Version of the file layout; change the number when the layout changes."""
_BATCH_ROWS = 50_000
_TIME_FIELDS = ("DateField", "DateTimeField")
_POLARS_TYPES: Mapping[str, Any] = {
    "BigIntegerField": pl.Int64,
    "BooleanField": pl.Boolean,
    "CharField": pl.String,
    **dict.fromkeys(_TIME_FIELDS, pl.String),  # as either database writes them they are in order as texts
}
_SUBJECT, _BY_SUBJECT, _NUMBER, _ORDER = "subject", "_by_subject", "_number ", "_order "


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

    def list_instances(self) -> tuple[str, ...]:
        """Return the source instances with any record in the list."""
        if "" not in self._choices:
            names = {name for cell in self.words["sources"] for name in cell.split()}
            self._choices[""] = tuple(sorted(names))
        return self._choices[""]


_list_caches: SingleFlightCache[ListCache] = SingleFlightCache(max_entries=MAX_OPEN_LISTS)


def open_list_cache(
    *, district: District, kind: str, projection: Projection, generation: int | None = None
) -> ListCache:
    """Open one list of the published or the previous generation; build it first if missing. Raise QueryTimeout."""
    target_generation = projection.generation if generation is None else generation
    derived = projection.derived if target_generation == projection.generation else projection.derived_before
    path = get_cache_path(get_evidence_store(district=district), kind=kind, derived=derived)
    return open_mapped_file(
        path,
        cache=_list_caches,
        wrap=_open_table,
        build_table=lambda: build_from_database(district=district, kind=kind, generation=target_generation),
    )


def list_cached_columns(kind: str) -> tuple[str, ...]:
    """Return the filter and sort columns of that kind's list after `subject`: columns of its model."""
    listing = LISTINGS[kind]
    columns = [*(sort.column for sort in listing.sorts), *(list_filter.column for list_filter in listing.filters)]
    return tuple(dict.fromkeys([_SUBJECT, *columns]))


def write_list_cache(*, store: EvidenceStore, kind: str, derived: str, table: pa.Table) -> None:
    """Write one list of a generation that will show that snapshot, before it is published."""
    write_arrow_file(get_cache_path(store, kind=kind, derived=derived), table)


def build_from_database(*, district: District, kind: str, generation: int) -> pa.Table:
    """Build one list of a generation from its rows in the database."""
    return build_list_cache(kind=kind, rows=_load_rows(district, LISTINGS[kind], generation))


def get_cache_path(store: EvidenceStore, *, kind: str, derived: str) -> Path:
    """Return the path of one list. Its name contains a layout hash, so that a newer program rebuilds older files."""
    return get_list_folder(store, derived=derived) / f"{kind}-{_hash_layout(kind)}.arrow"


@cache
def _hash_layout(kind: str) -> str:
    listing = LISTINGS[kind]
    filters = [(list_filter.column, list_filter.operator is FilterOperator.SUBJECT) for list_filter in listing.filters]
    layout = repr((_LAYOUT_VERSION, filters, [(sort.name, sort.column) for sort in listing.sorts]))
    return hashlib.blake2b(layout.encode(), digest_size=4).hexdigest()


def _open_table(table: pa.Table) -> ListCache:
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


def _load_rows(district: District, listing: ListDefinition, generation: int) -> pl.DataFrame:
    types = {name: _POLARS_TYPES[_get_field_type(listing, name)] for name in list_cached_columns(listing.kind)}
    frames = list(_read_batches(listing, types, district.pk, generation))
    return pl.concat(frames or [pl.DataFrame(schema=types)])


def _read_batches(
    listing: ListDefinition, types: Mapping[str, Any], district: int, generation: int
) -> Iterator[pl.DataFrame]:
    names = ", ".join(
        f'CAST("{name}" AS text)' if _get_field_type(listing, name) in _TIME_FIELDS else f'"{name}"' for name in types
    )
    sql = f'SELECT {names} FROM "{listing.model._meta.db_table}" WHERE {GENERATION_SQL}'
    with connection.cursor() as cursor:
        cursor.execute(sql, [district, generation, generation])
        while rows := cursor.fetchmany(_BATCH_ROWS):
            cells = zip(types.items(), zip(*rows, strict=True), strict=True)
            yield pl.DataFrame({name: pl.Series(values, dtype=dtype) for (name, dtype), values in cells})


def _get_field_type(listing: ListDefinition, name: str) -> str:
    field_type: str = listing.model._meta.get_field(name).get_internal_type()
    return field_type


def build_list_cache(*, kind: str, rows: pl.DataFrame) -> pa.Table:
    """Build one list for `write_list_cache`; `rows` have the columns of `list_cached_columns`, in any order."""
    listing, rows = LISTINGS[kind], rows.sort("sort", _SUBJECT)
    subjects = rows[_SUBJECT].to_numpy()
    arrays: dict[str, npt.NDArray[Any]] = {
        _SUBJECT: subjects,
        _BY_SUBJECT: np.argsort(subjects, kind="stable").astype(np.int32),
    }
    words: dict[str, list[Any]] = {}
    for list_filter in {list_filter.column: list_filter for list_filter in listing.filters}.values():
        if list_filter.operator is FilterOperator.SUBJECT:
            arrays[_NUMBER + list_filter.column] = rows[list_filter.column].fill_null(-1).to_numpy()
        else:
            words[list_filter.column], arrays[list_filter.column] = _encode_column(rows[list_filter.column])
    for sort in listing.sorts[1:]:
        order = rows.select(pl.arg_sort_by(sort.column, nulls_last=True, maintain_order=True))
        arrays[_ORDER + sort.name] = order.to_series().to_numpy().astype(np.int32)
    return pa.table(arrays).replace_schema_metadata({"words": json.dumps(words)})


def _encode_column(column: pl.Series) -> tuple[list[Any], npt.NDArray[Any]]:
    """Return the distinct values in order, nulls last, and each row's code in the narrowest integer type."""
    values = column.alias("value").to_frame()
    vocabulary = values.unique().sort("value", nulls_last=True).with_row_index("code")
    codes = values.join(vocabulary, on="value", how="left", nulls_equal=True, maintain_order="left")["code"]
    width = np.uint8 if len(vocabulary) <= 1 << 8 else np.uint16 if len(vocabulary) <= 1 << 16 else np.uint32
    return vocabulary["value"].to_list(), codes.to_numpy().astype(width)
