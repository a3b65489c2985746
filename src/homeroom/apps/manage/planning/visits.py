"""Visits of rollouts in the weekly plan: the hours that they take, and the findings whose remedy they carry out.

The rollouts are the source of both (`visit_sources`). A finding whose remedy is under way in a rollout is planned, not
open work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from homeroom.apps.manage.planning.hours import PersonHours
from homeroom.apps.platform.districts.app_sources import load_sources
from homeroom.domain.manage.planning import PersonCapacity
from homeroom.domain.manage.rollouts.working_days import TimedVisit, sum_working_minutes
from homeroom.domain.platform.district import District
from homeroom.library.manage.planning import load_planning_rules

if TYPE_CHECKING:  # the app of rollouts imports this module at every start
    from homeroom.apps.protect.posture.published.queries import AssessmentRef


@dataclass(frozen=True, kw_only=True)
class RolloutRemedy:
    """A finding whose remedy a rollout carries out: the rollout's id and title, and its last visit.

    `done_at` is when its last visit was recorded, None while the rollout is under way.
    """

    finding: str
    rollout: str
    title: str
    last_day: date | None
    done_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WeekVisits:
    """The hours of visits in a week: `counted` of people with hours in the plan, by user name, and of `others`.

    `by_day` are the minutes of those that count, by user name and day.
    """

    counted: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[tuple[str, date], int] = field(default_factory=dict)

    @property
    def minutes(self) -> int:
        """Return the minutes that are taken off the team's hours at most."""
        return sum(self.counted.values())


class VisitSource(Protocol):
    """Where visits are kept."""

    def list_visits(self, *, district: District, monday: date) -> tuple[TimedVisit, ...]:
        """Return the visits of the week of that Monday that take hours."""

    def list_remedies(self, *, district: District) -> tuple[RolloutRemedy, ...]:
        """Return the findings whose remedy is under way in a rollout, or done in one."""


def _load_sources() -> tuple[VisitSource, ...]:
    return load_sources("visit_sources")


def load_week_visits(*, district: District, monday: date, team: Sequence[PersonHours]) -> WeekVisits:
    """Return the hours of visits in the week of a Monday, matched by name with the people who have hours."""
    visits = [item for source in _load_sources() for item in source.list_visits(district=district, monday=monday)]
    names = find_members((person for visit in visits for person in visit.people), team)
    planned = _list_planned_people(team)
    members = {name: person for name, person in names.items() if person in planned}
    of_members = [
        replace(visit, people=[members[name] for name in visit.people if name in members]) for visit in visits
    ]
    of_others = (replace(visit, people=[name for name in visit.people if name not in members]) for visit in visits)
    return WeekVisits(
        counted=sum_working_minutes(of_members),
        others=sum_working_minutes(of_others),
        by_day={
            (person, day): minutes
            for day in sorted({visit.day for visit in of_members})
            for person, minutes in sum_working_minutes(visit for visit in of_members if visit.day == day).items()
        },
    )


def find_members(names: Iterable[str], team: Sequence[PersonHours]) -> dict[str, str]:
    """Return the user name of each name that is the user name, the full or the first name of exactly one member."""
    by_text: dict[str, set[str]] = {}
    for member in team:
        for text in (member.person, member.name, member.name.partition(" ")[0]):
            by_text.setdefault(text.casefold(), set()).add(member.person)
    matches = {name: by_text.get(" ".join(name.casefold().split()), set()) for name in names}
    return {name: next(iter(people)) for name, people in matches.items() if len(people) == 1}


def _list_planned_people(team: Sequence[PersonHours]) -> set[str]:
    """Return the people whose hours the plan fills: those with entered hours, or with assumed ones if nobody has."""
    is_entered = any(member.minutes is not None for member in team)
    return {member.person for member in team if (member.minutes if is_entered else member.hours)}


def subtract_visits(seats: Iterable[PersonCapacity], visits: WeekVisits) -> tuple[PersonCapacity, ...]:
    """Return the seats less the visits of each person; nobody loses more than they have.

    Where hours are assumed for all technicians together, each of them loses at most their part.
    """
    assumed = round(load_planning_rules().suggested_hours * 60)
    shared = sum(min(assumed, minutes) for minutes in visits.counted.values())
    return tuple(
        _subtract_minutes(seat, visits.counted.get(seat.person, 0) if seat.person else shared) for seat in seats
    )


def _subtract_minutes(seat: PersonCapacity, minutes: int) -> PersonCapacity:
    spent = min(seat.minutes, minutes)
    return replace(seat, minutes=seat.minutes - spent, spent=seat.spent + spent)


def list_planned_remedies(*, district: District, assessment: AssessmentRef | None) -> dict[str, RolloutRemedy]:
    """Return the findings that are planned in a rollout, by public id.

    One of a rollout that is done stays planned until data from after its last visit was assessed, which proves it or
    opens it again.
    """
    remedies = [item for source in _load_sources() for item in source.list_remedies(district=district)]
    return {item.finding: item for item in remedies if item.done_at is None or not _has_proof(item, assessment)}


def _has_proof(remedy: RolloutRemedy, assessment: AssessmentRef | None) -> bool:
    is_newer = assessment and assessment.as_of and remedy.done_at and assessment.as_of > remedy.done_at
    return bool(is_newer)
