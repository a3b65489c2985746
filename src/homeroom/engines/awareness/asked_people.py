"""Asks by person: subjects that fail controls, joined with the staff whom they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

STAFF_SQL = """p.kind = 'staff' AND p.here IS TRUE AND p.left IS NOT TRUE
    AND NOT coalesce(list_contains(p.roles, 'student'), FALSE)"""
"""Who is asked, as SQL over people `p`: staff who work here, and nobody who is also a student."""
NOT_ASKED_KINDS = ("student", "guardian")
"""Kinds of accounts of which nobody is asked, whoever has them."""
_KINDS = ("person", "account", "device")
_ASKED_SQL = f"""
    WITH failing AS MATERIALIZED (SELECT * FROM failing_subjects), owned AS (
        SELECT control, subject AS person, NULL AS connector FROM failing WHERE kind = 0
        UNION ALL SELECT f.control, a.person, coalesce(a.signs_in_with, a.directory)
        FROM failing f JOIN accounts a ON a.id = f.subject
        WHERE f.kind = 1 AND coalesce(a.kind, '') NOT IN {NOT_ASKED_KINDS}
        UNION ALL SELECT f.control, d.holder, unnest(CASE WHEN len(d.managed_by) > 0 THEN d.managed_by ELSE [NULL] END)
        FROM failing f JOIN devices d ON d.id = f.subject WHERE f.kind = 2
    )
    SELECT o.control, o.person, any_value(coalesce(p.school, '')) AS school,
        coalesce(list_sort(list(DISTINCT o.connector) FILTER (WHERE o.connector IS NOT NULL)), []) AS connectors
    FROM owned o JOIN people p ON p.id = o.person WHERE {STAFF_SQL} {{condition}} GROUP BY o.control, o.person"""
_COUNT_SQL = f"""
    SELECT control, school, count(*) FROM ({_ASKED_SQL.format(condition="")}) GROUP BY control, school
    ORDER BY control, school"""
_LIST_SQL = f"""
    SELECT t.control, t.person, t.school, t.connectors, p.name, p.sort_name, p.email
    FROM ({_ASKED_SQL}) t JOIN people p ON p.id = t.person
    ORDER BY t.school = '', t.school, p.sort_name, t.person, t.control"""


def build_failing_table(
    subjects: Iterable[tuple[int, str, npt.NDArray[np.int64]]],
) -> pa.Table:
    """Build the table of failing subjects from (number of the control, kind of subject, subjects)."""
    parts = [
        pa.table({
            "control": pa.array(np.full(len(numbers), control), pa.int32()),
            "kind": pa.array(np.full(len(numbers), _KINDS.index(kind)), pa.int8()),
            "subject": pa.array(numbers, pa.int64()),
        })
        for control, kind, numbers in subjects
        if kind in _KINDS
    ]  # fmt: skip
    schema = pa.schema([("control", pa.int32()), ("kind", pa.int8()), ("subject", pa.int64())])
    return pa.concat_tables([schema.empty_table(), *parts])


def count_asked(session: duckdb.DuckDBPyConnection, failing: pa.Table) -> list[tuple[int, str, int]]:
    """Return (number of the control, school, people asked); the school is empty where it is not known."""
    return _run(session, failing, _COUNT_SQL)


def list_asked(
    session: duckdb.DuckDBPyConnection,
    failing: pa.Table,
    *,
    people: Iterable[int] | None = None,
    school: str | None = None,
) -> list[tuple[int, int, str, list[str], str | None, str | None, str | None]]:
    """Return (number of the control, person, school, connectors, name, sort name, email), by school and name.

    `people` or `school` limits them. `connectors` are the directories that judge the sign-in, or consoles of devices.
    """
    condition, parameters = "", {}
    if people is not None:
        session.register("asked_people", pa.table({"id": pa.array(list(people), pa.int64())}))
        condition += " AND p.id IN (SELECT id FROM asked_people)"
    if school is not None:
        condition += " AND coalesce(p.school, '') = $school"
        parameters = {"school": school}
    try:
        return _run(session, failing, _LIST_SQL.format(condition=condition), parameters)
    finally:
        if people is not None:
            session.unregister("asked_people")


def _run(
    session: duckdb.DuckDBPyConnection, failing: pa.Table, sql: str, parameters: Mapping[str, str] | None = None
) -> list[tuple]:  # type: ignore[type-arg]
    session.register("failing_subjects", failing)
    try:
        return session.execute(sql, dict(parameters) if parameters else None).fetchall()
    finally:
        session.unregister("failing_subjects")
