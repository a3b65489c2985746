"""Days of a small district with flaws: what stands on its computers, which sources speak of them, and a review of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from homeroom.apps.vulnerabilities.deriving import with_flaws
from homeroom.apps.vulnerabilities.models import Gap, Release
from homeroom.apps.vulnerabilities.reviewing import Reviewed, review
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES
from tests.scene import load
from tests.unit.vulnerabilities.house import feeds, frame, session_with

CHROME = {"vendor": "google", "product": "chrome", "introduced": "0"}
PLAYER = {"vendor": "videolan", "product": "vlc_media_player", "introduced": "0", "last_affected": "3.0.20"}
RANGES = (
    {"cve": "CVE-2099-1001", **CHROME, "fixed": "140.0.7339.80"},
    {"cve": "CVE-2099-1002", **CHROME, "fixed": "141.0.7390.54"},
    {"cve": "CVE-2099-1003", **PLAYER},
)
KEV = ({"cve": "CVE-2099-1001", "connector": "cisa", "due_on": date(2026, 1, 20)},)
OLD, NEWER, MENDED = "139.0.7258.154", "140.0.7339.80", "141.0.7390.54"


def chrome(device: int, version: str, source: str = "fleet") -> dict[str, Any]:
    """Chrome on a device."""
    return {"device": device, "name": "Google Chrome", "version": version, "listing": "programs", "source": source}


def player(device: int) -> dict[str, Any]:
    """A player of which nobody names a mended version."""
    return {"device": device, "name": "VLC media player", "version": "3.0.18", "listing": "programs", "source": "fleet"}


def laptop(device: int, **more: Any) -> dict[str, Any]:
    """A Windows laptop in a school."""
    return {"id": device, "platform": "windows", "kind": "laptop", "school": "Cedar Middle", **more}


def lived(
    district: Any,
    store: Store,
    day: date,
    *,
    devices: Sequence[dict[str, Any]],
    software: Sequence[dict[str, Any]],
    sources: Sequence[str] = ("fleet",),
    complete: bool = True,
    ranges: Sequence[dict[str, Any]] = RANGES,
    flaws: Sequence[dict[str, Any]] = (),
    known: Sequence[dict[str, Any]] = KEV,
) -> Reviewed:
    """Publishes a snapshot of that day and reviews it. `sources` carry every device that they list, by a newer load where `complete`."""
    at = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    for source in sources if complete else ():
        load(store, source, f"{source}.hosts", "device_records", [{"key": str(one["id"])} for one in devices], at=at)
    links = [
        {"subject_kind": "device", "id": one["id"], "connector": source, "instance": source, "table_name": "device_records", "key": str(one["id"])}
        for one in devices
        for source in one.pop("in_sources", sources)
    ]  # fmt: skip
    empty = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    given = {
        **empty,
        "devices": frame("devices", devices),
        "software": frame("software", software),
        "flaws": frame("flaws", flaws),
        "links": frame("links", links),
    }
    session = session_with(**feeds(ranges), known_exploited=known)
    store.publish_derived(with_flaws(session, given, today=day), inputs=f"{day}", today=day, at=at)
    made = review(district=district, store=store, today=day, at=at)
    assert made is not None
    return made


def gaps(district: Any) -> list[tuple[Any, ...]]:
    """(device, thing, releases, since, why, took) of every gap, ever; `why` is empty while it is open, or `missed`."""
    releases: dict[int, list[str]] = {}
    for remedy, fix in Release.objects.of(district).order_by("fix").values_list("remedy", "fix"):
        releases.setdefault(remedy, []).append(fix)
    rows = Gap.objects.of(district).values_list(
        "device", "remedy__thing", "remedy", "since", "why", "took", "missed_since"
    )
    return sorted(
        (*row[:2], "+".join(releases[row[2]]), row[3], row[4] or ("missed" if row[6] else ""), row[5]) for row in rows
    )
