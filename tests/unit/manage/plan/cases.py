"""Jobs and hours for the planning tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from homeroom.domain.manage.planning import BEFORE_SCHOOL, MaintenanceWindow, PersonCapacity, PlanJob
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import RiskTable
from homeroom.engines.manage.plan.plan import TeamCapacity

WEEK = date(2026, 1, 12)
RISK_TABLE = RiskTable(
    severity={Severity.CRITICAL: 100, Severity.HIGH: 40, Severity.MEDIUM: 15, Severity.LOW: 5},
    exposure={"identity": 2.0},
    exposure_otherwise=1.0,
    diminishing=0.5,
)


def build_job(name: str = "a", **fields: Any) -> PlanJob:
    """Build a job of ten subjects at one minute each."""
    defaults: dict[str, Any] = {
        "severity": Severity.HIGH,
        "area": "",
        "subjects": 10,
        "each": 1,
        "once": 0,
        "setup": name,
    }
    return PlanJob(id=name, **(defaults | fields))


def build_team(minutes: int, *, quiet: int | None = None) -> TeamCapacity:
    """Build a team of one technician with this many minutes, `quiet` minutes being outside class."""
    windows = None if quiet is None else (MaintenanceWindow(day=WEEK, starts=0, ends=quiet, kind=BEFORE_SCHOOL),)
    return TeamCapacity(
        seats=(PersonCapacity(person="technician", role="", minutes=minutes),), windows=windows, long_share=0.25
    )


def get_day(offset: int) -> date:
    """Return the day that many days after the Monday of the week."""
    return WEEK + timedelta(days=offset)


def list_job_ids(items: Sequence[Any]) -> list[str]:
    """Return the job ids of planned items or of jobs that were left out."""
    return [item.job.id for item in items]
