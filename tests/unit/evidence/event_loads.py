"""Loads of a log for tests: rows of `audit_events` written and published as a load does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from homeroom.evidence.event_files.event_loads import EventLoad
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.events.publish_events import publish_event_load
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter

FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)
TABLE = "audit_events"


def open_store(folder: Path) -> EvidenceStore:
    """Return the evidence store of a district."""
    return EvidenceStore(folder / "evidence", district="maple")


def build_rows(
    day: int, numbers: Sequence[int], *, event: str = "login_success", **values: Any
) -> list[dict[str, Any]]:
    """Return a row for each number, a minute apart."""
    return [
        {
            "key": f"{day}-{number}",
            "at": FIRST_DAY + timedelta(days=day, minutes=number),
            "log": "login",
            "event": event,
            "actor_email": f"user{number}@maple.example",
        }
        for number in numbers
    ]


def write_load(
    store: EvidenceStore, rows: Sequence[dict[str, Any]], *, at: datetime | None = None, table: str = TABLE
) -> Load:
    """Write rows as the reading of a file does, and return the load that is not published yet."""
    writer = LoadWriter(store.blobs)
    if rows:
        writer.write(table, pl.DataFrame(rows, schema_overrides={"at": pl.Datetime("us", "UTC")}), file=0)
    tables, rejects, _ = writer.finish(names=["log.json"], newest=True)
    return Load(
        id="",
        connector="google",
        instance="google",
        stream="google.activities",
        scope="/",
        mode="delta",
        loaded_at=at or FIRST_DAY + timedelta(days=800),
        fingerprint="f" * 64,
        reader_version="7",
        files=(),
        tables=tables,
        rows_read=len(rows),
        rows_kept=len(rows),
        rows_rejected=0,
        rejects=rejects,
    )


def load_rows(
    store: EvidenceStore,
    rows: Sequence[dict[str, Any]],
    *,
    at: datetime | None = None,
    retention: dict[str, int] | None = None,
    table: str = TABLE,
) -> EventLoad:
    """Load rows of a log."""
    with store.lock_for_writing():
        return publish_event_load(store, write_load(store, rows, at=at, table=table), retention=retention)


def list_stored(store: EvidenceStore, *, after: int = 0) -> list[dict[str, Any]]:
    """Return the rows that came with loads numbered above `after`, without the columns that have no value."""
    batches = EventStore(store).iter_new_rows(TABLE, after=after)
    rows = [row for batch in batches for row in batch.to_pylist()]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def list_keys(store: EvidenceStore, *, after: int = 0) -> list[str]:
    """Return the keys of those rows."""
    return [row["key"] for row in list_stored(store, after=after)]
