"""Comparison of a subject's records from every source: what each source reports, and why they were joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.tables import TABLES, Column

_MAX_RECORDS = 40  # records shown; a subject with more is a fault of the sources, and the page says that there are more
_SOURCE_SPECIFIC = ("key", "status_word")  # each source's own by nature: that they differ says nothing
_LINKS_SQL = """
    SELECT connector, instance, table_name, key, rule, gone FROM links
    WHERE subject_kind = ? AND id = ? ORDER BY table_name, instance, key LIMIT ?
"""


_DECIDING_SQL = """
    WITH federated AS (SELECT * FROM accounts WHERE id = ? AND signs_in_with <> directory),
    by_address AS (SELECT o.* FROM federated f JOIN accounts o ON o.directory = f.signs_in_with AND o.email = f.email),
    by_person AS (SELECT o.* FROM federated f JOIN accounts o ON o.directory = f.signs_in_with AND o.person = f.person)
    SELECT id, directory, email, mfa_enrolled FROM by_address
    UNION ALL SELECT id, directory, email, mfa_enrolled FROM by_person WHERE NOT EXISTS (SELECT 1 FROM by_address)
    ORDER BY email, id
"""


@dataclass(frozen=True, kw_only=True)
class DecidingAccount:
    """An account of the directory that a federated account signs in with: its registration is the second factor.

    `enrolled` is None where its source does not say.
    """

    id: int
    directory: str
    email: str
    enrolled: bool | None


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """One source's record. `rule` is the rule that joined it, `seen_at` when its source last reported it."""

    connector: str
    instance: str
    table: str
    key: str
    rule: str
    gone: bool
    seen_at: datetime | None
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class FieldComparison:
    """One field across the records: a value per record, in their order. `differs` if two records disagree."""

    column: Column
    values: tuple[Any, ...]
    differs: bool


@dataclass(frozen=True, kw_only=True)
class PersonRole:
    """One role that a source gives a person."""

    instance: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RecordComparison:
    """The records of one subject, the fields with any value, and a person's roles; `more` if records were left out.

    `deciding` are the accounts that decide the second factor of an account that signs in elsewhere.
    """

    records: tuple[SourceRecord, ...] = ()
    lines: tuple[FieldComparison, ...] = ()
    roles: tuple[PersonRole, ...] = ()
    more: bool = False
    deciding: tuple[DecidingAccount, ...] = ()


def compare_records(*, store: EvidenceStore, derived: str, kind: str, subject: int) -> RecordComparison:
    """Return the records of a subject in a resolved snapshot.

    Empty if that snapshot was deleted. Raise QueryTimeout.
    """
    if not derived:
        return RecordComparison()

    def run_query(session: duckdb.DuckDBPyConnection) -> RecordComparison:
        return _query_comparison(session, kind, subject)

    pinned_to = f"{store.folder}/{derived}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived), query=run_query
        )
    except NoSuchLoad:
        return RecordComparison()


def _query_comparison(session: duckdb.DuckDBPyConnection, kind: str, subject: int) -> RecordComparison:
    records, has_more = load_source_records(session, kind=kind, subject=subject)
    return RecordComparison(
        records=records,
        lines=compare_fields(records),
        roles=_load_roles(session, records),
        more=has_more,
        deciding=list_deciding_accounts(session, subject=subject) if kind == "account" else (),
    )


def list_deciding_accounts(session: duckdb.DuckDBPyConnection, *, subject: int) -> tuple[DecidingAccount, ...]:
    """Return the accounts whose registration is the second factor of an account that signs in with another directory.

    Those with its address, else those of its person, as resolving decides it.
    """
    return tuple(
        DecidingAccount(id=account, directory=directory, email=email or "", enrolled=enrolled)
        for account, directory, email, enrolled in session.execute(_DECIDING_SQL, [subject]).fetchall()
    )


def load_source_records(
    session: duckdb.DuckDBPyConnection, *, kind: str, subject: int
) -> tuple[tuple[SourceRecord, ...], bool]:
    """Return the records of a subject, and whether it has more than are read."""
    links = session.execute(_LINKS_SQL, [kind, subject, _MAX_RECORDS + 1]).fetchall()
    return tuple(_load_source_record(session, *link) for link in links[:_MAX_RECORDS]), len(links) > _MAX_RECORDS


def _load_source_record(
    session: duckdb.DuckDBPyConnection, connector: str, instance: str, table: str, key: str, rule: str, is_gone: bool
) -> SourceRecord:
    table_definition = TABLES[
        table
    ]  # raises KeyError for a name that is not a canonical table: it becomes part of the SQL
    for view in (table_definition.name, f"{table_definition.name}_gone"):
        result = session.execute(f"SELECT * FROM {view} WHERE instance = ? AND key = ? LIMIT 1", [instance, key])
        names = [column[0] for column in result.description]
        row = result.fetchone()
        if row is not None:
            values = dict(zip(names, row, strict=True))
            seen_at = values.pop("seen_at")
            filled = {
                name: value
                for name, value in values.items()
                if name in table_definition.names and value not in (None, [])
            }
            return _build_source_record(connector, instance, table, key, rule, is_gone, seen_at, filled)
    return _build_source_record(connector, instance, table, key, rule, is_gone, None, {})


def _build_source_record(
    connector: str,
    instance: str,
    table: str,
    key: str,
    rule: str,
    is_gone: bool,
    seen_at: datetime | None,
    values: Mapping[str, Any],
) -> SourceRecord:
    return SourceRecord(
        connector=connector,
        instance=instance,
        table=table,
        key=key,
        rule=rule,
        gone=bool(is_gone),
        seen_at=seen_at,
        values=values,
    )


def compare_fields(records: Sequence[SourceRecord]) -> tuple[FieldComparison, ...]:
    """Return the fields in the order of the canonical tables; fields without any value are left out."""
    lines = []
    tables = dict.fromkeys(record.table for record in records)
    columns = {column.name: column for table in tables for column in TABLES[table].columns}
    for name, column in columns.items():
        values = tuple(record.values.get(name) for record in records)
        distinct_values = {_normalize_value(value) for value in values if value is not None}
        if distinct_values:
            lines.append(
                FieldComparison(
                    column=column, values=values, differs=len(distinct_values) > 1 and name not in _SOURCE_SPECIFIC
                )
            )
    return tuple(lines)


def _normalize_value(value: Any) -> str:
    """Normalize a value for comparison: ignore case, white space and the order of lists."""
    parts = sorted(map(str, value)) if isinstance(value, list) else [str(value)]
    return "\n".join(" ".join(part.lower().split()) for part in parts)


def _load_roles(session: duckdb.DuckDBPyConnection, records: Sequence[SourceRecord]) -> tuple[PersonRole, ...]:
    people = [record for record in records if record.table == "person_records"]
    roles = []
    for record in people:
        result = session.execute(
            "SELECT role, job, org_name, begin_date, end_date, status FROM role_records "
            "WHERE instance = ? AND person_key = ? ORDER BY role LIMIT 20",
            [record.instance, record.key],
        )
        names = [column[0] for column in result.description]
        roles += [
            PersonRole(instance=record.instance, values=dict(zip(names, row, strict=True))) for row in result.fetchall()
        ]
    return tuple(roles)
