"""The identity ledger as Arrow: the subject of each source record in the published generation."""

from __future__ import annotations

import pyarrow as pa
from django.db import connection

from homeroom.apps.inventory.models import GENERATION_SQL, LedgerEntry, LedgerMerge
from homeroom.domain.district import District
from homeroom.engines.resolve import LEDGER_SCHEMA, SPENT_SCHEMA

_BATCH_ROWS = 50_000


def load_ledger(*, district: District, generation: int) -> pa.Table:
    """Return the ledger in LEDGER_SCHEMA. A merged subject is replaced by the one it was merged into."""
    table = LedgerEntry._meta.db_table
    entries = _read_arrow(
        f"SELECT kind, connector, instance, key, subject FROM {table} WHERE {GENERATION_SQL}",
        (district.pk, generation, generation),
        schema=LEDGER_SCHEMA,
    )
    merges = _load_merges(district, generation)
    if not merges:
        return entries
    pairs = zip(entries["kind"].to_pylist(), entries["subject"].to_pylist(), strict=True)
    subjects = pa.array([_follow_merges(merges, kind, subject) for kind, subject in pairs], pa.int64())
    return entries.set_column(entries.schema.get_field_index("subject"), "subject", subjects)


def load_merged_subjects(*, district: District, generation: int) -> pa.Table:
    """Return the merged subjects in SPENT_SCHEMA: their numbers must not be assigned again."""
    return _read_arrow(
        f"SELECT kind, subject FROM {LedgerMerge._meta.db_table} WHERE {GENERATION_SQL}",
        (district.pk, generation, generation),
        schema=SPENT_SCHEMA,
    )


def _load_merges(district: District, generation: int) -> dict[tuple[str, int], int]:
    rows = LedgerMerge.objects.of(district).filter(opened__lte=generation).values_list("kind", "subject", "into")
    return {(kind, subject): into for kind, subject, into in rows}


def _follow_merges(merges: dict[tuple[str, int], int], kind: str, subject: int) -> int:
    visited = set()
    while (kind, subject) in merges and subject not in visited:
        visited.add(subject)
        subject = merges[kind, subject]
    return subject


def _read_arrow(query: str, values: tuple[int, ...], *, schema: pa.Schema) -> pa.Table:
    """Return the rows of a query as Arrow, read in batches without the ORM."""
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(_BATCH_ROWS):
            batches.append(
                pa.record_batch(
                    [
                        pa.array(column, kind)
                        for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
                    ],
                    schema=schema,
                )
            )
    return pa.Table.from_batches(batches, schema=schema)
