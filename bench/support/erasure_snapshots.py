"""Give a district the history of a year: copies of its loads and snapshots, in which one row in a hundred differs.

`python -m bench.support.erasure_snapshots DATA EXPORTS PEOPLE SNAPSHOTS` loads three days of so many students with the
program, and adds earlier loads of each list and earlier resolved snapshots until there are so many. Tables of rosters
whose lines are read one by one are written again in every twelfth load only, as changed lines are stored.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pyarrow.parquet as pq

from bench.support.erasure_district import fill_district
from homeroom.evidence.files.blobs import BlobWriter
from homeroom.evidence.files.manifests import Derived, Partition, read_manifest, write_manifest
from homeroom.evidence.loads.store import EvidenceStore

BY_LINES = ("enrollments", "role_records")
COMPLETE_EVERY = 12
CHANGED_SHARE = 0.01
CHANGED_COLUMNS = {
    "person_records": "title",
    "account_records": "department",
    "device_records": "os_version",
    "enrollments": "status",
    "role_records": "job",
    "people": "title",
    "accounts": "title",
    "devices": "os_version",
    "links": "rule",
}
"""Tables that differ from day to day, and the column that does."""


def write_history(data: Path, exports: Path, *, people: int, snapshots: int) -> None:
    """Fill a data folder with three real days of so many students and with copies as earlier days."""
    fill_district(data, exports, others=people)
    store = EvidenceStore(data / "evidence", district="district")
    chance = random.Random(7)
    loads = [load for load in store.list_all_loads() if "000005" <= load.id < "000009"]
    derived = [read_manifest(path, kind=Derived) for path in sorted((store.folder / "derived").glob("*.json"))]
    by_lines: dict[str, Partition] = {}
    for number in range(snapshots - len(derived)):
        for load in loads:
            tables = {
                name: _copy_partition(store, name, part, chance, number, by_lines) for name, part in load.tables.items()
            }
            suffix = f"{number:04d}{load.fingerprint[:8]}"
            copy = msgspec.structs.replace(load, id=f"000000-{suffix}", tables=tables)
            write_manifest(store.folder / "loads" / f"{copy.id}.json", copy)
        tables = {
            name: _copy_partition(store, name, part, chance, number, {}) for name, part in derived[1].tables.items()
        }
        snapshot = msgspec.structs.replace(derived[1], id=f"000000-{number:012d}", tables=tables)
        write_manifest(store.folder / "derived" / f"{snapshot.id}.json", snapshot)
    store.pin_snapshot()  # finds the rows that departed in between


def _copy_partition(
    store: EvidenceStore, name: str, part: Partition, chance: random.Random, number: int, by_lines: dict[str, Partition]
) -> Partition:
    if name not in CHANGED_COLUMNS:
        return part
    if name in BY_LINES and number % COMPLETE_EVERY and name in by_lines:
        return by_lines[name]
    path = store.get_blob_path(part.blob)
    with pq.ParquetFile(path) as file:
        schema, group_rows = file.schema_arrow, file.metadata.row_group(0).num_rows
    rows: Any = pl.from_arrow(pq.read_table(path))
    changed = sorted(chance.sample(range(rows.height), max(1, int(rows.height * CHANGED_SHARE))))
    column = rows[CHANGED_COLUMNS[name]].clone().scatter(changed, f"changed {number}")
    writer = BlobWriter(store.blobs, schema=schema)
    writer.write(rows.with_columns(column).to_arrow().cast(schema), group_rows=group_rows)
    copy = msgspec.structs.replace(part, blob=writer.close(), row_hashes="", overlay="", removed_rows="")
    if name in BY_LINES:
        by_lines[name] = copy
    return copy


def count_snapshots(data: Path) -> dict[str, int]:
    """Return how many loads, snapshots and files a district has, and their size in MiB."""
    folder = data / "evidence" / "district"
    blobs = list((folder / "blobs").glob("*.parquet"))
    return {
        "loads": len(list((folder / "loads").glob("*.json"))),
        "snapshots": len(list((folder / "derived").glob("*.json"))),
        "files": len(blobs),
        "mib": sum(path.stat().st_size for path in blobs) >> 20,
    }


if __name__ == "__main__":
    place = Path(sys.argv[1])
    write_history(place, Path(sys.argv[2]), people=int(sys.argv[3]), snapshots=int(sys.argv[4]))
    print(json.dumps(count_snapshots(place)))
