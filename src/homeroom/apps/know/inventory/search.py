"""Search the inventory's lists: what is searched of each, and the search texts of the generations that pages show."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.models import Projection, build_generation_condition
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.row_store import read_derived_table
from homeroom.evidence.page_cache.search_text import SearchFields, SearchText, build_search_table, open_search_text

logger = logging.getLogger(__name__)
SEARCH_FIELDS: Mapping[str, SearchFields] = {
    "person": SearchFields(
        table="people", phrases=("sort_name", "name"), numbers=("identifiers",), surnames=("sort_name",)
    ),
    "account": SearchFields(table="accounts", phrases=("name",), numbers=("identifiers",)),
    "device": SearchFields(
        table="devices",
        phrases=("name", "model", "cart"),
        numbers=("identifiers", "serial", "asset_tag", "addresses", "name", "model", "cart"),
    ),
}
_SHOWN_DEVICE_FIELDS = SearchFields(
    table="devices", phrases=("model", "cart"), numbers=("serial", "asset_tag", "model", "cart")
)
"""What a device is searched by where its name is not shown, which often is its holder's."""
_DISPLAYED_FIELDS: Mapping[str, Mapping[str, str]] = {
    "person": {"name": "name", "sort_name": "sort", "identifiers": "email"},
    "account": {"name": "name", "identifiers": "email"},
    "device": {name: name for name in ("name", "model", "cart", "serial", "asset_tag")},
}
"""Columns of the derived tables, and the database's columns that are searched if the snapshot is gone."""


def open_generation_search(
    *, district: District, kind: str, projection: Projection, generation: int, list_cache: ListCache
) -> SearchText:
    """Open the search text of one list of the published or the previous generation; build it first if missing.

    `list_cache` is the list of the same generation. Raise QueryTimeout.
    """
    return _open_text(district, projection, generation, list_cache, kind=kind, fields=SEARCH_FIELDS[kind], file=kind)


def open_list_search(
    *, district: District, kind: str, projection: Projection, generation: int, list_cache: ListCache, masked: bool
) -> SearchText | None:
    """Open what a list is searched in for a reader; raise QueryTimeout.

    With `masked`, devices are searched without their names, and people and accounts not at all but by public id: None.
    """
    if not masked:
        return open_generation_search(
            district=district, kind=kind, projection=projection, generation=generation, list_cache=list_cache
        )
    if kind != "device":
        return None
    fields, file = _SHOWN_DEVICE_FIELDS, "device-without-names"
    return _open_text(district, projection, generation, list_cache, kind=kind, fields=fields, file=file)


def _open_text(
    district: District,
    projection: Projection,
    generation: int,
    list_cache: ListCache,
    *,
    kind: str,
    fields: SearchFields,
    file: str,
) -> SearchText:
    derived = projection.get_snapshot(generation)

    def build_table() -> pa.Table:
        rows = _read_search_rows(district, kind, derived=derived, generation=generation)
        return build_search_table(fields, rows, subjects=list_cache.subjects)

    store = get_evidence_store(district=district)
    return open_search_text(store, kind=file, derived=derived, build_table=build_table)


def _read_search_rows(district: District, kind: str, *, derived: str, generation: int) -> pa.Table | pl.DataFrame:
    try:
        return read_derived_table(
            get_evidence_store(district=district), derived=derived, table=SEARCH_FIELDS[kind].table
        )
    except NoSuchLoad:
        logger.warning("snapshot %s is gone: only what the lists display is searched", derived)
        return _read_displayed_rows(district, kind, generation=generation)


def _read_displayed_rows(district: District, kind: str, *, generation: int) -> pl.DataFrame:
    columns = _DISPLAYED_FIELDS[kind]
    rows = LISTINGS[kind].model.objects.of(district).filter(build_generation_condition(generation))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {"id": pl.Int64, **dict.fromkeys(columns, pl.String)}
    frame = pl.DataFrame(list(rows.values_list("subject", *columns.values())), schema=schema, orient="row")
    missing = [name for name in SEARCH_FIELDS[kind].columns if name not in schema]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
