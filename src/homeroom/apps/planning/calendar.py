"""The school days and bells around a week, from evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
from homeroom.engines.plan.non_instructional_time import SchoolDay, parse_clock_time
from homeroom.evidence.query.executor import QueryTimeout, query_executor

LOOK_AHEAD = timedelta(days=120)
_DAYS_SQL = """
    SELECT date, kind, coalesce(title, ''), first_bell, last_bell
    FROM district_bells WHERE date BETWEEN ? AND ? ORDER BY date"""
_WEEK_SQL = "SELECT weekday, first_bell, last_bell FROM district_week"
_RANGE_SQL = "SELECT min(date), max(date) FROM district_days"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class SchoolCalendar:
    """School days around a week.

    `assumed` is true if no calendar covers the week; its school days are then the usual school weekdays, which only
    serve to avoid class time. `reaches` are the first and last day of any calendar, `usual` the bells of the schools'
    usual weeks by weekday.
    """

    days: Mapping[date, SchoolDay] = field(default_factory=dict)
    assumed: bool = False
    reaches: tuple[date, date] | None = None
    usual: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    def get_school_day(self, day: date) -> SchoolDay | None:
        """Return the day for avoiding class time; None if nothing is known about it.

        A listed day comes first, then no school if the calendar covers the day, then the usual weeks.
        """
        if day in self.days:
            return self.days[day]
        if self.reaches and self.reaches[0] <= day <= self.reaches[1]:
            return SchoolDay(day=day, kind="closed")
        return _build_usual_day(day, self.usual) if self.usual else None


def load_school_calendar(*, district: District, week: date) -> SchoolCalendar:
    """Return the listed days from that Monday to four months later.

    Each has the earliest first and the latest last bell of all schools. Without listed days, return that week's days by
    the schools' usual weeks. Empty without either, and if the query times out.
    """
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return SchoolCalendar()
    pinned_to = f"{store.folder}/sources/{store.compute_sources_id()}"
    try:
        rows = query_executor().fetch_rows(
            snapshot_id=pinned_to, pin=store.pin_snapshot, sql=_DAYS_SQL, parameters=[week, week + LOOK_AHEAD]
        )
        usual_rows = query_executor().fetch_rows(snapshot_id=pinned_to, pin=store.pin_snapshot, sql=_WEEK_SQL)
        ((first_day, last_day),) = query_executor().fetch_rows(
            snapshot_id=pinned_to, pin=store.pin_snapshot, sql=_RANGE_SQL
        )
    except QueryTimeout:
        return SchoolCalendar()
    weekly = {weekday: (first, last) for weekday, first, last in usual_rows}
    listed_days = [
        SchoolDay(day=day, kind=kind, title=title, first_bell=parse_clock_time(first), last_bell=parse_clock_time(last))
        for day, kind, title, first, last in rows
    ]
    assumed_days = [_build_usual_day(week + timedelta(days=_WEEKDAYS.index(weekday)), weekly) for weekday in weekly]
    return SchoolCalendar(
        days={school_day.day: school_day for school_day in listed_days or assumed_days},
        assumed=bool(assumed_days and not listed_days),
        reaches=(first_day, last_day) if first_day else None,
        usual=weekly,
    )


def _build_usual_day(day: date, weekly: Mapping[str, tuple[str | None, str | None]]) -> SchoolDay:
    """Return the day according to the usual weeks."""
    if (bells := weekly.get(_WEEKDAYS[day.weekday()])) is None:
        return SchoolDay(day=day, kind="closed")
    return SchoolDay(
        day=day, kind="school", first_bell=parse_clock_time(bells[0]), last_bell=parse_clock_time(bells[1])
    )
