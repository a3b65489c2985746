"""How a rollout goes: early and late, the minutes that rooms take, and rooms that need a word with the teacher."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import ngettext

from homeroom.apps.manage.rollouts.queries import load_plan
from homeroom.apps.manage.rollouts.visits.visit_progress import load_progress, use_learned_minutes
from homeroom.domain.manage.rollouts.room_minutes import MIN_VISITS, ON_TIME
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.command_messages import run_command
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view(permission="rollouts.read", change="rollouts.change")
def show_progress(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show how a rollout goes."""
    rollout = get_rollout_or_404(district, public)
    plan = load_plan(district=district, public=public)
    context = {
        "rollout": rollout,
        "progress": load_progress(district=district, public=public),
        "completed": plan.completed,
        "planned": plan.visits,
        "on_time": ON_TIME,
        "needed": MIN_VISITS,
    }
    return render(request, "rollouts/progress.html", context)


@district_view(permission="rollouts.change", methods=("POST",))
def use_minutes_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Let rooms that are still to be visited take the minutes that visits took."""
    visit, text = request.visit, request.POST.get("visits", "")
    number = int(text) if text.isdecimal() and len(text) < 8 else 0
    count = run_command(
        request,
        lambda: use_learned_minutes(district=district, public=public, visits=number, actor=visit.actor, at=visit.now),
    )
    if count is not None:
        text = ngettext(
            "%(many)d room takes the minutes that visits took. Plan again, so that its visit fits.",
            "%(many)d rooms take the minutes that visits took. Plan again, so that their visits fit.",
            count,
        )
        messages.success(request, text % {"many": count}, extra_tags="good")
    return redirect("rollout-progress", public=public)


urlpatterns = [
    path("rollouts/<str:public>/progress", show_progress, name="rollout-progress"),
    path("rollouts/<str:public>/minutes", use_minutes_view, name="rollout-minutes"),
]
