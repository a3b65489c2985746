"""Queries over saved plans: the list, and one with its amounts, prices and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.records import ACTIVE_RUNS
from homeroom.apps.manage.budget.saved_problems import SavedProblem, list_amounts, list_prices
from homeroom.domain.platform.district import District

MAX_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class BudgetPlanSummary:
    """A saved plan in the list; W and device-years are None until it is planned."""

    public: str
    title: str
    origin: str
    base: str
    weighted: float | None
    past_support: int | None
    missing: int | None
    years: Sequence[int]
    run_state: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class BudgetPlanView:
    """A saved plan as its page shows it; `base` is the plan that it changes, by id, and `changes` those that change it.

    `totals` are funds with a total, as written. `figures` are those of `build_figures`, empty until it is planned.
    `evidence` is what a problem from evidence rests on, empty for others.
    """

    public: str
    title: str
    origin: str
    base: str
    changes: Sequence[tuple[str, str]]
    years: Sequence[int]
    amounts: Mapping[str, Sequence[Any]]
    totals: Mapping[str, Mapping[str, Any]]
    prices: Mapping[str, str]
    figures: Mapping[str, Any]
    evidence: Mapping[str, Any]
    run_state: str
    run_step: Mapping[str, Any]
    run_problems: Sequence[str]
    run_request: Mapping[str, Any]
    made_by: str
    made_at: datetime
    planned_at: datetime | None

    @property
    def is_planning(self) -> bool:
        """True while a run is not over."""
        return self.run_state in ACTIVE_RUNS


def list_budget_plans(*, district: District) -> list[BudgetPlanSummary]:
    """Return the newest plans, at most 200."""
    rows = (
        BudgetPlan.objects.of(district)
        .order_by("-made_at", "-pk")
        .values_list("public", "title", "origin", "base__public", "figures", "run_state", "made_by", "made_at")
    )
    return [
        BudgetPlanSummary(
            public=public,
            title=title,
            origin=origin,
            base=base or "",
            weighted=figures.get("weighted"),
            past_support=figures.get("past_support"),
            missing=figures.get("missing"),
            years=figures.get("years", ()),
            run_state=run_state,
            made_by=made_by,
            made_at=made_at,
        )
        for public, title, origin, base, figures, run_state, made_by, made_at in rows[:MAX_LISTED]
    ]


def load_budget_plan(*, district: District, public: str) -> BudgetPlanView:
    """Return a saved plan. Raise LookupError if the district has none of this id."""
    row = (
        BudgetPlan.objects.of(district)
        .select_related("base")
        .defer("fleet", "document", "base__fleet", "base__document", "base__figures", "base__evidence")
        .filter(public=public)
        .first()
    )
    if row is None:
        raise LookupError(f"there is no plan {public}")
    changes = BudgetPlan.objects.of(district).filter(base=row).order_by("made_at").values_list("public", "title")
    content = row.problem
    saved = SavedProblem(content=content, fleet="", prices=row.prices)  # the fleet is long, and not shown
    return BudgetPlanView(
        public=row.public,
        title=row.title,
        origin=row.origin,
        base=row.base.public if row.base else "",
        changes=list(changes[:MAX_LISTED]),
        years=_list_years(content),
        amounts=list_amounts(saved),
        totals={
            str(name): fund
            for name, fund in content.get("funds", {}).items()
            if isinstance(fund, Mapping) and "amounts" not in fund
        },
        prices=list_prices(saved),
        figures=row.figures,
        evidence=row.evidence,
        run_state=row.run_state,
        run_step=row.run_step,
        run_problems=row.run_problems,
        run_request=row.run_request,
        made_by=row.made_by,
        made_at=row.made_at,
        planned_at=row.planned_at,
    )


def load_plan_document(*, district: District, public: str) -> dict[str, Any]:
    """Return the document of a plan, empty until it is planned. Raise LookupError."""
    document = BudgetPlan.objects.of(district).filter(public=public).values_list("document", flat=True).first()
    if document is None:
        raise LookupError(f"there is no plan {public}")
    return dict(document)


def load_newest_document(*, district: District) -> dict[str, Any] | None:
    """Return the document of the plan that was planned last; None where none was."""
    planned = BudgetPlan.objects.of(district).filter(planned_at__isnull=False).exclude(document={})
    document = planned.order_by("-planned_at", "-pk").values_list("document", flat=True).first()
    return None if document is None else dict(document)


def _list_years(content: Mapping[str, Any]) -> list[int]:
    first, count = content.get("first_year"), content.get("years")
    if not isinstance(first, int) or not isinstance(count, int):
        return []
    return list(range(first, first + count))
