"""Reading the keys of one page from the state database, as a plan says: the only raw SQL of the inventory's lists.

Every statement begins with the district. On SQLite the index is named (`INDEXED BY`), so that a plan is what is run,
whatever the planner's statistics say; on PostgreSQL the same statements choose it by cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from homeroom.apps.inventory.listings import Listing, Sort
from homeroom.apps.inventory.plans import Check, Plan

_SHORT = 1_000


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One question to the database: which rows of which district and generation, in which order, from where."""

    district: int
    generation: int
    listing: Listing
    sort: Sort
    plan: Plan
    down: bool = False
    after: tuple[Any, ...] | None = None
    limit: int = 51


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Primary keys with their sort keys, in order. `stopped` is the key of the last row looked at, where a stride ended."""

    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    stopped: tuple[Any, ...] | None = None


def keys_of(walk: Walk) -> Keys:
    """At most `limit` keys. A sort whose first column may be null is read in two segments: the nulls come last."""
    rows: list[tuple[int, tuple[Any, ...]]] = []
    for null in _segments(walk):
        found = _segment(walk, null=null, limit=walk.limit - len(rows))
        rows.extend(found.rows)
        if found.stopped is not None and len(rows) < walk.limit:
            return Keys(rows=tuple(rows), stopped=found.stopped)
        if len(rows) >= walk.limit:
            break
    return Keys(rows=tuple(rows))


def count_of(walk: Walk, *, most: int) -> tuple[int, bool]:
    """(number of rows, whether there may be more), looking no further than `most` rows or, in each segment, a stride."""
    if not walk.plan.arms:
        return 0, False
    top, counted = replace(walk, after=None), 0
    for null in [None] if walk.plan.stride is None else _segments(top):
        end = _end_of_stride(top, size=walk.plan.stride, null=null, after=None) if walk.plan.stride else None
        arms = [_inner(top, arm, null=null, after=None, until=end) for arm in walk.plan.arms]
        counted += _number_of(arms, most=most + 1 - counted)
        if counted > most or end is not None:
            return min(counted, most), True
    return counted, False


def _number_of(arms: Sequence[tuple[str, list[Any]]], *, most: int) -> int:
    union = " UNION ALL ".join(f"SELECT * FROM ({sql} LIMIT {most}) AS arm" for sql, _ in arms)
    params = [value for _, values in arms for value in values]
    number: int = _fetch(f"SELECT count(*) FROM (SELECT * FROM ({union}) AS arms LIMIT {most}) AS met", params)[0][0]
    return number


def _segments(walk: Walk) -> list[bool | None]:
    if not walk.plan.arms:
        return []
    if not walk.sort.nullable:
        return [None]
    order = [True, False] if walk.down else [False, True]
    if walk.after is not None:
        order = order[order.index(walk.after[0] is None) :]
    return list(order)


def _segment(walk: Walk, *, null: bool | None, limit: int) -> Keys:
    after = walk.after if walk.after is not None and null in (None, walk.after[0] is None) else None
    if walk.plan.stride is not None:
        return _strode(walk, stride=walk.plan.stride, null=null, after=after, limit=limit)
    arms = [_inner(walk, arm, null=null, after=after) for arm in walk.plan.arms]
    return Keys(rows=_found(_fetch(*_merged(walk, arms, limit=limit))))


def _strode(walk: Walk, *, stride: int, null: bool | None, after: tuple[Any, ...] | None, limit: int) -> Keys:
    """One arm in strides: a short one first, which fills most pages, then the rest of what a page may look at.

    Where a stride ends is read from the index alone. So the rows in it come in the index's order, and reading stops with
    the last one that is wanted: a check that reads a row's page is made no oftener than it must be.
    """
    rows: list[tuple[int, tuple[Any, ...]]] = []
    for size in (min(_SHORT, stride), stride - _SHORT):
        end = _end_of_stride(walk, size=size, null=null, after=after) if size > 0 else None
        arm = _inner(walk, walk.plan.arms[0], null=null, after=after, until=end)
        rows.extend(_found(_fetch(*_merged(walk, [arm], limit=limit - len(rows)))))
        if len(rows) == limit or end is None:
            return Keys(rows=tuple(rows))
        after = end
    return Keys(rows=tuple(rows), stopped=after)


def _found(rows: Sequence[tuple[Any, ...]]) -> tuple[tuple[int, tuple[Any, ...]], ...]:
    return tuple((row[0], _key(row[1:])) for row in rows)


def _merged(walk: Walk, arms: Sequence[tuple[str, list[Any]]], *, limit: int) -> tuple[str, list[Any]]:
    tail = f"ORDER BY {_order(walk)} LIMIT {limit}"
    if len(arms) == 1:
        return f"{arms[0][0]} {tail}", arms[0][1]
    union = " UNION ALL ".join(f"SELECT * FROM ({sql} {tail}) AS arm" for sql, _ in arms)
    return f"SELECT * FROM ({union}) AS met {tail}", [value for _, values in arms for value in values]


def _inner(
    walk: Walk,
    arm: Sequence[Check],
    *,
    null: bool | None,
    after: tuple[Any, ...] | None,
    until: tuple[Any, ...] | None = None,
) -> tuple[str, list[Any]]:
    """One arm: `id` and the sort's columns, of the rows beyond one key and, where a stride ends, up to another."""
    stands = Check(sql="opened <= %s AND (closed IS NULL OR closed > %s)", params=(walk.generation, walk.generation))
    checks = [*_met(walk, arm, null=null, after=after), *_up_to(walk, null, until), stands, *walk.plan.checks]
    columns = ", ".join(["id", *(f'"{column}"' for column in walk.sort.columns)])
    return f"SELECT {columns} FROM {_table(walk)} WHERE {_all(checks)}", _params(checks)


