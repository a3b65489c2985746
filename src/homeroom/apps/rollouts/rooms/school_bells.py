"""The schools that a district knows and their bells, from evidence, as the folders that a spec names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
from homeroom.domain.schooldays import WEEKDAYS, BellCalendar, DayType, Stretch, format_clock_time, parse_clock_time
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

NO_SCHOOL = "no-school"
UNKNOWN = "unknown-bells"
"""The type of a school day of which no bells are known; no bells define it, so that nobody visits then."""
CLASS_NAME = "Class"
"""The name of the stretch of a day of which only the first and last bell are known."""
_SCHOOLS_SQL = "SELECT DISTINCT key, name FROM orgs WHERE lower(kind) = 'school' AND name IS NOT NULL ORDER BY ALL"
_DAYS_SQL = """
    SELECT coalesce(org_key, ''), date, kind, title, first_bell, last_bell, type FROM calendar_days ORDER BY ALL"""
_WEEKS_SQL = """
    SELECT coalesce(org_key, ''), weekday, kind, first_bell, last_bell, type FROM bell_weeks ORDER BY ALL"""
_QUIET_SQL = "SELECT DISTINCT coalesce(org_key, ''), first, last FROM calendar_events ORDER BY ALL"
_PERIODS_SQL = "SELECT coalesce(org_key, ''), type, starts, ends, coalesce(name, '') FROM bell_periods ORDER BY ALL"


@dataclass(frozen=True, kw_only=True)
class SchoolKeys:
    """The schools of a district: `names` by each name and id in lower case, `keys` the ids and names of each name."""

    names: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Calendars:
    """Rows of evidence about the bells of all schools, by the school as the calendar names it."""

    days: Mapping[str, Sequence[tuple[date, str, str | None, str | None, str | None, str | None]]]
    weeks: Mapping[str, Sequence[tuple[str, str, str | None, str | None, str | None]]]
    periods: Mapping[str, Sequence[tuple[str, str, str, str]]]


def list_school_keys(*, district: District) -> SchoolKeys:
    """Return the schools that rosters and calendars name. Raise QueryTimeout."""
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return SchoolKeys()
    calendars = _load_calendars(store)
    names: dict[str, str] = {}
    keys: dict[str, set[str]] = {}
    for key, name in fetch_evidence(store, _SCHOOLS_SQL):
        for text in filter(None, (name, key)):
            names.setdefault(text.casefold(), name)
            keys.setdefault(names[text.casefold()], {name}).add(text)
    for org in sorted({*calendars.days, *calendars.weeks, *calendars.periods} - {""}):
        name = names.setdefault(org.casefold(), org)
        keys.setdefault(name, {name}).add(org)
    return SchoolKeys(names=names, keys={name: frozenset(texts) for name, texts in keys.items()})


def load_school_bells(
    *, district: District, schools: Iterable[str], first: date, last: date
) -> dict[str, BellCalendar | None]:
    """Return the bells of each school between two days; None for one without any bells.

    A day is of the type that the school's own calendar names, else closed where the district's calendar closes it with
    a name, else of its weekday's type. Days that a calendar covers and does not list are closed. A school without bells
    of its own has the district's. Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return dict.fromkeys(schools)
    calendars, keys = _load_calendars(store), list_school_keys(district=district).keys
    return {
        name: _build_calendar(calendars, keys.get(name, frozenset({name})), first=first, last=last) for name in schools
    }


