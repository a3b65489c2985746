"""Query for one resource (a backup, an app, an organizational unit) of the published snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.know.inventory.queries import get_projection
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.tables import RESOURCE_TABLES, TABLES, Table

_MAX_RECORDS = 40  # records named; an app that half a district let in has one a tenant


@dataclass(frozen=True, kw_only=True)
class ResourceOrigin:
    """A record that a resource was built from: its source, its id there, and the time of its load."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    loaded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ResourceDetail:
    """A resource: its kind, its internal and public id, its table, and the values of its columns."""

    kind: str
    id: int
    public: str
    table: Table
    values: Mapping[str, Any]
    origins: tuple[ResourceOrigin, ...]

    @property
    def name(self) -> str:
        """Label of the resource, or its public id."""
        return str(self.values.get(self.table.label) or self.public)


def find_resource(*, district: District, store: EvidenceStore, public: str) -> ResourceDetail | None:
    """Return the resource of a public id in the published snapshot, or None. Raise QueryTimeout."""
    try:
        kind, subject = parse_public_id(public)
        table = RESOURCE_TABLES[kind]
    except (ValueError, KeyError):
        return None
    derived = get_projection(district).derived
    if not derived:
        return None

    def run_query(session: duckdb.DuckDBPyConnection) -> ResourceDetail | None:
        return _load_resource(session, table, kind, subject, public)

    pinned_to = f"{store.folder}/{derived}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived), query=run_query
        )
    except NoSuchLoad:
        return None


def _load_resource(
    session: duckdb.DuckDBPyConnection, table: Table, kind: str, subject: int, public: str
) -> ResourceDetail | None:
    row = session.execute(f"SELECT * FROM {table.name} WHERE id = ?", [subject]).fetchone()
    if row is None:
        return None
    links = session.execute(
        "SELECT connector, instance, table_name, key, rule FROM links WHERE subject_kind = ? AND id = ? ORDER BY ALL "
        "LIMIT ?",
        [kind, subject, _MAX_RECORDS],
    ).fetchall()
    return ResourceDetail(
        kind=kind,
        id=subject,
        public=public,
        table=table,
        values=dict(zip(table.names, row, strict=True)),
        origins=tuple(_load_origin(session, *link) for link in links),
    )


def _load_origin(
    session: duckdb.DuckDBPyConnection, connector: str, instance: str, table: str, key: str, rule: str
) -> ResourceOrigin:
    table_name = TABLES[table].name  # raises KeyError for a name that is no canonical table: it becomes part of the SQL
    newest_row = session.execute(f"SELECT max(seen_at) FROM {table_name} WHERE instance = ?", [instance]).fetchone()
    return ResourceOrigin(
        connector=connector,
        instance=instance,
        table=table,
        key=key,
        rule=rule,
        loaded_at=newest_row[0] if newest_row else None,
    )
