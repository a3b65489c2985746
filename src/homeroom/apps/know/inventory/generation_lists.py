"""The list caches of the generations that pages show, built from the rows of the database if they are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import connection

from homeroom.apps.know.inventory.list_definitions import LISTINGS, ListDefinition
from homeroom.apps.know.inventory.models import GENERATION_SQL, Projection
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.page_cache.list_cache import ListCache, build_list_table, open_list_cache

_BATCH_ROWS = 50_000
_TIME_FIELDS = ("DateField", "DateTimeField")
_POLARS_TYPES: Mapping[str, Any] = {
    "BigIntegerField": pl.Int64,
    "BooleanField": pl.Boolean,
    "CharField": pl.String,
    **dict.fromkeys(_TIME_FIELDS, pl.String),  # as either database writes them they are in order as texts
}


def open_generation_list(
    *, district: District, kind: str, projection: Projection, generation: int | None = None
) -> ListCache:
    """Open one list of the published or the previous generation; build it first if missing. Raise QueryTimeout."""
    target_generation = projection.generation if generation is None else generation
    return open_list_cache(
        get_evidence_store(district=district),
        layout=LISTINGS[kind].layout,
        derived=projection.get_snapshot(target_generation),
        build_table=lambda: build_from_database(district=district, kind=kind, generation=target_generation),
    )


def build_from_database(*, district: District, kind: str, generation: int) -> pa.Table:
    """Build one list of a generation from its rows in the database."""
    listing = LISTINGS[kind]
    types = {name: _POLARS_TYPES[_get_field_type(listing, name)] for name in listing.layout.columns}
    frames = list(_read_batches(listing, types, district.pk, generation))
    return build_list_table(listing.layout, pl.concat(frames or [pl.DataFrame(schema=types)]))


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
