"""The bells of schools from the calendars in evidence: of named schools, or of each that has a calendar of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.platform.districts.evidence_store import fetch_small_table, get_evidence_store
from homeroom.apps.platform.districts.school_bells import CalendarRows, build_bells
from homeroom.apps.platform.districts.school_keys import SchoolKeys, list_school_keys
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name
from homeroom.domain.schooldays import BellCalendar

_DAYS_SQL = """
    SELECT coalesce(org_key, ''), date, kind, title, first_bell, last_bell, type FROM calendar_days
    WHERE date BETWEEN ? AND ? ORDER BY ALL"""
_REACH_SQL = """
    SELECT coalesce(org_key, ''), min(date), max(date) FROM calendar_days WHERE kind = 'school' GROUP BY ALL"""
_WEEKS_SQL = """
    SELECT coalesce(org_key, ''), weekday, kind, title, first_bell, last_bell, type FROM bell_weeks ORDER BY ALL"""
_PERIODS_SQL = "SELECT coalesce(org_key, ''), type, starts, ends, name FROM bell_periods ORDER BY ALL"


@dataclass(frozen=True, kw_only=True)
class _Calendars:
    """Rows of evidence about the bells of all schools, by the school as calendars name it; empty for the district."""

    days: Mapping[str, Sequence[tuple[Any, ...]]]
    reaches: Mapping[str, Sequence[tuple[Any, ...]]]
    weeks: Mapping[str, Sequence[tuple[Any, ...]]]
    periods: Mapping[str, Sequence[tuple[Any, ...]]]

    def list_schools(self) -> tuple[str, ...]:
        """Return the schools that calendars name."""
        return tuple(sorted({*self.days, *self.weeks, *self.periods} - {""}))

    def collect(self, keys: frozenset[str]) -> CalendarRows:
        """Return the rows of the school that calendars name by one of these keys."""
        days, reaches, weeks, periods = (
            [row for org, rows in part.items() if fold_name(org) in keys for row in rows]
            for part in (self.days, self.reaches, self.weeks, self.periods)
        )
        reach = (min(row[0] for row in reaches), max(row[1] for row in reaches)) if reaches else None
        return CalendarRows(days=days, week=weeks, periods=periods, reach=reach)


def load_school_bells(
    *, district: District, schools: Iterable[str], first: date, last: date
) -> dict[str, BellCalendar | None]:
    """Return the bells of each school between two days; None for one without any class.

    `schools` are names as `list_school_keys` has them. A school without bells of its own has the district's. Raise
    QueryTimeout.
    """
    calendars, keys = _load_calendars(district, first, last), list_school_keys(district=district)
    built = {name: _build_bells(calendars, keys.list_keys(name), first, last) for name in schools}
    return {name: bells if _has_class(bells) else None for name, bells in built.items()}


def load_own_bells(*, district: District, first: date, last: date) -> dict[str, BellCalendar]:
    """Return the bells between two days of each school with a calendar of its own, by its first name in one.

    Raise QueryTimeout.
    """
    calendars, keys = _load_calendars(district, first, last), list_school_keys(district=district)
    names: dict[str, str] = {}
    for org in calendars.list_schools():
        names.setdefault(_find_school(keys, org), org)
    return {org: _build_bells(calendars, keys.list_keys(name), first, last) for name, org in names.items()}


def _find_school(keys: SchoolKeys, org: str) -> str:
    return keys.names.get(fold_name(org), org)


def _build_bells(calendars: _Calendars, keys: frozenset[str], first: date, last: date) -> BellCalendar:
    return build_bells(calendars.collect(keys), calendars.collect(frozenset({""})), first=first, last=last)


def _has_class(bells: BellCalendar) -> bool:
    used = {*bells.week.values(), *bells.special.values()}
    return any(bells.types[name].stretches for name in used if name in bells.types)


def _load_calendars(district: District, first: date, last: date) -> _Calendars:
    store = get_evidence_store(district=district)
    return _Calendars(
        days=_group(fetch_small_table(store, _DAYS_SQL, first, last)),
        reaches=_group(fetch_small_table(store, _REACH_SQL)),
        weeks=_group(fetch_small_table(store, _WEEKS_SQL)),
        periods=_group(fetch_small_table(store, _PERIODS_SQL)),
    )


def _group(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    groups: dict[str, list[tuple[Any, ...]]] = {}
    for org, *values in rows:
        groups.setdefault(org, []).append(tuple(values))
    return groups
