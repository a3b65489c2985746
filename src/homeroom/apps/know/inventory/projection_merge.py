"""Merge a new resolved snapshot into the projection: write changed rows under an unpublished generation.

1. Roll back what a killed merge left. 2. Set `writing`. 3. Close and open changed rows under the next generation, the
   ledger's too. 4. Build the list caches and search texts of that generation. 5. Publish it with one update. 6. Delete
   the rows that an earlier merge closed and clear `writing`; rows closed by this merge stay until the next one, for
   users who still page through the previous generation. If a merge is killed at any step, the next one ends in the same
   rows. The ledger never deletes closed rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, transaction

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.models import Projection
from homeroom.apps.know.inventory.projection_rows import ALL_MODELS, LEDGER, MERGES, PROJECTED_MODELS, ProjectedModel
from homeroom.apps.know.inventory.search import SEARCH_FIELDS
from homeroom.apps.platform.districts.bulk_write import build_insert, build_statement, iter_row_tuples, write_in_batches
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import prune_page_cache
from homeroom.evidence.page_cache.list_cache import build_list_table, read_subjects, write_list_cache
from homeroom.evidence.page_cache.search_text import build_search_table, write_search_text
from homeroom.ingest.files.prefetch import prefetch

_BATCH_ROWS = 100_000
"""Keys of rows that are read before they change."""


@dataclass(frozen=True, kw_only=True)
class ProjectionChange:
    """Changes of one model: keys of rows to close, complete rows to open, and the files of its list if it has one."""

    projected: ProjectedModel
    closes: pa.Table
    opens: pa.Table
    list_table: pa.Table | None = None
    search_table: pa.Table | None = None

    @property
    def size(self) -> int:
        """Number of rows to write."""
        return int(self.closes.num_rows + self.opens.num_rows)


@dataclass(frozen=True, kw_only=True)
class MergeResult:
    """The published generation, and the number of rows opened and closed for it."""

    generation: int
    opened: int
    closed: int


def diff_projection(
    session: duckdb.DuckDBPyConnection, *, tables: Mapping[str, pa.Table], reset_district: District | None = None
) -> Iterator[ProjectionChange]:
    """Yield the changes of the projection one model at a time, each compared when it is requested.

    The session's derived views hold what the projection shows; `tables` is what it should show. If its snapshot was
    deleted, `reset_district` is the district: all of its rows are then closed, and their keys are loaded before the
    first change.
    """
    current_keys = (
        {projected.model: _load_current_keys(reset_district.pk, projected) for projected in PROJECTED_MODELS}
        if reset_district is not None
        else {}
    )
    return _iter_model_changes(session, tables, current_keys)


def _iter_model_changes(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], current_keys: Mapping[type, pa.Table]
) -> Iterator[ProjectionChange]:
    for name, table in tables.items():
        session.register(f"new_{name}", table)
    try:
        for projected in PROJECTED_MODELS:
            change = _diff_model(session, projected, tables[projected.table])
            yield replace(change, closes=current_keys.get(projected.model, change.closes))
    finally:
        for name in tables:
            session.unregister(f"new_{name}")
        for projected in PROJECTED_MODELS:
            session.execute(f"DROP TABLE IF EXISTS changed_{projected.table}")


def diff_ledger(
    session: duckdb.DuckDBPyConnection, *, ledger: pa.Table, added: pa.Table, merged: pa.Table
) -> Iterator[ProjectionChange]:
    """Yield the changes of the ledger: new records, records that moved to another subject, and merged subjects."""
    session.register("_ledger", ledger)
    session.register("_added", added)
    keys = ", ".join(LEDGER.key)
    moved = session.execute(f"SELECT {keys} FROM _added SEMI JOIN _ledger USING ({keys}) ORDER BY ALL").to_arrow_table()
    for name in ("_ledger", "_added"):
        session.unregister(name)
    no_keys = merged.select(list(MERGES.key)).slice(0, 0)
    yield ProjectionChange(projected=LEDGER, closes=moved, opens=added)
    yield ProjectionChange(projected=MERGES, closes=no_keys, opens=merged)


def close_entries(entries: pa.Table) -> Iterator[ProjectionChange]:
    """Yield the change that closes entries of the ledger; nothing for none."""
    if entries.num_rows:
        yield ProjectionChange(projected=LEDGER, closes=entries.select(list(LEDGER.key)), opens=entries.slice(0, 0))


def merge_projection(
    *,
    district: District,
    store: EvidenceStore,
    projection: Projection,
    changes: Iterator[ProjectionChange],
    derived: str,
    as_of: datetime,
    progress: Progress,
) -> MergeResult:
    """Write the changes and publish them; without changes only update `derived` and `as_of`.

    While the changes of one model are written, a thread finds those of the next (`prefetch`).
    """
    if projection.writing is not None:
        _roll_back(district.pk, projection.generation)
    next_generation, opened, closed = projection.generation + 1, 0, 0
    for number, change in enumerate(prefetch(changes)):
        progress("writing", number, len(ALL_MODELS))
        if change.size and not opened + closed:
            Projection.objects.filter(pk=projection.pk).update(writing=next_generation)
        _write_change(district.pk, change, generation=next_generation)
        _write_list_files(store, change, derived)
        opened, closed = opened + change.opens.num_rows, closed + change.closes.num_rows
    values: dict[str, Any] = {"derived": derived, "as_of": as_of}
    if opened + closed:
        values |= {"generation": next_generation, "derived_before": projection.derived}
    _publish_generation(district, projection, **values)
    if opened + closed:
        finish_merge(district=district, store=store, generation=next_generation)
    progress("writing", len(ALL_MODELS), len(ALL_MODELS))
    return MergeResult(generation=values.get("generation", projection.generation), opened=opened, closed=closed)


def finish_merge(*, district: District, store: EvidenceStore, generation: int) -> None:
    """Delete rows that were closed before the published generation's predecessor ended, and mark the merge as done."""
    published = Projection.objects.get(district_id=district.pk)
    prune_page_cache(store, listed_snapshots=[published.derived, published.derived_before])
    for projected in PROJECTED_MODELS:
        _change_in_batches("DELETE FROM {table}", projected, "closed < %s", (district.pk, generation))
    Projection.objects.filter(district_id=district.pk).update(writing=None)


