"""A refresh plan beside the one that it changes: figures, money, curve, who waits; changing an amount, planning it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.budget.commands import remove_plan, save_changed_plan
from homeroom.apps.manage.budget.plan_runs import request_run, stop_run
from homeroom.apps.manage.budget.queries import BudgetPlanView, load_budget_plan, load_plan_document
from homeroom.apps.manage.budget.records import BudgetRefused
from homeroom.apps.manage.budget.tasks import plan_budget_task
from homeroom.domain.platform.district import District
from homeroom.web.manage.budget.labels import (
    ORIGINS,
    REMARKS,
    RUN_STATES,
    RUN_TAGS,
    STEPS,
    format_dollars,
    format_number,
    get_kind_label,
)
from homeroom.web.manage.budget.plan_tables import (
    build_count_lines,
    build_curve_lines,
    build_curve_rows,
    build_money_lines,
    compare_figures,
)
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file

AREA_PAGE_OF = "plans"
SECONDS = (15, 60, 300)
USUAL_SECONDS = 60
MAX_SLIPS = 40
MAX_NAME = 180
AMOUNT, PRICE = "amount:", "price:"


@district_view(permission="budget.read", change="budget.change")
def show_plan(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show a plan beside the one that it changes; while it is being planned the page polls for how far that is."""
    plan = _load_or_404(district, public)
    if request.GET.get("part"):
        response = render(request, "budget/_run.html", _build_run(plan))
        if not plan.is_planning:
            response["HX-Refresh"] = "true"  # the plan is another one: the page is shown again as a whole
        return response
    return _render_plan(request, district, plan)


@district_view(permission="budget.change", methods=("POST",))
def change_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Save a plan with the posted amounts and prices beside this one, and plan it."""
    visit, form = request.visit, request.POST
    amounts = {name.removeprefix(AMOUNT): form.getlist(name) for name in form if name.startswith(AMOUNT)}
    prices = {name.removeprefix(PRICE): form[name].strip() for name in form if name.startswith(PRICE)}
    plan = _load_or_404(district, public)
    title = form.get("title", "").strip() or _suggest_title(plan)
    try:
        changed = save_changed_plan(
            district=district,
            public=public,
            title=title,
            amounts=amounts,
            prices=prices,
            actor=visit.actor,
            at=visit.now,
        )
    except BudgetRefused as error:
        typed = {"title": title, "amounts": amounts, "prices": prices}
        return _render_plan(request, district, plan, typed=typed, wrong=str(error), wrong_field=error.field)
    _ask_for_run(request, district, changed)
    return redirect("budget-plan", public=changed)


@district_view(permission="budget.change", methods=("POST",))
def start_run_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let the worker plan it."""
    _ask_for_run(request, district, public)
    return redirect("budget-plan", public=public)


