"""Jobs and hours for the tests of planning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from homeroom.domain.risk import RiskTable
from homeroom.domain.states import Severity
from homeroom.domain.work import BEFORE, Job, Seat, Window
from homeroom.engines.plan.plan import Capacity

WEEK = date(2026, 1, 12)
TABLE = RiskTable(
    severity={Severity.CRITICAL: 100, Severity.HIGH: 40, Severity.MEDIUM: 15, Severity.LOW: 5},
    exposure={"identity": 2.0},
    exposure_otherwise=1.0,
    diminishing=0.5,
)


def job(name: str = "a", **told: Any) -> Job:
    """A job of ten subjects at a minute each."""
    plain: dict[str, Any] = {"severity": Severity.HIGH, "area": "", "subjects": 10, "each": 1, "once": 0, "setup": name}
    return Job(id=name, **(plain | told))


def team(minutes: int, *, quiet: int | None = None) -> Capacity:
    """One technician with so many minutes, so many of them outside class."""
    windows = None if quiet is None else (Window(day=WEEK, starts=0, ends=quiet, kind=BEFORE),)
    return Capacity(seats=(Seat(person="technician", role="", minutes=minutes),), windows=windows, long_keeps=0.25)


def days(number: int) -> date:
    """A day counted from the Monday."""
    return WEEK + timedelta(days=number)


def ids(found: Sequence[Any]) -> list[str]:
    """The jobs of items or of what was left out."""
    return [one.job.id for one in found]
