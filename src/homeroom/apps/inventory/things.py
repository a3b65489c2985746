"""One thing of a district (a backup, an app, a unit) as resolving holds it, asked of the published snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.inventory.queries import projection_of
from homeroom.domain.ids import subject_of
from homeroom.evidence.asking import asker
from homeroom.evidence.store import NoSuchLoad, Store
from homeroom.evidence.tables import TABLES, THINGS, Table

_MOST = 40  # records named; an app that half a district let in has one a tenant


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A record that a thing was made of: its source, its id there, and when the load that holds it was made."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    loaded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ThingFound:
    """A thing: its kind, its numbers inside and outside, its table, and the values of its columns."""

    kind: str
    id: int
    public: str
    table: Table
    values: Mapping[str, Any]
    origins: tuple[Origin, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.values.get(self.table.label) or self.public)


def thing_of(*, district: Any, store: Store, public: str) -> ThingFound | None:
    """The thing of a public id in the published snapshot, or None. Raises TooSlow."""
    try:
        kind, subject = subject_of(public)
        table = THINGS[kind]
    except (ValueError, KeyError):
        return None
    derived = projection_of(district).derived
    if not derived:
        return None

    def ask(session: duckdb.DuckDBPyConnection) -> ThingFound | None:
        return _asked(session, table, kind, subject, public)

    pinned_to = f"{store.folder}/{derived}/{store.sources_id()}"
    try:
        return asker().answer(pinned_to=pinned_to, pinned=lambda: store.pinned(derived=derived), ask=ask)
    except NoSuchLoad:
        return None


def _asked(session: duckdb.DuckDBPyConnection, table: Table, kind: str, subject: int, public: str) -> ThingFound | None:
    row = session.execute(f"SELECT * FROM {table.name} WHERE id = ?", [subject]).fetchone()
    if row is None:
        return None
    links = session.execute(
        "SELECT connector, instance, table_name, key, rule FROM links WHERE subject_kind = ? AND id = ? ORDER BY ALL LIMIT ?",
        [kind, subject, _MOST],
    ).fetchall()
    return ThingFound(
        kind=kind,
        id=subject,
        public=public,
        table=table,
        values=dict(zip(table.names, row, strict=True)),
        origins=tuple(_origin(session, *link) for link in links),
    )


def _origin(
    session: duckdb.DuckDBPyConnection, connector: str, instance: str, table: str, key: str, rule: str
) -> Origin:
    held = TABLES[table].name  # raises KeyError for a name that is no canonical table: it becomes part of the SQL
    newest = session.execute(f"SELECT max(seen_at) FROM {held} WHERE instance = ?", [instance]).fetchone()
    return Origin(
        connector=connector,
        instance=instance,
        table=table,
        key=key,
        rule=rule,
        loaded_at=newest[0] if newest else None,
    )
