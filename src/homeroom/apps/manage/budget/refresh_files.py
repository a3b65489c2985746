"""Plan a refresh problem: from its files without a database, or from what is loaded."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import date
from pathlib import Path

from homeroom.apps.manage.budget.evidence_problem import EvidenceProblem, build_evidence_problem
from homeroom.domain.manage.refresh.plan import RefreshPlan
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.domain.platform.district import District
from homeroom.engines.manage.refresh.planner import plan_refresh
from homeroom.library.manage.refresh.problem_reader import read_refresh_problem

PLANNING_SHARE = 0.9
"""Share of the given time for reading and planning; the rest starts the program and writes the plan."""


class UnfitLevel(ValueError):
    """The fund of a level is none that has yearly amounts."""


def plan_refresh_file(path: Path, *, seconds: float, level: str | None = None) -> RefreshPlan:
    """Plan the problem of a file. Raise FileRefused with each problem of it, UnfitLevel if no level can be found."""
    started = time.monotonic()
    problem = read_refresh_problem(path)
    _check_level(problem, level)
    return plan_refresh(problem, seconds=count_seconds_left(seconds, time.monotonic() - started), level=level)


def plan_evidence(
    *, district: District, today: date, seconds: float, level: str | None = None, extensions: Collection[str] = ()
) -> tuple[EvidenceProblem, RefreshPlan]:
    """Plan the problem of what is loaded; return it beside the plan.

    Raise NothingLoaded without devices, UnknownExtension, UnfitLevel if no level can be found, QueryTimeout.
    """
    started = time.monotonic()
    built = build_evidence_problem(district=district, today=today, extensions=extensions)
    _check_level(built.problem, level)
    left = count_seconds_left(seconds, time.monotonic() - started)
    return built, plan_refresh(built.problem, seconds=left, level=level)


def count_seconds_left(seconds: float, spent: float) -> float:
    """Return the seconds for planning: those given, less reading and a tenth for the rest, but at least half."""
    return max(PLANNING_SHARE * seconds - spent, seconds / 2)


def _check_level(problem: RefreshProblem, level: str | None) -> None:
    if level is None:
        return
    yearly = [fund.name for fund in problem.funds if fund.total is None]
    if level not in yearly:
        reason = "has a total" if any(fund.name == level for fund in problem.funds) else "is no fund"
        raise UnfitLevel(f"--level {level!r} {reason}; a fund with yearly amounts would fit: {', '.join(yearly)}")
