"""PostgreSQL stores the same rows as SQLite, though one is written with COPY and the other with one statement a row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homeroom.apps.districts.bulk_write import build_insert
from homeroom.apps.districts.models import District
from homeroom.apps.inventory.models import SearchTerm
from homeroom.apps.inventory.search import search_subjects
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps import two_days

pytestmark = pytest.mark.differs_by_database("bulk writes, order of text: both databases are compared")

ROOT = Path(__file__).resolve().parents[2]
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
    sqlite_rows = _run_on_sqlite(tmp_path / "exports", data=tmp_path / "sqlite")
    assert postgresql_rows.keys() == sqlite_rows.keys()
    for name, rows in sqlite_rows.items():
        assert postgresql_rows[name] == rows, name
    assert {name for name, rows in postgresql_rows.items() if not rows} <= {"LedgerMerge"}
    assert {row[5] is None for row in postgresql_rows["Member"]} == {
        True,
        False,
    }  # some members were closed on the second day


@pytest.fixture
def terms(db: Any) -> District:
    """Create a district with 20,000 search terms that the planner knows."""
    district = District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")
    write = build_insert(SearchTerm._meta.db_table, ("district_id", "kind", "term", "subject", "opened"))
    write([(district.pk, "device", f"5cd{n:06}", n, 1) for n in range(20_000)])
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {SearchTerm._meta.db_table}")
    return district


@on_postgresql
def test_a_search_by_beginning_reads_a_range_of_the_index(terms: District) -> None:
    with CaptureQueriesContext(connection) as captured:
        matches = search_subjects(district=terms, kind="device", generation=1, text="5cd0123")
    assert matches.subjects == tuple(range(12_300, 12_400))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured.captured_queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "inventory_searchterm_pkey" in plan, plan
    assert "Seq Scan" not in plan, plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert ">= '5cd0123'" in condition, plan


def test_terms_in_any_script_are_found_by_their_beginning(db: Any) -> None:
    district = District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")
    words = ("åsa", "asa", "žofie", "zoe", "李明", "50% off", "a_b")
    for number, word in enumerate(words):
        SearchTerm.objects.create(district=district, kind="person", term=word, subject=number, opened=1)
    for number, word in enumerate(words):
        matches = search_subjects(district=district, kind="person", generation=1, text=word[:2])
        assert matches.subjects == (number,), word
