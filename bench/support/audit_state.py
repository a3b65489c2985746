"""The audit trail of a data folder, comparable between runs: without times, salts and signatures."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

ENTRIES_SQL = "SELECT number, actor, action, subject_kind, subject FROM audit_entry ORDER BY number"
GRANTS_SQL = "SELECT role, permission FROM permissions_grant ORDER BY role, permission"


def read_audit_state(data: Path) -> dict[str, Any]:
    """Return the entries, the grants that they state, and the entry numbers that checkpoints sign."""
    with closing(sqlite3.connect(f"file:{data / 'state.sqlite3'}?mode=ro", uri=True)) as database:
        tables = {
            "audit_entry": database.execute(ENTRIES_SQL).fetchall(),
            "permissions_grant": database.execute(GRANTS_SQL).fetchall(),
        }
    paths = sorted((data / "audit").glob("*/checkpoints.jsonl"))
    return {"tables": tables, "files": {path.parent.name: _list_signed_numbers(path) for path in paths}}


def _list_signed_numbers(path: Path) -> tuple[int, ...]:
    return tuple(json.loads(line)["number"] for line in path.read_bytes().splitlines())
