"""A trial from its plan to its verdict: frozen, drawn, silent until the end, and stored for good."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.models import LedgerMerge
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.teach.courses.commands import assign_course, end_assignment
from homeroom.apps.teach.courses.progress import load_assignments
from homeroom.apps.teach.courses.trial_assignments import assign_training
from homeroom.apps.teach.trials.commands import (
    cancel_trial,
    change_trial_plan,
    end_due_trials,
    end_trial,
    plan_trial,
    start_trial,
)
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.apps.teach.trials.nightly_ends import TrialClock
from homeroom.apps.teach.trials.queries import (
    TrialView,
    build_trial_document,
    find_trial,
    list_arms,
    list_trained_members,
    list_trials,
)
from homeroom.domain.teach.awareness.trial_plans import TrialForm, TrialRefused
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.trials.trial_evidence import TODAY, publish_staff
from tests.cast import Cast, create_cast

END = TODAY + timedelta(days=90)
AFTER = END + timedelta(days=1)
DRILLS = {TODAY + timedelta(days=20 * number): 0.25 for number in (1, 2, 3)}
FORM = TrialForm(
    question="Does the lesson on invoices lower what staff miss?",
    courses=("Spotting fake invoices",),
    ends_on=END.isoformat(),
)


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_staff(store)
    return store


@pytest.fixture(autouse=True)
def seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each trial the same seed in each run, and each id once."""
    numbers = count(1)
    monkeypatch.setattr(secrets, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")


def _build_step(cast: Cast, day: date = TODAY) -> dict[str, Any]:
    return {
        "district": cast.district,
        "today": day,
        "actor": "director",
        "at": datetime.combine(day, time(15), tzinfo=UTC),
    }


def _plan(cast: Cast, form: TrialForm = FORM) -> str:
    return plan_trial(form=form, **_build_step(cast))


def _start(cast: Cast, form: TrialForm = FORM) -> str:
    public = _plan(cast, form)
    start_trial(public=public, **_build_step(cast))
    return public


def _find(cast: Cast, public: str, day: date = TODAY) -> TrialView:
    view = find_trial(district=cast.district, public=public, today=day)
    assert view is not None
    return view


def _list_trained(cast: Cast, public: str) -> tuple[int, ...]:
    return list_trained_members(district=cast.district, public=public)


def _end(cast: Cast, public: str, day: date = AFTER) -> Mapping[str, Any]:
    end_trial(public=public, **_build_step(cast, day))
    result = _find(cast, public, day).line.result
    assert result is not None
    return result


@pytest.mark.differs_by_database("a plan is locked, and members are written in bulk")
def test_a_training_that_helps_ends_as_lower(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    less = dict.fromkeys(_list_trained(cast, public), -0.15)
    publish_staff(store, drills=DRILLS, less=less, day=AFTER)
    result = _end(cast, public)
    assert result["verdict"] == "lower"
    assert result["low"] < -0.15 < result["high"] < 0
    assert result["people"] == {"trained": 240, "held_out": 240}
    assert (result["drills"], result["members"]) == (3, 480)


def test_a_training_that_does_nothing_ends_as_inconclusive_and_the_promise_holds(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    outlook = _find(cast, public).outlook
    assert outlook is not None
    publish_staff(store, drills=DRILLS, day=AFTER)
    result = _end(cast, public)
    assert result["verdict"] == "inconclusive"
    assert result["low"] < 0 < result["high"]
    assert result["smallest_detectable"] == pytest.approx(outlook["smallest_detectable"], rel=0.35)


def test_nothing_is_seen_before_the_end(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    publish_staff(store, drills=DRILLS, day=END)
    with pytest.raises(TrialRefused, match="runs until 2026-04-15"):
        end_trial(public=public, **_build_step(cast, END))
    document = build_trial_document(_find(cast, public, END))
    assert document["result"] is None
    assert "estimate" not in str(document)
    assert _find(cast, public, END).known_drills is None


def test_the_end_waits_for_evidence_of_a_later_day_and_for_drills(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    with pytest.raises(TrialRefused, match="the newest assessment is of 2026-01-15"):
        end_trial(public=public, **_build_step(cast, AFTER))
    publish_staff(store, day=AFTER)
    with pytest.raises(TrialRefused, match="no drill between 2026-01-15 and 2026-04-15"):
        end_trial(public=public, **_build_step(cast, AFTER))
    assert _find(cast, public, AFTER).known_drills == 0


def test_drills_of_the_day_of_the_start_and_after_the_end_do_not_count(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    late = END + timedelta(days=1)
    publish_staff(store, drills={TODAY: 0.2, **DRILLS, late: 0.2}, day=late)
    assert _end(cast, public, late)["drills"] == 3


def test_the_result_stays_when_outcomes_are_gone(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    publish_staff(store, drills=DRILLS, day=AFTER)
    result = _end(cast, public)
    publish_staff(store, drills={}, day=AFTER + timedelta(days=800))
    assert _find(cast, public, AFTER).line.result == result
    with pytest.raises(TrialRefused, match="the trial is ended"):
        end_trial(public=public, **_build_step(cast, AFTER))


def test_a_trial_that_nobody_ends_ends_two_weeks_later_by_itself(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    at = datetime.combine(AFTER, time(3), tzinfo=UTC)
    late = END + timedelta(days=15)
    publish_staff(store, day=late)
    assert end_due_trials(district=cast.district, today=late, at=at) == 0
    publish_staff(store, drills=DRILLS, day=late)
    assert end_due_trials(district=cast.district, today=late - timedelta(days=1), at=at) == 0
    clock, night = TrialClock(), datetime.combine(late, time(8), tzinfo=UTC)  # 3 in the district
    assert clock.apply(at=night + timedelta(hours=7)) == 0
    assert [clock.apply(at=night), clock.apply(at=night)] == [1, 0]
    assert _find(cast, public, late).line.result is not None


def test_a_plan_is_frozen_once_it_started(cast: Cast, store: EvidenceStore):
    public = _plan(cast)
    change_trial_plan(public=public, form=replace(FORM, percent="20"), **_build_step(cast))
    start_trial(public=public, **_build_step(cast))
    assert _find(cast, public).arms == {"trained": 384, "held_out": 96}
    with pytest.raises(TrialRefused, match="the trial is started"):
        change_trial_plan(public=public, form=FORM, **_build_step(cast))
    with pytest.raises(TrialRefused, match="the trial is started"):
        start_trial(public=public, **_build_step(cast))


def test_who_joins_later_is_in_no_arm_and_who_leaves_counts_as_drawn(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    leaver = _list_trained(cast, public)[0]
    larger = {f"School {number:02}": 40 for number in range(12)} | {"New school": 60}
    publish_staff(store, schools=larger, drills=DRILLS, gone={leaver}, day=AFTER)
    result = _end(cast, public)
    assert result["people"] == {"trained": 240, "held_out": 240}


def test_the_lot_can_be_drawn_again_after_a_member_was_erased(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    number = _list_trained(cast, public)[0]
    TrialMember.objects.of(cast.district).filter(person=number).update(person=None)
    view = _find(cast, public)
    assert view.can_redraw
    assert view.erased == 1
    assert number not in _list_trained(cast, public)
    publish_staff(store, drills=DRILLS, day=AFTER)
    assert _end(cast, public)["people"] == {"trained": 239, "held_out": 240}


def test_two_members_who_turn_out_to_be_one_person_count_once_or_not_at_all(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    trained = _list_trained(cast, public)
    held_out = next(number for number in range(1, 481) if number not in trained)
    merge = {"district": cast.district, "kind": "person", "opened": 1}
    LedgerMerge.objects.create(**merge, subject=trained[0], into=trained[1])
    LedgerMerge.objects.create(**merge, subject=held_out, into=trained[2])
    publish_staff(store, drills=DRILLS, day=AFTER)
    assert _end(cast, public)["people"] == {"trained": 238, "held_out": 239}


def test_schools_drawn_are_counted_as_schools(cast: Cast, store: EvidenceStore):
    public = _start(cast, replace(FORM, unit="school", strata="size"))
    publish_staff(store, drills=DRILLS, day=AFTER)
    result = _end(cast, public)
    assert result["units"] == {"trained": 6, "held_out": 6}
    arms = {(row.school, row.arm) for row in list_arms(public=public, **_build_look(cast))}
    assert len(arms) == 12


def test_people_without_a_school_are_left_out_where_schools_are_drawn(cast: Cast, store: EvidenceStore):
    publish_staff(store, schools={f"School {number:02}": 40 for number in range(12)} | {"": 7})
    outlook = _find(cast, _plan(cast, replace(FORM, unit="school"))).outlook
    assert outlook is not None
    assert (outlook["people"], outlook["units"], outlook["without_school"]) == (480, 12, 7)


def test_before_the_start_the_plan_says_what_the_district_could_see(cast: Cast, store: EvidenceStore):
    past = {TODAY - timedelta(days=100): 0.25, TODAY - timedelta(days=40): 0.25}
    assumed = _find(cast, _plan(cast)).outlook
    publish_staff(store, drills=past)
    own = _find(cast, _plan(cast)).outlook
    assert assumed is not None
    assert own is not None
    assert (assumed["rate"], assumed["from_drills"]) == (0.15, 0)
    assert own["rate"] == pytest.approx(0.25, abs=0.05)
    assert own["from_drills"] == 2
    assert 0.03 < own["smallest_detectable"] < 0.12


def test_four_schools_never_see_anything_and_the_plan_says_so(cast: Cast, store: EvidenceStore):
    publish_staff(store, schools={f"School {number}": 40 for number in range(4)})
    outlook = _find(cast, _plan(cast, replace(FORM, unit="school"))).outlook
    assert outlook is not None
    assert outlook["smallest_detectable"] is None


def test_an_arm_under_ten_people_does_not_start(cast: Cast, store: EvidenceStore):
    publish_staff(store, schools={"Oak": 19})
    public = _plan(cast)
    assert "fewer than 10 people" in _find(cast, public).refusal
    with pytest.raises(TrialRefused, match="fewer than 10 people"):
        start_trial(public=public, **_build_step(cast))
    assert not TrialMember.objects.of(cast.district).exists()


def test_outcomes_of_an_arm_under_ten_people_are_hidden_with_the_verdict(cast: Cast, store: EvidenceStore):
    publish_staff(store, schools={"Oak": 24})
    public = _start(cast)
    publish_staff(store, schools={"Oak": 24}, drills=DRILLS, day=AFTER)
    members = TrialMember.objects.of(cast.district).filter(arm="trained")
    members.filter(pk__in=list(members.values_list("pk", flat=True)[:4])).update(person=None)
    result = _end(cast, public)
    assert result["suppressed"]
    assert result["estimate"] is result["low"] is result["high"] is None
    assert result["people"] == {"trained": None, "held_out": None}


def test_what_a_loaded_list_has_a_day_for_is_not_withheld(cast: Cast, store: EvidenceStore):
    row = {"course": "Spotting Fake Invoices", "kind": "training", "due_on": TODAY + timedelta(days=30)}
    training = [{**row, "email": f"person{number}@maple.test"} for number in range(1, 31)]
    publish_staff(store, training=training)
    with pytest.raises(TrialRefused, match="due for 30 people; only extra training may be withheld"):
        _plan(cast)


def test_what_is_assigned_to_staff_is_not_withheld(cast: Cast, store: EvidenceStore):
    form = AssignmentForm(subject="second-factor")
    public = assign_course(form=form, **_build_step(cast))
    assert _plan(cast, replace(FORM, courses=("lost-device",)))
    with pytest.raises(TrialRefused, match="is required: it is assigned on the page Courses"):
        _plan(cast, replace(FORM, courses=("lost-device", "second-factor")))
    end_assignment(public=public, **_build_look(cast))
    assert _plan(cast, replace(FORM, courses=("second-factor",)))


def test_the_courses_of_a_trial_are_assigned_to_those_trained_once(cast: Cast, store: EvidenceStore):
    public = _plan(cast, replace(FORM, courses=("lost-device", "Another tool's course")))
    with pytest.raises(TrialRefused, match="one that is started would fit"):
        assign_training(public=public, **_build_step(cast))
    start_trial(public=public, **_build_step(cast))
    assert assign_training(public=public, **_build_step(cast)) == 1
    assert assign_training(public=public, **_build_step(cast)) == 0
    (view,) = load_assignments(district=cast.district, today=TODAY)
    assert (view.course, view.trial) == ("lost-device", public)
    assert {item.person.id for item in view.people} == set(_list_trained(cast, public))


def test_a_course_that_became_required_stops_the_start(cast: Cast, store: EvidenceStore):
    public = _plan(cast)
    row = {"course": FORM.courses[0], "due_on": TODAY, "email": "person1@maple.test"}
    publish_staff(store, training=[row])
    with pytest.raises(TrialRefused, match="due for some people"):
        start_trial(public=public, **_build_step(cast))


def test_a_law_that_applies_wants_its_course_for_everybody(cast: Cast, store: EvidenceStore):
    with pytest.raises(TrialRefused, match="asks for it"):
        _plan(cast, replace(FORM, courses=("digital-citizenship-3-5",)))


def test_two_trials_of_one_course_do_not_share_people(cast: Cast, store: EvidenceStore):
    _start(cast, replace(FORM, schools=("School 00",)))
    with pytest.raises(TrialRefused, match="another trial of the same course is running"):
        _start(cast)
    assert _start(cast, replace(FORM, schools=("School 01",)))
    assert _start(cast, replace(FORM, courses=("Passkeys",)))


def test_a_canceled_trial_has_no_result_and_no_assignment(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    with pytest.raises(TrialRefused, match="why it is canceled"):
        cancel_trial(public=public, reason=" ", **_build_step(cast))
    cancel_trial(public=public, reason="The course was withdrawn.", **_build_step(cast))
    assert _list_trained(cast, public) == ()
    publish_staff(store, drills=DRILLS, day=AFTER)
    with pytest.raises(TrialRefused, match="the trial is canceled"):
        end_trial(public=public, **_build_step(cast, AFTER))


def test_the_arms_are_a_list_without_outcomes_and_a_look_is_in_the_trail(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    rows = list_arms(public=public, **_build_look(cast))
    assert len(rows) == 480
    assert {row.arm for row in rows} == {"trained", "held_out"}
    actions = Entry.objects.of(cast.district).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["plan trial", "start trial", "list arms of trial"]
    assert not any("maple.test" in str(entry.detail) for entry in Entry.objects.of(cast.district))
    with pytest.raises(LookupError):
        list_arms(public=_plan(cast), **_build_look(cast))


def test_the_seed_is_fixed_by_its_fingerprint_before_the_start(cast: Cast, store: EvidenceStore):
    public = _plan(cast)
    before = _find(cast, public)
    change_trial_plan(public=public, form=replace(FORM, drills="4"), **_build_step(cast))
    start_trial(public=public, **_build_step(cast))
    after = _find(cast, public)
    assert (before.seed, before.fingerprint) == ("", after.fingerprint)
    assert len(after.seed) == 64


def test_a_trial_of_another_district_is_none(cast: Cast, store: EvidenceStore):
    public = _start(cast)
    assert find_trial(district=cast.next_district, public=public, today=TODAY) is None
    assert list_trials(district=cast.next_district) == ()
    for step in (start_trial, end_trial):
        with pytest.raises(LookupError):
            step(public=public, **{**_build_step(cast), "district": cast.next_district})
    with pytest.raises(LookupError):
        list_trained_members(district=cast.next_district, public=public)
    assert TrainingTrial.objects.of(cast.district).count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": " "}, "question"),
        ({"question": "x" * 201}, "question"),
        ({"courses": ()}, "courses"),
        ({"schools": ("Nowhere",)}, "schools"),
        ({"unit": "class"}, "unit"),
        ({"strata": "size"}, "strata"),
        ({"percent": "9"}, "percent"),
        ({"percent": "½"}, "percent"),
        ({"drills": "0"}, "drills"),
        ({"ends_on": "soon"}, "ends_on"),
        ({"ends_on": "2026-01-20"}, "ends_on"),
        ({"ends_on": "2028-01-20"}, "ends_on"),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_what_would(
    cast: Cast, store: EvidenceStore, change: dict[str, Any], field: str
):
    with pytest.raises(TrialRefused, match="would fit") as refused:
        _plan(cast, replace(FORM, **change))
    assert refused.value.field == field


def _build_look(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in _build_step(cast).items() if name != "today"}
