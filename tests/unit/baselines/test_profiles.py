"""Profiles: what a school leaves out or asks otherwise, by the class of people whose unit it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.states import Severity
from homeroom.engines.baselines.parsing import parse
from homeroom.engines.baselines.policies import Expected, Policy
from homeroom.engines.baselines.profiles import Change, People, Profile, classes_of, judge_all
from homeroom.library.baselines import policies
from homeroom.library.profiles import profile_of, profiles, unknown_policies

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
LONG = Policy(
    id="long", suite="google", product="x", compares="", title="Long", severity=Severity.LOW, because="x", fix="x",
    each=("unit",), unset={}, renamed={}, requires=parse({"password.length|gte": 12}),
)  # fmt: skip
SCHOOL = Profile(
    id="school",
    title="School",
    people=(
        People(id="little", title="Little ones", units=("*k-2*",)),
        People(id="pupils", title="Pupils", units=("*students*",)),
    ),
    changes=(
        Change(policies=("long",), people=("little",), requires=None, because="They cannot read."),
        Change(policies=("long",), people=("pupils",), requires=parse({"password.length|gte": 8}), because="Enough."),
    ),
)
DOCUMENT: dict[str, Any] = {
    "policies": {
        "District": {"password": {"length": 12}},
        "/Students": {"password": {"length": 8}},
        "/Students/K-2": {"password": {"length": 4}},
        "/Staff": {"password": {"length": 10}},
    },
    "tenant_info": {"topLevelOU": "District"},
}


def test_each_unit_is_asked_what_fits_its_people() -> None:
    (verdict,) = judge_all([LONG], DOCUMENT, at=NOW, profile=SCHOOL)
    assert verdict.state is Expected.FAILS
    assert [(one.name, one.people, one.state.value, one.because) for one in verdict.subjects] == [
        ("District", "", "passes", ""),
        ("/Students", "pupils", "passes", "Enough."),
        ("/Students/K-2", "little", "does not apply", "They cannot read."),
        ("/Staff", "", "fails", ""),
    ]


def test_a_policy_that_is_left_out_for_everybody_is_not_judged() -> None:
    dropped = Profile(
        id="p",
        title="p",
        people=(),
        changes=(Change(policies=("long",), people=(), requires=None, because="Federal."),),
    )
    (verdict,) = judge_all([LONG], DOCUMENT, at=NOW, profile=dropped)
    assert (verdict.state, verdict.because, verdict.subjects) == (Expected.DOES_NOT_APPLY, "Federal.", ())


def test_somebody_may_know_the_people_of_a_unit_better_than_its_path_says() -> None:
    (verdict,) = judge_all([LONG], DOCUMENT, at=NOW, profile=SCHOOL, class_of=lambda unit: "little")
    assert {one.state for one in verdict.subjects} == {Expected.DOES_NOT_APPLY}


def test_without_a_profile_policies_hold_as_they_are_published() -> None:
    (verdict,) = judge_all([LONG], DOCUMENT, at=NOW)
    assert [one.state.value for one in verdict.subjects] == ["passes", "fails", "fails", "fails"]


@pytest.mark.parametrize(
    ("unit", "people"),
    [
        ("/Maple Elementary/Students/Grade 1", "students-k2"),
        ("/Students/K-2", "students-k2"),
        ("/Students/Kindergarten", "students-k2"),
        ("/Students/Grade 10", "students-912"),
        ("/Students/Grade 12", "students-912"),
        ("/Students/Elementary", "students-35"),
        ("/Middle School/Students", "students-68"),
        ("/Students/High", "students-912"),
        ("/Students", "students"),
        ("/Staff/Teachers", "staff"),
        ("/Technology", "administrators"),
        ("/Devices/Kiosk", "shared-devices"),
        ("/", ""),
    ],
)
def test_the_school_profile_knows_whose_unit_it_is(unit: str, people: str) -> None:
    assert profile_of("k12").class_of(unit) == people


def test_every_policy_that_the_school_profile_changes_is_there_and_each_change_says_why() -> None:
    assert unknown_policies(profiles(), policies=policies()) == []
    assert all(change.because for profile in profiles() for change in profile.changes)


def test_an_unheard_of_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="k12"):
        profile_of("university")


def test_a_unit_belongs_to_those_whose_accounts_it_holds() -> None:
    def pupil(unit: str, band: str | None, count: int) -> tuple[str, dict[str, Any], int]:
        return unit, {"kind": "student", "grade_band": band, "administrator": False}, count

    def adult(unit: str, count: int, *, administrator: bool = False) -> tuple[str, dict[str, Any], int]:
        return unit, {"kind": "staff", "grade_band": None, "administrator": administrator}, count

    assert classes_of(
        profile_of("k12"),
        [
            pupil("/Red", "k-2", 29), adult("/Red", 1),
            pupil("/Blue", "k-2", 20), pupil("/Blue", "3-5", 20),
            adult("/Green", 9), adult("/Green", 1, administrator=True),
            adult("/Root", 3, administrator=True),
            pupil("/Mixed", "6-8", 5), adult("/Mixed", 5),
            pupil("/Few", "6-8", 2),
        ],
    ) == {"/Red": "students-k2", "/Blue": "students", "/Green": "staff", "/Root": "administrators"}  # fmt: skip
