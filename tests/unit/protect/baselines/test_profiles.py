"""Test profiles: what a school omits or requires instead, by the class of people in a unit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.profiles import (
    BaselineProfile,
    PeopleClass,
    ProfileChange,
    classify_units,
    evaluate_policies,
)
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.profiles import find_unknown_policies, get_profile, load_profiles

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
LONG = BaselinePolicy(
    id="long", suite="google", product="x", compares="", title="Long", severity=Severity.LOW, because="x", fix="x",
    each=("unit",), unset={}, renamed={}, requires=parse_condition({"password.length|gte": 12}),
)  # fmt: skip
SCHOOL = BaselineProfile(
    id="school",
    title="School",
    people=(
        PeopleClass(id="little", title="Little ones", units=("*k-2*",)),
        PeopleClass(id="students", title="Students", units=("*students*",)),
    ),
    changes=(
        ProfileChange(policies=("long",), people=("little",), requires=None, because="They cannot read."),
        ProfileChange(
            policies=("long",),
            people=("students",),
            requires=parse_condition({"password.length|gte": 8}),
            because="Enough.",
        ),
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
    (verdict,) = evaluate_policies([LONG], DOCUMENT, at=NOW, profile=SCHOOL)
    assert verdict.state is PolicyState.FAILS
    assert [(subject.name, subject.people, subject.state.value, subject.because) for subject in verdict.subjects] == [
        ("District", "", "passes", ""),
        ("/Students", "students", "passes", "Enough."),
        ("/Students/K-2", "little", "does not apply", "They cannot read."),
        ("/Staff", "", "fails", ""),
    ]


def test_a_policy_that_is_left_out_for_everybody_is_not_judged() -> None:
    profile = BaselineProfile(
        id="p",
        title="p",
        people=(),
        changes=(ProfileChange(policies=("long",), people=(), requires=None, because="Federal."),),
    )
    (verdict,) = evaluate_policies([LONG], DOCUMENT, at=NOW, profile=profile)
    assert (verdict.state, verdict.because, verdict.subjects) == (PolicyState.DOES_NOT_APPLY, "Federal.", ())


def test_somebody_may_know_the_people_of_a_unit_better_than_its_path_says() -> None:
    (verdict,) = evaluate_policies([LONG], DOCUMENT, at=NOW, profile=SCHOOL, classify=lambda unit: "little")
    assert {subject.state for subject in verdict.subjects} == {PolicyState.DOES_NOT_APPLY}


def test_without_a_profile_policies_hold_as_they_are_published() -> None:
    (verdict,) = evaluate_policies([LONG], DOCUMENT, at=NOW)
    assert [subject.state.value for subject in verdict.subjects] == ["passes", "fails", "fails", "fails"]


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
    assert get_profile("k12").classify_unit(unit) == people


def test_every_policy_that_the_school_profile_changes_is_there_and_each_change_says_why() -> None:
    assert find_unknown_policies(load_profiles(), policy_ids={policy.id for policy in load_policies()}) == []
    assert all(change.because for profile in load_profiles() for change in profile.changes)


def test_an_unheard_of_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match="k12"):
        get_profile("university")


def test_a_unit_belongs_to_those_whose_accounts_it_holds() -> None:
    def build_students(unit: str, band: str | None, count: int) -> tuple[str, dict[str, Any], int]:
        return unit, {"kind": "student", "grade_band": band, "administrator": False}, count

    def build_adults(unit: str, count: int, *, administrator: bool = False) -> tuple[str, dict[str, Any], int]:
        return unit, {"kind": "staff", "grade_band": None, "administrator": administrator}, count

    assert classify_units(
        get_profile("k12"),
        [
            build_students("/Red", "k-2", 29), build_adults("/Red", 1),
            build_students("/Blue", "k-2", 20), build_students("/Blue", "3-5", 20),
            build_adults("/Green", 9), build_adults("/Green", 1, administrator=True),
            build_adults("/Root", 3, administrator=True),
            build_students("/Mixed", "6-8", 5), build_adults("/Mixed", 5),
            build_students("/Few", "6-8", 2),
        ],
    ) == {"/Red": "students-k2", "/Blue": "students", "/Green": "staff", "/Root": "administrators"}  # fmt: skip
