"""Whose hours the week has: asked once a person, or assumed until somebody says them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homeroom.apps.districts.queries import AUDITOR, TECHNICIAN, members
from homeroom.apps.planning.models import TeamHours
from homeroom.domain.work import Seat
from homeroom.library.planning import planning_rules


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One person who may give hours: `minutes` a week, None where nobody said yet."""

    person: str
    name: str
    role: str
    minutes: int | None

    @property
    def hours(self) -> float:
        """The hours that stand, or those that are suggested: none for who is no technician."""
        if self.minutes is not None:
            return self.minutes / 60
        return planning_rules().suggested_hours if self.role == TECHNICIAN else 0


def team_hours(*, district: Any) -> tuple[Hours, ...]:
    """Everybody of the district who may do planned work, by name, with their hours."""
    told = dict(TeamHours.objects.of(district).values_list("person", "minutes"))
    people = [one for one in members(district=district) if one[2] != AUDITOR]
    return tuple(Hours(person=person, name=name, role=role, minutes=told.get(person)) for person, name, role in people)


def has_hours(*, district: Any) -> bool:
    """Whether somebody said hours."""
    return TeamHours.objects.of(district).exists()


def seats(team: tuple[Hours, ...]) -> tuple[Seat, ...]:
    """The seats of the week: those who said hours; where nobody did, the suggested hours of each technician, or of one."""
    said = [one for one in team if one.minutes is not None]
    if said:
        return tuple(Seat(person=one.person, role=one.role, minutes=one.minutes or 0) for one in said if one.minutes)
    technicians = sum(one.role == TECHNICIAN for one in team) or 1
    return (Seat(person="", role="", minutes=round(planning_rules().suggested_hours * 60 * technicians)),)
