"""Lists for the office: visits before the first bell, and rooms and days that nobody may touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from glob import escape
from typing import Any

from homeroom.apps.know.calendars.quiet_periods import list_quiet_days
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.queries import VisitView, list_visits
from homeroom.apps.manage.rollouts.records import NO_ENTRY
from homeroom.apps.manage.rollouts.specs.ruled_days import (
    list_ruled_edges,
    list_test_types,
    load_ruled_bells,
    parse_bounds,
)
from homeroom.apps.manage.rollouts.visits.visit_slots import BEFORE, NO_SCHOOL
from homeroom.domain.manage.rollouts.spec import RolloutSchool
from homeroom.domain.platform.district import District
from homeroom.library.manage.rollouts.spec_values import UnfitValue, parse_day, parse_days

RULED, QUIET, TYPE, EDGE, NOT_THEN, ROOM_DAY, TOO_EARLY, NO_VISIT = (
    "ruled", "quiet", "type", "edge", "not_then", "room_day", "too_early", "no_visit",
)  # fmt: skip
"""Why a room is not touched: days of the rules, of tests in the calendar, of a type of day, of the first or the last
week of classes; days that do not suit the room, by its link or by hand; before its first day; or it has no visit."""


@dataclass(frozen=True, kw_only=True)
class UntouchedSpan:
    """Days on which nobody may touch a room, or any room of a school if `room` is empty.

    `first` and `last` are None for a room that has no visit at all. `detail` is the planner's reason,
    and `is_planned` whether a visit is planned on these days, until the next plan moves it.
    """

    school: str
    room: str = ""
    first: date | None = None
    last: date | None = None
    why: str
    detail: str = ""
    is_planned: bool = False


def list_early_visits(*, district: District, public: str, today: date, school: str = "") -> tuple[VisitView, ...]:
    """Return the visits to come before the first bell or on a day without class, by school and time."""
    visits = [
        visit
        for visit in list_visits(district=district, public=public)
        if visit.slot in (BEFORE, NO_SCHOOL)
        and not visit.outcome
        and visit.day >= today
        and school in ("", visit.school)
    ]
    return tuple(sorted(visits, key=lambda visit: (visit.school, visit.day, visit.starts, visit.name)))


def list_untouched_spans(
    *, district: District, public: str, today: date, school: str = ""
) -> tuple[UntouchedSpan, ...]:
    """Return what nobody may touch from today on: first the days of schools, then rooms. Raise QueryTimeout."""
    rollout = Rollout.objects.of(district).get(public=public)
    rooms = TargetRoom.objects.of(district).filter(rollout=rollout).order_by("school", "name")
    chosen = [room for room in rooms if school in ("", room.school)]
    schools = list(dict.fromkeys(room.school for room in chosen))
    spans = [*_iter_school_spans(district, rollout, schools), *_iter_room_spans(rollout, chosen)]
    coming: dict[str, list[VisitView]] = defaultdict(list)
    for visit in list_visits(district=district, public=public):
        if not visit.outcome and visit.day >= today:
            coming[visit.school].append(visit)
    current = [_mark_planned(span, coming[span.school]) for span in spans if span.last is None or span.last >= today]
    return (*current, *_list_rooms_without_visit(district, rollout, chosen))


def _mark_planned(span: UntouchedSpan, visits: Sequence[VisitView]) -> UntouchedSpan:
    """Return a span with whether one of the school's visits is planned in it."""
    if span.first is None or span.last is None:
        return span
    is_planned = any(span.room in ("", visit.name) and span.first <= visit.day <= span.last for visit in visits)
    return replace(span, is_planned=is_planned)


def _iter_school_spans(district: District, rollout: Rollout, schools: Sequence[str]) -> Iterator[UntouchedSpan]:
    rules = rollout.rules
    no_visits = rules.get("each_school", {}).get("no_visits", {})
    quiet = list_quiet_days(district=district, schools=schools, is_strict=bool(rules.get("quiet_days")))
    by_bells = _list_days_by_bells(district, rollout, schools, tuple(no_visits.get("types", ())))
    for school in schools:
        for reason, days in (
            (RULED, _parse_days(no_visits.get("days", []))),
            (QUIET, _parse_days(quiet.get(school, ()))),
            *by_bells.get(school, {}).items(),
        ):
            for first, last in _join_days(days):
                yield UntouchedSpan(school=school, first=first, last=last, why=reason)


def _list_days_by_bells(
    district: District, rollout: Rollout, schools: Sequence[str], types: tuple[str, ...]
) -> dict[str, dict[str, set[date]]]:
    """Return the days of each school that its bells keep free of visits: by their type, and at the edges of a year."""
    rules = rollout.rules
    if not (rules.get("from") and rules.get("until")):
        return {}
    first, last = parse_bounds(rules)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    ruled: dict[str, dict[str, set[date]]] = {}
    for name, bells in load_ruled_bells(district=district, rules=rules, schools=schools).items():
        if bells is not None:
            patterns = (*types, *(escape(item.name) for item in list_test_types(bells, rules)))
            open_school = RolloutSchool(id=name, bells=bells, opens=0, closes=0)
            ruled_school = RolloutSchool(id=name, bells=bells, opens=0, closes=0, no_visit_types=patterns)
            typed = {day for day in days if open_school.is_visited(day) and not ruled_school.is_visited(day)}
            ruled[name] = {TYPE: typed, EDGE: set(list_ruled_edges(bells, rules)) - typed}
    return ruled


def _iter_room_spans(rollout: Rollout, rooms: Iterable[TargetRoom]) -> Iterator[UntouchedSpan]:
    start = rollout.rules.get("from")
    for room in rooms:
        values: dict[str, Any] = {"school": room.school, "room": room.name}
        by_link = set(map(date.fromisoformat, room.refused_by_link))
        for reason, days in ((NOT_THEN, by_link), (ROOM_DAY, _parse_days(room.not_on) - by_link)):
            for first, last in _join_days(days):
                yield UntouchedSpan(first=first, last=last, why=reason, **values)
        if room.after and start and start <= room.after.isoformat():
            yield UntouchedSpan(first=parse_day(start), last=room.after, why=TOO_EARLY, **values)


def _list_rooms_without_visit(district: District, rollout: Rollout, rooms: Iterable[TargetRoom]) -> list[UntouchedSpan]:
    visits = RolloutVisit.objects.of(district).filter(rollout=rollout).exclude(outcome=NO_ENTRY)
    visited = set(visits.values_list("room", flat=True))
    reasons = {item["room"]: item["says"] for item in rollout.figures.get("left_out", ())}
    return [
        UntouchedSpan(school=room.school, room=room.name, why=NO_VISIT, detail=reasons.get(room.room, ""))
        for room in rooms
        if room.room not in visited
    ]


def _parse_days(texts: Iterable[str]) -> set[date]:
    """Return the days of a list; what cannot be read is left out, since the planner refuses it with what would fit."""
    days: set[date] = set()
    for text in texts:
        try:
            days |= parse_days([text])
        except UnfitValue:
            continue
    return days


def _join_days(days: Iterable[date]) -> list[tuple[date, date]]:
    """Return days as spans of consecutive ones."""
    spans: list[tuple[date, date]] = []
    for day in sorted(days):
        if spans and (day - spans[-1][1]).days == 1:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
