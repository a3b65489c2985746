"""The plan of a rollout: planning it in the background, its weeks and schools, what it costs, and its waves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, ngettext

from homeroom.apps.manage.rollouts.changed_visits import count_unfit_visits, list_moved_visits
from homeroom.apps.manage.rollouts.commands import approve_wave, stop_rollout
from homeroom.apps.manage.rollouts.queries import PlanView, RolloutView, load_plan
from homeroom.apps.manage.rollouts.rule_changes import apply_offer, apply_relaxation, relax_rules
from homeroom.apps.manage.rollouts.runs.plan_runs import request_plan, stop_plan
from homeroom.apps.manage.rollouts.tasks import plan_rollout_task
from homeroom.apps.manage.rollouts.visits.visit_progress import load_progress
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.command_messages import run_command
from homeroom.web.manage.rollouts.labels import KINDS, STATE_TAGS, STATES, get_rollout_or_404
from homeroom.web.manage.rollouts.relax_words import describe_relaxation, get_step_page
from homeroom.web.shared.access import DistrictRequest, district_view

SECONDS = (15, 60, 300)
USUAL_SECONDS = 60
MAX_LEFT_OUT, MAX_LAST, MAX_MOVED = 100, 6, 40


@district_view(permission="rollouts.read", change="rollouts.change")
def show_rollout(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the plan of a rollout; while it is being planned the page polls for how far that is."""
    rollout = get_rollout_or_404(district, public)
    if request.GET.get("part"):
        response = render(request, "rollouts/_run.html", {"rollout": rollout})
        if not rollout.is_planning:
            response["HX-Refresh"] = "true"  # the plan is another one: the page is shown again as a whole
        return response
    plan = load_plan(district=district, public=public)
    today = request.visit.today
    moved = list_moved_visits(district=district, public=public, today=today)
    context = {
        "rollout": rollout,
        "plan": plan,
        "state": STATES[rollout.state],
        "tag": STATE_TAGS.get(rollout.state, ""),
        "kind": KINDS[rollout.kind],
        "seconds": SECONDS,
        "progress": load_progress(district=district, public=public),
        "has_parts": bool(rollout.rooms and rollout.rules.get("team") and rollout.rules.get("from")),
        "lines": [(line, list(zip(plan.weeks, line.cells, strict=True))) for line in plan.lines],
        "week_list": _list_weeks(plan),
        "last": plan.last[:MAX_LAST],
        "more_last": max(0, len(plan.last) - MAX_LAST),
        "unfit": None if rollout.is_planning else count_unfit_visits(district=district, public=public, today=today),
        "moved": moved[:MAX_MOVED],
        "moved_count": len(moved),
        "more_moved": max(0, len(moved) - MAX_MOVED),
        "next_wave": next((wave for wave in plan.waves if not wave.approved_by and wave.to_do), None),
        **_build_figures(rollout),
    }
    return render(request, "rollouts/rollout.html", context)


def _list_weeks(plan: PlanView) -> list[dict[str, Any]]:
    """Return the weeks with the schools that are visited in each, as a narrow page lists them."""
    return [
        {
            "week": week,
            "visits": plan.totals[number],
            "schools": [(line.school, *line.cells[number]) for line in plan.lines if line.cells[number][0]],
        }
        for number, week in enumerate(plan.weeks)
    ]


def _build_figures(rollout: RolloutView) -> dict[str, Any]:
    figures = rollout.figures
    left_out = figures.get("left_out", [])
    return {
        "objective": _parse_figures(figures.get("objective")),
        "bound": _parse_figures(figures.get("bound")),
        "left_out": left_out[:MAX_LEFT_OUT],
        "more_left_out": max(0, len(left_out) - MAX_LEFT_OUT),
        "relax": [
            {
                **item,
                "text": describe_relaxation(item["rule"], item["to"]),
                "then": _parse_figures(item["then"]),
                "is_direct": relax_rules(rollout.rules, item["rule"], item["to"]) is not None,
                "page": get_step_page(item["rule"]),
            }
            for item in figures.get("relax", [])
        ],
        "offers": [_parse_figures(item) for item in figures.get("offers", [])],
        "is_complete": not left_out,
        "may_disturb": rollout.rules.get("class_time") == "costs",
    }


