"""A subject's records from every source, side by side: what each source says, and why they are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.evidence.asking import asker
from homeroom.evidence.store import NoSuchLoad, Store
from homeroom.evidence.tables import TABLES, Column

_MOST = 40  # records shown; a subject with more is a fault of the sources, and the page says that there are more
_OWN = ("key", "status_word")  # each source's own by nature: that they differ says nothing
_LINKS = """
    SELECT connector, instance, table_name, key, rule, gone FROM links
    WHERE subject_kind = ? AND id = ? ORDER BY table_name, instance, key LIMIT ?
"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One source's record. `rule` says what joined it, `seen_at` when its source last held it."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    gone: bool
    seen_at: datetime | None
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One field across the records: a value a record, in their order. `differs` where two records say different things."""

    column: Column
    values: tuple[Any, ...]
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Roles:
    """One role that a source gives a person."""

    instance: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """The records of one subject, the fields that any of them fills, and a person's roles; `more` where cut."""

    records: tuple[Record, ...] = ()
    lines: tuple[Line, ...] = ()
    roles: tuple[Roles, ...] = ()
    more: bool = False


def side_by_side(*, store: Store, derived: str, kind: str, subject: int) -> SideBySide:
    """The records of a subject by a resolved snapshot. Raises TooSlow; empty where that snapshot is not kept any more."""
    if not derived:
        return SideBySide()

    def ask(session: duckdb.DuckDBPyConnection) -> SideBySide:
        return _asked(session, kind, subject)

    pinned_to = f"{store.folder}/{derived}/{store.sources_id()}"
    try:
        return asker().answer(pinned_to=pinned_to, pinned=lambda: store.pinned(derived=derived), ask=ask)
    except NoSuchLoad:
        return SideBySide()


def _asked(session: duckdb.DuckDBPyConnection, kind: str, subject: int) -> SideBySide:
    records, more = records_of(session, kind=kind, subject=subject)
    return SideBySide(records=records, lines=lines_of(records), roles=_roles(session, records), more=more)


def records_of(session: duckdb.DuckDBPyConnection, *, kind: str, subject: int) -> tuple[tuple[Record, ...], bool]:
    """The records of a subject, and whether it has more than are read."""
    links = session.execute(_LINKS, [kind, subject, _MOST + 1]).fetchall()
    return tuple(_record(session, *link) for link in links[:_MOST]), len(links) > _MOST


def _record(
    session: duckdb.DuckDBPyConnection, connector: str, instance: str, table: str, key: str, rule: str, gone: bool
) -> Record:
    held = TABLES[table]  # raises KeyError for a name that is not a canonical table: it becomes part of the SQL
    for view in (held.name, f"{held.name}_gone"):
        found = session.execute(f"SELECT * FROM {view} WHERE instance = ? AND key = ? LIMIT 1", [instance, key])
        names = [column[0] for column in found.description]
        row = found.fetchone()
        if row is not None:
            values = dict(zip(names, row, strict=True))
            seen = values.pop("seen_at")
            kept = {name: value for name, value in values.items() if name in held.names and value not in (None, [])}
            return _made(connector, instance, table, key, rule, gone, seen, kept)
    return _made(connector, instance, table, key, rule, gone, None, {})


def _made(
    connector: str,
    instance: str,
    table: str,
    key: str,
    rule: str,
    gone: bool,
    seen_at: datetime | None,
    values: Mapping[str, Any],
) -> Record:
    return Record(
        connector=connector,
        instance=instance,
        table=table,
        key=key,
        rule=rule,
        gone=bool(gone),
        seen_at=seen_at,
        values=values,
    )


def lines_of(records: Sequence[Record]) -> tuple[Line, ...]:
    """The fields in the order of the canonical tables; a field that no record fills is left out."""
    lines = []
    tables = dict.fromkeys(record.table for record in records)
    columns = {column.name: column for table in tables for column in TABLES[table].columns}
    for name, column in columns.items():
        values = tuple(record.values.get(name) for record in records)
        said = {_plain(value) for value in values if value is not None}
        if said:
            lines.append(Line(column=column, values=values, differs=len(said) > 1 and name not in _OWN))
    return tuple(lines)


def _plain(value: Any) -> str:
    """How a value is compared: case, blanks and the order of lists are no difference."""
    parts = sorted(map(str, value)) if isinstance(value, list) else [str(value)]
    return "\n".join(" ".join(part.lower().split()) for part in parts)


def _roles(session: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> tuple[Roles, ...]:
    people = [record for record in records if record.table == "person_records"]
    roles = []
    for record in people:
        found = session.execute(
            "SELECT role, job, org_name, begin_date, end_date, status FROM role_records "
            "WHERE instance = ? AND person_key = ? ORDER BY role LIMIT 20",
            [record.instance, record.key],
        )
        names = [column[0] for column in found.description]
        roles += [
            Roles(instance=record.instance, values=dict(zip(names, row, strict=True))) for row in found.fetchall()
        ]
    return tuple(roles)
