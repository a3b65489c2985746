"""Class time of a district and of each of its schools, from the bells and calendars in evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from homeroom.apps.platform.districts.bell_rows import load_own_bells
from homeroom.apps.platform.districts.evidence_store import fetch_evidence, get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name
from homeroom.domain.schooldays import (
    SCHOOL,
    WEEKDAYS,
    BellCalendar,
    SchoolDay,
    Span,
    find_class_spans,
    fit_class_spans,
    parse_clock_time,
)
from homeroom.evidence.query.executor import QueryTimeout

LOOK_AHEAD = timedelta(days=120)
_DAYS_SQL = """
    SELECT date, kind, coalesce(title, ''), first_bell, last_bell
    FROM district_bells WHERE date BETWEEN ? AND ? ORDER BY date"""
_WEEK_SQL = "SELECT weekday, first_bell, last_bell FROM district_week"
_RANGE_SQL = "SELECT min(date), max(date) FROM district_days"
_SCHOOLS_SQL = """
    SELECT key, name, identifier FROM orgs WHERE kind = 'school' AND coalesce(status, 'active') <> 'tobedeleted'"""


@dataclass(frozen=True, kw_only=True)
class SchoolCalendar:
    """School days around a week: those of the district, and the bells of each school.

    `assumed` is true if no calendar covers the week; its school days are then the usual school weekdays, which only
    serve to avoid class time. `reaches` are the first and last day of any calendar, `usual` the bells of the schools'
    usual weeks by weekday. `schools` are the bells of the schools that have some, by the name or id that the bells are
    loaded with; `without_bells` the schools of the rosters that have none.
    """

    days: Mapping[date, SchoolDay] = field(default_factory=dict)
    assumed: bool = False
    reaches: tuple[date, date] | None = None
    usual: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    schools: Mapping[str, BellCalendar] = field(default_factory=dict)
    without_bells: tuple[str, ...] = ()

    def get_school_day(self, day: date) -> SchoolDay | None:
        """Return the day for avoiding class time; None if nothing is known about it.

        A listed day comes first, then no school if the calendar covers the day, then the usual weeks.
        """
        if day in self.days:
            return self.days[day]
        if self.reaches and self.reaches[0] <= day <= self.reaches[1]:
            return SchoolDay(day=day, kind="closed")
        return self._add_class(_build_usual_day(day, self.usual)) if self.usual else None

    def _add_class(self, school_day: SchoolDay) -> SchoolDay:
        """Return the day with the times of class at any school, where the bells of all schools are known."""
        first_bell, last_bell = school_day.first_bell, school_day.last_bell
        is_certain = self.schools and not self.without_bells and school_day.kind == SCHOOL
        if not is_certain or first_bell is None or last_bell is None or first_bell >= last_bell:
            return school_day
        spans: tuple[Span, ...] | None = find_class_spans(self.schools.values(), school_day.day)
        if not spans:
            return school_day
        return replace(school_day, class_spans=fit_class_spans(spans, first_bell=first_bell, last_bell=last_bell))


def load_school_calendar(*, district: District, week: date, days: timedelta = LOOK_AHEAD) -> SchoolCalendar:
    """Return the listed days from that Monday to so many days later, and each school's bells on them.

    Each has the earliest first and the latest last bell of all schools. Without listed days, return that week's days by
    the schools' usual weeks. Empty without either, and if the query times out.
    """
    try:
        return _build_calendar(district, week, week + days)
    except QueryTimeout:
        return SchoolCalendar()


def _build_calendar(district: District, first: date, last: date) -> SchoolCalendar:
    store = get_evidence_store(district=district)
    ((first_day, last_day),) = fetch_evidence(store, _RANGE_SQL) or [(None, None)]
    weekly = {weekday: (first_bell, last_bell) for weekday, first_bell, last_bell in fetch_evidence(store, _WEEK_SQL)}
    listed_days = [
        SchoolDay(day=day, kind=kind, title=title, first_bell=parse_clock_time(start), last_bell=parse_clock_time(end))
        for day, kind, title, start, end in fetch_evidence(store, _DAYS_SQL, first, last)
    ]
    assumed_days = [_build_usual_day(first + timedelta(days=WEEKDAYS.index(weekday)), weekly) for weekday in weekly]
    schools = load_own_bells(district=district, first=first, last=last)
    names = {fold_name(name) for name in schools}
    calendar = SchoolCalendar(
        assumed=bool(assumed_days and not listed_days),
        reaches=(first_day, last_day) if first_day else None,
        usual=weekly,
        schools=schools,
        without_bells=tuple(
            sorted(
                name or key
                for key, name, number in fetch_evidence(store, _SCHOOLS_SQL)
                if not names & {fold_name(text) for text in (key, name, number) if text}
            )
        ),
    )
    days = {school_day.day: calendar._add_class(school_day) for school_day in listed_days or assumed_days}
    return replace(calendar, days=days)


def _build_usual_day(day: date, weekly: Mapping[str, tuple[str | None, str | None]]) -> SchoolDay:
    """Return the day according to the usual weeks."""
    if (bells := weekly.get(WEEKDAYS[day.weekday()])) is None:
        return SchoolDay(day=day, kind="closed")
    return SchoolDay(day=day, kind=SCHOOL, first_bell=parse_clock_time(bells[0]), last_bell=parse_clock_time(bells[1]))
