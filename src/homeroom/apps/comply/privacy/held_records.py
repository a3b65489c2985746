"""What evidence holds of one student: every row of every source table that is the student's, with its system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.comply.privacy.students import build_pin_name
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.tables import SOURCE_TABLES, Column, Table, Type

MAX_ROWS = 2_000
"""Rows of a table that an answer has; the rest is counted."""
_KEY_COLUMNS = ("person_key", "account_key", "member_key")
_NAMED_COLUMNS = ("email", "emails", "aliases", "number", "username", "who", "targets", "local_admins")
"""Columns, by their last word, that name somebody whose row it is not by key."""
_SHORTEST = 5
"""Characters of the shortest identifier by which a row without a key is found."""
_SUBJECTS_SQL = """
    SELECT 'person', id, identifiers FROM people WHERE id = ?
    UNION ALL SELECT 'account', id, identifiers FROM accounts WHERE person = ?
    UNION ALL SELECT 'device', id, [] FROM devices WHERE holder = ?"""
_LINKS_SQL = """
    SELECT table_name, connector, instance, key FROM links
    WHERE (subject_kind = 'person' AND id = ?) OR (subject_kind = 'account' AND id IN (SELECT unnest(?::BIGINT[])))
       OR (subject_kind = 'device' AND id IN (SELECT unnest(?::BIGINT[])))"""


@dataclass(frozen=True, kw_only=True)
class HeldTable:
    """The student's rows in one table of one system. `rows` are values by `columns`, at most MAX_ROWS of `count`."""

    system: str
    connector: str
    table: str
    meaning: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class HeldRecords:
    """What evidence holds of a student; `names` are the identifiers by which it was searched, in lower case."""

    tables: tuple[HeldTable, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of rows."""
        return sum(table.count for table in self.tables)


def find_held_records(*, district: District, student: str) -> HeldRecords:
    """Return the rows that evidence holds of a student by public id; none without an assessment. Raise QueryTimeout."""
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None or not student:
        return HeldRecords()
    kind, number = parse_public_id(student)
    if kind != "person":
        return HeldRecords()
    return query_executor().run(
        snapshot_id=build_pin_name(store, derived.id),
        pin=lambda: store.pin_snapshot(derived=derived.id),
        query=lambda session: _read_records(session, number),
    )


def _read_records(session: duckdb.DuckDBPyConnection, person: int) -> HeldRecords:
    subjects = session.execute(_SUBJECTS_SQL, [person] * 3).fetchall()
    names = sorted({name for _, _, identifiers in subjects for name in identifiers or () if len(name) >= _SHORTEST})
    accounts, devices = ([number for kind, number, _ in subjects if kind == wanted] for wanted in ("account", "device"))
    links = session.execute(_LINKS_SQL, [person, accounts, devices]).fetchall()
    tables = [
        held
        for table in SOURCE_TABLES
        if not table.events
        for held in _read_table(session, table, links=links, names=names)
    ]
    return HeldRecords(tables=tuple(tables), names=tuple(names))


def _read_table(
    session: duckdb.DuckDBPyConnection,
    table: Table,
    *,
    links: Sequence[tuple[str, str, str, str]],
    names: Sequence[str],
) -> Iterable[HeldTable]:
    conditions, parameters = _build_conditions(table, links=links, names=names)
    if not conditions:
        return
    column_list = ", ".join(f'"{column.name}"' for column in table.columns)
    rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for view in (table.name, f"{table.name}_gone") if table.remembered else (table.name,):
        sql = f"SELECT connector, instance, {column_list} FROM {view} WHERE {' OR '.join(conditions)}"
        for connector, instance, *values in session.execute(sql, parameters).fetchall():
            rows.setdefault((connector, instance), []).append(tuple(values))
    for (connector, instance), values in sorted(rows.items()):
        yield HeldTable(
            system=instance,
            connector=connector,
            table=table.name,
            meaning=table.meaning,
            columns=table.columns,
            rows=tuple(values[:MAX_ROWS]),
            count=len(values),
        )


def _build_conditions(
    table: Table, *, links: Sequence[tuple[str, str, str, str]], names: Sequence[str]
) -> tuple[list[str], list[Any]]:
    """Return the conditions under which a row is the student's, and their parameters."""
    own = [_join_key(instance, key) for name, _, instance, key in links if name == table.name]
    people = [
        _join_key(instance, key) for name, _, instance, key in links if name in ("person_records", "account_records")
    ]
    tests: list[tuple[str, list[Any]]] = []
    if own and "key" in table.names:
        tests.append((_build_key_test("key"), own))
    tests += [(_build_key_test(name), people) for name in _KEY_COLUMNS if name in table.names and people]
    tests += [(_build_name_test(column), list(names)) for column in table.columns if names and _may_name(column)]
    return [sql for sql, _ in tests], [values for _, values in tests]


def _may_name(column: Column) -> bool:
    is_text = column.type in (Type.TEXT, Type.TEXTS)
    return is_text and column.name.rpartition("_")[2] in _NAMED_COLUMNS and column.name != "order_number"


def _build_key_test(name: str) -> str:
    return f'instance || chr(31) || "{name}" IN (SELECT unnest(?::VARCHAR[]))'


def _build_name_test(column: Column) -> str:
    if column.type is Type.TEXTS:
        return f'list_has_any(list_transform(coalesce("{column.name}", []), x -> lower(x)), ?::VARCHAR[])'
    return f'lower("{column.name}") IN (SELECT unnest(?::VARCHAR[]))'


def _join_key(instance: str, key: str) -> str:
    return f"{instance}\x1f{key}"


def summarize_held(records: HeldRecords) -> list[Mapping[str, Any]]:
    """Return the number of rows by system and table, as plain values."""
    return [{"system": table.system, "table": table.table, "rows": table.count} for table in records.tables]
