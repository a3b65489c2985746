"""Summarize a data folder's evidence: `python -m bench.support.evidence_summary FOLDER [--names]`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

PERSON_COLUMNS = {"username", "family_name", "agent_keys"}  # columns that only the records of persons have together


def summarize_evidence(folder: Path) -> dict[str, object]:
    """Return the hash of each Parquet file by its path, and how many rows of people they hold."""
    hashes = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }
    return {"files": hashes, "people": sum(pq.read_metadata(path).num_rows for path in _list_person_files(folder))}


def list_person_names(folder: Path) -> dict[str, list[str | None]]:
    """Return given and family name of every person, by key."""
    rows = [row for path in _list_person_files(folder) for row in pq.read_table(path).to_pylist()]
    return {row["key"]: [row["given_name"], row["family_name"]] for row in rows}


def _list_person_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.parquet")) if set(pq.read_schema(path).names) >= PERSON_COLUMNS)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    print(json.dumps(list_person_names(place) if "--names" in sys.argv else summarize_evidence(place)))
