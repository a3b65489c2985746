"""The identity ledger as Arrow: which subject each source record was given, in the published generation."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.db import connection

from homeroom.apps.inventory.models import STANDING, LedgerEntry, LedgerMerge
from homeroom.engines.resolve import LEDGER_SCHEMA, SPENT_SCHEMA

_ROWS = 50_000


def ledger_of(*, district: Any, generation: int) -> pa.Table:
    """The ledger in LEDGER_SCHEMA. A subject that was merged away is answered as what it was merged into."""
    table = LedgerEntry._meta.db_table
    entries = _read(
        f"SELECT kind, connector, instance, key, subject FROM {table} WHERE {STANDING}",
        (district.pk, generation, generation),
        schema=LEDGER_SCHEMA,
    )
    into = _merges(district, generation)
    if not into:
        return entries
    pairs = zip(entries["kind"].to_pylist(), entries["subject"].to_pylist(), strict=True)
    subjects = pa.array([_final(into, kind, subject) for kind, subject in pairs], pa.int64())
    return entries.set_column(entries.schema.get_field_index("subject"), "subject", subjects)


def spent_of(*, district: Any, generation: int) -> pa.Table:
    """The subjects that were merged away, in SPENT_SCHEMA: no new subject may get their number."""
    return _read(
        f"SELECT kind, subject FROM {LedgerMerge._meta.db_table} WHERE {STANDING}",
        (district.pk, generation, generation),
        schema=SPENT_SCHEMA,
    )


def _merges(district: Any, generation: int) -> dict[tuple[str, int], int]:
    rows = LedgerMerge.objects.of(district).filter(opened__lte=generation).values_list("kind", "subject", "into")
    return {(kind, subject): into for kind, subject, into in rows}


def _final(into: dict[tuple[str, int], int], kind: str, subject: int) -> int:
    seen = set()
    while (kind, subject) in into and subject not in seen:
        seen.add(subject)
        subject = into[kind, subject]
    return subject


def _read(query: str, values: tuple[int, ...], *, schema: pa.Schema) -> pa.Table:
    """The rows of a query as Arrow, a batch at a time, past the ORM."""
    batches = []
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(_ROWS):
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
