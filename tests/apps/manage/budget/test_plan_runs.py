"""Runs of the refresh planner in the background: stopped, killed, lost and replaced ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone
from django_ox.models import OxTask

from homeroom.apps.comply.reports.tool_page import build_years_section
from homeroom.apps.manage.budget.commands import save_uploaded_plan
from homeroom.apps.manage.budget.lost_runs import recover_lost_runs
from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.plan_runs import request_run, run_planner, stop_run
from homeroom.apps.manage.budget.queries import load_newest_document
from homeroom.apps.manage.budget.tasks import plan_budget_task
from homeroom.domain.manage.refresh.plan import RefreshPlan
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.domain.manage.refresh.watch import PlanStep, RefreshWatch
from homeroom.engines.manage.refresh.planner import plan_refresh
from tests.apps.manage.budget.budget_files import build_files
from tests.cast import Cast

pytestmark = pytest.mark.differs_by_database("a row that is locked, and plans as JSON")
NOW = datetime(2026, 11, 28, 7, tzinfo=UTC)


@pytest.fixture
def public(cast: Cast) -> str:
    return save_uploaded_plan(district=cast.district, title="Fleet", files=build_files(), actor="kim", at=NOW)


def request_plan(cast: Cast, public: str) -> int:
    return request_run(district=cast.district, public=public, seconds=15, level="", actor="kim", at=NOW)


def get_row(cast: Cast) -> BudgetPlan:
    return BudgetPlan.objects.of(cast.district).get()


def run(cast: Cast, public: str, number: int, plan: Callable[..., RefreshPlan] = plan_refresh) -> None:
    run_planner(district=cast.district, public=public, number=number, seconds=5, level="", plan=plan, now=timezone.now)


def test_the_row_has_the_step_and_the_best_so_far_while_it_is_planned(cast: Cast, public: str):
    steps: list[Any] = []

    def note_steps(problem: RefreshProblem, *, watch: RefreshWatch, **options: Any) -> RefreshPlan:
        watch.report(PlanStep.MONEY, Fraction(7))
        steps.append((get_row(cast).run_state, get_row(cast).run_step))
        return plan_refresh(problem, watch=watch, **options)

    run(cast, public, request_plan(cast, public), note_steps)
    assert steps == [("running", {"step": "money", "weighted": 7})]
    assert get_row(cast).run_state == "done"


def test_a_run_that_is_stopped_ends_with_the_best_plan_so_far(cast: Cast, public: str):
    def stop_at_once(problem: RefreshProblem, *, watch: RefreshWatch, **options: Any) -> RefreshPlan:
        stop_run(district=cast.district, public=public, actor="kim", at=NOW)
        assert watch.is_stopped()
        return plan_refresh(problem, watch=watch, **options)

    run(cast, public, request_plan(cast, public), stop_at_once)
    row = get_row(cast)
    assert row.run_state == "done"
    assert [point["share"] for point in row.document["curve"]] == [1.0]


def test_a_run_that_was_replaced_changes_nothing(cast: Cast, public: str):
    number = request_plan(cast, public)
    stop_run(district=cast.district, public=public, actor="kim", at=NOW)
    run(cast, public, number)
    assert get_row(cast).document == {}
    again = request_plan(cast, public)
    run(cast, public, number)
    assert get_row(cast).run_state == "waiting"
    run(cast, public, again)
    run(cast, public, again)
    assert get_row(cast).run_state == "done"


def test_a_run_whose_planner_fails_says_so_and_the_plan_from_before_stays(cast: Cast, public: str):
    run(cast, public, request_plan(cast, public))
    before = get_row(cast).document

    def fail(problem: RefreshProblem, **options: Any) -> RefreshPlan:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(cast, public, request_plan(cast, public), fail)
    assert (get_row(cast).run_state, get_row(cast).document) == ("failed", before)


@pytest.mark.django_db(databases="__all__")
def test_a_run_that_the_queue_lost_is_put_back_and_one_that_it_gave_up_has_failed(cast: Cast, public: str):
    number = request_plan(cast, public)
    after = NOW + timedelta(minutes=2)
    assert recover_lost_runs(before=NOW) == 0, "it is not old enough"
    assert recover_lost_runs(before=after) == 1
    assert OxTask.objects.get().args == [cast.district.slug, public, number, 15, ""]
    assert recover_lost_runs(before=after) == 0, "it waits in the queue"
    OxTask.objects.update(status=OxTask.Status.FAILED)
    assert recover_lost_runs(before=after) == 1
    assert get_row(cast).run_state == "failed"
    assert plan_budget_task.module_path == OxTask.objects.get().task_path


def test_the_boards_page_has_the_years_of_the_plan_that_was_planned_last(cast: Cast, public: str):
    assert load_newest_document(district=cast.district) is None
    run(cast, public, request_plan(cast, public))
    document = load_newest_document(district=cast.district)
    assert document is not None
    rows = list(build_years_section(document).rows)
    assert [row[0] for row in rows[: len(document["years"])]] == [str(year) for year in document["years"]]
    assert any(row[1] not in ("$0", "") for row in rows)
    assert load_newest_document(district=cast.next_district) is None
