"""Current rosters in evidence: the sources that have one, and the canonical rows of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import TABLES

_SOURCES_SQL = """SELECT instance, count(*) FILTER (WHERE role = 'student') AS students, count(*) AS roles
FROM role_records GROUP BY instance ORDER BY students DESC, roles DESC, instance"""


class UnknownRoster(Exception):
    """No source of that name has people with roles, or several have and none was named."""


def list_rosters(*, store: EvidenceStore) -> tuple[str, ...]:
    """Return the source instances with roles, those with the most students first."""
    with open_session(store.pin_snapshot().restrict_to("role_records")) as session:
        return tuple(str(row[0]) for row in session.execute(_SOURCES_SQL).fetchall())


def choose_roster(*, store: EvidenceStore, source: str | None) -> str:
    """Return the named source, or the only one. Raise UnknownRoster with the valid names."""
    available = list_rosters(store=store)
    if not available:
        raise UnknownRoster("no roster was loaded yet; load one with homeroom load")
    if source is None and len(available) > 1:
        raise UnknownRoster(f"several sources have people with roles; name one: {', '.join(available)}")
    if source is not None and source not in available:
        raise UnknownRoster(f"no source {source!r} has people with roles; {', '.join(available)} would fit")
    return source or available[0]


def load_roster_rows(*, store: EvidenceStore, source: str, tables: Sequence[str]) -> Mapping[str, pl.DataFrame]:
    """Return the current rows of one source by canonical table."""
    with open_session(store.pin_snapshot().restrict_to(*tables)) as session:
        return {name: _load_rows(session, name, source) for name in tables}


def _load_rows(session: object, table: str, source: str) -> pl.DataFrame:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    frame: pl.DataFrame = session.execute(f"SELECT {columns} FROM {table} WHERE instance = ?", [source]).pl()  # type: ignore[attr-defined]
    return frame
