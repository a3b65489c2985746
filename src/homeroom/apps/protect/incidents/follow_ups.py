"""Follow-up tasks of incidents, as the weekly plan has them: done there is done here."""

from __future__ import annotations

from datetime import date, datetime

from homeroom.apps.manage.planning.tasks import TASK_PREFIX, InvalidPlanChange, PlanTask
from homeroom.apps.protect.incidents.models import IncidentTask
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.apps.protect.incidents.respond import AFTER, DONE, OPEN, change_task
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.incidents.playbooks import ResponseRole
from homeroom.domain.protect.incidents.records import IncidentState

PLANNED_STATES = (IncidentState.CONTAINED, IncidentState.CLOSED)
"""States of incidents whose follow-up is planned; before that people work from the incident's page."""
TEAM_ROLES = (ResponseRole.TECHNICIAN, ResponseRole.DIRECTOR)
MAX_TASKS = 500


class FollowUpTasks:
    """The follow-up tasks of contained and closed incidents, as a source of tasks of the plan."""

    def list_tasks(self, *, district: District, today: date) -> tuple[PlanTask, ...]:
        """Return the tasks after the first hour, open and done, newest incidents first.

        They are no emergency any more: none is critical. What counsel or a principal does, the director sees to.
        """
        rows = (
            IncidentTask.objects.of(district)
            .filter(phase=AFTER, incident__state__in=PLANNED_STATES)
            .select_related("incident")
            .order_by("-incident__made_at", "position", "pk")
        )
        return tuple(map(_build_task, rows[:MAX_TASKS]))

    def finish_task(self, *, district: District, task: str, minutes: int | None, actor: str, at: datetime) -> None:
        """Mark a task as done, in so many minutes. Raise LookupError and InvalidPlanChange."""
        row = _get_row(district, task)
        _change(district, row, state=DONE, owner=row.owner, actual=minutes, actor=actor, at=at)

    def reopen_task(self, *, district: District, task: str, actor: str, at: datetime) -> None:
        """Mark a task as open again. Raise LookupError and InvalidPlanChange."""
        row = _get_row(district, task)
        _change(district, row, state=OPEN, owner=row.owner, actual=None, actor=actor, at=at)

    def assign_task(self, *, district: District, task: str, owner: str, actor: str, at: datetime) -> None:
        """Give a task to a person. Raise LookupError and InvalidPlanChange."""
        row = _get_row(district, task)
        _change(district, row, state=row.state, owner=owner, actual=row.actual, actor=actor, at=at)


def _build_task(row: IncidentTask) -> PlanTask:
    severity = Severity(row.incident.severity)
    return PlanTask(
        id=f"{TASK_PREFIX}{row.pk}",
        title=row.title,
        severity=Severity.HIGH if severity == Severity.CRITICAL else severity,
        minutes=row.minutes,
        role=_choose_role(row.role),
        owner=row.owner,
        origin=row.incident.public,
        origin_title=row.incident.title,
        is_open=row.state == OPEN,
    )


def _choose_role(role: str) -> str:
    if role in TEAM_ROLES:
        return role
    return str(ResponseRole.DIRECTOR if role else ResponseRole.TECHNICIAN)


def _get_row(district: District, task: str) -> IncidentTask:
    number = task.removeprefix(TASK_PREFIX)
    rows = IncidentTask.objects.of(district).select_related("incident")
    row = rows.filter(pk=int(number), phase=AFTER).first() if number.isdecimal() else None
    if row is None:
        raise LookupError(f"there is no task {task}")
    return row


def _change(
    district: District,
    row: IncidentTask,
    *,
    state: str,
    owner: str,
    actual: int | None,
    actor: str,
    at: datetime,
) -> None:
    try:
        change_task(
            district=district,
            public=row.incident.public,
            task=row.pk,
            state=state,
            owner=owner,
            actual=actual,
            reason=row.reason,
            actor=actor,
            at=at,
        )
    except IncidentRefused as error:
        raise InvalidPlanChange(str(error)) from None
