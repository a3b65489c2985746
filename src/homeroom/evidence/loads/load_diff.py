"""Compare a load's tables with the current load: overlay, differences, and when to hold the load for review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from homeroom.evidence.diff.snapshot_diff import compare_snapshots, overlay_rows
from homeroom.evidence.files.blobs import write_table
from homeroom.evidence.files.manifests import Load, LoadedFile, Partition
from homeroom.evidence.loads.writer import build_blob_schema
from homeroom.evidence.tables import TABLES

MAX_REMOVED_SHARE = 0.10
MAX_CHANGED_SHARE = 0.75


def overlay_on_base(
    folder: Path, *, base: Load, tables: Mapping[str, Partition], by: Mapping[str, Sequence[str]]
) -> dict[str, Partition]:
    """Return a delta's or partial load's tables overlaid on those of its base load.

    `by` overrides, by table, the columns that decide which base row a new row replaces; by default the table's key.
    """
    partitions = dict(tables)
    for name, partition in tables.items():
        if name in base.tables:
            by_name = by.get(name, TABLES[name].key)
            rows = overlay_rows(folder, base.tables[name], partition, table=TABLES[name], by=by_name)
            rows = rows.cast(build_blob_schema(TABLES[name]))
            partitions[name] = Partition(blob=write_table(folder, rows), rows=rows.num_rows)
    return partitions


def diff_to_current(
    folder: Path,
    *,
    base: Load | None,
    tables: Mapping[str, Partition],
    before: Mapping[str, Partition] = MappingProxyType({}),
) -> dict[str, Partition]:
    """Return the partitions with their difference to the current load; carry over tables that the load lacks.

    `before` are partitions to compare with instead of those of `base`, for tables whose current rows come from several
    loads.
    """
    partitions = {}
    for name, partition in tables.items():
        older = before.get(name) or (base.tables.get(name) if base is not None else None)
        if older is None:
            partitions[name] = replace(partition, added=partition.rows)
        elif older.row_blobs == partition.row_blobs:
            partitions[name] = replace(partition, rows_before=partition.rows)
        else:
            difference = compare_snapshots(folder, older, partition, table=TABLES[name])
            counts = {
                "rows_before": difference.before,
                "added": difference.added,
                "removed": difference.removed,
                "changed": difference.changed,
            }
            partitions[name] = replace(partition, **counts)
    for name, older in (base.tables if base is not None else {}).items():
        if name not in partitions:
            partitions[name] = replace(older, rows_before=older.rows, added=0, removed=0, changed=0, carried_over=True)
    return partitions


def find_hold_reasons(tables: Mapping[str, Partition], *, files: Sequence[LoadedFile] = ()) -> tuple[str, ...]:
    """Return the reasons to hold a load for review: tables that lose over 10 % or change over 75 % of their rows.

    In `files`, those of a partial load with a base, the rejected rows count as missing: no row of the base goes there.
    """
    reasons = [
        f"{file.rejected:,} of {file.rows:,} rows of {file.name} could not be read ({file.rejected / file.rows:.0%})"
        for file in files
        if file.rejected > file.rows * MAX_REMOVED_SHARE
    ]
    for name, part in sorted(tables.items()):
        label = name.replace("_", " ")
        if part.rows_before and part.removed > part.rows_before * MAX_REMOVED_SHARE:
            reasons.append(
                f"would remove {part.removed:,} of {part.rows_before:,} {label} ({part.removed / part.rows_before:.0%})"
            )
        if part.rows_before and part.changed > part.rows_before * MAX_CHANGED_SHARE:
            reasons.append(
                f"would change {part.changed:,} of {part.rows_before:,} {label} ({part.changed / part.rows_before:.0%})"
            )
    return tuple(reasons)
