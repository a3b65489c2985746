"""Tenant settings: the policies for Google and Microsoft, unit by unit, with other tools' verdicts on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.planning.visits import list_planned_remedies
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.queries import Acceptance, list_acceptances
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_open_findings
from homeroom.apps.protect.posture.tenants.history import list_policy_history
from homeroom.apps.protect.posture.tenants.policy_findings import hash_target_id
from homeroom.apps.protect.posture.tenants.settings import (
    K12_PROFILE,
    PolicyResult,
    PolicyTarget,
    TenantSettings,
    evaluate_tenant_settings,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.web.protect.posture.findings import find_form_errors, may_accept_severity
from homeroom.web.shared.access import DistrictRequest, district_view

STATE_ORDER = (State.FAIL, State.CANNOT_TELL, State.PASS, State.EXCEPTED, State.NOT_APPLICABLE)
MAX_UNITS = 6
"""Number of units that a line names; the policy's own page has them all."""


@district_view(permission="posture.read", change="posture.accept")
def show_settings(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every policy by product, with its state and where it fails; optionally one state only, or as published."""
    policy_results = _load_tenant_settings(request, district)
    state_filter = request.GET.get("state", "")
    counts = policy_results.count_states()
    context = {
        "any": bool(policy_results.lines),
        "published": not policy_results.profile,
        "states": [(state, counts[state]) for state in STATE_ORDER if counts.get(state)],
        "every": len(policy_results.lines),
        "asked": state_filter,
        "parts": _group_lines([line for line in policy_results.lines if state_filter in ("", line.state)]),
    }
    return render(request, "posture/settings.html", context)


@district_view(permission="posture.read", change="posture.accept")
def show_policy(request: DistrictRequest, policy: str, *, district: District) -> HttpResponse:
    """Show one policy: every unit with its state, the current value and the values that would pass."""
    policy_results = _load_tenant_settings(request, district)
    lines, assessment = _get_policy_lines_or_404(policy_results, policy), get_published_assessment(district=district)
    context = {
        "policy": lines[0].policy,
        "problem": lines[0].policy.problem if any(line.failing for line in lines) else "",
        "lines": [_build_policy_line(line, policy_results) for line in lines],
        "published": not policy_results.profile,
        "history": list_policy_history(district=district, policy=policy),
        "accepted": _label_acceptances(
            list_acceptances(district=district, today=request.visit.today, control=policy), lines
        ),
        "findings": list_open_findings(district=district, assessment=assessment, control=policy) if assessment else (),
        "planned": list_planned_remedies(district=district, assessment=assessment),
        "may_accept": any(line.failing for line in lines)
        and may_accept_severity(request.visit, lines[0].policy.severity),
    }
    return render(request, "posture/setting.html", context)


@district_view(permission="posture.read", change="posture.accept", methods=("GET", "POST"))
def accept_setting_view(request: DistrictRequest, policy: str, *, district: District) -> HttpResponse:
    """Show the form that accepts a setting in one unit or everywhere: the reason, the owner, the expiry date."""
    lines = _get_policy_lines_or_404(_load_tenant_settings(request, district), policy)
    policy_definition = lines[0].policy
    if not may_accept_severity(request.visit, policy_definition.severity):
        raise PermissionDenied(gettext("Your role may accept findings of medium and low severity; ask your director."))
    people, visit = list_members(district=district), request.visit
    units = sorted(
        {unit.name for line in lines for unit in line.where if unit.state is State.FAIL and unit.kind != "tenant"}
    )
    form = {name: request.POST.get(name, "").strip() for name in ("reason", "owner", "expires_on", "unit", "private")}
    errors = find_form_errors(form, owners=[name for name, _, _ in people], today=visit.today) if request.POST else {}
    if request.method == "POST" and form["unit"] not in ("", *units):
        errors["unit"] = gettext("Choose a unit where it fails.")
    if request.method != "POST" or errors:
        context = {"policy": policy_definition, "units": units, "people": people, "given": form, "wrong": errors}
        return render(request, "posture/accept_setting.html", context, status=422 if errors else 200)
    for line, where in _select_failing_units(lines, form["unit"]):
        create_exception(
            district=district,
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            scope=FindingScope(
                control=policy, group=line.tenant, subject=hash_target_id(line, where) if where else None
            ),
            reason=form["reason"],
            owner=form["owner"],
            expires_on=date.fromisoformat(form["expires_on"]),
            private=form["private"] == "1",
        )
    messages.success(request, gettext("Accepted. It comes back when the date has passed."), extra_tags="good")
    return redirect("setting-of-tenants", policy=policy)


def _select_failing_units(lines: Sequence[PolicyResult], unit: str) -> list[tuple[PolicyResult, PolicyTarget | None]]:
    """Return the failing unit of that name in each tenant that has it.

    Without a name, return each tenant where anything fails.
    """
    if not unit:
        return [(line, None) for line in lines if line.failing]
    return [(line, where) for line in lines for where in line.where if where.name == unit and where.state is State.FAIL]


def _label_acceptances(
    current_acceptances: Sequence[Acceptance], lines: Sequence[PolicyResult]
) -> list[tuple[Acceptance, str]]:
    """Return each acceptance with the name of its unit, or of its tenant if it covers the entire policy."""
    names = {hash_target_id(line, where): where.name for line in lines for where in line.where}
    return [
        (
            acceptance,
            acceptance.group if acceptance.subject is None else names.get(acceptance.subject, acceptance.group),
        )
        for acceptance in current_acceptances
    ]


def _get_policy_lines_or_404(policy_results: TenantSettings, policy: str) -> list[PolicyResult]:
    """Return the policy's line of each tenant; raise Http404 if it has none."""
    lines = [line for line in policy_results.lines if line.policy.id == policy]
    if not lines:
        raise Http404
    return lines


def _load_tenant_settings(request: DistrictRequest, district: District) -> TenantSettings:
    visit = request.visit
    profile = "" if request.GET.get("as") == "published" else K12_PROFILE
    return evaluate_tenant_settings(district=district, at=visit.now, today=visit.today, profile=profile)


def _group_lines(lines: Sequence[PolicyResult]) -> list[dict[str, Any]]:
    """Group the lines by product and tenant, in their order."""
    return [
        {
            "suite": suite,
            "tenant": tenant,
            "product": product,
            "lines": [_summarize_line(line) for line in product_lines],
        }
        for (suite, tenant, product), product_lines in groupby(
            lines, key=lambda line: (line.policy.suite, line.tenant, line.policy.product)
        )
    ]


def _summarize_line(line: PolicyResult) -> dict[str, Any]:
    failing_units = [unit for unit in line.where if unit.state is State.FAIL and unit.kind != "tenant"]
    return {"line": line, "named": failing_units[:MAX_UNITS], "more": max(0, len(failing_units) - MAX_UNITS)}


def _build_policy_line(line: PolicyResult, policy_results: TenantSettings) -> dict[str, Any]:
    """Return the line with every unit, failing ones first, and the name of the people in it."""
    order = {state: position for position, state in enumerate(STATE_ORDER)}
    units: list[PolicyTarget] = sorted(line.where, key=lambda unit: (order[unit.state], unit.name))
    return {"line": line, "where": [(unit, policy_results.people.get(unit.people, "")) for unit in units]}


urlpatterns = [
    path("tenant-settings", show_settings, name="settings-of-tenants"),
    path("tenant-settings/<slug:policy>/accept", accept_setting_view, name="accept-setting"),
    path("tenant-settings/<slug:policy>", show_policy, name="setting-of-tenants"),
]
