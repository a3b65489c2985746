"""Which rows of an older load a newer one speaks of: an export of one unit or school, after or before one of them all.

A scope is `/` for everything, `unit:` and a path for one unit with all below it, or a name that a person gave. Of two
complete loads of one stream the newer decides for the part of the district that both cover. Only remembered tables are
weighed so: they have a row for each person, account or device, and a district's calendar beside a school's is no older
form of it. Of names that people gave nobody knows what they cover, so that each of them stands for itself.

An export of a unit decides only for those units that stand in it: whether it was made with the units below or without them
is not said, and administrators in a unit of their own must not be taken for gone because their parent was exported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from homeroom.evidence.manifests import Load, Partition
from homeroom.evidence.tables import TABLES

UNIT = "unit:"
EVERYTHING = "/"
ALL = "true"


def unit_of(scope: str) -> str | None:
    """The path of a scope, ending in a slash, or None where a person named it."""
    if scope == EVERYTHING:
        return "/"
    return f"{scope.removeprefix(UNIT)}/" if scope.startswith(UNIT) else None


def spoken_of(older: Load, *, by: Load, table: str, rows: str) -> str:
    """The SQL condition over rows `r` of the older load for which the newer one decides; empty where there are none.

    `rows` is the SQL that reads the newer load's table.
    """
    if by.mode != "full" or not TABLES[table].remembered or (older.instance, older.stream) != (by.instance, by.stream):
        return ""
    wide, narrow = unit_of(older.scope), unit_of(by.scope)
    if wide is None or narrow is None or wide == narrow or table not in older.tables or table not in by.tables:
        return ""
    if wide.startswith(narrow):
        return ALL
    return within(by, table=table, rows=rows) if narrow.startswith(wide) else ""


def within(load: Load, *, table: str, rows: str) -> str:
    """The SQL condition over rows `r` of a table that they are of a unit that the load speaks of; empty where nobody knows."""
    unit, column = unit_of(load.scope), load.unit_column
    if unit == "/":
        return ALL
    if unit is None or column not in TABLES[table].names:
        return ""
    return f'coalesce(r."{column}" IN (SELECT "{column}" FROM {rows} WHERE "{column}" IS NOT NULL), false)'


def newer_than(load: Load, standing: Iterable[Load], *, table: str) -> list[Load]:
    """The standing loads of the same stream that are newer and brought the table."""
    same = (load.instance, load.stream)
    return [one for one in standing if one.id > load.id and (one.instance, one.stream) == same and table in one.tables]


def spoken_of_all(load: Load, standing: Iterable[Load], *, table: str, rows: Callable[[Partition], str]) -> str:
    """The SQL condition over rows `r` of a load for which any newer standing load decides; empty where there are none.

    `rows` gives the SQL that reads a partition.
    """
    conditions = [
        spoken_of(load, by=one, table=table, rows=rows(one.tables[table]))
        for one in newer_than(load, standing, table=table)
    ]
    return " OR ".join(f"({one})" for one in conditions if one)


def meet(one: Load, other: Load) -> bool:
    """Whether both speak of one part of the district."""
    wide, narrow = unit_of(one.scope), unit_of(other.scope)
    return wide is not None and narrow is not None and (wide.startswith(narrow) or narrow.startswith(wide))
