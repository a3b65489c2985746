"""What is done on a finding is done in the plan, and the other way round."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.planning.commands import (
    add_note,
    defer_item,
    mark_done,
    reassign_item,
    reopen_item,
    set_hours,
)
from homeroom.apps.manage.planning.models import Work
from homeroom.apps.manage.planning.open_jobs import learn_ratios
from homeroom.apps.manage.planning.queries import load_morning
from homeroom.apps.manage.planning.weeks import WeekPlan, plan_for_week
from homeroom.apps.protect.finding_work.commands import record_proof
from homeroom.apps.protect.finding_work.models import FindingWorkEntry
from homeroom.apps.protect.finding_work.queries import get_progress
from homeroom.engines.manage.plan.plan import WaitReason
from tests.apps.protect.finding_work.test_states import (
    AT,
    apply_act,
    find_finding,
    get_finding_state_name,
    list_subjects,
    load_assessment,
    publish_next,
)
from tests.assessed_district import TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db]
CONTROL = "windows-10"
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    sample_cast = create_cast()
    publish_assessments(sample_cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    set_hours(district=sample_cast.district, at=AT, actor="director", hours={"technician": 40, "director": 1})
    return sample_cast


def load_week(cast: Cast) -> WeekPlan:
    return plan_for_week(district=cast.district, today=TODAY)


def get_open_subjects(cast: Cast) -> int:
    """Return how many subjects of the control the plan has as work, in this week or left out."""
    week = load_week(cast)
    jobs = [entry.job for entry in (*week.items, *week.left_out) if entry.job.id == CONTROL]
    return sum(job.subjects for job in jobs)


def test_a_finding_that_is_done_leaves_the_plan_and_waits_there_for_its_proof(cast: Cast) -> None:
    assert get_open_subjects(cast) == 5
    apply_act(cast, "done")
    assert get_open_subjects(cast) == 0
    (proof,) = load_week(cast).proofs
    assert (proof.status.item, proof.status.subjects, proof.state) == (CONTROL, 5, "waiting")
    publish_next(cast, as_of=AT + timedelta(days=1))
    assert get_open_subjects(cast) == 5
    assert load_week(cast).proofs[0].state == "failed"
    assert get_finding_state_name(cast) == "reopened"


def test_an_item_that_is_done_in_the_plan_is_done_on_its_finding_until_it_is_reopened_there(cast: Cast) -> None:
    values: dict[str, Any] = {"district": cast.district, "at": AT, "today": TODAY, "actor": "technician"}
    mark_done(**values, item=CONTROL, minutes=30)
    assert get_finding_state_name(cast) == "done"
    apply_act(cast, "reopen")
    assert get_finding_state_name(cast) == "open"
    assert get_open_subjects(cast) == 5


def test_an_item_that_is_reopened_in_the_plan_is_open_on_its_finding(cast: Cast) -> None:
    values: dict[str, Any] = {"district": cast.district, "today": TODAY, "actor": "technician", "item": CONTROL}
    apply_act(cast, "done")
    reopen_item(**values, at=AT + timedelta(minutes=1))
    assert get_finding_state_name(cast) == "open"
    assert get_open_subjects(cast) == 5


def test_a_part_that_is_done_in_the_plan_leaves_its_finding_in_progress(cast: Cast) -> None:
    mark_done(district=cast.district, at=AT, today=TODAY, actor="technician", item=CONTROL, subjects=2)
    assert get_finding_state_name(cast) == "in progress"


def test_a_finding_that_is_snoozed_is_deferred_in_the_plan_and_comes_last_today(cast: Cast) -> None:
    apply_act(cast, "snooze", until=NEXT_WEEK)
    (left,) = [entry for entry in load_week(cast).left_out if entry.job.id == CONTROL]
    assert (left.left_out.reason, left.job.deferred_until) == (WaitReason.DEFERRED, NEXT_WEEK)
    morning = load_morning(district=cast.district, today=TODAY)
    assert morning.later[-1].control.id == CONTROL


def test_an_item_that_is_deferred_in_the_plan_is_snoozed_on_its_finding(cast: Cast) -> None:
    values: dict[str, Any] = {"district": cast.district, "at": AT, "today": TODAY, "actor": "technician"}
    defer_item(**values, item=CONTROL, until=NEXT_WEEK, reason="Parts come then.")
    progress = get_progress(
        district=cast.district, assessment=load_assessment(cast), finding=find_finding(cast), today=TODAY
    )
    assert (progress.state.state, progress.state.until) == ("snoozed", NEXT_WEEK)


def test_who_has_an_item_has_its_finding_and_the_other_way_round(cast: Cast) -> None:
    values: dict[str, Any] = {"district": cast.district, "today": TODAY, "actor": "technician", "item": CONTROL}
    apply_act(cast, "assign", person="director")
    jobs = [entry.job for entry in (*load_week(cast).items, *load_week(cast).left_out)]
    assert {job.id: job.assigned for job in jobs}[CONTROL] == "director"
    reassign_item(**values, at=AT + timedelta(minutes=1), person="technician")
    add_note(**values, at=AT + timedelta(minutes=2), text="Room 12 is next.")
    progress = get_progress(
        district=cast.district, assessment=load_assessment(cast), finding=find_finding(cast), today=TODAY
    )
    assert progress.state.person == "technician"


def test_rows_that_are_done_by_themselves_are_no_work_of_the_plan(cast: Cast) -> None:
    first, second, *_ = list_subjects(cast, find_finding(cast))
    apply_act(cast, "done", subjects=[first])
    apply_act(cast, "snooze", subjects=[second], until=NEXT_WEEK)
    assert get_open_subjects(cast) == 3
    publish_next(cast, as_of=AT + timedelta(days=1))
    assert get_open_subjects(cast) == 4


def test_the_minutes_of_a_finding_are_stored_once_and_are_those_of_the_plan(cast: Cast) -> None:
    apply_act(cast, "done", minutes=45)
    (proof,) = load_week(cast).proofs
    assert proof.status.actual == 45
    assert not Work.objects.of(cast.district).exists()
    assert [row.minutes for row in FindingWorkEntry.objects.of(cast.district)] == [45]


def test_the_minutes_of_rows_are_hours_that_are_spent(cast: Cast) -> None:
    before = load_week(cast)
    apply_act(cast, "done", subjects=list_subjects(cast, find_finding(cast))[:2], minutes=90)
    after = load_week(cast)
    assert before.plan
    assert after.plan
    assert after.plan.hours == before.plan.hours - 1.5


def test_estimates_learn_from_the_minutes_of_findings_but_not_from_those_taken_back(cast: Cast) -> None:
    effort = find_finding(cast).control.effort
    apply_act(cast, "done", minutes=round(3 * (effort.minutes_once + 5 * effort.minutes_per_subject)))
    assert learn_ratios(district=cast.district)[CONTROL] > 1
    apply_act(cast, "reopen")
    assert learn_ratios(district=cast.district) == {}


def test_a_claim_and_a_fix_file_of_one_finding_are_a_line_of_results(cast: Cast) -> None:
    first, second, *_ = list_subjects(cast, find_finding(cast))
    proof: dict[str, Any] = {"district": cast.district, "at": AT, "control": CONTROL, "group": "", "person": "director"}
    record_proof(**proof, act="done", subjects=[first])
    record_proof(**proof, act="done", subjects=[second])
    assert [(entry.status.subjects, entry.state) for entry in load_week(cast).proofs] == [(2, "proved")]
    apply_act(cast, "done", minutes=20)
    assert [(entry.status.subjects, entry.state) for entry in load_week(cast).proofs] == [(5, "waiting")]
