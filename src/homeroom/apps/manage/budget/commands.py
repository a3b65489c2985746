"""Save plans of the budget: from uploaded files, from evidence, or with other amounts beside an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.records import (
    CHANGE,
    EVIDENCE,
    FILES,
    MAX_TITLE,
    BudgetRefused,
    create_public_id,
    get_plan_row,
    get_saved_problem,
    record_change,
)
from homeroom.apps.manage.budget.saved_problems import (
    AmountRefused,
    SavedProblem,
    change_problem,
    list_amounts,
    list_prices,
    load_evidence_problem,
    read_uploaded_problem,
)
from homeroom.domain.platform.district import District


def save_uploaded_plan(*, district: District, title: str, files: Mapping[str, bytes], actor: str, at: datetime) -> str:
    """Save the problem of uploaded files; return its id. Raise FileRefused, BudgetRefused."""
    saved = read_uploaded_problem(files)
    return _save(district, title, FILES, saved, base=None, actor=actor, at=at)


def save_evidence_plan(*, district: District, title: str, today: date, actor: str, at: datetime) -> str:
    """Save the problem of the loaded devices, without money; return its id.

    Raise NothingLoaded, BudgetRefused, QueryTimeout.
    """
    saved, evidence = load_evidence_problem(district=district, today=today)
    return _save(district, title, EVIDENCE, saved, base=None, actor=actor, at=at, evidence=evidence)


def save_changed_plan(
    *,
    district: District,
    public: str,
    title: str,
    amounts: Mapping[str, Sequence[str]],
    prices: Mapping[str, str],
    actor: str,
    at: datetime,
) -> str:
    """Save a plan with other amounts and prices beside the one that it changes; return its id.

    Raise LookupError, BudgetRefused with the fund or kind that does not fit, or if nothing is changed.
    """
    with transaction.atomic():
        row = get_plan_row(district, public)
        saved = get_saved_problem(row)
        yearly = list_amounts(saved)
        fitting = {fund: texts for fund, texts in amounts.items() if len(texts) == len(yearly.get(fund, ()))}
        try:
            changed = change_problem(saved, amounts=fitting, prices=prices)
        except AmountRefused as error:
            raise BudgetRefused(error.field, f"{error.field}: {error}") from None
        details = _list_changes(saved, changed)
        if not details:
            raise BudgetRefused("", "nothing is changed; another amount or price would fit")
        return _save(district, title, CHANGE, changed, base=row, actor=actor, at=at, details=details)


@transaction.atomic
def remove_plan(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Remove a plan; those that changed it stay. Raise LookupError."""
    row = get_plan_row(district, public)
    record_change(row, "remove budget plan", district=district, actor=actor, at=at)
    row.delete()


def _list_changes(before: SavedProblem, after: SavedProblem) -> dict[str, str]:
    """Return the amounts and prices that differ, as the audit trail has them."""
    amounts = [list_amounts(saved) for saved in (before, after)]
    prices = [list_prices(saved) for saved in (before, after)]
    changes = {
        fund: f"{_format_amounts(amounts[0][fund])} to {_format_amounts(values)}"
        for fund, values in amounts[1].items()
        if values != amounts[0][fund]
    }
    changes.update(
        {
            f"price of {kind}": f"{prices[0][kind] or 'none'} to {price or 'none'}"
            for kind, price in prices[1].items()
            if price != prices[0].get(kind)
        }
    )
    return changes


def _format_amounts(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values)


@transaction.atomic
def _save(
    district: District,
    title: str,
    origin: str,
    saved: SavedProblem,
    *,
    base: BudgetPlan | None,
    actor: str,
    at: datetime,
    details: Mapping[str, str] | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> str:
    name = title.strip()
    if not name or len(name) > MAX_TITLE:
        raise BudgetRefused("title", f"the name has {len(name)} characters; 1 to {MAX_TITLE} would fit")
    row = BudgetPlan.objects.create(
        district_id=district.pk,
        public=create_public_id(),
        title=name,
        origin=origin,
        base=base,
        problem=saved.content,
        fleet=saved.fleet,
        prices=saved.prices,
        needs=saved.needs,
        evidence=dict(evidence or {}),
        made_by=actor,
        made_at=at,
    )
    detail = {"from": origin, **({"changes": base.public} if base else {}), **(details or {})}
    record_change(row, "save budget plan", district=district, actor=actor, at=at, detail=detail)
    return row.public
