"""Keeps 88 snapshots of a district's people and accounts and erases one person: `python -m bench.support.erasing FOLDER PARTS`.

The layout is the evidence store's: Parquet files named by their content, a manifest a snapshot. PARTS is into how many
files a table is cut, by its sorted key; a file that did not change from one snapshot to the next is kept once.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PEOPLE = 100_000
DAILY, WEEKLY = 35, 53
CHANGED_A_DAY = 0.01
ERASED = 61_803
TABLES = ("person_records", "account_records")
Manifest = dict[str, list[str]]


def _days() -> list[int]:
    """The ages of kept snapshots in days, oldest first: one a week for a year, then one a day for five weeks."""
    return [DAILY + 7 * week for week in range(WEEKLY, 0, -1)] + list(range(DAILY, 0, -1))


def _rows(table: str, version: np.ndarray) -> pa.Table:
    """All rows of a table, sorted by key; a row's text differs with its version."""
    number = pa.array(np.arange(PEOPLE))
    padded = pc.utf8_lpad(number.cast(pa.string()), 7, "0")
    mixed = pa.array((np.arange(PEOPLE) * 2_654_435_761 + version * 97) % 4_294_967_296).cast(pa.string())
    columns = {
        "key": pc.binary_join_element_wise("u-", padded, ""),
        "email": pc.binary_join_element_wise("s", padded, "@district.example", ""),
        "given_name": pc.binary_join_element_wise("Given", pc.utf8_slice_codeunits(mixed, 0, 3), ""),
        "family_name": pc.binary_join_element_wise("Family", pc.utf8_slice_codeunits(mixed, 2, 6), ""),
        "identifier": padded,
        "changing": mixed,
        "org_key": pc.binary_join_element_wise("org-", pc.utf8_slice_codeunits(mixed, 0, 2), ""),
        "table": pa.array([table] * PEOPLE),
    }
    return pa.table(columns)


def _written(folder: Path, rows: pa.Table) -> str:
    temporary = folder / ".writing"
    pq.write_table(rows, temporary, compression="zstd", compression_level=1)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    temporary.replace(folder / f"{digest}.parquet")
    return digest


def keep(folder: Path, parts: int) -> list[Manifest]:
    """Writes every snapshot and returns their manifests, oldest first."""
    folder.mkdir(parents=True)
    random, version = np.random.default_rng(7), np.zeros(PEOPLE, dtype=np.int64)
    manifests: list[Manifest] = []
    days = _days()
    for age, before in zip(days, [days[0], *days], strict=False):
        version[random.random(PEOPLE) < CHANGED_A_DAY * (before - age)] += 1
        manifests.append({table: list(_parts(folder, _rows(table, version), parts)) for table in TABLES})
    return manifests


def _parts(folder: Path, rows: pa.Table, parts: int) -> Iterator[str]:
    size = -(-PEOPLE // parts)
    for first in range(0, PEOPLE, size):
        yield _written(folder, rows.slice(first, size))


def erase(folder: Path, manifests: list[Manifest], key: str) -> dict[str, float]:
    """Rewrites every file that holds the key, renames it by its new content, and maps old names to new."""
    began, cpu = time.perf_counter(), time.process_time()
    names = {name for manifest in manifests for listed in manifest.values() for name in listed}
    tombstones = {name: new for name in sorted(names) if (new := _without(folder, name, key)) is not None}
    changed = sum(any(name in tombstones for listed in manifest.values() for name in listed) for manifest in manifests)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    rewritten = sum((folder / f"{new}.parquet").stat().st_size for new in tombstones.values())
    for name in tombstones:
        (folder / f"{name}.parquet").unlink()
    left = sum(key in _keys(path) for path in folder.glob("*.parquet"))
    return {
        "files": len(names),
        "files_rewritten": len(tombstones),
        "mib_rewritten": rewritten / 2**20,
        "manifests_rewritten": changed,
        "erase_seconds": seconds,
        "erase_cpu_seconds": cpu_seconds,
        "files_that_still_hold_the_person": left,
    }


def _without(folder: Path, name: str, key: str) -> str | None:
    path = folder / f"{name}.parquet"
    bounds = [pq.read_metadata(path).row_group(0).column(0).statistics]
    if not any(bound.min <= key <= bound.max for bound in bounds):
        return None
    rows = pq.read_table(path)
    kept = rows.filter(pc.not_equal(rows["key"], key))
    return None if kept.num_rows == rows.num_rows else _written(folder, kept)


def _keys(path: Path) -> set[str]:
    return set(pq.read_table(path, columns=["key"])["key"].to_pylist())


if __name__ == "__main__":
    place = Path(sys.argv[1])
    kept = keep(place, int(sys.argv[2]))
    size = sum(path.stat().st_size for path in place.glob("*.parquet"))
    print(json.dumps({"mib_kept": size / 2**20, **erase(place, kept, f"u-{ERASED:07}")}))
