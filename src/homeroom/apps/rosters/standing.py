"""The rosters that stand in evidence: which sources have one, and the canonical rows of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

_SOURCES = """SELECT instance, count(*) FILTER (WHERE role = 'student') AS pupils, count(*) AS roles
FROM role_records GROUP BY instance ORDER BY pupils DESC, roles DESC, instance"""


class NoSuchRoster(Exception):
    """No source of that name has people with roles, or it was not said which of several."""


def rosters(*, store: Store) -> tuple[str, ...]:
    """The source instances whose people have roles, those with the most pupils first."""
    with session_of(store.pinned()) as session:
        return tuple(str(row[0]) for row in session.execute(_SOURCES).fetchall())


def chosen(*, store: Store, source: str | None) -> str:
    """The source that was named, or the one there is. Raises NoSuchRoster with what would fit."""
    known = rosters(store=store)
    if not known:
        raise NoSuchRoster("no roster was loaded yet; load one with homeroom load")
    if source is None and len(known) > 1:
        raise NoSuchRoster(f"several sources have people with roles; name one: {', '.join(known)}")
    if source is not None and source not in known:
        raise NoSuchRoster(f"no source {source!r} has people with roles; {', '.join(known)} would fit")
    return source or known[0]


def rows_of(*, store: Store, source: str, tables: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    """The standing rows of one source, by canonical table."""
    with session_of(store.pinned()) as session:
        return {name: _rows(session, name, source) for name in tables}


def _rows(session: object, table: str, source: str) -> pl.DataFrame:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    found: pl.DataFrame = session.execute(f"SELECT {columns} FROM {table} WHERE instance = ?", [source]).pl()  # type: ignore[attr-defined]
    return found
