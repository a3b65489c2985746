"""Visits that the calendar or a teacher has overtaken since the plan was made, and those that the last plan moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from homeroom.apps.know.calendars.quiet_periods import are_events_newer
from homeroom.apps.manage.rollouts.models import Rollout
from homeroom.apps.manage.rollouts.queries import VisitView, list_visits
from homeroom.apps.manage.rollouts.records import ENDED_STATES, NO_ENTRY, RolloutRefused
from homeroom.apps.manage.rollouts.visits.visit_moves import load_rules
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.rollouts.spec import ClassTimes, RolloutSpec
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout

_CALENDARS = frozenset({"calendar_days", "calendar_events", "bell_weeks", "bell_periods"})
"""Tables that say on which days and in which minutes a school may be visited."""


@dataclass(frozen=True, kw_only=True)
class UnfitVisits:
    """Numbers of visits to come that do not fit anymore.

    `shut` are those into which nobody could get since the plan was made, and that have no other time yet. `refused` are
    on a day that does not suit the room, `closed` on one without visits in the school, and `class_time` are now in more
    class than was planned.
    """

    shut: int = 0
    refused: int = 0
    closed: int = 0
    class_time: int = 0

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return self.shut + self.refused + self.closed + self.class_time


@dataclass(frozen=True, kw_only=True)
class VisitMovedByPlan:
    """A visit to come that the last plan moved, and when and by whom it was planned before."""

    visit: VisitView
    day: date
    starts: int
    people: Sequence[str]

    @property
    def is_same_time(self) -> bool:
        """Return True if only its people changed."""
        return (self.day, self.starts) == (self.visit.day, self.visit.starts)


def count_unfit_visits(*, district: District, public: str, today: date) -> UnfitVisits:
    """Return how many visits to come do not fit anymore; bells are read only if calendars changed since the plan.

    Raise LookupError if the district has no such rollout.
    """
    rollout = _get_rollout(district, public)
    if rollout.planned_at is None or rollout.state in ENDED_STATES:
        return UnfitVisits()
    tries = list_visits(district=district, public=public)
    shut = _count_shut_rooms(tries, since=rollout.planned_at)
    visits = _select_coming(tries, today)
    refused = [visit for visit in visits if _is_refused(visit)]
    others = [visit for visit in visits if not _is_refused(visit)]
    unfit = UnfitVisits(shut=shut, refused=len(refused))
    if not others or not _has_newer_calendars(district, rollout.planned_at):
        return unfit
    try:
        spec = load_rules(district=district, public=public).spec
    except (RolloutRefused, QueryTimeout):
        return unfit
    closed, class_time = _judge_visits(others, spec)
    return replace(unfit, closed=closed, class_time=class_time)


def _count_shut_rooms(tries: Iterable[VisitView], *, since: datetime) -> int:
    """Return into how many rooms nobody got since a plan was made, of those that have no other visit."""
    rooms = {visit.room for visit in tries if visit.outcome != NO_ENTRY}
    return len(
        {
            visit.room
            for visit in tries
            if visit.room not in rooms and visit.recorded_at is not None and visit.recorded_at >= since
        }
    )


def _judge_visits(visits: Iterable[VisitView], spec: RolloutSpec) -> tuple[int, int]:
    """Return how many visits are on a day without visits in the school, and how many in more class than planned."""
    schools = {school.id: school for school in spec.schools}
    rooms = {room.id: room for room in spec.rooms}
    times = ClassTimes(spec)
    closed = in_class = 0
    for visit in visits:
        room = rooms[visit.room]
        if not schools[room.school].is_visited(visit.day, between=spec.between):
            closed += 1
        else:
            stretches = times.list_class(room, visit.day) or ()
            minutes = sum(max(0, min(visit.ends, part.ends) - max(visit.starts, part.starts)) for part in stretches)
            in_class += minutes > visit.class_minutes
    return closed, in_class


def _is_refused(visit: VisitView) -> bool:
    """Return True if its day is one of the single days that do not suit the room."""
    return visit.day.isoformat() in visit.not_on


def _has_newer_calendars(district: District, planned_at: datetime) -> bool:
    """Return True if calendars were loaded, or events added, ended or taken back, since a plan was made."""
    if are_events_newer(district=district, since=planned_at):
        return True
    loads = get_evidence_store(district=district).list_current_loads()
    return any(load.loaded_at > planned_at and _CALENDARS & set(load.tables) for load in loads)


def list_moved_visits(*, district: District, public: str, today: date) -> tuple[VisitMovedByPlan, ...]:
    """Return the visits to come that the last plan moved, by school and room.

    Raise LookupError if the district has no such rollout.
    """
    moved: dict[str, dict[str, Any]] = {
        item["room"]: item for item in _get_rollout(district, public).figures.get("moved", ())
    }
    if not moved:
        return ()
    listed = [
        VisitMovedByPlan(
            visit=visit,
            day=date.fromisoformat(moved[visit.room]["day"]),
            starts=moved[visit.room]["starts"],
            people=moved[visit.room]["people"],
        )
        for visit in _select_coming(list_visits(district=district, public=public), today)
        if visit.room in moved
    ]
    return tuple(sorted(listed, key=lambda item: (item.visit.school, item.visit.name)))


def _get_rollout(district: District, public: str) -> Rollout:
    rollout = Rollout.objects.of(district).filter(public=public).first()
    if rollout is None:
        raise LookupError(f"there is no rollout {public}")
    return rollout


def _select_coming(visits: Iterable[VisitView], today: date) -> list[VisitView]:
    return [visit for visit in visits if not visit.outcome and visit.began_at is None and visit.day >= today]
