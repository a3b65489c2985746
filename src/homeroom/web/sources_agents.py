"""Agents that report by themselves: which there are, letting new ones in, and taking in what they answered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.agents import commands
from homeroom.apps.agents.queries import agents as asked
from homeroom.web.access import district_view


@district_view()
def agents(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The agents, those longest not seen first."""
    return render(request, "sources/agents.html", _given(request, district))


@district_view(methods=("POST",))
def make_secret(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Shows a new enrol secret, this once."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    secret = commands.make_secret(district=district, actor=visit.actor, at=visit.now)
    answer = render(request, "sources/agents.html", _given(request, district) | {"secret": secret})
    answer["Cache-Control"] = "no-store"
    return answer


@district_view(methods=("POST",))
def end_secret(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """Withdraws an enrol secret."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if not commands.end_secret(district=district, number=number, actor=visit.actor, at=visit.now):
        raise Http404
    messages.success(request, gettext("Withdrawn. Agents that came with it stay."), extra_tags="good")
    return redirect("agents")


@district_view(methods=("POST",))
def ask_anew(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Asks every agent for everything at its next visit."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    commands.ask_anew(district=district, actor=visit.actor, at=visit.now)
    messages.success(request, gettext("Each agent is asked at its next visit, within ten minutes."), extra_tags="good")
    return redirect("agents")


@district_view(methods=("POST",))
def forget(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """Removes an agent with its answers."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if not commands.forget(district=district, number=number, actor=visit.actor, at=visit.now):
        raise Http404
    messages.success(request, gettext("Forgotten. It would have to enrol anew."), extra_tags="good")
    return redirect("agents")


@district_view(methods=("POST",))
def take_in(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Makes a job that loads what all agents answered last."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        number = commands.queue(district=district, actor=visit.actor, at=visit.now)
    except commands.NoAgents:
        messages.warning(request, gettext("No agent has reported yet."), extra_tags="warn")
        return redirect("agents")
    return redirect("job", number=number)


def _given(request: HttpRequest, district: Any) -> dict[str, Any]:
    visit: Any = request.visit  # type: ignore[attr-defined]
    path = f"/d/{district.slug}/osquery"
    return {"found": asked(district=district, now=visit.now), "host": request.get_host(), "endpoints": path}


urlpatterns = [
    path("sources/agents", agents, name="agents"),
    path("sources/agents/secret", make_secret, name="make-enrol-secret"),
    path("sources/agents/secrets/<int:number>/end", end_secret, name="end-enrol-secret"),
    path("sources/agents/ask", ask_anew, name="ask-agents"),
    path("sources/agents/take-in", take_in, name="take-in-agents"),
    path("sources/agents/<int:number>/forget", forget, name="forget-agent"),
]
