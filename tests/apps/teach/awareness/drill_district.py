"""A small invented district with drills: staff of a list, accounts, and loads of drill events, written as loads do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from homeroom.apps.know.inventory import commands
from homeroom.apps.know.inventory.commands import ResolveReport
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.event_files.event_loads import EventLoad
from homeroom.evidence.events.publish_events import publish_event_load
from homeroom.evidence.files.manifests import Load, LoadedFile
from homeroom.evidence.loads.load_diff import diff_to_current
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter

SENT = datetime(2026, 10, 6, 14, tzinfo=UTC)
"""When mails go out, in the morning of the district's zone."""
PEOPLE = 12
CHROME, SAFARI = "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0", "Mozilla/5.0 (iPhone) Version/18.0 Safari/605.1"


def open_store(folder: Path) -> EvidenceStore:
    return EvidenceStore(folder / "evidence", district="maple")


def get_email(number: int) -> str:
    return f"t{number}@maple.example"


def build_events(
    drill: str = "42",
    *,
    clicks: Iterable[int] = (),
    reports: Iterable[int] = (),
    people: Iterable[int] = range(PEOPLE),
    sent: datetime = SENT,
    addresses: dict[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the events of a drill: mails sent to people by number, who click after an hour or report after two."""
    rows: list[dict[str, Any]] = []

    def add(number: int, event: str, minutes: float, **cells: object) -> None:
        email = (addresses or {}).get(number, get_email(number))
        at = sent + timedelta(minutes=minutes)
        names = {"drill": drill, "drill_name": f"Drill {drill}", "lure": "Parcel waiting"}
        rows.append({"key": f"{drill}/{number}/{event}", **names, "event": event, "email": email, "at": at, **cells})

    for number in people:
        add(number, "sent", 0)
    for number in clicks:
        ip, agent = f"198.51.100.{number + 1}", SAFARI if number % 2 else CHROME
        add(number, "opened", 60 + 7 * number, ip=ip, agent=agent)
        add(number, "clicked", 61 + 7 * number, ip=ip, agent=agent)
    for number in reports:
        add(number, "reported", 120 + number)
    return rows


def load_events(
    store: EvidenceStore, rows: Sequence[dict[str, Any]], *, at: datetime, connector: str = "gophish", days: int = 90
) -> EventLoad:
    """Load drill events as their tool delivers them at a time."""
    writer = LoadWriter(store.blobs)
    overrides = {"at": pl.Datetime("us", "UTC"), "ip": pl.String, "agent": pl.String, "first_only": pl.Boolean}
    writer.write("drill_events", pl.DataFrame(rows, schema_overrides=overrides, infer_schema_length=None), file=0)
    tables, rejects, _ = writer.finish(names=["campaign.json"], newest=True)
    load = _build_load(connector, f"{connector}.drills", tables, rejects, at=at, mode="delta", rows=len(rows))
    with store.lock_for_writing():
        return publish_event_load(store, load, retention={"drill_events": days})


def load_staff(store: EvidenceStore, *, people: Iterable[int] = range(PEOPLE), at: datetime = SENT) -> None:
    """Load the staff list, and an account each with a second address."""
    numbers = list(people)
    keys = [f"e{number}" for number in numbers]
    records = pl.DataFrame(
        {
            "key": keys,
            "email": [get_email(number) for number in numbers],
            "given_name": [f"Given{number}" for number in numbers],
            "family_name": [f"Family{number}" for number in numbers],
            "org_name": [f"School {number % 2}" for number in numbers],
        }
    )
    roles = pl.DataFrame({"person_key": keys, "role": ["teacher"] * len(keys), "primary": [True] * len(keys)})
    accounts = pl.DataFrame(
        {
            "key": keys,
            "email": [get_email(number) for number in numbers],
            "aliases": [[f"given{number}@maple.example"] for number in numbers],
        }
    )
    load_tables(store, "stafflist", {"person_records": records, "role_records": roles}, at=at)
    load_tables(store, "google", {"account_records": accounts}, at=at)


def load_tables(store: EvidenceStore, connector: str, frames: dict[str, pl.DataFrame], *, at: datetime = SENT) -> None:
    """Publish a complete load of a source."""
    writer = LoadWriter(store.blobs)
    for name, frame in frames.items():
        writer.write(name, frame.with_columns(pl.int_range(2, 2 + frame.height).alias("_line")), file=0)
    tables, rejects, _ = writer.finish(names=["file.csv"])
    stream = f"{connector}.list"
    with store.lock_for_writing():
        chain = (connector, stream, "/")
        base = next((load for load in store.list_current_loads() if load.chain == chain), None)
        tables = diff_to_current(store.blobs, base=base, tables=tables)
        store.publish(_build_load(connector, stream, tables, rejects, at=at, mode="full", rows=1))


def resolve_on(
    district: District, store: EvidenceStore, day: date, *, erased: Iterable[tuple[str, str]] = ()
) -> ResolveReport:
    """Resolve on a day."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return commands.resolve(district=district, store=store, today=day, at=at, erased=set(erased))


def read_derived(store: EvidenceStore, table: str) -> list[dict[str, Any]]:
    """Return the rows of a derived table as they were resolved last."""
    newest = store.get_latest_derived()
    assert newest is not None
    return pl.read_parquet(store.get_blob_path(newest.tables[table].blob)).to_dicts()


def list_missed(store: EvidenceStore, drill: str | None = None) -> dict[str, bool | None]:
    """Return who missed a drill, by address."""
    names = {row["id"]: row["email"] for row in read_derived(store, "people")}
    rows = read_derived(store, "drill_results")
    keys = {row["key"] for row in read_derived(store, "drills") if drill in (None, row["drill"])}
    return {names.get(row["person"], "nobody"): row["missed"] for row in rows if row["drill"] in keys}


def _build_load(connector: str, stream: str, tables: Any, rejects: str, *, at: datetime, mode: str, rows: int) -> Load:
    return Load(
        id="",
        connector=connector,
        instance=connector,
        stream=stream,
        scope="/",
        mode=mode,
        loaded_at=at,
        fingerprint=f"{stream}{at.isoformat()}",
        reader_version="1",
        files=(LoadedFile(name="file.csv", kind=stream, sha256="0", bytes=1),),
        tables=tables,
        rows_read=rows,
        rows_kept=rows,
        rows_rejected=0,
        rejects=rejects,
    )
