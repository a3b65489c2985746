"""What is due of the weekly plan: that nobody saved it yet, and its items that are late.

These read acts and findings and compute no plan, so that the bell of each page may ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from homeroom.apps.manage.planning.finding_acts import load_finding_acts
from homeroom.apps.manage.planning.hours import has_hours
from homeroom.apps.manage.planning.open_jobs import OpenJob, group_open_findings
from homeroom.apps.manage.planning.ranking import compute_due_date
from homeroom.apps.manage.planning.visits import list_planned_remedies
from homeroom.apps.manage.planning.weeks import get_monday
from homeroom.apps.manage.planning.work_log import PLANNED, ItemStatus, fold_work_log, load_work_log
from homeroom.apps.protect.posture.published.queries import AssessmentRef, get_published_assessment, list_open_findings
from homeroom.domain.platform.district import District


def is_plan_due(*, district: District, today: date) -> bool:
    """Check whether there is open work and hours, and nobody saved a plan of this week or acted on its items."""
    assessment = get_published_assessment(district=district)
    if assessment is None or not has_hours(district=district):
        return False
    if any(status.state for status in _list_statuses(district, today)):
        return False
    return bool(_load_open_jobs(district, assessment))


def count_late_items(*, district: District, today: date) -> int:
    """Return how many items of this week's plan are open past their deadline; tasks of laws are late on their page."""
    planned = [status.item for status in _list_statuses(district, today) if status.state == PLANNED]
    assessment = get_published_assessment(district=district) if planned else None
    if assessment is None:
        return 0
    open_jobs = _load_open_jobs(district, assessment)
    due_days = [
        compute_due_date(open_jobs[item].control, open_jobs[item].since) for item in planned if item in open_jobs
    ]
    return sum(day is not None and day < today for day in due_days)


def _list_statuses(district: District, today: date) -> Iterable[ItemStatus]:
    monday = get_monday(today)
    acts = load_finding_acts(district=district, week=monday).items
    statuses = fold_work_log(load_work_log(district=district, week=monday, others=acts))
    return [status for (_, week), status in statuses.items() if week == monday]


def _load_open_jobs(district: District, assessment: AssessmentRef) -> dict[str, OpenJob]:
    findings = list_open_findings(district=district, assessment=assessment)
    return group_open_findings(findings, planned=list_planned_remedies(district=district, assessment=assessment))
