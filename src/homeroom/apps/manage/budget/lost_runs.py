"""Runs of the refresh planner that the queue lost: put back where it does not know them, failed where it gave them up.

As for rollouts: what is left are runs of a queue whose database was lost, and those that it settled without an end.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django_ox.models import OxTask

from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.plan_runs import fail_killed_run
from homeroom.apps.manage.budget.records import ACTIVE_RUNS
from homeroom.apps.manage.budget.tasks import plan_budget_task

LOST_AFTER = timedelta(minutes=1)
"""A run that is older is in the queue, unless the queue was lost."""
PENDING = (OxTask.Status.READY, OxTask.Status.RUNNING, OxTask.Status.WAITING)


def recover_due_runs() -> int:
    """Put back or fail the runs that the queue lost; return how many."""
    return recover_lost_runs(before=timezone.now() - LOST_AFTER)


def recover_lost_runs(*, before: datetime) -> int:
    """Put back or fail each run that was asked for before then and that no job of the queue will end; return how many.

    For the background worker: it looks at the plans of all districts.
    """
    rows = BudgetPlan.everywhere.filter(run_state__in=ACTIVE_RUNS, run_requested_at__lt=before)
    return sum(_recover(row) for row in rows.select_related("district").defer("fleet", "document"))


def _recover(row: BudgetPlan) -> bool:
    district, request = row.district, row.run_request
    values = (district.slug, row.public, row.run_number, request["seconds"], request["level"])
    jobs = OxTask.objects.filter(task_path=plan_budget_task.module_path, args=list(values))
    if jobs.filter(status__in=PENDING).exists():
        return False
    if jobs.exists():
        fail_killed_run(district=district, public=row.public, number=row.run_number)
    else:
        plan_budget_task.enqueue(*values)
    return True
