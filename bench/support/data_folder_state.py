"""The contents of a data folder, comparable between folders, and the part that a reader can see."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

EXCLUDED_TABLES = ("django_", "auth_", "sqlite_", "districts_signin")
GENERATION_SQL = {
    "inventory": "SELECT generation FROM inventory_projection",
    "posture": "SELECT assessment FROM posture_publishedassessment",
    "vulnerabilities": "SELECT review FROM vulnerabilities_reviewed",
}
"""The generation that a reader of an area reads."""
CURRENT_ROWS_SQL = "opened <= {at} AND (closed IS NULL OR closed > {at})"
VISIBLE_ROWS_SQL = {
    "inventory_person": CURRENT_ROWS_SQL,
    "inventory_account": CURRENT_ROWS_SQL,
    "inventory_device": CURRENT_ROWS_SQL,
    "inventory_ledgerentry": CURRENT_ROWS_SQL,
    "inventory_projection": "generation = {at}",
    "posture_member": CURRENT_ROWS_SQL,
    "posture_controlresult": "assessment = {at}",
    "posture_assessment": "number = {at}",
    "vulnerabilities_gap": CURRENT_ROWS_SQL,
    "vulnerabilities_sighting": CURRENT_ROWS_SQL,
    "vulnerabilities_tally": "review = {at}",
    "vulnerabilities_fixed": "review <= {at}",
    "vulnerabilities_review": "number = {at}",
}
INVISIBLE_COLUMNS = {"id", "opened", "closed", "why", "writing", "took", "ended_on", "missed_since"}
"""Columns that no reader of the current rows sees: database ids, and what a merge writes ahead."""


RANDOM_COLUMNS = {
    "audit_entry": {"salt", "previous", "digest", "mac"},
    "audit_head": {"chain", "digest", "mac"},
    "audit_manifestrecord": {"mac"},
}
"""Columns of the audit trail's chain, whose entries are salted, and of the key that a new folder draws.

Two runs never have the same values. `homeroom verify` checks them after each.
"""


def read_full_state(data: Path) -> dict[str, Any]:
    """Return every row of every table and every evidence file by its hash, without database ids and random values."""
    with closing(_open_state(data)) as database:
        tables = {
            name: sorted(_dump_rows(database, name, hidden={"id"} | RANDOM_COLUMNS.get(name, set())))
            for name in _list_tables(database)
        }
        return {"tables": tables, "files": dict(_hash_files(data / "evidence", database))}


def hash_visible_rows(data: Path) -> dict[str, str]:
    """Return a hash of the visible rows for the inventory, the findings and the vulnerabilities.

    It is the hash of nothing before the first generation.
    """
    hashes = {area: hashlib.sha256() for area in GENERATION_SQL}
    if (data / "state.sqlite3").exists():
        with closing(_open_state(data)) as database:
            existing_tables = set(_list_tables(database))
            for name, where in VISIBLE_ROWS_SQL.items():
                area = name.split("_")[0]
                generation = database.execute(GENERATION_SQL[area]).fetchone() if name in existing_tables else None
                if generation and generation[0]:
                    for line in sorted(
                        _dump_rows(database, name, hidden=INVISIBLE_COLUMNS, where=where.format(at=generation[0]))
                    ):
                        hashes[area].update(line.encode())
    return {area: digest.hexdigest() for area, digest in hashes.items()}


def find_half_written(data: Path) -> list[str]:
    """Return evidence that a manifest names and that is missing or incomplete; empty if all of it is complete."""
    problems = []
    for manifest in (data / "evidence").glob("*/*/*.json"):
        for name in list_blobs(manifest):
            blob = manifest.parent.parent / "blobs" / f"{name}.parquet"
            if not blob.exists() or hashlib.sha256(blob.read_bytes()).hexdigest() != name:
                problems.append(f"{manifest.name}: {name[:12]}")
    return problems


def is_interrupted(data: Path) -> bool:
    """Return True if a run stopped inside its writing: it left a file or rows that nobody reads yet."""
    if any((data / "evidence").rglob(".writing-*")) or (data / "state.sqlite3-journal").exists():
        return True
    if not (data / "state.sqlite3").exists():
        return False
    referenced = {blob for manifest in (data / "evidence").glob("*/*/*.json") for blob in list_blobs(manifest)}
    if {path.stem for path in (data / "evidence").glob("*/blobs/*.parquet")} - referenced:
        return True
    with closing(_open_state(data)) as database:
        existing_tables = set(_list_tables(database))
        for name, where in VISIBLE_ROWS_SQL.items():
            if where == CURRENT_ROWS_SQL and name in existing_tables:
                generation = (database.execute(GENERATION_SQL[name.split("_")[0]]).fetchone() or (0,))[0]
                if database.execute(
                    f"SELECT 1 FROM {name} WHERE opened > {generation} OR closed > {generation} LIMIT 1"
                ).fetchone():
                    return True
    return False


def list_blobs(manifest: Path) -> Iterator[str]:
    """Yield the names of the blobs that a manifest names."""
    manifest_data = json.loads(manifest.read_bytes())
    for part in (manifest_data.get("tables") or {}).values():
        if "blob" in part:
            yield from ([part["blob"]] if part["blob"] else [])
        else:  # a catalog of events: segments by day
            yield from (segment["blob"] for segments in part.values() for segment in segments)
    if manifest_data.get("rejects"):
        yield manifest_data["rejects"]


def _open_state(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data / 'state.sqlite3'}?mode=ro", uri=True)


def _list_tables(database: sqlite3.Connection) -> list[str]:
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if not name.startswith(EXCLUDED_TABLES)]


def _dump_rows(database: sqlite3.Connection, table: str, *, hidden: set[str], where: str = "1") -> Iterator[str]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in hidden]
    selected = [_build_finding_key_sql() if column == "finding_id" else f'"{column}"' for column in columns]
    for row in database.execute(f"SELECT {', '.join(selected)} FROM {table} WHERE {where}"):
        yield json.dumps([table, *row], default=str)


def _build_finding_key_sql() -> str:
    return "(SELECT control || '/' || \"group\" FROM posture_finding f WHERE f.id = finding_id)"


def _hash_files(folder: Path, database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each file by its hash, except files that a killed run began to materialize for pages.

    Those are removed after a day: a page may be writing them.
    """
    for path in sorted(folder.rglob("*")):
        is_temporary = path.name.startswith(".writing-") and not {"row_store", "list_cache"}.isdisjoint(path.parts)
        is_beside = path.suffix in (".lock", ".sha256") or path.name == "lock"
        if path.is_file() and not is_beside and not is_temporary:
            content = _normalize_members(path, database) if path.name == "members.arrow" else path.read_bytes()
            yield path.relative_to(folder).as_posix(), hashlib.sha256(content).hexdigest()


def _normalize_members(path: Path, database: sqlite3.Connection) -> bytes:
    """Return the materialized members with each finding by its control and group instead of its database id."""
    table = pa.ipc.open_file(path).read_all()
    finding_keys = dict(database.execute("SELECT id, control || '/' || \"group\" FROM posture_finding").fetchall())
    finding_ids = json.loads((table.schema.metadata or {})[b"findings"])
    keys_by_control = {
        control: sorted(finding_keys[item] for item in findings) for control, findings in finding_ids.items()
    }
    rows = [(finding_keys[item["finding"]], item["place"], item["subject"]) for item in table.to_pylist()]
    return json.dumps([keys_by_control, sorted(rows)], sort_keys=True).encode()
