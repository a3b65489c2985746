"""A fix file of 60,000 rows is prepared, released and verified in seconds and in bounded memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from homeroom.apps.protect.fixes.collect import FixOptions
from homeroom.apps.protect.fixes.commands import prepare_fix, release, review_fix
from homeroom.apps.protect.fixes.queries import find_fix
from homeroom.apps.protect.fixes.verify import verify_fixes
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_open_findings
from homeroom.domain.protect.controls import Control
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.evidence.tables import DERIVED_TABLES, TABLES
from homeroom.library.protect.controls import load_controls
from tests.amounts import choose_amount
from tests.apps.protect.fixes.desk import parse_csv, read_zip
from tests.cast import create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.scale]
SIZE = choose_amount(brief=15_000, thorough=60_000)
DAY = date(2026, 1, 6)
AT = datetime(2026, 1, 6, 12, tzinfo=UTC)
LEAVERS: tuple[Control, ...] = tuple(control for control in load_controls() if control.id == "leaver-account")


def publish_users(store: EvidenceStore, *, suspended: int, at: datetime) -> None:
    """Publish a load of every user, the first `suspended` of them suspended."""
    frame = pl.DataFrame(
        {
            "_line": range(SIZE),
            "key": [f"u{n}" for n in range(SIZE)],
            "email": [f"person{n}@maple.example" for n in range(SIZE)],
            "suspended": [n < suspended for n in range(SIZE)],
        }
    )
    with store.lock_for_writing():
        writer = LoadWriter(store.blobs)
        writer.write("account_records", frame, file=0)
        tables, _, _ = writer.finish(names=["users.csv"])
        store.publish(
            Load(
                id="",
                connector="google",
                instance="google",
                stream="google.users",
                scope="/",
                mode="full",
                loaded_at=at,
                fingerprint="google-users",
                reader_version="1",
                files=(),
                tables=tables,
                rows_read=SIZE,
                rows_kept=SIZE,
                rows_rejected=0,
            )
        )


def publish_snapshot(store: EvidenceStore, *, at: datetime) -> None:
    accounts = pl.DataFrame(
        {
            "id": range(SIZE),
            "person": range(SIZE),
            "directory": ["google"] * SIZE,
            "email": [f"person{n}@maple.example" for n in range(SIZE)],
            "school": [f"School {n % 60}" for n in range(SIZE)],
            "enabled": [True] * SIZE,
            "person_left": [True] * SIZE,
        }
    )
    links = pl.DataFrame(
        {
            "subject_kind": ["account"] * SIZE,
            "id": range(SIZE),
            "connector": ["google"] * SIZE,
            "instance": ["google"] * SIZE,
            "table_name": ["account_records"] * SIZE,
            "key": [f"u{n}" for n in range(SIZE)],
        }
    )
    tables: dict[str, pa.Table] = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    for name, frame in (("accounts", accounts), ("links", links)):
        tables[name] = cast_to_table(frame, table=TABLES[name]).to_arrow()
    store.publish_derived(tables, inputs=store.compute_sources_id(), today=DAY, at=at)


def measure_time[T](label: str, work: Callable[[], T], within: float) -> T:
    started = process_time()
    result = work()
    seconds = process_time() - started
    print(f"{label}: {seconds:.2f} s of a processor")
    assert seconds < within, f"{label} took {seconds:.1f} s; {within} would fit"
    return result


def measure_memory[T](label: str, work: Callable[[], T], limit: float) -> T:
    """Run `work` and check that Python allocates at most `limit` MB at once."""
    tracemalloc.start()
    try:
        result = work()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    print(f"{label}: at most {peak:.0f} MB")
    assert peak < limit, f"{label} held {peak:.0f} MB; {limit} would fit"
    return result


def test_tens_of_thousands_of_rows(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    district = create_cast().district
    store = EvidenceStore(tmp_path / "evidence", district=district.slug)
    publish_users(store, suspended=0, at=AT)
    publish_snapshot(store, at=AT)
    assess(district=district, store=store, today=DAY, at=AT, controls=LEAVERS)
    assessment = get_published_assessment(district=district)
    assert assessment
    finding = list_open_findings(district=district, assessment=assessment)[0]
    arguments: dict[str, Any] = {"district": district, "actor": "director", "at": AT}
    prepare_arguments = arguments | {
        "assessment": assessment,
        "finding": finding,
        "action": "google.suspend-user",
        "options": FixOptions(),
        "today": DAY,
    }
    measure_time("prepared", lambda: prepare_fix(**prepare_arguments), within=5)
    public = measure_memory("prepared again", lambda: prepare_fix(**prepare_arguments), limit=100)
    review_fix(**arguments, public=public)
    measure_time("handed out", lambda: release(**arguments, public=public), within=5).file.close()
    package = measure_memory("handed out again", lambda: release(**arguments, public=public), limit=20)
    with package.file as file:
        assert len(parse_csv(read_zip(file.read())["fix.csv"])) == SIZE
    publish_users(store, suspended=SIZE - 100, at=AT + timedelta(days=1))
    publish_snapshot(store, at=AT + timedelta(days=1))
    verdicts = measure_time(
        "proved", lambda: verify_fixes(district=district, store=store, at=AT + timedelta(days=1)), within=10
    )
    verified_fix = find_fix(district=district, public=public)
    assert verified_fix
    assert (verdicts, verified_fix.worked, verified_fix.did_not) == (SIZE, SIZE - 100, 100)
    measure_time(
        "asked again", lambda: verify_fixes(district=district, store=store, at=AT + timedelta(days=1)), within=2
    )
