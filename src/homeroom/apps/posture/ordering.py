"""Subjects in the order in which somebody walks to them: by school, then by name or serial number."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from homeroom.apps.posture.columns import LABEL
from homeroom.evidence.tables import TABLES

GIVEN = "SELECT unnest(string_split($ids, ',')::BIGINT[]) AS id"
"""The subjects that are given. As one text, since DuckDB takes 100,000 values of a list in seven seconds and of a text in
a tenth of one."""


def listed(ids: Sequence[int]) -> str:
    """Numbers as the one text that `GIVEN` takes apart; -1, which is nobody, where there are none."""
    return ",".join(map(str, ids)) or "-1"


def in_order(
    session: duckdb.DuckDBPyConnection,
    *,
    table: str,
    source: str,
    ids: Sequence[int] = (),
    after: int = -1,
    limit: int | None = None,
) -> tuple[int, ...]:
    """The subjects of `source` (SQL that gives `id`; may use $ids) that come after one of them, at most `limit`.

    Those without a school come last; a subject that the table lacks comes after all others. Things are of no school.
    """
    school = "t.school" if "school" in TABLES[table].names else "CASE WHEN t.id IS NOT NULL THEN '' END"
    place = f"row({school} IS NULL, coalesce({school}, ''), lower(coalesce(t.\"{LABEL[table]}\", '')), l.id)"
    joined = f"l LEFT JOIN {table} t ON t.id = l.id"
    text = f"""
        WITH listed AS ({source}), placed AS (SELECT l.id, {place} AS place FROM listed {joined} WHERE l.id >= 0)
        SELECT id FROM placed
        WHERE $after < 0 OR place > (SELECT {place} FROM (SELECT $after AS id) {joined})
        ORDER BY place {"" if limit is None else f"LIMIT {limit}"}
    """
    given: dict[str, object] = {"after": after} | ({"ids": listed(ids)} if "$ids" in source else {})
    return tuple(row[0] for row in session.execute(text, given).fetchall())
