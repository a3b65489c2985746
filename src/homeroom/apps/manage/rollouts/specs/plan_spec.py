"""Plan a rollout from its spec file, or plan it again around what has begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from homeroom.apps.manage.rollouts.specs.plan_documents import read_plan_visits
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.engines.manage.rollout.engine import plan_completely
from homeroom.engines.manage.rollout.problem import RolloutProblem

PlanReport = Callable[[RolloutPlan], None]


class InvalidMoment(ValueError):
    """Raised for a moment that cannot be read, with what would fit."""


@dataclass(frozen=True, kw_only=True)
class SpecPlan:
    """A spec and its plan."""

    spec: RolloutSpec
    plan: RolloutPlan


def plan_spec_file(
    path: Path,
    *,
    seconds: float,
    is_late: Callable[[], bool],
    report: PlanReport,
    earlier_plan: Path | None = None,
    at: str | None = None,
) -> SpecPlan:
    """Plan the rollout of a spec; with an earlier plan, keep what began before `at` and move the fewest visits.

    Raise FileRefused for a spec or plan that cannot be read, and InvalidMoment for `at`.
    """
    spec = load_spec(path)
    earlier = None
    if earlier_plan is not None:
        earlier = _build_earlier_plan(read_plan_visits(earlier_plan, spec), spec, at)
    problem = RolloutProblem(spec)
    plan = plan_completely(problem, seconds=seconds, is_late=is_late, report=report, earlier=earlier)
    return SpecPlan(spec=spec, plan=plan)


def _build_earlier_plan(visits: tuple[PlannedVisit, ...], spec: RolloutSpec, at: str | None) -> EarlierPlan:
    try:
        moment = datetime.fromisoformat(at or "")
        local = moment.astimezone(spec.zone) if moment.tzinfo else moment.replace(tzinfo=spec.zone)
    except (ValueError, OverflowError):
        raise InvalidMoment(f"--at {at!r} is no moment; 2025-10-14T12:00:00-07:00 would fit") from None
    return EarlierPlan(visits=visits, day=local.date(), minute=local.hour * 60 + local.minute)
