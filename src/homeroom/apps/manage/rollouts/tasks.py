"""Background task that plans a rollout."""

from __future__ import annotations

from django.tasks import TaskContext, task
from django.utils import timezone

from homeroom.apps.manage.rollouts.runs.plan_runs import fail_killed_plan, run_plan
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.telemetry.job_runs import trace_job

MAX_TRIES = 3


@task(takes_context=True)
@trace_job
def plan_rollout_task(
    context: TaskContext[..., None], district: str, public: str, number: int, seconds: int, keep: bool
) -> None:
    """Plan a rollout of the district with that slug. Safe to repeat: a run that is over changes nothing."""
    from homeroom.apps.manage.rollouts.specs.plan_spec import (
        plan_spec_file,  # the planner's libraries are loaded by the worker only
    )

    district_row = get_district(slug=district)
    if context.attempt > MAX_TRIES:
        fail_killed_plan(district=district_row, public=public, number=number)
        return
    run_plan(
        district=district_row,
        public=public,
        number=number,
        seconds=seconds,
        keep=keep,
        plan=plan_spec_file,
        now=timezone.now,
    )
