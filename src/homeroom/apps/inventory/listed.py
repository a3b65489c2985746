"""The lists of the inventory laid out for pages: what they are filtered and sorted by, a column in one piece.

A page of a list asks two things of every row, whether it is wanted and where it comes in the order, and shows fifty. An index
answers one such question well and a pair of them badly, and each index is paid for with every row that a merge writes. So a
generation has its lists under `listed/<snapshot>/`, in files that are mapped and not read: a place for each row in the order of
names, for each filter the number of a word, for each other sort the places in its order. A million rows are asked in a
millisecond, and the count is exact. What is shown stands in the database alone; the files hold no name of anybody.

A merge lays them out before it publishes. They can be laid anew from the rows at any time, and are, where they are missing.
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

from homeroom.apps.districts.stores import store_of
from homeroom.apps.inventory.listings import LISTINGS, How, Listing
from homeroom.apps.inventory.models import STANDING, Projection
from homeroom.evidence import shelves
from homeroom.evidence.shelves import Places, Shelf, numbers, places_of, write_mapped
from homeroom.evidence.store import Store

FOLDER = "listed"
OPEN = 48
"""Lists that a process keeps mapped: three a generation of each district."""
_FORM = 1
"""Which form the files have; another one is another number."""
_ROWS = 50_000
_TIMES = ("DateField", "DateTimeField")
_KINDS: Mapping[str, Any] = {
    "BigIntegerField": pl.Int64,
    "BooleanField": pl.Boolean,
    "CharField": pl.String,
    **dict.fromkeys(_TIMES, pl.String),  # as either database writes them they are in order as texts
}
_SUBJECT, _BY_SUBJECT, _NUMBER, _ORDER = "subject", "_by_subject", "_number ", "_order "


@dataclass(frozen=True, kw_only=True, eq=False)
class Listed:
    """One list in one generation. Every array has one value a row, at the row's place: its number in the order of names.

    `codes` are by column: a number of its `words`. `numbers` are subjects of another kind, -1 for none. `orders` are by sort: the
    places in its order (the order of names has none).
    """

    subjects: Places
    by_subject: npt.NDArray[np.int32]
    codes: Mapping[str, npt.NDArray[Any]]
    words: Mapping[str, Sequence[Any]]
    numbers: Mapping[str, Places]
    orders: Mapping[str, npt.NDArray[np.int32]]
    _choices: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.subjects)

    def places(self, subjects: Sequence[int]) -> Places:
        """The places of those subjects that the list has."""
        found = places_of(subjects, ids=self.subjects, by_id=self.by_subject)
        return found[found >= 0]

    def choices(self, column: str) -> tuple[str, ...]:
        """The texts that occur in a column, in order, blank left out."""
        if column not in self._choices:
            self._choices[column] = tuple(word for word in self.words[column] if word)
        return self._choices[column]

    def instances(self) -> tuple[str, ...]:
        """The source instances that carry anything."""
        if "" not in self._choices:
            names = {name for word in self.words["sources"] for name in word.split()}
            self._choices[""] = tuple(sorted(names))
        return self._choices[""]


def listed_of(*, district: Any, kind: str, projection: Projection, generation: int | None = None) -> Listed:
    """One list in the published generation, or in the one before it; laid out first where it is not yet. Raises TooSlow."""
    asked = projection.generation if generation is None else generation
    derived = projection.derived if asked == projection.generation else projection.derived_before
    path = file_of(store_of(district=district), kind=kind, derived=derived)
    return _SHELF.get(path, lambda: from_rows(district=district, kind=kind, generation=asked))


def asked_of(kind: str) -> tuple[str, ...]:
    """What lists of that kind are filtered and sorted by, after `subject`: columns of its model."""
    listing = LISTINGS[kind]
    columns = [*(sort.column for sort in listing.sorts), *(one.column for one in listing.filters)]
    return tuple(dict.fromkeys([_SUBJECT, *columns]))


def put(*, store: Store, kind: str, derived: str, table: pa.Table) -> None:
    """Writes one list of a generation that will show that snapshot, before it is published."""
    write_mapped(file_of(store, kind=kind, derived=derived), table)


def from_rows(*, district: Any, kind: str, generation: int) -> pa.Table:
    """One list of a generation laid out from its rows in the database."""
    return laid_out(kind=kind, rows=_rows(district, LISTINGS[kind], generation))


def forget(*, store: Store, kept: Sequence[str]) -> None:
    """Removes what is laid out but for generations that show those snapshots."""
    shelves.forget(store.folder / FOLDER, keep=kept)


def file_of(store: Store, *, kind: str, derived: str) -> Path:
    """The file of one list. Its name tells what is laid out in it, so that a newer program lays out what an older one left."""
    return store.folder / FOLDER / (derived or "none") / f"{kind}-{_mark(kind)}.arrow"


@cache
def _mark(kind: str) -> str:
    listing = LISTINGS[kind]
    filters = [(one.column, one.how is How.SUBJECT) for one in listing.filters]
    told = repr((_FORM, filters, [(sort.name, sort.column) for sort in listing.sorts]))
    return hashlib.blake2b(told.encode(), digest_size=4).hexdigest()


def _opened(table: pa.Table) -> Listed:
    words: Mapping[str, list[Any]] = json.loads(table.schema.metadata[b"words"])
    subjects = [name for name in table.column_names if name.startswith(_NUMBER)]
    orders = [name for name in table.column_names if name.startswith(_ORDER)]
    return Listed(
        subjects=numbers(table, _SUBJECT),
        by_subject=numbers(table, _BY_SUBJECT),
        codes={name: numbers(table, name) for name in words},
        words=words,
        numbers={name.removeprefix(_NUMBER): numbers(table, name) for name in subjects},
        orders={name.removeprefix(_ORDER): numbers(table, name) for name in orders},
    )


_SHELF: Shelf[Listed] = Shelf(opened=_opened, most=OPEN)


def _rows(district: Any, listing: Listing, generation: int) -> pl.DataFrame:
    kinds = {name: _KINDS[_kind(listing, name)] for name in asked_of(listing.kind)}
    read = list(_read(listing, kinds, district.pk, generation))
    return pl.concat(read or [pl.DataFrame(schema=kinds)])


def _read(listing: Listing, kinds: Mapping[str, Any], district: int, generation: int) -> Iterator[pl.DataFrame]:
    names = ", ".join(f'CAST("{name}" AS text)' if _kind(listing, name) in _TIMES else f'"{name}"' for name in kinds)
    sql = f'SELECT {names} FROM "{listing.model._meta.db_table}" WHERE {STANDING}'
    with connection.cursor() as cursor:
        cursor.execute(sql, [district, generation, generation])
        while rows := cursor.fetchmany(_ROWS):
            cells = zip(kinds.items(), zip(*rows, strict=True), strict=True)
            yield pl.DataFrame({name: pl.Series(values, dtype=kind) for (name, kind), values in cells})


def _kind(listing: Listing, name: str) -> str:
    kind: str = listing.model._meta.get_field(name).get_internal_type()
    return kind


def laid_out(*, kind: str, rows: pl.DataFrame) -> pa.Table:
    """One list as `put` writes it: `rows` have `asked_of` of every row that stands, in any order."""
    listing, rows = LISTINGS[kind], rows.sort("sort", _SUBJECT)
    subjects = rows[_SUBJECT].to_numpy()
    made: dict[str, npt.NDArray[Any]] = {
        _SUBJECT: subjects,
        _BY_SUBJECT: np.argsort(subjects, kind="stable").astype(np.int32),
    }
    words: dict[str, list[Any]] = {}
    for one in {one.column: one for one in listing.filters}.values():
        if one.how is How.SUBJECT:
            made[_NUMBER + one.column] = rows[one.column].fill_null(-1).to_numpy()
        else:
            words[one.column], made[one.column] = _coded(rows[one.column])
    for sort in listing.sorts[1:]:
        order = rows.select(pl.arg_sort_by(sort.column, nulls_last=True, maintain_order=True))
        made[_ORDER + sort.name] = order.to_series().to_numpy().astype(np.int32)
    return pa.table(made).replace_schema_metadata({"words": json.dumps(words)})


def _coded(column: pl.Series) -> tuple[list[Any], npt.NDArray[Any]]:
    """The values that occur, in order, nulls last; and each row's as a number of that list, as narrow as it can be."""
    named = column.alias("value").to_frame()
    words = named.unique().sort("value", nulls_last=True).with_row_index("code")
    met = named.join(words, on="value", how="left", nulls_equal=True, maintain_order="left")["code"]
    width = np.uint8 if len(words) <= 1 << 8 else np.uint16 if len(words) <= 1 << 16 else np.uint32
    return words["value"].to_list(), met.to_numpy().astype(width)
