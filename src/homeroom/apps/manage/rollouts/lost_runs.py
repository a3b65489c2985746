"""Runs of the planner that the queue lost: put back where it does not know them, failed where it gave them up.

The queue itself runs the job of a killed worker again, and ends a run that killed its worker each time. What is left
are runs of a queue that was lost, whose database is created again if it was damaged, and those that the queue settled
without an end, as when the last try was killed too.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django_ox.models import OxTask

from homeroom.apps.manage.rollouts.models import Rollout
from homeroom.apps.manage.rollouts.records import ACTIVE_RUNS
from homeroom.apps.manage.rollouts.runs.plan_runs import fail_killed_plan
from homeroom.apps.manage.rollouts.tasks import plan_rollout_task

LOST_AFTER = timedelta(minutes=1)
"""A run that is older is in the queue, unless the queue was lost."""
PENDING = (OxTask.Status.READY, OxTask.Status.RUNNING, OxTask.Status.WAITING)


def recover_due_plans() -> int:
    """Put back or fail the runs that the queue lost; return how many."""
    return recover_lost_plans(before=timezone.now() - LOST_AFTER)


def recover_lost_plans(*, before: datetime) -> int:
    """Put back or fail each run that was asked for before then and that no job of the queue will end; return how many.

    For the background worker: it looks at the rollouts of all districts.
    """
    rows = Rollout.everywhere.filter(plan_state__in=ACTIVE_RUNS, plan_requested_at__lt=before)
    return sum(_recover(row) for row in rows.select_related("district"))


def _recover(row: Rollout) -> bool:
    district, request = row.district, row.plan_request
    values = (district.slug, row.public, row.plan_number, request["seconds"], request["keep"])
    jobs = OxTask.objects.filter(task_path=plan_rollout_task.module_path, args=list(values))
    if jobs.filter(status__in=PENDING).exists():
        return False
    if jobs.exists():
        fail_killed_plan(district=district, public=row.public, number=row.plan_number)
    else:
        plan_rollout_task.enqueue(*values)
    return True
