"""Agents that report by themselves: the list, enroll secrets, and loading their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, ngettext

from homeroom.apps.know.agents import approval, commands
from homeroom.apps.know.agents.queries import get_agent_overview
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view

_MAX_DIGITS, _MAX_LIMIT = 16, 1_000_000


@district_view(permission="sources.read", change="agents.manage")
def show_agents(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the agents, least recently seen first."""
    return render(request, "sources/agents.html", _build_agents_context(request, district))


@district_view(permission="agents.manage", methods=("POST",))
def create_secret_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Create an enroll secret and show it once."""
    visit = request.visit
    secret = commands.create_enroll_secret(
        district=district,
        actor=visit.actor,
        at=visit.now,
        max_hosts=_read_limit(request, "hosts", commands.MAX_HOSTS),
        max_per_hour=_read_limit(request, "per_hour", commands.MAX_HOSTS_PER_HOUR),
    )
    return render(request, "sources/agents.html", _build_agents_context(request, district) | {"secret": secret})


@district_view(permission="agents.manage", methods=("POST",))
def withdraw_secret_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Revoke an enroll secret."""
    return _change_entry(
        request,
        commands.withdraw_enroll_secret,
        gettext("Revoked. Computers that enrolled with it stay enrolled."),
        district=district,
        number=number,
    )


@district_view(permission="agents.manage", methods=("POST",))
def request_full_report_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Request a full report from every agent at its next visit."""
    visit = request.visit
    commands.request_fresh_answers(district=district, actor=visit.actor, at=visit.now)
    messages.success(
        request,
        gettext("Each computer sends a full report at its next check-in, within 10 minutes."),
        extra_tags="good",
    )
    return redirect("agents")


@district_view(permission="agents.manage", methods=("POST",))
def remove_agent_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Remove an agent with its answers."""
    return _change_entry(
        request,
        commands.delete_agent,
        gettext("Removed. To report again, it has to enroll again."),
        district=district,
        number=number,
    )


@district_view(permission="agents.manage", methods=("POST",))
def block_agent_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Revoke the key of an agent and block it."""
    return _change_entry(
        request,
        approval.block_agent,
        gettext("Blocked. It cannot enroll with any secret."),
        district=district,
        number=number,
    )


@district_view(permission="agents.manage", methods=("POST",))
def confirm_agents_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Approve waiting computers: the chosen one, or all."""
    visit = request.visit
    count = approval.confirm_agents(
        district=district,
        actor=visit.actor,
        at=visit.now,
        numbers=_read_numbers(request),
        expects_more=request.POST.get("more") == "1",
    )
    message = ngettext("%(n)d computer approved.", "%(n)d computers approved.", count) % {"n": count}
    messages.success(request, message, extra_tags="good")
    return redirect("agents")


@district_view(permission="agents.manage", methods=("POST",))
def deny_agents_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Block waiting computers: the chosen one, or all."""
    visit = request.visit
    count = approval.deny_agents(district=district, actor=visit.actor, at=visit.now, numbers=_read_numbers(request))
    message = ngettext("%(n)d computer blocked.", "%(n)d computers blocked.", count) % {"n": count}
    messages.success(request, message, extra_tags="good")
    return redirect("agents")


def _change_entry(
    request: DistrictRequest, command: Callable[..., bool], message: str, *, district: District, number: int
) -> HttpResponse:
    """Change a secret or an agent by its number and go back to the list; raise Http404 if there is none."""
    visit = request.visit
    if not command(district=district, number=number, actor=visit.actor, at=visit.now):
        raise Http404
    messages.success(request, message, extra_tags="good")
    return redirect("agents")


def _read_numbers(request: DistrictRequest) -> list[int] | None:
    """Return the chosen numbers; None for all."""
    chosen = [text for text in request.POST.getlist("number") if text]
    return [int(text) for text in chosen if text.isdecimal() and len(text) < _MAX_DIGITS] if chosen else None


def _read_limit(request: DistrictRequest, name: str, default: int) -> int:
    text = request.POST.get(name, "").strip()
    return min(int(text), _MAX_LIMIT) if text.isdecimal() and len(text) < _MAX_DIGITS else default


@district_view(permission="agents.manage", methods=("POST",))
def collect_answers_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Create a job that loads the latest answers of all agents."""
    visit = request.visit
    try:
        number = commands.queue_intake(district=district, actor=visit.actor, at=visit.now)
    except commands.NoAgents:
        messages.warning(request, gettext("No computer has reported yet."), extra_tags="warn")
        return redirect("agents")
    return redirect("job", number=number)


def _build_agents_context(request: DistrictRequest, district: District) -> dict[str, Any]:
    visit = request.visit
    endpoints_path = f"/d/{district.slug}/osquery"
    return {
        "found": get_agent_overview(district=district, now=visit.now),
        "host": request.get_host(),
        "endpoints": endpoints_path,
        "hosts": commands.MAX_HOSTS,
        "per_hour": commands.MAX_HOSTS_PER_HOUR,
    }


urlpatterns = [
    path("sources/agents", show_agents, name="agents"),
    path("sources/agents/secret", create_secret_view, name="make-enroll-secret"),
    path("sources/agents/secrets/<int:number>/end", withdraw_secret_view, name="end-enroll-secret"),
    path("sources/agents/ask", request_full_report_view, name="ask-agents"),
    path("sources/agents/take-in", collect_answers_view, name="take-in-agents"),
    path("sources/agents/waiting/confirm", confirm_agents_view, name="confirm-agents"),
    path("sources/agents/waiting/deny", deny_agents_view, name="deny-agents"),
    path("sources/agents/<int:number>/block", block_agent_view, name="block-agent"),
    path("sources/agents/<int:number>/forget", remove_agent_view, name="forget-agent"),
]