def _met(walk: Walk, arm: Sequence[Check], *, null: bool | None, after: tuple[Any, ...] | None) -> list[Check]:
    """What decides where an arm begins and ends on its index."""
    district = Check(sql="district_id = %s", params=(walk.district,))
    return [district, *arm, *_null(walk, null), *_beyond(walk, null, after)]


def _end_of_stride(
    walk: Walk, *, size: int, null: bool | None, after: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    """The key of the last row of a full stride; None where the walk comes to its end before. Reads the index alone."""
    met = _met(walk, walk.plan.arms[0], null=null, after=after)
    columns = ", ".join(f'"{column}"' for column in walk.sort.columns)
    sql = f"SELECT {columns} FROM {_table(walk)} WHERE {_all(met)} ORDER BY {_order(walk)} LIMIT 1 OFFSET {size - 1}"
    rows = _fetch(sql, _params(met))
    return _key(rows[0]) if rows else None


def _key(values: Sequence[Any]) -> tuple[Any, ...]:
    """A sort key as a cursor carries it: days and times as the text that the database compares."""
    return tuple(str(value) if isinstance(value, date) else value for value in values)


def _null(walk: Walk, null: bool | None) -> list[Check]:
    if null is None:
        return []
    return [Check(sql=f'"{walk.sort.columns[0]}" IS {"NULL" if null else "NOT NULL"}')]


def _beyond(walk: Walk, null: bool | None, after: tuple[Any, ...] | None) -> list[Check]:
    return [] if after is None else [_compared(walk, "<" if walk.down else ">", null, after)]


def _up_to(walk: Walk, null: bool | None, until: tuple[Any, ...] | None) -> list[Check]:
    return [] if until is None else [_compared(walk, ">=" if walk.down else "<=", null, until)]


def _compared(walk: Walk, sign: str, null: bool | None, key: tuple[Any, ...]) -> Check:
    """A row's key against another one, without the first column in the segment where that is null."""
    start = 1 if null else 0
    columns = ", ".join(f'"{column}"' for column in walk.sort.columns[start:])
    marks = ", ".join(["%s"] * len(walk.sort.columns[start:]))
    return Check(sql=f"({columns}) {sign} ({marks})", params=tuple(key[start:]))


def _order(walk: Walk) -> str:
    way = " DESC" if walk.down else ""
    return ", ".join(f'"{column}"{way}' for column in walk.sort.columns)


def _table(walk: Walk) -> str:
    table = walk.listing.model._meta.db_table
    return f'"{table}" INDEXED BY "{walk.plan.index}"' if connection.vendor == "sqlite" else f'"{table}"'


def _all(checks: Sequence[Check]) -> str:
    return " AND ".join(check.sql for check in checks)


def _params(checks: Sequence[Check]) -> list[Any]:
    return [value for check in checks for value in check.params]


def _fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [tuple(row) for row in cursor.fetchall()]