def _parse_figures(figures: Any) -> dict[str, Any] | None:
    """Return figures with their days as dates; None if there are none."""
    if not figures:
        return None
    days = {name: date.fromisoformat(figures[name]) for name in ("finished_on", "until") if figures.get(name)}
    return {**figures, **days}


@district_view(permission="rollouts.change", methods=("POST",))
def start_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let the worker plan the rollout."""
    seconds = (
        int(request.POST.get("seconds", "")) if request.POST.get("seconds", "") in map(str, SECONDS) else USUAL_SECONDS
    )
    keep = request.POST.get("keep") == "1"
    _ask_for_plan(request, district, public, seconds=seconds, keep=keep)
    return redirect("rollout", public=public)


def _ask_for_plan(request: DistrictRequest, district: District, public: str, *, seconds: int, keep: bool) -> None:
    visit = request.visit
    number = run_command(
        request,
        lambda: request_plan(
            district=district, public=public, seconds=seconds, keep=keep, actor=visit.actor, at=visit.now
        ),
    )
    if number is not None:
        plan_rollout_task.enqueue(district.slug, public, number, seconds, keep)


@district_view(permission="rollouts.change", methods=("POST",))
def use_offer_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Use a deadline that the plan offers, and plan again."""
    visit = request.visit
    get_rollout_or_404(district, public)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        raise Http404 from None
    _plan_changed(
        request,
        district,
        public,
        lambda: apply_offer(district=district, public=public, until=until, actor=visit.actor, at=visit.now),
    )
    return redirect("rollout", public=public)


@district_view(permission="rollouts.change", methods=("POST",))
def relax_rule_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Relax a rule as the plan suggests, and plan again."""
    visit, rule, to = request.visit, request.POST.get("rule", ""), request.POST.get("to", "")
    _plan_changed(
        request,
        district,
        public,
        lambda: apply_relaxation(district=district, public=public, rule=rule, to=to, actor=visit.actor, at=visit.now),
    )
    return redirect("rollout", public=public)


def _plan_changed(request: DistrictRequest, district: District, public: str, change: Callable[[], bool]) -> None:
    """Change a rule, then ask for a plan; it keeps what it can where `change` returns True."""
    keep = run_command(request, change)
    if keep is not None:
        _ask_for_plan(request, district, public, seconds=USUAL_SECONDS, keep=keep)


@district_view(permission="rollouts.change", methods=("POST",))
def stop_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """End the planning with the best plan so far."""
    visit = request.visit
    run_command(request, lambda: stop_plan(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("rollout", public=public)


@district_view(permission="rollouts.change", methods=("POST",))
def stop_rollout_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Stop the rollout."""
    visit = request.visit
    if request.POST.get("sure") != "1":
        get_rollout_or_404(district, public)
        messages.error(request, gettext("Tick that you are sure, then stop it."), extra_tags="bad")
        return redirect("rollout", public=public)
    run_command(request, lambda: stop_rollout(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("rollout", public=public)


@district_view(permission="rollouts.change", methods=("POST",))
def approve_wave_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let a wave go."""
    visit, form = request.visit, request.POST
    get_rollout_or_404(district, public)
    try:
        week = date.fromisoformat(form.get("week", ""))
    except ValueError:
        raise Http404 from None
    count = run_command(
        request,
        lambda: approve_wave(
            district=district,
            public=public,
            ring=form.get("ring", ""),
            week=week,
            digest=form.get("digest", ""),
            actor=visit.actor,
            at=visit.now,
        ),
    )
    if count is not None:
        text = ngettext("Approved: %(many)d visit.", "Approved: %(many)d visits.", count) % {"many": count}
        messages.success(request, text, extra_tags="good")
    return redirect("rollout", public=public)


urlpatterns = [
    path("rollouts/<str:public>", show_rollout, name="rollout"),
    path("rollouts/<str:public>/plan", start_plan_view, name="rollout-plan"),
    path("rollouts/<str:public>/plan/stop", stop_plan_view, name="rollout-plan-stop"),
    path("rollouts/<str:public>/deadline", use_offer_view, name="rollout-deadline"),
    path("rollouts/<str:public>/relax", relax_rule_view, name="rollout-relax"),
    path("rollouts/<str:public>/stop", stop_rollout_view, name="rollout-stop"),
    path("rollouts/<str:public>/approve", approve_wave_view, name="rollout-approve"),
]
