"""Visits of other rollouts in the same rooms: one disturbance a room a week over all rollouts, by a rule.

Every visit counts, in class or not, since a teacher has to know of each; only those of days without school do not, and
those that found the door closed. A plan that nobody approved yet counts too, so that of two rollouts the one that was
planned first has the week. A stopped rollout counts with the visits that were made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.records import NO_ENTRY, STOPPED
from homeroom.apps.manage.rollouts.waves import get_monday
from homeroom.domain.manage.rollouts.room_names import fold_room_name
from homeroom.domain.platform.district import District

WEEK = timedelta(days=6)
NO_SCHOOL = "no_school"
"""The slot of visits on days without school."""


def list_busy_weeks(
    *, district: District, rollout: Rollout, rooms: Iterable[TargetRoom], first: date, last: date
) -> dict[str, tuple[str, ...]]:
    """Return the weeks between two days in which other rollouts visit each room, by its id, as ranges of days.

    A room of another rollout is the same if its school and its name are, in any spelling.
    """
    keys = {(room.school, fold_room_name(room.name)): room.room for room in rooms}
    days = (get_monday(first), get_monday(last) + WEEK)
    visits = (
        RolloutVisit.objects.of(district)
        .filter(day__range=days)
        .exclude(rollout=rollout)
        .exclude(outcome=NO_ENTRY)
        .exclude(slot=NO_SCHOOL)
        .exclude(rollout__state=STOPPED, outcome="")
        .values_list("rollout", "room", "day")
    )
    others = TargetRoom.objects.of(district).exclude(rollout=rollout).filter(school__in={school for school, _ in keys})
    names = {
        (owner, room): (school, name)
        for owner, room, school, name in others.values_list("rollout", "room", "school", "name")
    }
    weeks: dict[str, set[date]] = defaultdict(set)
    for owner, room, day in visits:
        school, name = names.get((owner, room), ("", ""))
        if own := keys.get((school, fold_room_name(name))):
            weeks[own].add(get_monday(day))
    return {room: tuple(f"{monday}..{monday + WEEK}" for monday in sorted(mondays)) for room, mondays in weeks.items()}