def list_quiet_days(*, district: District, schools: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the days of tests and freezes in the calendars of each school, and of the district, as the spec has them.

    Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    if not store.list_current_loads():
        return {}
    events, keys = _group(fetch_evidence(store, _QUIET_SQL)), list_school_keys(district=district).keys
    days: dict[str, tuple[str, ...]] = {}
    for school in schools:
        own = {key.casefold() for key in keys.get(school, {school})} | {""}
        spans = sorted({span for org, spans in events.items() if org.casefold() in own for span in spans})
        days[school] = tuple(f"{first}..{last}" if first != last else f"{first}" for first, last in spans)
    return days


def fetch_evidence(store: EvidenceStore, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over the sources as they are loaded now. Raise QueryTimeout."""
    pinned_to = f"{store.folder}/sources/{store.compute_sources_id()}"
    return query_executor().fetch_rows(snapshot_id=pinned_to, pin=store.pin_snapshot, sql=sql)


def _load_calendars(store: EvidenceStore) -> _Calendars:
    return _Calendars(
        days=_group(fetch_evidence(store, _DAYS_SQL)),
        weeks=_group(fetch_evidence(store, _WEEKS_SQL)),
        periods=_group(fetch_evidence(store, _PERIODS_SQL)),
    )


def _group(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for org, *values in rows:
        groups.setdefault(org, []).append(tuple(values))
    return groups


def _build_calendar(calendars: _Calendars, keys: frozenset[str], *, first: date, last: date) -> BellCalendar | None:
    """Return the bells of the school that calendars name by one of these keys."""
    own = {key.casefold() for key in keys}
    weeks = [row for org, rows in calendars.weeks.items() if org.casefold() in own for row in rows]
    days = [row for org, rows in calendars.days.items() if org.casefold() in own for row in rows]
    periods = [row for org, rows in calendars.periods.items() if org.casefold() in own for row in rows]
    shared = calendars.days.get("", ())
    if not weeks and not days:
        days, shared = list(shared), ()
    types = _build_types(periods)
    week = {WEEKDAYS.index(row[0]): _name_type(types, *row[1:]) for row in weeks if row[0] in WEEKDAYS}
    special = _list_special_days(types, days, shared, first=first, last=last)
    if not any(types[name].stretches for name in {*week.values(), *special.values()} if name in types):
        return None
    week = {weekday: week.get(weekday, UNKNOWN if weekday < 5 and not week else NO_SCHOOL) for weekday in range(7)}
    return BellCalendar(types=types, week=week, special=special)


def _build_types(periods: Iterable[tuple[str, str, str, str]]) -> dict[str, DayType]:
    stretches: dict[str, list[Stretch]] = {}
    for name, starts, ends, period in periods:
        begins, finishes = parse_clock_time(starts), parse_clock_time(ends)
        if begins is not None and finishes is not None:
            stretches.setdefault(name, []).append(Stretch(starts=begins, ends=finishes, name=period))
    types = {
        name: DayType(name=name, stretches=tuple(sorted(items, key=lambda item: item.starts)))
        for name, items in stretches.items()
    }
    return {NO_SCHOOL: DayType(name=NO_SCHOOL), **types}


def _name_type(types: dict[str, DayType], kind: str, first: str | None, last: str | None, name: str | None) -> str:
    """Return the type of a day; one without periods gets a single stretch of class from its first to its last bell."""
    if name and name in types:
        return name
    begins, ends = parse_clock_time(first), parse_clock_time(last)
    if kind != "school":
        return NO_SCHOOL
    if begins is None or ends is None or begins >= ends:
        return name or UNKNOWN
    new_name = name or f"bells-{begins // 60:02}{begins % 60:02}-{ends // 60:02}{ends % 60:02}"
    types.setdefault(new_name, DayType(name=new_name, stretches=(Stretch(starts=begins, ends=ends, name=CLASS_NAME),)))
    return new_name


def _list_special_days(
    types: dict[str, DayType], own: Sequence[Any], shared: Sequence[Any], *, first: date, last: date
) -> dict[date, str]:
    special: dict[date, str] = {}
    for day, kind, title, *_ in shared:
        if kind != "school" and title and first <= day <= last:
            special[day] = NO_SCHOOL
    for day, kind, title, first_bell, last_bell, name in own:
        if not first <= day <= last or (day in special and title is None):
            continue
        if kind != "school" or first_bell or name:
            special[day] = _name_type(types, kind, first_bell, last_bell, name)
        else:
            special.pop(day, None)
    listed = {row[0] for row in own if row[1] == "school"} or {row[0] for row in shared if row[1] == "school"}
    if listed:
        covered = {row[0] for row in own} | {row[0] for row in shared if row[1] == "school"}
        for number in range(max(first, min(listed)).toordinal(), min(last, max(listed)).toordinal() + 1):
            day = date.fromordinal(number)
            if day not in covered:
                special.setdefault(day, NO_SCHOOL)
    return special


def write_bell_folder(folder: Path, bells: BellCalendar) -> None:
    """Write the bells of a school as calendar.bell and schedules.bell."""
    folder.mkdir(parents=True, exist_ok=True)
    schedules = ["# Written from the evidence of Homeroom"]
    for day_type in bells.types.values():
        schedules.append(f"* {day_type.name} # {day_type.title or day_type.name}")
        schedules += _format_stretches(day_type.stretches)
    week = [f"{WEEKDAYS[weekday].capitalize()} {name}" for weekday, name in sorted(bells.week.items())]
    special = [f"{day.month}/{day.day}/{day.year} {name}" for day, name in sorted(bells.special.items())]
    calendar = ["* Default Week", *week, "", "* Special Days", *special]
    (folder / "schedules.bell").write_text("\n".join(schedules) + "\n", encoding="utf-8")
    (folder / "calendar.bell").write_text("\n".join(calendar) + "\n", encoding="utf-8")


def _format_stretches(stretches: Sequence[Stretch]) -> list[str]:
    """Return a line for each stretch, for each gap between two, and for the end of the last one."""
    lines, end = [], None
    for stretch in stretches:
        if end is not None and end < stretch.starts:
            lines.append(format_clock_time(end))
        lines.append(f"{format_clock_time(stretch.starts)} {stretch.name}".rstrip())
        end = stretch.ends
    return [*lines, format_clock_time(end)] if end is not None else lines
