"""Background task that plans a saved refresh problem."""

from __future__ import annotations

from django.tasks import TaskContext, task
from django.utils import timezone

from homeroom.apps.manage.budget.plan_runs import fail_killed_run, run_planner
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.telemetry.job_runs import trace_job

MAX_TRIES = 3


@task(takes_context=True)
@trace_job
def plan_budget_task(
    context: TaskContext[..., None], district: str, public: str, number: int, seconds: int, level: str
) -> None:
    """Plan a saved problem of the district with that slug. Safe to repeat: a run that is over changes nothing."""
    from homeroom.engines.manage.refresh.planner import plan_refresh  # the solver is loaded by the worker only

    district_row = get_district(slug=district)
    if context.attempt > MAX_TRIES:
        fail_killed_run(district=district_row, public=public, number=number)
        return
    run_planner(
        district=district_row,
        public=public,
        number=number,
        seconds=seconds,
        level=level,
        plan=plan_refresh,
        now=timezone.now,
    )
