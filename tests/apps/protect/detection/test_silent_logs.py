"""A log, or a server, that had many entries each school day and has none now is an alert."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from homeroom.apps.protect.detection.judging.silent_logs import build_activities, list_silent_logs
from homeroom.engines.protect.enrich.event_enricher import is_weekday

MONDAY = date(2026, 9, 14)
ZONE = "America/Chicago"


def _count(entries: int, *, days: range) -> dict[int, int]:
    """Return entries on each weekday of these days from Monday on."""
    dates = (MONDAY + timedelta(days=day) for day in days)
    return {day.toordinal(): entries for day in dates if is_weekday(day)}


def _list_silent(**entries: dict[int, int]) -> list[tuple[str, list[str]]]:
    counted = {name.replace("__", "//").replace("_", "/"): days for name, days in entries.items()}
    newest = {
        name: datetime.combine(date.fromordinal(max(days)), datetime.min.time(), tzinfo=UTC) + timedelta(hours=20)
        for name, days in counted.items() if "//" not in name
    }  # fmt: skip
    detections = list_silent_logs(build_activities(counted, newest), timezone=ZONE, is_school_day=is_weekday)
    return [(item.event.key, [entity.name for entity in item.entities]) for item in detections]


def test_a_busy_log_falls_silent_after_a_week_and_a_quiet_one_after_more():
    goes_on = _count(50, days=range(12))
    assert _list_silent(google_login=goes_on, google_drive=_count(100, days=range(7))) == [
        ("google/drive/2026-09-21", ["google/drive"])
    ]
    assert _list_silent(google_login=goes_on, google_drive=_count(99, days=range(7))) == []
    assert _list_silent(google_login=goes_on, google_drive=_count(20, days=range(9))) == [
        ("google/drive/2026-09-23", ["google/drive"])
    ]
    assert _list_silent(google_login=goes_on, google_drive=_count(100, days=range(4))) == []


def test_a_domain_controller_falls_silent_while_the_other_goes_on():
    goes_on = _count(900, days=range(12))
    silent = _list_silent(windows_Security=goes_on, windows__DC01=goes_on, windows__DC02=_count(400, days=range(8)))
    assert silent == [("windows/DC02/2026-09-22", ["DC02"])]
    alone = _count(900, days=range(8))
    assert _list_silent(windows_Security=alone, windows__DC02=alone) == []
