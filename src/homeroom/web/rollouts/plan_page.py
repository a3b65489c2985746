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

from homeroom.apps.rollouts.commands import approve_wave, stop_rollout
from homeroom.apps.rollouts.queries import RolloutView, load_plan
from homeroom.apps.rollouts.records import RolloutRefused
from homeroom.apps.rollouts.runs.plan_runs import request_plan, stop_plan
from homeroom.apps.rollouts.tasks import plan_rollout_task
from homeroom.domain.district import District
from homeroom.web.rollouts.labels import KINDS, RULES, STATE_TAGS, STATES, get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view

SECONDS = (15, 60, 300)
MAX_LEFT_OUT = 100


@district_view()
def show_rollout(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the plan of a rollout; while it is being planned the page polls for how far that is."""
    rollout = get_rollout_or_404(district, public)
    if request.GET.get("part"):
        response = render(request, "rollouts/_run.html", {"rollout": rollout})
        if not rollout.is_planning:
            response["HX-Refresh"] = "true"  # the plan is another one: the page is shown again as a whole
        return response
    plan = load_plan(district=district, public=public)
    context = {
        "rollout": rollout,
        "plan": plan,
        "state": STATES[rollout.state],
        "tag": STATE_TAGS.get(rollout.state, ""),
        "kind": KINDS[rollout.kind],
        "seconds": SECONDS,
        "has_parts": bool(rollout.rooms and rollout.rules.get("team") and rollout.rules.get("from")),
        **_build_figures(rollout),
    }
    return render(request, "rollouts/rollout.html", context)


def _build_figures(rollout: RolloutView) -> dict[str, Any]:
    figures = rollout.figures
    left_out = figures.get("left_out", [])
    return {
        "objective": _parse_figures(figures.get("objective")),
        "bound": _parse_figures(figures.get("bound")),
        "left_out": left_out[:MAX_LEFT_OUT],
        "more_left_out": max(0, len(left_out) - MAX_LEFT_OUT),
        "relax": [
            (RULES.get(item["rule"], item["rule"]), item["to"], _parse_figures(item["then"]))
            for item in figures.get("relax", [])
        ],
        "offers": [_parse_figures(item) for item in figures.get("offers", [])],
    }


def _parse_figures(figures: Any) -> dict[str, Any] | None:
    """Return figures with their days as dates; None if there are none."""
    if not figures:
        return None
    days = {name: date.fromisoformat(figures[name]) for name in ("finished_on", "until") if figures.get(name)}
    return {**figures, **days}


@district_view(methods=("POST",))
def start_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let the worker plan the rollout."""
    visit = request.visit
    seconds = int(request.POST.get("seconds", "")) if request.POST.get("seconds", "") in map(str, SECONDS) else 60
    keep = request.POST.get("keep") == "1"
    number = _try(
        request,
        lambda: request_plan(
            district=district, public=public, seconds=seconds, keep=keep, actor=visit.actor, at=visit.now
        ),
    )
    if number is not None:
        plan_rollout_task.enqueue(district.slug, public, number, seconds, keep)
    return redirect("rollout", public=public)


@district_view(methods=("POST",))
def stop_plan_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """End the planning with the best plan so far."""
    visit = request.visit
    _try(request, lambda: stop_plan(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("rollout", public=public)


@district_view(methods=("POST",))
def stop_rollout_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Stop the rollout."""
    visit = request.visit
    if request.POST.get("sure") != "1":
        get_rollout_or_404(district, public)
        messages.error(request, gettext("Tick that you are sure, then stop it."), extra_tags="bad")
        return redirect("rollout", public=public)
    _try(request, lambda: stop_rollout(district=district, public=public, actor=visit.actor, at=visit.now))
    return redirect("rollout", public=public)


@district_view(methods=("POST",))
def approve_wave_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let a wave go."""
    visit, form = request.visit, request.POST
    get_rollout_or_404(district, public)
    try:
        week = date.fromisoformat(form.get("week", ""))
    except ValueError:
        raise Http404 from None
    count = _try(
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


def _try[Outcome](request: DistrictRequest, command: Callable[[], Outcome]) -> Outcome | None:
    """Return the outcome of a command; if it is refused, add a message and return None."""
    try:
        return command()
    except RolloutRefused as error:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": error}, extra_tags="bad")
        return None
    except LookupError as error:
        raise Http404 from error


urlpatterns = [
    path("rollouts/<str:public>", show_rollout, name="rollout"),
    path("rollouts/<str:public>/plan", start_plan_view, name="rollout-plan"),
    path("rollouts/<str:public>/plan/stop", stop_plan_view, name="rollout-plan-stop"),
    path("rollouts/<str:public>/stop", stop_rollout_view, name="rollout-stop"),
    path("rollouts/<str:public>/approve", approve_wave_view, name="rollout-approve"),
]
