"""A load's tables against those that stand: laid over them, compared with them, and whether a person must look first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from homeroom.evidence.blobs import write_table
from homeroom.evidence.differences import compare, laid_over
from homeroom.evidence.manifests import Load, Partition
from homeroom.evidence.tables import TABLES
from homeroom.evidence.writing import stored

DELETED_AT_MOST = 0.10
CHANGED_AT_MOST = 0.75


def over_base(
    folder: Path, *, base: Load, tables: Mapping[str, Partition], by: Mapping[str, Sequence[str]]
) -> dict[str, Partition]:
    """A delta's or partial load's tables laid over those of the load that stands. `by` overrides what a row replaces."""
    made = dict(tables)
    for name, partition in tables.items():
        if name in base.tables:
            by_name = by.get(name, TABLES[name].key)
            rows = laid_over(folder, base.tables[name], partition, table=TABLES[name], by=by_name)
            rows = rows.cast(stored(TABLES[name]))
            made[name] = Partition(blob=write_table(folder, rows), rows=rows.num_rows)
    return made


def compared(
    folder: Path,
    *,
    base: Load | None,
    tables: Mapping[str, Partition],
    before: Mapping[str, Partition] = MappingProxyType({}),
) -> dict[str, Partition]:
    """The partitions with their difference to the load that stands; tables that were not brought are carried over.

    `before` are partitions to compare with in place of those of the base, where not it alone tells what stands.
    """
    made = {}
    for name, partition in tables.items():
        older = before.get(name) or (base.tables.get(name) if base is not None else None)
        if older is None:
            made[name] = replace(partition, added=partition.rows)
        elif older.held == partition.held:
            made[name] = replace(partition, before=partition.rows)
        else:
            found = compare(folder, older, partition, table=TABLES[name])
            told = {"before": found.before, "added": found.added, "removed": found.removed, "changed": found.changed}
            made[name] = replace(partition, **told)
    for name, older in (base.tables if base is not None else {}).items():
        if name not in made:
            made[name] = replace(older, before=older.rows, added=0, removed=0, changed=0, carried=True)
    return made


def too_much(tables: Mapping[str, Partition]) -> tuple[str, ...]:
    """Why a person must look first: a kind of record of which over 10 % would go or over 75 % would change."""
    reasons = []
    for name, part in sorted(tables.items()):
        said = name.replace("_", " ")
        if part.before and part.removed > part.before * DELETED_AT_MOST:
            reasons.append(f"{part.removed:,} of {part.before:,} {said} would go ({part.removed / part.before:.0%})")
        if part.before and part.changed > part.before * CHANGED_AT_MOST:
            reasons.append(
                f"{part.changed:,} of {part.before:,} {said} would change ({part.changed / part.before:.0%})"
            )
    return tuple(reasons)