@district_view(permission="budget.change", methods=("POST",))
def stop_run_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """End the planning with the best plan so far."""
    visit = request.visit
    _run_command(request, lambda: stop_run(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("budget-plan", public=public)


@district_view(permission="budget.change", methods=("POST",))
def remove_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Remove a plan."""
    visit = request.visit
    if request.POST.get("sure") != "1":
        _load_or_404(district, public)
        messages.error(request, gettext("Tick that you are sure, then remove it."), extra_tags="bad")
        return redirect("budget-plan", public=public)
    _run_command(request, lambda: remove_plan(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("budget")


@district_view(permission="budget.read")
def export_plan(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return what is replaced, retired, added and waits as CSV."""
    try:
        document = load_plan_document(district=district, public=public)
    except LookupError as error:
        raise Http404 from error
    if not document:
        raise Http404
    name = f"refresh-plan-{request.visit.today.isoformat()}.csv"
    file = write_csv_file(_iterate_plan_rows(document))
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _iterate_plan_rows(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    yield "what", "group", "school", "kind", "year", "fund", "way", "count", "why"
    for what in ("replace", "retire", "add"):
        for item in document[what]:
            fields = ("group", "school", "kind", "year", "fund", "way", "count")
            yield what, *(item.get(name, "") for name in fields), ""
    for what, name in (("wait", "slips"), ("unknown", "cannot_tell")):
        for item in document[name]:
            yield what, item["group"], "", "", "", "", "", item["count"], item["why"]


def _ask_for_run(request: DistrictRequest, district: District, public: str) -> None:
    visit, form = request.visit, request.POST
    seconds = int(form["seconds"]) if form.get("seconds", "") in map(str, SECONDS) else USUAL_SECONDS
    level = form.get("level", "")
    number = _run_command(
        request,
        lambda: request_run(
            district=district, public=public, seconds=seconds, level=level, actor=visit.actor, at=visit.now
        ),
    )
    if number is not None:
        plan_budget_task.enqueue(district.slug, public, number, seconds, level)


def _run_command[Outcome](request: DistrictRequest, command: Callable[[], Outcome]) -> Outcome | None:
    """Return the outcome of a command; if it is refused, add a message. Raise Http404 for what is not there."""
    try:
        return command()
    except BudgetRefused as error:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": error}, extra_tags="bad")
    except LookupError as error:
        raise Http404 from error
    return None


def _suggest_title(plan: BudgetPlanView) -> str:
    """Return a name for a change of a plan: that of the plan with the number of the change."""
    base, _, number = plan.title.rpartition(" #")
    has_number = bool(base) and number.isdecimal() and len(number) < 6
    name, earlier = (base, int(number)) if has_number else (plan.title, 1)
    return f"{name[:MAX_NAME]} #{earlier + 1 + len(plan.changes)}"


def _load_or_404(district: District, public: str) -> BudgetPlanView:
    try:
        return load_budget_plan(district=district, public=public)
    except LookupError as error:
        raise Http404 from error


def _build_run(plan: BudgetPlanView) -> dict[str, Any]:
    best = plan.run_step.get("weighted")
    return {
        "plan": plan,
        "step": STEPS.get(plan.run_step.get("step", "")),
        "best": None if best is None else format_number(best),
    }


def _render_plan(
    request: DistrictRequest,
    district: District,
    plan: BudgetPlanView,
    *,
    typed: Mapping[str, Any] | None = None,
    wrong: str = "",
    wrong_field: str = "",
) -> HttpResponse:
    base = _load_or_404(district, plan.base) if plan.base else None
    context = {
        **_build_run(plan),
        "base": base,
        "origin": ORIGINS[plan.origin],
        "state": RUN_STATES[plan.run_state],
        "tag": RUN_TAGS.get(plan.run_state, ""),
        "seconds": SECONDS,
        "wrong": wrong,
        "typed_title": (typed or {}).get("title", ""),
        "funds": _list_fund_fields(plan, typed or {}, wrong_field),
        "totals": _list_totals(plan),
        "price_fields": _list_price_fields(plan, typed or {}, wrong_field),
        **_build_evidence(plan.evidence),
        **_build_tables(plan, base),
    }
    return render(request, "budget/plan.html", context, status=422 if wrong else 200)


def _build_evidence(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan of the loaded devices rests on, as the page shows it."""
    return {
        "without_price": [get_kind_label(kind) for kind in evidence.get("without_price", ())],
        "remarks": [
            {
                "about": REMARKS.get(item["about"], item["about"]),
                "name": get_kind_label(item["name"]),
                "why": item["why"],
            }
            for item in evidence.get("remarks", ())
        ],
        "extensions": [
            {**item, "price": format_dollars(item["dollars_minor"])} for item in evidence.get("extensions", ())
        ],
    }


def _build_tables(plan: BudgetPlanView, base: BudgetPlanView | None) -> dict[str, Any]:
    figures, before = plan.figures, base.figures if base else {}
    if not figures:
        return {}
    level = figures.get("level")
    slips = figures["slips"]
    return {
        "figures": figures,
        "compared": compare_figures(figures, before),
        "has_before": bool(before),
        "money": build_money_lines(figures, before),
        "kinds": build_count_lines(figures, before, "kinds"),
        "schools": build_count_lines(figures, before, "schools"),
        "curve": build_curve_rows(figures, before),
        "curve_lines": build_curve_lines(figures, before),
        "level": level and {"fund": level["fund"], "amount": format_dollars(level["amount_minor"])},
        "slips": [{**item, "label": get_kind_label(item["kind"])} for item in slips[:MAX_SLIPS]],
        "more_slips": figures["more_slips"] + max(0, len(slips) - MAX_SLIPS),
    }


def _list_fund_fields(plan: BudgetPlanView, typed: Mapping[str, Any], wrong_field: str) -> list[dict[str, Any]]:
    """Return the yearly funds with their inputs, as they are or were typed."""
    typed_amounts = typed.get("amounts", {})
    return [
        {
            "name": fund,
            "number": number,
            "field": f"{AMOUNT}{fund}",
            "is_wrong": fund == wrong_field,
            "cells": list(zip(plan.years, typed_amounts.get(fund, amounts), strict=False)),
        }
        for number, (fund, amounts) in enumerate(plan.amounts.items())
    ]


def _list_price_fields(plan: BudgetPlanView, typed: Mapping[str, Any], wrong_field: str) -> list[dict[str, Any]]:
    typed_prices = typed.get("prices", {})
    return [
        {
            "label": get_kind_label(kind),
            "field": f"{PRICE}{kind}",
            "value": typed_prices.get(kind, price),
            "is_wrong": kind == wrong_field,
            "is_missing": not price,
        }
        for kind, price in plan.prices.items()
    ]


def _list_totals(plan: BudgetPlanView) -> list[tuple[str, str]]:
    """Return the funds with a total, and what they have."""
    lines = []
    for name, fund in plan.totals.items():
        if "total" in fund:
            lines.append((name, format_number(fund["total"])))
        else:
            lines.append((name, str(fund.get("program", ""))))
    return lines


urlpatterns = [
    path("budget/plans/<str:public>", show_plan, name="budget-plan"),
    path("budget/plans/<str:public>/change", change_plan_view, name="budget-plan-change"),
    path("budget/plans/<str:public>/run", start_run_view, name="budget-plan-run"),
    path("budget/plans/<str:public>/stop", stop_run_view, name="budget-plan-stop"),
    path("budget/plans/<str:public>/remove", remove_plan_view, name="budget-plan-remove"),
    path("budget/plans/<str:public>/rows.csv", export_plan, name="budget-plan-csv"),
]
