"""A room is visited once a week over all rollouts, where the rule asks for it, whatever a rollout calls the room."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.rollouts.commands import make_rollout, set_rules
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.manage.rollouts.queries import list_visits
from homeroom.apps.manage.rollouts.specs.spec_documents import write_spec
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.apps.manage.rollouts.visits.visit_slots import NO_SCHOOL
from tests.apps.manage.rollouts.rollout_cases import AT, add_visits, plan_at_once
from tests.cast import Cast

WEEK = {date(2026, 1, day) for day in range(19, 26)}


@pytest.fixture
def other(cast: Cast, rollout: str) -> str:
    """Approve another rollout that visits Room 101 of Cedar Middle on Tuesday, January 20."""
    set_rules(district=cast.district, public=rollout, values={"one_a_week": True}, dropped=(), actor="director", at=AT)
    public = make_rollout(district=cast.district, title="Projectors", kind="hand", actor="director", at=AT)
    add_visits(cast.district, public, [("Rm. 101", date(2026, 1, 20), "10:00", "10:30", ["Kim"])], state="approved")
    return public


def list_refused_days(cast: Cast, rollout: str, folder: Path) -> dict[str, frozenset[date]]:
    write_spec(folder / "SPEC.yaml", district=cast.district, public=rollout)
    return {room.id: room.not_on for room in load_spec(folder / "SPEC.yaml").rooms if room.not_on}


def test_the_week_in_which_another_rollout_visits_a_room_has_no_visit_of_it(
    cast: Cast, rollout: str, other: str, tmp_path: Path
):
    assert list_refused_days(cast, rollout, tmp_path) == {"Cedar Middle: 101": WEEK}
    plan_at_once(cast.district, rollout)
    days = {visit.name: visit.day for visit in list_visits(district=cast.district, public=rollout)}
    assert days["101"] not in WEEK
    assert days["102"] in WEEK


def test_without_the_rule_the_week_is_free(cast: Cast, rollout: str, other: str, tmp_path: Path):
    set_rules(district=cast.district, public=rollout, values={}, dropped=("one_a_week",), actor="director", at=AT)
    assert list_refused_days(cast, rollout, tmp_path) == {}


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"outcome": "done"}, True),
        ({"outcome": "no_entry"}, False),
        ({"slot": NO_SCHOOL}, False),
        ({"slot": "before"}, True),
    ],
)
def test_every_visit_counts_but_those_of_days_without_school_and_of_closed_doors(
    cast: Cast, rollout: str, other: str, tmp_path: Path, values: dict[str, Any], counts: bool
):
    RolloutVisit.objects.of(cast.district).filter(rollout__public=other).update(**values)
    assert bool(list_refused_days(cast, rollout, tmp_path)) is counts


def test_a_stopped_rollout_counts_with_what_was_made(cast: Cast, rollout: str, other: str, tmp_path: Path):
    Rollout.objects.of(cast.district).filter(public=other).update(state="stopped")
    assert list_refused_days(cast, rollout, tmp_path) == {}
    RolloutVisit.objects.of(cast.district).filter(rollout__public=other).update(outcome="done")
    assert list_refused_days(cast, rollout, tmp_path) == {"Cedar Middle: 101": WEEK}


def test_a_room_of_the_same_name_in_another_school_or_district_is_another_room(
    cast: Cast, rollout: str, other: str, tmp_path: Path
):
    RolloutVisit.objects.of(cast.district).filter(rollout__public=other).delete()
    stranger = make_rollout(district=cast.next_district, title="Carts", kind="hand", actor="stranger", at=AT)
    add_visits(cast.next_district, stranger, [("101", date(2026, 1, 20), "10:00", "10:30", ["Kim"])], state="running")
    assert list_refused_days(cast, rollout, tmp_path) == {}