def _write_list_files(store: EvidenceStore, change: ProjectionChange, derived: str) -> None:
    kind = change.projected.list_kind
    if change.list_table is not None:
        write_list_cache(store, layout=LISTINGS[kind].layout, derived=derived, table=change.list_table)
    if change.search_table is not None:
        write_search_text(store, kind=kind, derived=derived, table=change.search_table)


def _diff_model(session: duckdb.DuckDBPyConnection, projected: ProjectedModel, new_rows: pa.Table) -> ProjectionChange:
    old_select, new_select = projected.select.format(side=""), projected.select.format(side="new_")
    list_table = _build_list_table(session, projected, new_select)
    if session.execute(f"SELECT 1 FROM ({old_select}) LIMIT 1").fetchone() is None:
        opens = _all_rows_sql(projected, new_select)
        closes = f"SELECT {', '.join(projected.key)} FROM ({opens}) LIMIT 0"
    else:
        _create_changed_views(session, projected)
        was_select, now_select = projected.select.format(side="was_"), projected.select.format(side="now_")
        closes = _missing_rows_sql(was_select, now_select, columns=projected.key, order=projected.key)
        opens = _missing_rows_sql(now_select, was_select, columns=projected.columns, order=projected.order)
    return ProjectionChange(
        projected=projected,
        closes=session.execute(closes).to_arrow_table(),
        opens=session.execute(opens).to_arrow_table(),
        list_table=list_table,
        search_table=build_search_table(
            SEARCH_FIELDS[projected.list_kind], new_rows, subjects=read_subjects(list_table)
        ),
    )


def _create_changed_views(session: duckdb.DuckDBPyConnection, projected: ProjectedModel) -> None:
    """Create the views `was_<table>` and `now_<table>` with the derived rows of changed subjects only.

    Comparing derived rows costs a fraction of building all rows of the projection.
    """
    table = projected.table
    session.execute(
        f"""CREATE OR REPLACE TEMP TABLE changed_{table} AS SELECT id
        FROM {table} o FULL JOIN new_{table} n USING (id) WHERE o IS DISTINCT FROM n"""
    )
    for side, rows in (("was", table), ("now", f"new_{table}")):
        session.execute(
            f"CREATE OR REPLACE TEMP VIEW {side}_{table} AS SELECT * FROM {rows} SEMI JOIN changed_{table} USING (id)"
        )


