"""Bringing the projection to a new resolved snapshot: only changed rows, under a generation that nobody reads yet.

1. What a killed merge left is taken back. 2. `writing` is set. 3. Changed rows are closed and opened under the next
generation, the ledger's too. 4. The lists of that generation are laid out for pages. 5. One update publishes it. 6. The rows
that an earlier merge closed are removed, and `writing` is cleared; those that this one closed stay until the next, for the
pages that somebody still turns in the generation before. Killed anywhere, the next merge ends in the same rows. The ledger
keeps all of its closed rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection, transaction

from homeroom.apps.districts.batches import in_batches, inserted, repeated, rows_of
from homeroom.apps.inventory.listed import asked_of, forget, laid_out, put
from homeroom.apps.inventory.models import Projection
from homeroom.apps.inventory.projecting import EVERY, LEDGER, MERGES, PROJECTED, Projected
from homeroom.evidence.store import Store
from homeroom.ingest.ahead import ahead

Tell = Callable[[str, int, int], None]
_AT_ONCE = 100_000
"""Keys of rows that are read before they change."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one model's rows become: keys of rows to close, whole rows to open and, where it has a list, that laid out."""

    projected: Projected
    closes: pa.Table
    opens: pa.Table
    listed: pa.Table | None = None

    @property
    def size(self) -> int:
        """How many rows are written."""
        return int(self.closes.num_rows + self.opens.num_rows)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The generation that is published now, and how many rows were opened and closed for it."""

    generation: int
    opened: int
    closed: int


def changes_between(
    session: duckdb.DuckDBPyConnection, *, tables: Mapping[str, pa.Table], lost: Any = None
) -> Iterator[Change]:
    """What the projection lacks, a model after the other, each compared when it is asked for.

    The session's derived views hold what it shows; `tables` is what it should show. Where the snapshot that it shows was
    cleared away, `lost` is the district: all of its rows are closed then, which are looked up before the first answer.
    """
    standing = {one.model: _standing(lost.pk, one) for one in PROJECTED} if lost is not None else {}
    return _compared(session, tables, standing)


def _compared(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], standing: Mapping[type, pa.Table]
) -> Iterator[Change]:
    for name, table in tables.items():
        session.register(f"new_{name}", table)
    try:
        for projected in PROJECTED:
            change = _change(session, projected)
            yield replace(change, closes=standing.get(projected.model, change.closes))
    finally:
        for name in tables:
            session.unregister(f"new_{name}")
        for name in {table for projected in PROJECTED for table in projected.reads}:
            session.execute(f"DROP TABLE IF EXISTS changed_{name}")


def ledger_changes(
    session: duckdb.DuckDBPyConnection, *, ledger: pa.Table, added: pa.Table, merged: pa.Table
) -> Iterator[Change]:
    """What the ledger lacks: new records, records that moved to another subject, and subjects merged away."""
    session.register("_ledger", ledger)
    session.register("_added", added)
    keys = ", ".join(LEDGER.key)
    moved = session.execute(f"SELECT {keys} FROM _added SEMI JOIN _ledger USING ({keys}) ORDER BY ALL").to_arrow_table()
    for name in ("_ledger", "_added"):
        session.unregister(name)
    nothing = merged.select(list(MERGES.key)).slice(0, 0)
    yield Change(projected=LEDGER, closes=moved, opens=added)
    yield Change(projected=MERGES, closes=nothing, opens=merged)


def merge(
    *,
    district: Any,
    store: Store,
    projection: Projection,
    changes: Iterator[Change],
    derived: str,
    as_of: datetime,
    tell: Tell,
) -> Merged:
    """Writes the changes and publishes them; where there are none, only `derived` and `as_of` move on.

    The next model's changes are found in a thread of their own while those of one are written (`ingest.ahead`).
    """
    if projection.writing is not None:
        _taken_back(district.pk, projection.generation)
    following, opened, closed = projection.generation + 1, 0, 0
    for number, change in enumerate(ahead(changes)):
        tell("writing", number, len(EVERY))
        if change.size and not opened + closed:
            Projection.objects.filter(pk=projection.pk).update(writing=following)
        _write(district.pk, change, generation=following)
        if change.listed is not None:
            put(store=store, kind=change.projected.listing, derived=derived, table=change.listed)
        opened, closed = opened + change.opens.num_rows, closed + change.closes.num_rows
    shown: dict[str, Any] = {"derived": derived, "as_of": as_of}
    if opened + closed:
        shown |= {"generation": following, "derived_before": projection.derived}
    _publish(district, projection, **shown)
    if opened + closed:
        finish(district=district, store=store, generation=following)
    tell("writing", len(EVERY), len(EVERY))
    return Merged(generation=shown.get("generation", projection.generation), opened=opened, closed=closed)


def finish(*, district: Any, store: Store, generation: int) -> None:
    """Removes what was gone in the generation before the published one already, and marks the merge as done."""
    shown = Projection.objects.get(district=district)
    forget(store=store, kept=[shown.derived, shown.derived_before])
    for projected in PROJECTED:
        _each("DELETE FROM {table}", projected, "closed < %s", (district.pk, generation))
    Projection.objects.filter(district=district).update(writing=None)


def _change(session: duckdb.DuckDBPyConnection, projected: Projected) -> Change:
    old, new = projected.select.format(side=""), projected.select.format(side="new_")
    listed = _listed(session, projected, new) if projected.listing else None
    if session.execute(f"SELECT 1 FROM ({old}) LIMIT 1").fetchone() is None:
        opens = _whole(projected, new)
        closes = f"SELECT {', '.join(projected.key)} FROM ({opens}) LIMIT 0"
    else:
        _narrowed(session, projected)
        was, now = projected.select.format(side="was_"), projected.select.format(side="now_")
        closes = _lacking(projected, was, now, columns=projected.key, order=projected.key)
        opens = _lacking(projected, now, was, columns=projected.columns, order=projected.order)
    return Change(
        projected=projected,
        closes=session.execute(closes).to_arrow_table(),
        opens=session.execute(opens).to_arrow_table(),
        listed=listed,
    )


def _narrowed(session: duckdb.DuckDBPyConnection, projected: Projected) -> None:
    """Makes the views `was_<table>` and `now_<table>`: derived rows of subjects of whom anything changed that the select reads.

    To compare them as they are costs a fraction of making a projection's rows of all.
    """
    for table, columns in projected.reads.items():
        named = ", ".join(f'"{name}"' for name in ("id", *columns)) if columns else "*"
        session.execute(
            f"""CREATE OR REPLACE TEMP TABLE changed_{table} AS SELECT id
            FROM (SELECT {named} FROM {table}) o FULL JOIN (SELECT {named} FROM new_{table}) n USING (id)
            WHERE o IS DISTINCT FROM n"""
        )
        for side, rows in (("was", table), ("now", f"new_{table}")):
            session.execute(
                f"CREATE OR REPLACE TEMP VIEW {side}_{table} AS SELECT * FROM {rows} SEMI JOIN changed_{table} USING (id)"
            )


def _listed(session: duckdb.DuckDBPyConnection, projected: Projected, new: str) -> pa.Table:
    asked = ", ".join(f'"{name}"' for name in asked_of(projected.listing))
    return laid_out(kind=projected.listing, rows=session.execute(f"SELECT {asked} FROM ({new})").pl())


def _whole(projected: Projected, rows: str) -> str:
    """SQL: all rows, where nothing stands that they could be compared with."""
    wanted = (f"unnest({name}s) AS {name}" if name == projected.listed else f'"{name}"' for name in projected.columns)
    return f"SELECT * FROM (SELECT {', '.join(wanted)} FROM ({rows})) ORDER BY {', '.join(projected.order)}"


def _lacking(projected: Projected, here: str, there: str, *, columns: Sequence[str], order: Sequence[str]) -> str:
    """SQL: what stands `here` and not, or not alike, `there`. Subjects are compared one by one, then the items of lists."""
    listed = projected.listed
    items = f"unnest(list_filter(h.{listed}s, x -> NOT coalesce(list_contains(t.{listed}s, x), false)))"
    wanted = ", ".join(f'{items} AS "{name}"' if name == listed else f'h."{name}"' for name in columns)
    same = "h.subject = t.subject" + (" AND h.kind = t.kind" if listed else "")
    rows = f"SELECT {wanted} FROM ({here}) h LEFT JOIN ({there}) t ON {same} WHERE h IS DISTINCT FROM t"
    return f"SELECT * FROM ({rows}) ORDER BY {', '.join(order)}"


def _standing(district: int, projected: Projected) -> pa.Table:
    """The keys of the rows that stand, which is text in all of them but for subjects."""
    key, table = projected.key, projected.model._meta.db_table
    rows = _read(f"SELECT {', '.join(key)} FROM {table} WHERE district_id = %s AND closed IS NULL", (district,))
    kinds = [(name, pa.int64() if name == "subject" else pa.string()) for name in key]
    return pa.Table.from_pylist([dict(zip(key, row, strict=True)) for row in rows], schema=pa.schema(kinds))


def _taken_back(district: int, generation: int) -> None:
    for projected in EVERY:
        _each("DELETE FROM {table}", projected, "opened > %s", (district, generation))
        _each("UPDATE {table} SET closed = NULL", projected, "closed > %s", (district, generation))


def _write(district: int, change: Change, *, generation: int) -> None:
    table = change.projected.model._meta.db_table
    where = " AND ".join(f'"{name}" = %s' for name in change.projected.key)
    closing = f"UPDATE {table} SET closed = {generation:d} WHERE district_id = {district:d} AND {where} AND closed IS NULL AND opened < {generation:d}"
    in_batches(rows_of(change.closes), repeated(closing))
    every = {"district_id": district, "opened": generation}
    in_batches(rows_of(change.opens), inserted(table, change.projected.columns, every=every))


def _publish(district: Any, projection: Projection, **shown: Any) -> None:
    """The one update that makes a generation visible; raises RuntimeError where another merge published meanwhile."""
    with transaction.atomic():
        mine = Projection.objects.filter(district=district, generation=projection.generation)
        if not mine.update(**shown):
            raise RuntimeError("another merge of this district was published meanwhile")


def _each(change: str, projected: Projected, which: str, values: tuple[int, int]) -> None:
    """Changes the rows of a district that a condition names, so that it names them no more.

    They are known before any of them changes, _AT_ONCE at a time: each is told by its whole key.
    """
    table = projected.model._meta.db_table
    key = [f'"{field.column}"' for field in projected.model._meta.pk_fields]
    query = f"SELECT {', '.join(key)} FROM {table} WHERE district_id = %s AND {which} LIMIT {_AT_ONCE}"
    write = repeated(f"{change.format(table=table)} WHERE {' AND '.join(f'{name} = %s' for name in key)}")
    while rows := _read(query, values):
        in_batches(iter(rows), write)


def _read(query: str, values: tuple[int, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [tuple(row) for row in cursor.fetchall()]
