"""Write 88 snapshots and erase one person: `python -m bench.support.erase_person FOLDER PARTS`.

The layout is the evidence store's: Parquet files named by their content, a manifest per snapshot. PARTS is into how
many files a table is split, by its sorted key; a file that did not change from one snapshot to the next is stored once.
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


def _list_snapshot_ages() -> list[int]:
    """Return the ages of stored snapshots in days, oldest first: weekly for a year, then daily for five weeks."""
    return [DAILY + 7 * week for week in range(WEEKLY, 0, -1)] + list(range(DAILY, 0, -1))


def _build_rows(table: str, version: np.ndarray) -> pa.Table:
    """Return all rows of a table, sorted by key; a row's text differs with its version."""
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


def _write_parquet(folder: Path, rows: pa.Table) -> str:
    temporary = folder / ".writing"
    pq.write_table(rows, temporary, compression="zstd", compression_level=1)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    temporary.replace(folder / f"{digest}.parquet")
    return digest


def write_snapshots(folder: Path, parts: int) -> list[Manifest]:
    """Write every snapshot and return their manifests, oldest first."""
    folder.mkdir(parents=True)
    random, version = np.random.default_rng(7), np.zeros(PEOPLE, dtype=np.int64)
    manifests: list[Manifest] = []
    days = _list_snapshot_ages()
    for age, previous_age in zip(days, [days[0], *days], strict=False):
        version[random.random(PEOPLE) < CHANGED_A_DAY * (previous_age - age)] += 1
        manifests.append({table: list(_write_parts(folder, _build_rows(table, version), parts)) for table in TABLES})
    return manifests


def _write_parts(folder: Path, rows: pa.Table, parts: int) -> Iterator[str]:
    size = -(-PEOPLE // parts)
    for first in range(0, PEOPLE, size):
        yield _write_parquet(folder, rows.slice(first, size))


def erase_key(folder: Path, manifests: list[Manifest], key: str) -> dict[str, float]:
    """Rewrite every file that holds the key, rename it by its new content, and return figures of the work."""
    began, cpu = time.perf_counter(), time.process_time()
    names = {name for manifest in manifests for file_names in manifest.values() for name in file_names}
    tombstones = {name: new for name in sorted(names) if (new := _rewrite_without(folder, name, key)) is not None}
    changed = sum(
        any(name in tombstones for file_names in manifest.values() for name in file_names) for manifest in manifests
    )
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    rewritten = sum((folder / f"{new}.parquet").stat().st_size for new in tombstones.values())
    for name in tombstones:
        (folder / f"{name}.parquet").unlink()
    remaining_files = sum(key in _read_keys(path) for path in folder.glob("*.parquet"))
    return {
        "files": len(names),
        "files_rewritten": len(tombstones),
        "mib_rewritten": rewritten / 2**20,
        "manifests_rewritten": changed,
        "erase_seconds": seconds,
        "erase_cpu_seconds": cpu_seconds,
        "files_that_still_hold_the_person": remaining_files,
    }


def _rewrite_without(folder: Path, name: str, key: str) -> str | None:
    path = folder / f"{name}.parquet"
    bounds = [pq.read_metadata(path).row_group(0).column(0).statistics]
    if not any(bound.min <= key <= bound.max for bound in bounds):
        return None
    rows = pq.read_table(path)
    remaining = rows.filter(pc.not_equal(rows["key"], key))
    return None if remaining.num_rows == rows.num_rows else _write_parquet(folder, remaining)


def _read_keys(path: Path) -> set[str]:
    return set(pq.read_table(path, columns=["key"])["key"].to_pylist())


if __name__ == "__main__":
    place = Path(sys.argv[1])
    manifests = write_snapshots(place, int(sys.argv[2]))
    size = sum(path.stat().st_size for path in place.glob("*.parquet"))
    print(json.dumps({"mib_kept": size / 2**20, **erase_key(place, manifests, f"u-{ERASED:07}")}))
