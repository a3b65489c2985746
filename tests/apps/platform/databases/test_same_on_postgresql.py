"""PostgreSQL stores the same rows as SQLite, though one is written with COPY and the other with one statement a row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from homeroom.evidence.loads.store import EvidenceStore
from tests.apps import two_days
from tests.data_folders import prepare_data_folder

pytestmark = pytest.mark.differs_by_database("bulk writes: both databases are compared")

ROOT = Path(__file__).resolve().parents[4]
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="compares PostgreSQL with SQLite")


def _run_on_sqlite(exports: Path, *, data: Path) -> two_days.RowsByModel:
    environment = {
        **os.environ,
        "HOMEROOM_DATA": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
    }
    command = [sys.executable, "-m", "tests.apps.two_days", str(exports)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@on_postgresql
@pytest.mark.django_db
def test_two_days_leave_the_same_people_accounts_devices_and_members(tmp_path: Path) -> None:
    two_days.create_exports(tmp_path / "exports")
    postgresql_rows = two_days.run_two_days(
        tmp_path / "exports", store=EvidenceStore(tmp_path / "evidence", district="maple")
    )
    sqlite_rows = _run_on_sqlite(tmp_path / "exports", data=prepare_data_folder(tmp_path / "sqlite"))
    assert postgresql_rows.keys() == sqlite_rows.keys()
    for name, rows in sqlite_rows.items():
        assert postgresql_rows[name] == rows, name
    assert {name for name, rows in postgresql_rows.items() if not rows} <= {"LedgerMerge"}
    assert {row[5] is None for row in postgresql_rows["Member"]} == {
        True,
        False,
    }  # some members were closed on the second day
