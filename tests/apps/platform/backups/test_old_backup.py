"""A backup of the first schema that had backups is restored by this version, whatever was migrated since.

`recorded/first.homeroom-backup` was written on 2026-11-29 from the invented district of
`bench.support.erasure_district` (others=10), and is never written again; its key is beside it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.apps.program import run_homeroom

RECORDED = Path(__file__).parent / "recorded"


@pytest.mark.scale
def test_a_backup_of_the_first_schema_is_restored_and_migrated_to_this_one(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", RECORDED / "first.homeroom-backup"
    arguments = ("--identity", str(RECORDED / "identity.txt"), "--without-erasures", "--json")
    done = run_homeroom("restore", str(backup), *arguments, data=data)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["files"], report["version"]) == (1485, 177, "0.1.0")
    checks = json.loads(run_homeroom("doctor", "--deep", "--json", data=data).stdout)
    assert {check["name"] for check in checks if not check["well"]} <= {"room"}
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM inventory_person").fetchone()[0] > 10
        assert database.execute("SELECT count(*) FROM audit_entry WHERE action = 'restore backup'").fetchone() == (1,)
