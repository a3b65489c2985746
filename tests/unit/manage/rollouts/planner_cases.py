"""Small rollouts for the tests of the planner: one school with three periods, unless a test changes it."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.domain.manage.rollouts.plan import RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutRoom, RolloutSchool, RolloutSpec, TeamMember
from homeroom.domain.schooldays import BellCalendar, DayType, Stretch
from homeroom.engines.manage.rollout.planner import plan_rollout
from homeroom.engines.manage.rollout.problem import RolloutProblem

MONDAY = date(2025, 9, 8)
NORMAL = DayType(
    name="normal",
    stretches=(
        Stretch(starts=480, ends=540, name="Period 1"),
        Stretch(starts=540, ends=600, name="Period 2"),
        Stretch(starts=600, ends=630, name="Lunch"),
        Stretch(starts=630, ends=690, name="Period 3"),
    ),
)
BELLS = BellCalendar(
    types={"normal": NORMAL, "weekend": DayType(name="weekend")}, week=dict.fromkeys(range(5), "normal")
)
"""Class from 8:00 to 11:30, lunch from 10:00 to 10:30."""


def build_school(name: str = "oak", **changes: Any) -> RolloutSchool:
    """Return a school that is open during its classes only."""
    return RolloutSchool(**{"id": name, "bells": BELLS, "opens": 480, "closes": 690} | changes)


def build_room(name: str, **changes: Any) -> RolloutRoom:
    """Return a room for 30 minutes that is free in its second period."""
    return RolloutRoom(**{"id": name, "school": "oak", "minutes": 30, "free": frozenset({"Period 2"})} | changes)


def build_person(name: str = "kim", **changes: Any) -> TeamMember:
    """Return somebody who works from 8:00 to 12:00 on school days."""
    return TeamMember(**{"id": name, "works": dict.fromkeys(range(5), ((480, 720),))} | changes)


def build_problem(rooms: list[RolloutRoom], **changes: Any) -> RolloutProblem:
    """Return the problem of two weeks with one school and one person."""
    values: dict[str, Any] = {
        "title": "",
        "zone": ZoneInfo("America/Los_Angeles"),
        "first": MONDAY,
        "last": date(2025, 9, 19),
        "schools": (build_school(),),
        "rooms": tuple(rooms),
        "team": (build_person(),),
    }
    return RolloutProblem(RolloutSpec(**values | changes))


def plan_rooms(rooms: list[RolloutRoom], *, seconds: float = 0.2, **changes: Any) -> RolloutPlan:
    """Return the plan of a small problem."""
    return plan_rollout(build_problem(rooms, **changes), seconds=seconds)