def _build_list_table(session: duckdb.DuckDBPyConnection, projected: ProjectedModel, new_select: str) -> pa.Table:
    layout = LISTINGS[projected.list_kind].layout
    column_names = ", ".join(f'"{name}"' for name in layout.columns)
    return build_list_table(layout, session.execute(f"SELECT {column_names} FROM ({new_select})").pl())


def _all_rows_sql(projected: ProjectedModel, rows: str) -> str:
    """Return SQL for all rows, used if there are no rows to compare with."""
    columns = ", ".join(f'"{name}"' for name in projected.columns)
    return f"SELECT {columns} FROM ({rows}) ORDER BY {', '.join(projected.order)}"


def _missing_rows_sql(rows_select: str, reference_select: str, *, columns: Sequence[str], order: Sequence[str]) -> str:
    """Return SQL for the rows that are in `rows_select` and missing or different in `reference_select`."""
    expressions = ", ".join(f'h."{name}"' for name in columns)
    rows = (
        f"SELECT {expressions} FROM ({rows_select}) h LEFT JOIN ({reference_select}) t ON h.subject = t.subject "
        f"WHERE h IS DISTINCT FROM t"
    )
    return f"SELECT * FROM ({rows}) ORDER BY {', '.join(order)}"


def _load_current_keys(district: int, projected: ProjectedModel) -> pa.Table:
    """Return the keys of the current rows; all key columns are text except subjects."""
    key, table = projected.key, projected.model._meta.db_table
    rows = _fetch_rows(f"SELECT {', '.join(key)} FROM {table} WHERE district_id = %s AND closed IS NULL", (district,))
    types = [(name, pa.int64() if name == "subject" else pa.string()) for name in key]
    return pa.Table.from_pylist([dict(zip(key, row, strict=True)) for row in rows], schema=pa.schema(types))


def _roll_back(district: int, generation: int) -> None:
    for projected in ALL_MODELS:
        _change_in_batches("DELETE FROM {table}", projected, "opened > %s", (district, generation))
        _change_in_batches("UPDATE {table} SET closed = NULL", projected, "closed > %s", (district, generation))


def _write_change(district: int, change: ProjectionChange, *, generation: int) -> None:
    table = change.projected.model._meta.db_table
    where = " AND ".join(f'"{name}" = %s' for name in change.projected.key)
    close_sql = (
        f"UPDATE {table} SET closed = {generation:d} WHERE district_id = {district:d} AND {where} AND closed "
        f"IS NULL AND opened < {generation:d}"
    )
    write_in_batches(iter_row_tuples(change.closes), build_statement(close_sql))
    constants = {"district_id": district, "opened": generation}
    write_in_batches(iter_row_tuples(change.opens), build_insert(table, change.projected.columns, constants=constants))


def _publish_generation(district: District, projection: Projection, **values: Any) -> None:
    """Make a generation visible with one update; raise RuntimeError if another merge published in the meantime."""
    with transaction.atomic():
        unchanged_projection = Projection.objects.filter(district_id=district.pk, generation=projection.generation)
        if not unchanged_projection.update(**values):
            raise RuntimeError("another merge of this district was published meanwhile")


def _change_in_batches(statement: str, projected: ProjectedModel, condition: str, values: tuple[int, int]) -> None:
    """Change the rows of a district that match a condition, until none matches.

    The keys of up to _BATCH_ROWS rows are read before any of those rows changes; each row is addressed by its complete
    key.
    """
    table = projected.model._meta.db_table
    key = [f'"{field.column}"' for field in projected.model._meta.pk_fields]
    query = f"SELECT {', '.join(key)} FROM {table} WHERE district_id = %s AND {condition} LIMIT {_BATCH_ROWS}"
    write = build_statement(f"{statement.format(table=table)} WHERE {' AND '.join(f'{name} = %s' for name in key)}")
    while rows := _fetch_rows(query, values):
        write_in_batches(iter(rows), write)


def _fetch_rows(query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [tuple(row) for row in cursor.fetchall()]
