"""What a data folder keeps as evidence, by looking at its Parquet files: `python -m bench.support.kept FOLDER [--names]`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

PERSON = {"username", "family_name", "agent_keys"}  # columns that only the records of persons have together


def kept(folder: Path) -> dict[str, object]:
    """The hash of each Parquet file by its path, and how many rows of people they hold."""
    hashes = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }
    return {"files": hashes, "people": sum(pq.read_metadata(path).num_rows for path in _people(folder))}


def names(folder: Path) -> dict[str, list[str | None]]:
    """Given and family name of every person, by key."""
    rows = [row for path in _people(folder) for row in pq.read_table(path).to_pylist()]
    return {row["key"]: [row["given_name"], row["family_name"]] for row in rows}


def _people(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.parquet")) if set(pq.read_schema(path).names) >= PERSON)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    print(json.dumps(names(place) if "--names" in sys.argv else kept(place)))
