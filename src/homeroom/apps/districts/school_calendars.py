"""Class time of a district and of each of its schools, from the bells and calendars in evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.districts.school_bells import BellRows, build_bells
from homeroom.domain.district import District
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
from homeroom.evidence.query.executor import QueryTimeout, query_executor

LOOK_AHEAD = timedelta(days=120)
_DAYS_SQL = """
    SELECT date, kind, coalesce(title, ''), first_bell, last_bell
    FROM district_bells WHERE date BETWEEN ? AND ? ORDER BY date"""
_WEEK_SQL = "SELECT weekday, first_bell, last_bell FROM district_week"
_RANGE_SQL = "SELECT min(date), max(date) FROM district_days"
_SCHOOL_DAYS_SQL = """
    SELECT org_key, date, kind, title, first_bell, last_bell, type FROM calendar_days
    WHERE org_key <> '' AND date BETWEEN ? AND ?"""
_SCHOOL_WEEKS_SQL = "SELECT org_key, weekday, kind, title, first_bell, last_bell, type FROM bell_weeks"
_PERIODS_SQL = "SELECT org_key, type, starts, ends, name FROM bell_periods"
_SCHOOLS_SQL = """
    SELECT key, name, identifier FROM orgs WHERE kind = 'school' AND coalesce(status, 'active') <> 'tobedeleted'"""

FetchRows = Callable[..., list[tuple[Any, ...]]]
"""A query of evidence: SQL, and its parameters by position."""


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

    def find_bells(self, *names: str | None) -> BellCalendar | None:
        """Return the bells of the school with one of these names or ids, in any case; None if it has none.

        They are right for the days around the week that was loaded; `is_class` of a day is their answer.
        """
        by_name = {_fold(name): bells for name, bells in self.schools.items()}
        return next((by_name[_fold(name)] for name in names if name and _fold(name) in by_name), None)

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
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return SchoolCalendar()
    pinned_to = f"{store.folder}/sources/{store.compute_sources_id()}"

    def fetch(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return query_executor().fetch_rows(
            snapshot_id=pinned_to, pin=store.pin_snapshot, sql=sql, parameters=list(parameters)
        )

    try:
        return _build_calendar(fetch, week, week + days)
    except QueryTimeout:
        return SchoolCalendar()


def _build_calendar(fetch: FetchRows, first: date, last: date) -> SchoolCalendar:
    ((first_day, last_day),) = fetch(_RANGE_SQL)
    weekly = {weekday: (first_bell, last_bell) for weekday, first_bell, last_bell in fetch(_WEEK_SQL)}
    listed_days = [
        SchoolDay(day=day, kind=kind, title=title, first_bell=parse_clock_time(start), last_bell=parse_clock_time(end))
        for day, kind, title, start, end in fetch(_DAYS_SQL, first, last)
    ]
    assumed_days = [_build_usual_day(first + timedelta(days=WEEKDAYS.index(weekday)), weekly) for weekday in weekly]
    reaches = (first_day, last_day) if first_day else None
    closed = _list_closed_days(listed_days, reaches, first, last)
    schools = _build_schools(fetch, first, last, closed)
    names = {_fold(name) for name in schools}
    calendar = SchoolCalendar(
        assumed=bool(assumed_days and not listed_days),
        reaches=reaches,
        usual=weekly,
        schools=schools,
        without_bells=tuple(
            sorted(name or key for key, name, number in fetch(_SCHOOLS_SQL) if not names & _fold_all(key, name, number))
        ),
    )
    days = {school_day.day: calendar._add_class(school_day) for school_day in listed_days or assumed_days}
    return replace(calendar, days=days)


def _build_schools(
    fetch: FetchRows, first: date, last: date, closed: Mapping[date, SchoolDay]
) -> dict[str, BellCalendar]:
    rows = {
        "special": _group_by_school(fetch(_SCHOOL_DAYS_SQL, first, last)),
        "week": _group_by_school(fetch(_SCHOOL_WEEKS_SQL)),
        "periods": _group_by_school(fetch(_PERIODS_SQL)),
    }
    names = sorted({name for part in rows.values() for name in part})
    return {
        name: build_bells(BellRows(**{part: by_school.get(name, []) for part, by_school in rows.items()}), closed)
        for name in names
    }


def _group_by_school(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    ordered = sorted((row for row in rows if row[0]), key=lambda row: str(row[0]))
    return {name: [row[1:] for row in group] for name, group in groupby(ordered, key=lambda row: str(row[0]))}


def _list_closed_days(
    listed_days: Iterable[SchoolDay], reaches: tuple[date, date] | None, first: date, last: date
) -> dict[date, SchoolDay]:
    """Return the days on which no school has school, by the calendars of all of them."""
    by_date = {school_day.day: school_day for school_day in listed_days}
    covered = (max(first, reaches[0]), min(last, reaches[1])) if reaches else (last, first)
    days = (covered[0] + timedelta(days=number) for number in range((covered[1] - covered[0]).days + 1))
    entries = {day: by_date.get(day, SchoolDay(day=day, kind="closed")) for day in days}
    return {day: entry for day, entry in entries.items() if entry.kind != SCHOOL}


def _build_usual_day(day: date, weekly: Mapping[str, tuple[str | None, str | None]]) -> SchoolDay:
    """Return the day according to the usual weeks."""
    if (bells := weekly.get(WEEKDAYS[day.weekday()])) is None:
        return SchoolDay(day=day, kind="closed")
    return SchoolDay(day=day, kind=SCHOOL, first_bell=parse_clock_time(bells[0]), last_bell=parse_clock_time(bells[1]))


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _fold_all(*names: str | None) -> set[str]:
    return {_fold(name) for name in names if name}
