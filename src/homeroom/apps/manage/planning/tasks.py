"""Tasks of the weekly plan beside findings: another app has them, and names its source of them (`task_sources`).

A task is done once its source has it done; the plan records who did it and in how many minutes. Nothing proves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from homeroom.apps.platform.districts.app_sources import load_sources
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, Effort

AREA = "incidents"
INCIDENT, DUTY = "incident", "duty"
"""What tasks come from."""
TASK_PREFIX = "task-"
"""What the ids of tasks begin with, and no control's."""


class InvalidPlanChange(ValueError):
    """An invalid change of the plan; the text explains what would be valid."""


@dataclass(frozen=True, kw_only=True)
class PlanTask:
    """A task: its id in the plan, who does it, and what it comes from, by id and title: an incident or a law's duty.

    `due_on` is the day by which it has to be done; None without a deadline.
    """

    id: str
    title: str
    severity: Severity
    minutes: int
    role: str
    owner: str
    origin: str
    origin_title: str
    is_open: bool
    origin_kind: str = INCIDENT
    due_on: date | None = None


class TaskSource(Protocol):
    """Where tasks are kept. Each change raises LookupError for a task that it does not have."""

    def list_tasks(self, *, district: District, today: date) -> tuple[PlanTask, ...]:
        """Return the tasks of a district on a day, done ones too."""

    def finish_task(self, *, district: District, task: str, minutes: int | None, actor: str, at: datetime) -> None:
        """Mark a task as done."""

    def reopen_task(self, *, district: District, task: str, actor: str, at: datetime) -> None:
        """Mark a task as open again."""

    def assign_task(self, *, district: District, task: str, owner: str, actor: str, at: datetime) -> None:
        """Give a task to a person."""


def _load_sources() -> tuple[TaskSource, ...]:
    return load_sources("task_sources")


def list_plan_tasks(*, district: District, today: date) -> dict[str, tuple[PlanTask, TaskSource]]:
    """Return the tasks of all sources by id, each with its source."""
    return {
        task.id: (task, source)
        for source in _load_sources()
        for task in source.list_tasks(district=district, today=today)
    }


def is_task(item: str) -> bool:
    """Return whether an item of the plan is a task, not a control."""
    return item.startswith(TASK_PREFIX)


def build_task_control(task: PlanTask) -> Control:
    """Return a task in the form of a control, which is what the plan ranks and pages show."""
    return Control(
        id=task.id,
        area=AREA,
        title=task.title,
        severity=task.severity,
        asks="",
        because="",
        fix={},
        effort=Effort(minutes_per_subject=task.minutes, minutes_once=0),
        who=task.role,
    )
