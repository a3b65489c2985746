"""Asks by person: subjects that fail controls, joined with the staff whom they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

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
_OWNED_SQL = f"""
    WITH failing AS MATERIALIZED (SELECT * FROM failing_subjects), owned AS (
        SELECT control, subject AS person, NULL AS connector FROM failing WHERE kind = 0
        UNION ALL SELECT f.control, a.person, coalesce(a.signs_in_with, a.directory)
        FROM failing f JOIN accounts a ON a.id = f.subject
        WHERE f.kind = 1 AND coalesce(a.kind, '') NOT IN {NOT_ASKED_KINDS}
        UNION ALL SELECT f.control, d.holder, array_to_string(d.managed_by, ' ')
        FROM failing f JOIN devices d ON d.id = f.subject WHERE f.kind = 2
    )"""
_COUNT_SQL = f"""{_OWNED_SQL}
    SELECT o.control, coalesce(p.school, '') AS school, count(DISTINCT o.person)
    FROM owned o JOIN people p ON p.id = o.person WHERE {STAFF_SQL} GROUP BY ALL ORDER BY ALL"""
_LIST_SQL = f"""{_OWNED_SQL}, asked AS (
        SELECT control, person, coalesce(string_agg(DISTINCT connector, ' '), '') AS connectors
        FROM owned GROUP BY control, person
    )
    SELECT t.control, t.person, coalesce(p.school, '') AS school, t.connectors, p.name, p.sort_name, p.email
    FROM asked t JOIN people p ON p.id = t.person WHERE {STAFF_SQL} {{condition}}
    ORDER BY p.school IS NULL, p.school, p.sort_name, t.person, t.control"""


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
    columns = _run(session, failing, _COUNT_SQL).to_pydict().values()
    return list(zip(*columns, strict=True))


def list_asked(
    session: duckdb.DuckDBPyConnection,
    failing: pa.Table,
    *,
    people: Iterable[int] | None = None,
    school: str | None = None,
) -> pa.Table:
    """Return control (its number), person, school, connectors, name, sort_name, email, by school and name.

    `people` or `school` limits them. `connectors` are the directories that judge the sign-in, or consoles of devices,
    with a space between two.
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


def iter_asked_rows(table: pa.Table) -> Iterator[tuple[int, int, str, tuple[str, ...], str, str, str]]:
    """Yield the rows of `list_asked`, with the connectors apart, and empty texts for missing ones."""
    columns = table.to_pydict()
    for control, person, school, connectors, *texts in zip(*columns.values(), strict=True):
        name, sort_name, email = (text or "" for text in texts)
        yield control, person, school, tuple(sorted(set(connectors.split()))), name, sort_name, email


def _run(
    session: duckdb.DuckDBPyConnection, failing: pa.Table, sql: str, parameters: Mapping[str, str] | None = None
) -> pa.Table:
    session.register("failing_subjects", failing)
    try:
        return session.execute(sql, dict(parameters) if parameters else None).to_arrow_table()
    finally:
        session.unregister("failing_subjects")
