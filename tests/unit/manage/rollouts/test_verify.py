"""The verification finds each rule that a plan breaks, and nothing in a plan that keeps all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.engines.manage.rollout.verify import find_violations, measure_objective
from tests.unit.manage.rollouts.spec_files import SPEC, write_spec


def plan_visit(room: str, day: int, starts: str, *people: str, minutes: int = 25, cost: int = 0) -> PlannedVisit:
    hour, minute = map(int, starts.split(":"))
    begins = 60 * hour + minute
    return PlannedVisit(
        room=room,
        day=date(2025, 10, day),
        starts=begins,
        ends=begins + minutes,
        people=people,
        class_minutes=cost,
    )


SOUND = [
    plan_visit("201", 23, "09:45", "kim"),
    plan_visit("101", 23, "13:00", "lee"),
    plan_visit("102", 27, "11:10", "kim", "lee", minutes=30),
    plan_visit("202", 27, "12:00", "kim"),
]
ALL_DAY = {
    "team": [dict(person, works={"mon": ["07:00", "15:30"], "thu": ["07:00", "15:30"]}) for person in SPEC["team"]]
}


def find(folder: Path, visits: list[PlannedVisit], **changes: Any) -> list[str]:
    return find_violations(visits, load_spec(write_spec(folder, **(ALL_DAY | changes))))


def test_a_sound_plan_breaks_no_rule_and_its_cost_is_counted(tmp_path: Path):
    assert find(tmp_path, SOUND) == []
    objective = measure_objective(SOUND, load_spec(write_spec(tmp_path, **ALL_DAY)))
    assert (objective.disrupted_minutes, objective.finished_on, objective.travel_minutes) == (0, date(2025, 10, 27), 10)


@pytest.mark.parametrize(
    ("number", "changed", "words"),
    [
        (0, plan_visit("201", 23, "09:00", "kim", cost=25), "disturbs 25 minutes of class"),
        (0, plan_visit("201", 23, "09:45", "kim", cost=3), "disturbs 0 minutes of class, not 3"),
        (0, plan_visit("201", 23, "09:47", "kim"), "off the grid"),
        (0, plan_visit("201", 23, "09:45", "kim", minutes=20), "is not 25 minutes long"),
        (0, plan_visit("201", 23, "06:30", "kim"), "outside the hours of s02"),
        (0, plan_visit("201", 24, "12:00", "kim"), "outside the hours of kim"),
        (0, plan_visit("201", 23, "09:45", "kim", "lee"), "has 2 people, not 1"),
        (0, plan_visit("201", 13, "12:00", "kim"), "a day that does not suit"),
        (3, plan_visit("202", 13, "12:00", "kim"), "a day that does not suit"),
        (1, plan_visit("101", 17, "12:00", "lee"), "a day without visits in s01"),
        (1, plan_visit("101", 16, "12:00", "lee"), "a day without visits in s01"),
        (1, plan_visit("101", 20, "12:00", "lee"), "a day without visits in s01"),
        (0, plan_visit("201", 23, "12:00", "moss"), "not in the team"),
        (3, plan_visit("202", 27, "11:45", "kim"), "cannot be in 202"),
        (3, plan_visit("999", 27, "12:00", "kim"), "is no room"),
        (3, plan_visit("201", 27, "12:00", "kim"), "is visited 2 times"),
    ],
)
def test_each_broken_rule_is_found(tmp_path: Path, number: int, changed: PlannedVisit, words: str):
    visits = [*SOUND[:number], changed, *SOUND[number + 1 :]]
    assert any(words in violation for violation in find(tmp_path, visits)), find(tmp_path, visits)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": "2025-10-26"}, "outside the days"),
        ({"walk": 30}, ""),
        ({"stock": [{"on": "2025-10-24", "devices": 90}]}, "30 devices are used up by 2025-10-23, of 0"),
        ({"limits": {"visits_a_day_in_a_school": 0}}, "more than 0"),
        ({"limits": {"visits_a_week": 1}}, "has 2 visits, more than 1"),
        (
            {"rings": [{"id": "pilot", "soak_days": 6}, {"id": "rest"}], "ringed": True},
            "ring rest begins on 2025-10-27",
        ),
        ({"team": [dict(person, minutes_a_week=60) for person in ALL_DAY["team"]]}, "kim works 75 minutes"),
    ],
)
def test_each_rule_of_the_whole_is_checked(tmp_path: Path, changes: dict[str, Any], words: str):
    if changes.pop("ringed", False):
        rings = {"101": "pilot", "201": "pilot", "102": "rest", "202": "rest"}
        changes["rooms"] = [dict(room, ring=rings[room["id"]]) for room in SPEC["rooms"]]
        assert find(tmp_path, SOUND, **(changes | {"rings": [{"id": "pilot", "soak_days": 4}, {"id": "rest"}]})) == []
    violations = find(tmp_path, SOUND, **changes)
    assert any(words in violation for violation in violations) if words else violations == []


def test_visits_at_once_are_counted_minute_by_minute(tmp_path: Path):
    schools = [dict(school, at_once=1) for school in SPEC["schools"]]
    visits = [plan_visit("201", 23, "12:00", "kim"), plan_visit("202", 23, "12:20", "lee")]
    assert any("at once" in violation for violation in find(tmp_path, visits, schools=schools))
    separated = [visits[0], replace(visits[1], starts=745, ends=770)]
    assert find(tmp_path, separated, schools=schools) == []
