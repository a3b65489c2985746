"""Events of Google's logs in loads, as the event store gives them, and a district that knows its accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from homeroom.apps.protect.detection.judging.district_evidence import DistrictEvidence
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.enrich.district_knowledge import AccountFacts, Canary, DistrictKnowledge
from homeroom.ingest.events.google import iter_google_events

MONDAY = datetime(2026, 9, 14, 13, tzinfo=UTC)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("key", "log", "event", "outcome", "actor_email", "address", "country")),
        ("at", pa.timestamp("us", tz="UTC")),
        ("asn", pa.int64()),
        *((name, pa.string()) for name in ("details", "source")),
    ]
)
type Row = dict[str, Any]


def make_row(
    event: str,
    *,
    minutes: float = 0,
    log: str = "login",
    actor: str = "ana@maple.example",
    address: str = "198.51.100.7",
    country: str = "US",
    number: int = 0,
    **parameters: Any,
) -> Row:
    """Return a row of `audit_events` so many minutes after Monday morning."""
    at = MONDAY + timedelta(minutes=minutes)
    record = {
        "id": {"time": at.isoformat().replace("+00:00", "Z"), "applicationName": log, "uniqueQualifier": str(number)},
        "actor": {"email": actor},
        "ipAddress": address,
        "networkInfo": {"regionCode": country},
        "events": [
            {"name": event, "parameters": [{"name": name, "value": value} for name, value in parameters.items()]}
        ],
    }
    outcome = {"login_success": "success", "login_failure": "failure"}.get(event)
    return {
        "key": f"{at.isoformat()}/{log}/{actor}-{event}-{number}/0",
        **{"log": log, "event": event, "outcome": outcome, "actor_email": actor, "address": address},
        **{"country": country, "at": at, "asn": None, "details": json.dumps(record), "source": "google"},
    }


class EventLoads:
    """Loads of rows; a row that an earlier load had is not new."""

    def __init__(self, *loads: Sequence[Row]) -> None:
        self.loads = [list(load) for load in loads]

    def get_position(self) -> int:
        """Return how many loads there are."""
        return len(self.loads)

    def iter_new_rows(self, table: str, *, after: int, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows whose first load is above a number, by time, with all columns or some."""
        if table == "audit_events":
            earlier = {row["key"] for load in self.loads[:after] for row in load}
            new = {row["key"]: row for load in self.loads[after:] for row in load if row["key"] not in earlier}
            for batch in _build_batches(new.values()):
                yield batch.select(list(columns)) if columns else batch

    def iter_rows(self, table: str, *, since: datetime, until: datetime) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a time."""
        rows = {row["key"]: row for load in self.loads for row in load if since <= row["at"] < until}
        yield from _build_batches(rows.values() if table == "audit_events" else ())


def _build_batches(rows: Any) -> Iterator[pa.RecordBatch]:
    ordered = sorted(rows, key=lambda row: (row["at"], row["key"]))
    for start in range(0, len(ordered), 7):
        yield pa.RecordBatch.from_pylist(ordered[start : start + 7], schema=SCHEMA)


def build_events(_table: str, rows: pa.RecordBatch) -> Iterator[LogEvent]:
    """Yield the event of each row."""
    for row in rows.to_pylist():
        record = json.loads(row["details"])
        ((parts, _raw),) = list(iter_google_events(record) or ())
        yield LogEvent(
            file=f"google/{row['log']}", record=0, time=row["at"], source=parts.source, host="", user=parts.user,
            fields=parts.fields, raw=record, key=row["key"],
        )  # fmt: skip


def make_account(name: str, kind: str = "staff", **values: Any) -> AccountFacts:
    """Return an account."""
    address = f"{name}@maple.example"
    return AccountFacts(
        id=f"a-{name}", directory="google", name=address, names=(name, address), kind=kind, person=name, **values
    )


def make_evidence(**values: Any) -> DistrictEvidence:
    """Return what the district's evidence knows: staff, an administrator, a student, and a canary."""
    knowledge = DistrictKnowledge(
        accounts=[
            make_account("ana"), make_account("ben"), make_account("pupil", "student"),
            make_account("root", administrator=True, super_administrator=True),
        ],
        canaries=[Canary(kind="document", value="1abc", name="Passwords 2024")],
    )  # fmt: skip
    return DistrictEvidence(knowledge=knowledge, **values)
