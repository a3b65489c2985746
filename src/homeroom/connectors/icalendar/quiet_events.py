"""Tests and freezes of a calendar: the days on which a school's devices and systems are to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from homeroom.connectors.icalendar.events import get_days, get_line, spread_components
from homeroom.connectors.icalendar.testing_words import classify_quiet
from homeroom.ingest.rows.record_builder import RecordBuilder

if TYPE_CHECKING:
    from icalendar import Calendar

LONGEST = 2000  # days: five school years
_NEAR = timedelta(days=400)  # a test of the year before or after
EVENT_SCHEMA = {
    "org_key": pl.String, "first": pl.Date, "last": pl.Date, "title": pl.String, "kind": pl.String,
    "line": pl.Int64, "_line": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class QuietEvent:
    """A test or a freeze on the days from `first` to `last`."""

    kind: str
    title: str
    first: date
    last: date
    line: int

    def build_row(self) -> tuple[date, date, str, str, int, int]:
        """Return the row of calendar_events, without the school."""
        return self.first, self.last, self.title, self.kind, self.line, self.line


def find_quiet_events(
    calendar: Calendar,
    components: list[Any],
    *,
    zone: ZoneInfo | None,
    bounds: tuple[date, date] | None,
    rejects: RecordBuilder,
) -> list[QuietEvent]:
    """Return each occurrence of the tests and freezes among a calendar's events, by day, each once.

    `bounds` are the days of school; without them the last years count. An event years away from them is rejected.
    """
    window = _find_window(components, zone=zone, bounds=bounds)
    near = [item for item in components if window and _is_near(item, window, zone=zone, rejects=rejects)]
    if window is None or not near:
        return []
    events = {
        (event.first, event.last, event.kind, event.title): event
        for component in spread_components(calendar, near, between=window, rejects=rejects)
        if (event := _build_quiet_event(component, zone)) is not None
    }
    return [events[key] for key in sorted(events)]


def _find_window(
    components: list[Any], *, zone: ZoneInfo | None, bounds: tuple[date, date] | None
) -> tuple[date, date] | None:
    days = [get_days(item, zone)[:2] for item in components]
    if not days:
        return None
    newest = max(last for _, last in days)
    first, last = bounds or (newest, newest)
    reach = _NEAR if bounds else timedelta(days=LONGEST)
    near = [(begins, ends) for begins, ends in days if begins >= first - reach and ends <= last + _NEAR]
    return min([first, *(begins for begins, _ in near)]), max([last, *(ends for _, ends in near)])


def _is_near(component: Any, window: tuple[date, date], *, zone: ZoneInfo | None, rejects: RecordBuilder) -> bool:
    """Check whether an event, or one of its repetitions, may be within the window; reject it if not."""
    first, last, _ = get_days(component, zone)
    if (window[0] <= last or "RRULE" in component or "RDATE" in component) and first <= window[1]:
        return True
    reason = f"a test or freeze years away from the calendar's other days, {window[0]} to {window[1]}"
    rejects.reject(line=get_line(component), field="DTSTART", value=None, reason=reason, row_lost=True)
    return False


def _build_quiet_event(component: Any, zone: ZoneInfo | None) -> QuietEvent | None:
    title = " ".join(str(component.get("SUMMARY", "")).split())
    kind = classify_quiet(title)
    if kind is None or str(component.get("STATUS", "")).upper() == "CANCELLED":
        return None
    first, last, _ = get_days(component, zone)
    return QuietEvent(kind=kind, title=title, first=first, last=last, line=get_line(component))
