"""The identity ledger as Arrow: the subject of each source record in the published generation."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa

from homeroom.apps.know.inventory.models import GENERATION_SQL, LedgerEntry, LedgerMerge
from homeroom.apps.platform.districts.arrow_rows import read_arrow
from homeroom.domain.platform.district import District
from homeroom.engines.know.resolve import LEDGER_SCHEMA, SPENT_SCHEMA


def load_ledger(*, district: District, generation: int) -> pa.Table:
    """Return the ledger in LEDGER_SCHEMA. A merged subject is replaced by the one it was merged into."""
    table = LedgerEntry._meta.db_table
    entries = read_arrow(
        f"SELECT kind, connector, instance, key, subject FROM {table} WHERE {GENERATION_SQL}",
        (district.pk, generation, generation),
        schema=LEDGER_SCHEMA,
    )
    merges = _load_merges(district, generation)
    if not merges:
        return entries
    pairs = zip(entries["kind"].to_pylist(), entries["subject"].to_pylist(), strict=True)
    subjects = pa.array([follow_merges(merges, kind, subject) for kind, subject in pairs], pa.int64())
    return entries.set_column(entries.schema.get_field_index("subject"), "subject", subjects)


def load_merged_subjects(*, district: District, generation: int) -> pa.Table:
    """Return the merged subjects in SPENT_SCHEMA: their numbers must not be assigned again."""
    return read_arrow(
        f"SELECT kind, subject FROM {LedgerMerge._meta.db_table} WHERE {GENERATION_SQL}",
        (district.pk, generation, generation),
        schema=SPENT_SCHEMA,
    )


def select_entries(ledger: pa.Table, records: Collection[tuple[str, str]]) -> pa.Table:
    """Return the entries of people's and accounts' records, given as (instance, key)."""
    wanted = set(records)
    columns = (ledger[name].to_pylist() if wanted else [] for name in ("kind", "instance", "key"))
    flags = [kind != "device" and (instance, key) in wanted for kind, instance, key in zip(*columns, strict=True)]
    return ledger.filter(pa.array(flags, pa.bool_())) if wanted else ledger.slice(0, 0)


def list_record_subjects(*, district: District, records: Collection[tuple[str, str]]) -> set[int]:
    """Return the subjects that people's and accounts' records, given as (instance, key), ever had."""
    rows = LedgerEntry.objects.of(district).exclude(kind="device")
    return {
        subject
        for instance, key in records
        for subject in rows.filter(instance=instance, key=key).values_list("subject", flat=True)
    }


def list_merged(*, district: District) -> dict[tuple[str, int], int]:
    """Return for each subject that was merged, by kind, the one that it was merged into."""
    rows = LedgerMerge.objects.of(district).filter(closed=None).values_list("kind", "subject", "into")
    return {(kind, subject): into for kind, subject, into in rows}


def follow_merges(merges: Mapping[tuple[str, int], int], kind: str, subject: int) -> int:
    """Return the subject that another one became by merges, itself if it was not merged."""
    visited = set()
    while (kind, subject) in merges and subject not in visited:
        visited.add(subject)
        subject = merges[kind, subject]
    return subject


def _load_merges(district: District, generation: int) -> dict[tuple[str, int], int]:
    rows = LedgerMerge.objects.of(district).filter(opened__lte=generation).values_list("kind", "subject", "into")
    return {(kind, subject): into for kind, subject, into in rows}
