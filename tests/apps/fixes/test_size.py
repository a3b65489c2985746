"""A fix file of 60,000 rows: prepared, handed out and proved in seconds, and in memory that the rows do not decide."""

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

from homeroom.apps.fixes.commands import hand_out, prepare, review
from homeroom.apps.fixes.gathering import Asked
from homeroom.apps.fixes.proving import verify
from homeroom.apps.fixes.queries import fix_of
from homeroom.apps.posture.commands import assess
from homeroom.apps.posture.queries import judgement, open_findings
from homeroom.domain.controls import Control
from homeroom.evidence.manifests import Load
from homeroom.evidence.schema import arrow_schema, fitted
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES, TABLES
from homeroom.evidence.writing import Draft
from homeroom.library.controls import controls
from tests.apps.fixes.desk import inside, rows
from tests.cast import gather

pytestmark = [pytest.mark.django_db, pytest.mark.scale]
SIZE = 60_000
DAY = date(2026, 1, 6)
AT = datetime(2026, 1, 6, 12, tzinfo=UTC)
LEAVERS: tuple[Control, ...] = tuple(one for one in controls() if one.id == "leaver-account")


def loaded(store: Store, *, suspended: int, at: datetime) -> None:
    """A load of every user, the first of them suspended."""
    frame = pl.DataFrame(
        {
            "_line": range(SIZE),
            "key": [f"u{n}" for n in range(SIZE)],
            "email": [f"person{n}@maple.example" for n in range(SIZE)],
            "suspended": [n < suspended for n in range(SIZE)],
        }
    )
    with store.writing():
        draft = Draft(store.blobs)
        draft.write("account_records", frame, file=0)
        tables, _, _ = draft.finish(names=["users.csv"])
        store.publish(
            Load(
                id="", connector="google", instance="google", stream="google.users", scope="/", mode="full", loaded_at=at,
                fingerprint="google-users", reader_version="1", files=(), tables=tables, rows_read=SIZE, rows_kept=SIZE,
                rows_rejected=0,
            )
        )  # fmt: skip


def resolved(store: Store, *, at: datetime) -> None:
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
    tables: dict[str, pa.Table] = {table.name: arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    for name, frame in (("accounts", accounts), ("links", links)):
        tables[name] = fitted(frame, table=TABLES[name]).to_arrow()
    store.publish_derived(tables, inputs=store.sources_id(), today=DAY, at=at)


def timed[T](said: str, work: Callable[[], T], within: float) -> T:
    begun = process_time()
    result = work()
    took = process_time() - begun
    print(f"{said}: {took:.2f} s of a processor")
    assert took < within, f"{said} took {took:.1f} s; {within} would fit"
    return result


def measured[T](said: str, work: Callable[[], T], most: float) -> T:
    """`most` in MB of what Python holds at once."""
    tracemalloc.start()
    try:
        result = work()
        held = tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
    print(f"{said}: at most {held:.0f} MB")
    assert held < most, f"{said} held {held:.0f} MB; {most} would fit"
    return result


def test_sixty_thousand_rows(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    district = gather().district
    store = Store(tmp_path / "evidence", district=district.slug)
    loaded(store, suspended=0, at=AT)
    resolved(store, at=AT)
    assess(district=district, store=store, today=DAY, at=AT, controls=LEAVERS)
    of = judgement(district=district)
    assert of
    finding = open_findings(district=district, of=of)[0]
    who: dict[str, Any] = {"district": district, "actor": "director", "at": AT}
    told = who | {"of": of, "finding": finding, "action": "google.suspend-user", "asked": Asked(), "today": DAY}
    timed("prepared", lambda: prepare(**told), within=5)
    public = measured("prepared again", lambda: prepare(**told), most=100)
    review(**who, public=public)
    timed("handed out", lambda: hand_out(**who, public=public), within=5).file.close()
    zipped = measured("handed out again", lambda: hand_out(**who, public=public), most=20)
    with zipped.file as file:
        assert len(rows(inside(file.read())["fix.csv"])) == SIZE
    loaded(store, suspended=SIZE - 100, at=AT + timedelta(days=1))
    resolved(store, at=AT + timedelta(days=1))
    verdicts = timed("proved", lambda: verify(district=district, store=store, at=AT + timedelta(days=1)), within=10)
    seen = fix_of(district=district, public=public)
    assert seen
    assert (verdicts, seen.worked, seen.did_not) == (SIZE, SIZE - 100, 100)
    timed("asked again", lambda: verify(district=district, store=store, at=AT + timedelta(days=1)), within=2)
