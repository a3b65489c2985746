"""Tenant settings: the policies over Google and Microsoft, unit by unit, with what other tools say of the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.districts.queries import members
from homeroom.apps.posture.accepted import Accepted, acceptances
from homeroom.apps.posture.accepting import accept
from homeroom.apps.posture.policing import numbered
from homeroom.apps.posture.queries import judgement, open_findings
from homeroom.apps.posture.tenant_history import history
from homeroom.apps.posture.tenants import SCHOOLS, Line, TenantSettings, Where, tenant_settings
from homeroom.domain.states import State
from homeroom.web.access import district_view
from homeroom.web.posture_findings import may_accept_severity, wrong_in

SHOWN = (State.FAIL, State.CANNOT_TELL, State.PASS, State.EXCEPTED, State.NOT_APPLICABLE)
FEW = 6
"""Units that a line names; the policy's own page has them all."""


@district_view()
def page(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every policy by product, with its state and where it fails; one state alone where asked, as published where asked."""
    found = _found(request, district)
    asked = request.GET.get("state", "")
    counted = found.counts()
    given = {
        "any": bool(found.lines),
        "published": not found.profile,
        "states": [(state, counted[state]) for state in SHOWN if counted.get(state)],
        "every": len(found.lines),
        "asked": asked,
        "parts": _parts([line for line in found.lines if asked in ("", line.state)]),
    }
    return render(request, "posture/settings.html", given)


@district_view()
def one_policy(request: HttpRequest, policy: str, *, district: Any, role: str) -> HttpResponse:
    """One policy: every unit with its state, what was found and what would fit."""
    found = _found(request, district)
    lines, of = _of(found, policy), judgement(district=district)
    given = {
        "policy": lines[0].policy,
        "lines": [_whole(line, found) for line in lines],
        "published": not found.profile,
        "history": history(district=district, policy=policy),
        "accepted": _accepted(acceptances(district=district, today=_visit(request).today, control=policy), lines),
        "findings": open_findings(district=district, of=of, control=policy) if of else (),
        "may_accept": any(line.failing for line in lines) and may_accept_severity(role, lines[0].policy.severity),
    }
    return render(request, "posture/setting.html", given)


@district_view(methods=("GET", "POST"))
def accepting(request: HttpRequest, policy: str, *, district: Any, role: str) -> HttpResponse:
    """The form to live with a setting for a while, in one unit or everywhere: why, who answers for it, until when."""
    lines = _of(_found(request, district), policy)
    asked = lines[0].policy
    if not may_accept_severity(role, asked.severity):
        raise PermissionDenied(gettext("Your role may accept findings of medium and low severity; ask your director."))
    people, visit = members(district=district), _visit(request)
    units = sorted(
        {one.name for line in lines for one in line.where if one.state is State.FAIL and one.kind != "tenant"}
    )
    given = {name: request.POST.get(name, "").strip() for name in ("reason", "owner", "expires_on", "unit", "private")}
    wrong = wrong_in(given, owners=[name for name, _, _ in people], today=visit.today) if request.POST else {}
    if request.method == "POST" and given["unit"] not in ("", *units):
        wrong["unit"] = gettext("Choose a unit where it fails.")
    if request.method != "POST" or wrong:
        shown = {"policy": asked, "units": units, "people": people, "given": given, "wrong": wrong}
        return render(request, "posture/accept_setting.html", shown, status=422 if wrong else 200)
    for line, where in _chosen(lines, given["unit"]):
        accept(
            district=district,
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            control=policy,
            group=line.tenant,
            subject=numbered(line, where) if where else None,
            reason=given["reason"],
            owner=given["owner"],
            expires_on=date.fromisoformat(given["expires_on"]),
            private=given["private"] == "1",
        )
    messages.success(request, gettext("Accepted. It comes back when the date has passed."), extra_tags="good")
    return redirect("setting-of-tenants", policy=policy)


def _chosen(lines: Sequence[Line], unit: str) -> list[tuple[Line, Where | None]]:
    """The failing unit of that name in each tenant that has it; without a name, each tenant where anything fails."""
    if not unit:
        return [(line, None) for line in lines if line.failing]
    return [(line, where) for line in lines for where in line.where if where.name == unit and where.state is State.FAIL]


def _accepted(found: Sequence[Accepted], lines: Sequence[Line]) -> list[tuple[Accepted, str]]:
    """Each acceptance with the name of its place, or of its tenant where it is of the whole policy."""
    names = {numbered(line, where): where.name for line in lines for where in line.where}
    return [(one, one.group if one.subject is None else names.get(one.subject, one.group)) for one in found]


def _of(found: TenantSettings, policy: str) -> list[Line]:
    """The policy's line of each tenant; there is nothing (404) where it has none."""
    lines = [line for line in found.lines if line.policy.id == policy]
    if not lines:
        raise Http404
    return lines


def _visit(request: HttpRequest) -> Any:
    return request.visit  # type: ignore[attr-defined]


def _found(request: HttpRequest, district: Any) -> TenantSettings:
    visit = _visit(request)
    profile = "" if request.GET.get("as") == "published" else SCHOOLS
    return tenant_settings(district=district, at=visit.now, today=visit.today, profile=profile)


def _parts(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines of one product of one tenant at a time, in the order that they stand in."""
    return [
        {"suite": suite, "tenant": tenant, "product": product, "lines": [_brief(line) for line in some]}
        for (suite, tenant, product), some in groupby(
            lines, key=lambda line: (line.policy.suite, line.tenant, line.policy.product)
        )
    ]


def _brief(line: Line) -> dict[str, Any]:
    named = [one for one in line.where if one.state is State.FAIL and one.kind != "tenant"]
    return {"line": line, "named": named[:FEW], "more": max(0, len(named) - FEW)}


def _whole(line: Line, found: TenantSettings) -> dict[str, Any]:
    """The line with every unit, those that fail first, and the name of the people in it."""
    order = {state: place for place, state in enumerate(SHOWN)}
    where: list[Where] = sorted(line.where, key=lambda one: (order[one.state], one.name))
    return {"line": line, "where": [(one, found.people.get(one.people, "")) for one in where]}


urlpatterns = [
    path("tenant-settings", page, name="settings-of-tenants"),
    path("tenant-settings/<slug:policy>/accept", accepting, name="accept-setting"),
    path("tenant-settings/<slug:policy>", one_policy, name="setting-of-tenants"),
]
