"""Days of a small district with vulnerabilities: its computers, the sources that report them, and a review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from homeroom.apps.protect.vulnerabilities.models import Gap, Release
from homeroom.apps.protect.vulnerabilities.review.derived_tables import add_vulnerability_tables
from homeroom.apps.protect.vulnerabilities.review.review import ReviewReport, review_vulnerabilities
from homeroom.domain.platform.district import District
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.assessed_district import publish_load
from tests.unit.protect.vulnerabilities.engine_runs import build_feeds, build_source_table, open_source_session

CHROME = {"vendor": "google", "product": "chrome", "introduced": "0"}
PLAYER = {"vendor": "videolan", "product": "vlc_media_player", "introduced": "0", "last_affected": "3.0.20"}
RANGES = (
    {"cve": "CVE-2099-1001", **CHROME, "fixed": "140.0.7339.80"},
    {"cve": "CVE-2099-1002", **CHROME, "fixed": "141.0.7390.54"},
    {"cve": "CVE-2099-1003", **PLAYER},
)
KEV = ({"cve": "CVE-2099-1001", "connector": "cisa", "due_on": date(2026, 1, 20)},)
OLD, NEWER, FIXED = "139.0.7258.154", "140.0.7339.80", "141.0.7390.54"


def build_chrome(device: int, version: str, source: str = "fleet") -> dict[str, Any]:
    """Build the software row of Chrome on a device."""
    return {"device": device, "name": "Google Chrome", "version": version, "listing": "programs", "source": source}


def build_player(device: int) -> dict[str, Any]:
    """Build the software row of a player for which no fixed version is known."""
    return {"device": device, "name": "VLC media player", "version": "3.0.18", "listing": "programs", "source": "fleet"}


def build_laptop(device: int, **values: Any) -> dict[str, Any]:
    """Build the row of a Windows laptop in a school."""
    return {"id": device, "platform": "windows", "kind": "laptop", "school": "Cedar Middle", **values}


def review_day(
    district: District,
    store: EvidenceStore,
    day: date,
    *,
    devices: Sequence[dict[str, Any]],
    software: Sequence[dict[str, Any]],
    sources: Sequence[str] = ("fleet",),
    complete: bool = True,
    ranges: Sequence[dict[str, Any]] = RANGES,
    vulnerabilities: Sequence[dict[str, Any]] = (),
    exploited: Sequence[dict[str, Any]] = KEV,
) -> ReviewReport:
    """Publish a snapshot of that day and review it.

    `sources` carry every device that they list, through a newer load if `complete`.
    """
    at = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    for source in sources if complete else ():
        publish_load(
            store, source, f"{source}.hosts", "device_records", [{"key": str(entry["id"])} for entry in devices], at=at
        )
    links = [
        {
            "subject_kind": "device",
            "id": entry["id"],
            "connector": source,
            "instance": source,
            "table_name": "device_records",
            "key": str(entry["id"]),
        }
        for entry in devices
        for source in entry.pop("in_sources", sources)
    ]
    tables = _build_tables(
        day,
        derived={"devices": devices, "software": software, "vulnerabilities_found": vulnerabilities, "links": links},
        ranges=ranges,
        exploited=exploited,
    )
    store.publish_derived(tables, inputs=f"{day}", today=day, at=at)
    report = review_vulnerabilities(district=district, store=store, today=day, at=at)
    assert report is not None
    return report


def _build_tables(
    day: date,
    *,
    derived: Mapping[str, Sequence[dict[str, Any]]],
    ranges: Sequence[dict[str, Any]],
    exploited: Sequence[dict[str, Any]],
) -> Mapping[str, pa.Table]:
    """Return the tables of a snapshot with what is vulnerable in it, computed once for the same rows and day."""
    key = repr((day, derived, ranges, exploited))
    if key not in _tables_by_rows:
        empty = {entry.name: build_arrow_schema(entry).empty_table() for entry in DERIVED_TABLES}
        tables = {**empty, **{name: build_source_table(name, rows) for name, rows in derived.items()}}
        session = open_source_session(**build_feeds(ranges), known_exploited=exploited)
        _tables_by_rows[key] = add_vulnerability_tables(session, tables, today=day)
    return _tables_by_rows[key]


_tables_by_rows: dict[str, Mapping[str, pa.Table]] = {}


def list_gaps(district: District) -> list[tuple[Any, ...]]:
    """Return (device, product, releases, since, reason, time to fix) of every gap ever.

    The reason is empty while the gap is open, or `missed`.
    """
    releases: dict[int, list[str]] = {}
    for remedy, fix in Release.objects.of(district).order_by("fix").values_list("remedy", "fix"):
        releases.setdefault(remedy, []).append(fix)
    rows = Gap.objects.of(district).values_list(
        "device", "remedy__product_key", "remedy", "since", "why", "took", "missed_since"
    )
    return sorted(
        (*row[:2], "+".join(releases[row[2]]), row[3], row[4] or ("missed" if row[6] else ""), row[5]) for row in rows
    )
