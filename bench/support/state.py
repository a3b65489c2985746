"""All that a data folder holds, in a form that two folders can be compared by, and what of it a reader can see."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

LEFT_OUT = ("django_", "auth_", "sqlite_", "districts_signin")
AT = {
    "inventory": "SELECT generation FROM inventory_projection",
    "posture": "SELECT assessment FROM posture_standing",
    "vulnerabilities": "SELECT review FROM vulnerabilities_reviewed",
}
"""Which generation a reader of an area reads."""
STANDS = "opened <= {at} AND (closed IS NULL OR closed > {at})"
VISIBLE = {
    "inventory_person": STANDS,
    "inventory_account": STANDS,
    "inventory_device": STANDS,
    "inventory_searchterm": STANDS,
    "inventory_ledgerentry": STANDS,
    "inventory_projection": "generation = {at}",
    "posture_member": STANDS,
    "posture_controlresult": "assessment = {at}",
    "posture_assessment": "number = {at}",
    "vulnerabilities_gap": STANDS,
    "vulnerabilities_sighting": STANDS,
    "vulnerabilities_tally": "review = {at}",
    "vulnerabilities_fixed": "review <= {at}",
    "vulnerabilities_review": "number = {at}",
}
UNSEEN = {"id", "opened", "closed", "why", "writing", "took", "ended_on", "missed_since"}
"""Columns that no reader of the standing rows sees: numbers given by the database, and what a merge writes ahead."""


def whole(data: Path) -> dict[str, Any]:
    """Every row of every table (numbers given by the database apart) and every evidence file by its hash."""
    with closing(_opened(data)) as database:
        tables = {name: sorted(_rows(database, name, hidden={"id"})) for name in _tables(database)}
        return {"tables": tables, "files": dict(_files(data / "evidence", database))}


def visible(data: Path) -> dict[str, str]:
    """A hash of the rows that a reader sees, for the inventory, the findings and the flaws; of nothing before the first."""
    seen = {area: hashlib.sha256() for area in AT}
    if (data / "state.sqlite3").exists():
        with closing(_opened(data)) as database:
            there = set(_tables(database))
            for name, where in VISIBLE.items():
                area = name.split("_")[0]
                at = database.execute(AT[area]).fetchone() if name in there else None
                if at and at[0]:
                    for line in sorted(_rows(database, name, hidden=UNSEEN, where=where.format(at=at[0]))):
                        seen[area].update(line.encode())
    return {area: digest.hexdigest() for area, digest in seen.items()}


def half_written(data: Path) -> list[str]:
    """Evidence that a manifest names and that is not there whole; empty where nothing half-written is visible."""
    wrong = []
    for manifest in (data / "evidence").glob("*/*/*.json"):
        for name in _named(manifest):
            blob = manifest.parent.parent / "blobs" / f"{name}.parquet"
            if not blob.exists() or hashlib.sha256(blob.read_bytes()).hexdigest() != name:
                wrong.append(f"{manifest.name}: {name[:12]}")
    return wrong


def interrupted(data: Path) -> bool:
    """Whether a run stopped inside its writing: it left a file or rows that nobody reads yet."""
    if any((data / "evidence").rglob(".writing-*")) or (data / "state.sqlite3-journal").exists():
        return True
    named = {blob for manifest in (data / "evidence").glob("*/*/*.json") for blob in _named(manifest)}
    if {path.stem for path in (data / "evidence").glob("*/blobs/*.parquet")} - named:
        return True
    with closing(_opened(data)) as database:
        there = set(_tables(database))
        for name, where in VISIBLE.items():
            if where == STANDS and name in there:
                at = (database.execute(AT[name.split("_")[0]]).fetchone() or (0,))[0]
                if database.execute(f"SELECT 1 FROM {name} WHERE opened > {at} OR closed > {at} LIMIT 1").fetchone():
                    return True
    return False


def _named(manifest: Path) -> Iterator[str]:
    said = json.loads(manifest.read_bytes())
    yield from (part["blob"] for part in (said.get("tables") or {}).values())
    if said.get("rejects"):
        yield said["rejects"]


def _opened(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data / 'state.sqlite3'}?mode=ro", uri=True)


def _tables(database: sqlite3.Connection) -> list[str]:
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if not name.startswith(LEFT_OUT)]


def _rows(database: sqlite3.Connection, table: str, *, hidden: set[str], where: str = "1") -> Iterator[str]:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in hidden]
    chosen = [_finding() if column == "finding_id" else f'"{column}"' for column in columns]
    for row in database.execute(f"SELECT {', '.join(chosen)} FROM {table} WHERE {where}"):
        yield json.dumps([table, *row], default=str)


def _finding() -> str:
    return "(SELECT control || '/' || \"group\" FROM posture_finding f WHERE f.id = finding_id)"


def _files(folder: Path, database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each file by its hash. What a killed run began to lay out for pages is swept after a day: a page may be writing it."""
    for path in sorted(folder.rglob("*")):
        begun = path.name.startswith(".writing-") and not {"laid", "listed"}.isdisjoint(path.parts)
        if path.is_file() and path.suffix != ".lock" and path.name != "lock" and not begun:
            content = _members(path, database) if path.name == "members.arrow" else path.read_bytes()
            yield path.relative_to(folder).as_posix(), hashlib.sha256(content).hexdigest()


def _members(path: Path, database: sqlite3.Connection) -> bytes:
    """The laid-out members with each finding by its control and group instead of the number that the database gave it."""
    table = pa.ipc.open_file(path).read_all()
    named = dict(database.execute("SELECT id, control || '/' || \"group\" FROM posture_finding").fetchall())
    heads = json.loads((table.schema.metadata or {})[b"findings"])
    told = {control: sorted(named[one] for one in findings) for control, findings in heads.items()}
    rows = [(named[one["finding"]], one["place"], one["subject"]) for one in table.to_pylist()]
    return json.dumps([told, sorted(rows)], sort_keys=True).encode()
