"""Weekly hours of the team: as entered, or assumed until someone enters them."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.manage.planning.models import TeamHours
from homeroom.apps.platform.districts.queries import AUDITOR, TECHNICIAN, list_members
from homeroom.domain.manage.planning import PersonCapacity
from homeroom.domain.platform.district import District
from homeroom.library.manage.planning import load_planning_rules


@dataclass(frozen=True, kw_only=True)
class PersonHours:
    """One person who may have hours: `minutes` per week, None before someone enters them."""

    person: str
    name: str
    role: str
    minutes: int | None

    @property
    def hours(self) -> float:
        """Entered hours, or the suggested ones: none for a person who is not a technician."""
        if self.minutes is not None:
            return self.minutes / 60
        return load_planning_rules().suggested_hours if self.role == TECHNICIAN else 0


def load_team_hours(*, district: District) -> tuple[PersonHours, ...]:
    """Return everyone in the district who may do planned work, by name, with their hours."""
    minutes_by_person = dict(TeamHours.objects.of(district).values_list("person", "minutes"))
    people = [member for member in list_members(district=district) if member[2] != AUDITOR]
    return tuple(
        PersonHours(person=person, name=name, role=role, minutes=minutes_by_person.get(person))
        for person, name, role in people
    )


def has_hours(*, district: District) -> bool:
    """Return whether any hours were entered."""
    return TeamHours.objects.of(district).exists()


def build_seats(team: tuple[PersonHours, ...]) -> tuple[PersonCapacity, ...]:
    """Return the seats of the week: everyone with entered hours.

    If there are none, return the suggested hours of each technician, or of one.
    """
    with_hours = [entry for entry in team if entry.minutes is not None]
    if with_hours:
        return tuple(
            PersonCapacity(person=entry.person, role=entry.role, minutes=entry.minutes or 0)
            for entry in with_hours
            if entry.minutes
        )
    technicians = sum(entry.role == TECHNICIAN for entry in team) or 1
    return (
        PersonCapacity(person="", role="", minutes=round(load_planning_rules().suggested_hours * 60 * technicians)),
    )
