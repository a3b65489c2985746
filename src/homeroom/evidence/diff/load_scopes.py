"""Decide which rows of an older load a newer load covers, such as one school's after the district's.

A scope is `/` for everything, `unit:` and a path for one unit with all below it, or a name that a person gave. Of two
complete loads of one stream the newer decides for the part of the district that both cover. This holds for remembered
tables only: they have a row for each person, account or device, while a district's calendar is no older form of a
school's. What a name given by a person covers is unknown, so each such scope is independent of all others.

An export of a unit decides only for the units that appear in it: it does not state whether it includes the units below,
and administrators in a unit of their own must not count as gone because their parent unit was exported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from homeroom.evidence.files.manifests import Load, Partition
from homeroom.evidence.tables import TABLES

UNIT_PREFIX = "unit:"
DISTRICT_SCOPE = "/"
ALL_ROWS = "true"


def get_unit_path(scope: str) -> str | None:
    """Return the path of a scope, ending in a slash, or None if a person named it."""
    if scope == DISTRICT_SCOPE:
        return "/"
    return f"{scope.removeprefix(UNIT_PREFIX)}/" if scope.startswith(UNIT_PREFIX) else None


def newer_load_condition_sql(older: Load, *, newer: Load, table: str, rows: str) -> str:
    """Return the SQL condition over rows `r` of the older load for which the newer one decides; empty if none.

    `rows` is the SQL that reads the newer load's table.
    """
    if (
        newer.mode != "full"
        or not TABLES[table].remembered
        or (older.instance, older.stream) != (newer.instance, newer.stream)
    ):
        return ""
    older_path, newer_path = get_unit_path(older.scope), get_unit_path(newer.scope)
    if (
        older_path is None
        or newer_path is None
        or older_path == newer_path
        or table not in older.tables
        or table not in newer.tables
    ):
        return ""
    if older_path.startswith(newer_path):
        return ALL_ROWS
    return unit_condition_sql(newer, table=table, rows=rows) if newer_path.startswith(older_path) else ""


def unit_condition_sql(load: Load, *, table: str, rows: str) -> str:
    """Return the SQL condition that rows `r` of a table belong to a unit that the load covers; empty if unknown."""
    unit, column = get_unit_path(load.scope), load.unit_column
    if unit == "/":
        return ALL_ROWS
    if unit is None or column not in TABLES[table].names:
        return ""
    return f'coalesce(r."{column}" IN (SELECT "{column}" FROM {rows} WHERE "{column}" IS NOT NULL), false)'


def select_newer_loads(load: Load, current_loads: Iterable[Load], *, table: str) -> list[Load]:
    """Return the current loads of the same stream that are newer and brought the table."""
    stream = (load.instance, load.stream)
    return [
        candidate
        for candidate in current_loads
        if candidate.id > load.id and (candidate.instance, candidate.stream) == stream and table in candidate.tables
    ]


def any_newer_load_condition_sql(
    load: Load, current_loads: Iterable[Load], *, table: str, rows: Callable[[Partition], str]
) -> str:
    """Return the SQL condition over rows `r` of a load for which any newer current load decides; empty if none.

    `rows` returns the SQL that reads a partition.
    """
    conditions = [
        newer_load_condition_sql(load, newer=item, table=table, rows=rows(item.tables[table]))
        for item in select_newer_loads(load, current_loads, table=table)
    ]
    return " OR ".join(f"({item})" for item in conditions if item)


def has_common_scope(left: Load, right: Load) -> bool:
    """Return whether the scopes of two loads overlap."""
    left_path, right_path = get_unit_path(left.scope), get_unit_path(right.scope)
    return (
        left_path is not None
        and right_path is not None
        and (left_path.startswith(right_path) or right_path.startswith(left_path))
    )
