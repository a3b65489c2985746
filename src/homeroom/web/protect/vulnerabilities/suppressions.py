"""Suppressing vulnerabilities for a while, withdrawing that, and the district's deadlines for fixing them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.commands import withdraw_exception
from homeroom.apps.protect.exceptions.queries import get_suppression
from homeroom.apps.protect.exceptions.rules import InvalidRiskException
from homeroom.apps.protect.exceptions.scopes import VulnerabilityScope
from homeroom.apps.protect.vulnerabilities.deadlines import (
    SEVERITIES,
    InvalidDeadlines,
    get_deadline_days,
    has_own_deadlines,
    set_deadlines,
)
from homeroom.apps.protect.vulnerabilities.published.queries import NothingDerived
from homeroom.apps.protect.vulnerabilities.suppressions.commands import create_suppression
from homeroom.apps.protect.vulnerabilities.suppressions.preview import (
    SuppressionPreview,
    list_scope_values,
    preview_suppression,
)
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.suppressions import Justification, Scope
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.protect.posture.findings import find_form_errors, may_accept_severity
from homeroom.web.shared.access import DistrictRequest, Visit, district_view
from homeroom.web.shared.vulnerability_life import get_product_title, get_suppressed_url

FIELDS = ("justification", "scope", "value", "reason", "owner", "expires_on", "private")


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress", methods=("GET", "POST"))
def suppress_vulnerabilities_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the form: the justification, the devices, the owner, and the expiry date."""
    product_id, cve = (request.GET.get(name, "").strip() for name in ("thing", "cve"))
    try:
        target = (
            preview_suppression(store=get_evidence_store(district=district), product=product_id, cve=cve)
            if product_id or cve
            else None
        )
        places_by_scope = (
            list_scope_values(store=get_evidence_store(district=district)) if target and target.vulnerabilities else {}
        )
    except NothingDerived:
        raise Http404 from None
    if target is None or not target.vulnerabilities:
        raise Http404
    _check_suppression(request.visit, target)
    people = list_members(district=district)
    form, errors = _read_form(request), {}
    if request.method == "POST":
        errors = _find_errors(form, people=[name for name, _, _ in people], today=request.visit.today)
        errors = errors or _save_suppression(request, district, form, product_id=product_id, cve=cve)
        if not errors:
            return redirect(get_suppressed_url(product_id, cve))
    context = {
        "given": form,
        "wrong": errors,
        "people": people,
        "named": cve or get_product_title(product_id),
        "beside": get_product_title(product_id) if cve and product_id else "",
        "vulnerability_count": target.vulnerabilities,
        "devices": target.devices,
        "justifications": list(Justification),
        "scopes": list(Scope),
        "places": [(scope, name) for scope, names in places_by_scope.items() for name in names],
        "back": get_suppressed_url(product_id, cve),
    }
    return render(request, "posture/suppress.html", context, status=422 if errors else 200)


@district_view(permission="vulnerabilities.suppress", methods=("POST",))
def withdraw_suppression_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Withdraw a suppression."""
    existing = get_suppression(district=district, number=number)
    if existing is None:
        raise Http404
    visit = request.visit
    if not visit.holds("vulnerabilities.suppress_any") and existing.made_by != visit.actor:
        raise PermissionDenied(gettext("Only a director, or who accepted it, may withdraw this."))
    withdraw_exception(
        district=district, at=visit.now, actor=visit.actor, number=number, scope_class=VulnerabilityScope
    )
    messages.success(request, gettext("Withdrawn. The next judgment counts it again."), extra_tags="good")
    return redirect(get_suppressed_url(existing.product_key, existing.cve))


@district_view(permission="vulnerabilities.read", change="vulnerabilities.set_deadlines", methods=("GET", "POST"))
def set_deadlines_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the deadlines for fixing vulnerabilities; a director may change them."""
    visit, wrong = request.visit, ""
    form: dict[str, Any] = dict(get_deadline_days(district=district))
    if request.method == "POST":
        use_defaults = "shipped" in request.POST
        form = {name: request.POST.get(name, "").strip() for name in SEVERITIES}
        try:
            set_deadlines(
                district=district, at=visit.now, actor=visit.actor, days=None if use_defaults else _parse_days(form)
            )
        except InvalidDeadlines:
            wrong = gettext(
                "Give each severity 1 to 730 days, and what is less severe no fewer than what is more severe."
            )
        else:
            messages.success(request, gettext("Kept. The next judgment counts by these days."), extra_tags="good")
            return redirect("deadlines")
    lines = [(name, form[name]) for name in SEVERITIES]
    context = {"lines": lines, "own": has_own_deadlines(district=district), "wrong": wrong, "may_set": visit.may_change}
    return render(request, "posture/deadlines.html", context, status=422 if wrong else 200)


def may_suppress(visit: Visit, *, worst: str | None, exploited: bool) -> bool:
    """Check whether the visitor may suppress vulnerabilities of that severity.

    Without the permission to suppress any, only medium or low severity that is not known to be exploited.
    """
    if visit.holds("vulnerabilities.suppress_any"):
        return True
    return not exploited and may_accept_severity(visit, Severity(worst or Severity.MEDIUM))


def _check_suppression(visit: Visit, target: SuppressionPreview) -> None:
    if not may_suppress(visit, worst=target.worst, exploited=target.exploited):
        raise PermissionDenied(
            gettext(
                "Your role may let flaws of medium and low severity stand that nobody is known to exploit; ask your "
                "director."
            )
        )


def _read_form(request: DistrictRequest) -> dict[str, str]:
    """Return the fields of the form; a link may preselect the scope."""
    parameters = request.POST if request.method == "POST" else request.GET
    form = {name: parameters.get(name, "").strip() for name in FIELDS}
    return {**form, "scope": form["scope"] or str(Scope.EVERYWHERE)}


def _find_errors(form: dict[str, str], *, people: list[str], today: date) -> dict[str, str]:
    errors = {}
    if form["justification"] not in set(Justification):
        errors["justification"] = gettext("Choose why these flaws may stand.")
    if form["scope"] not in set(Scope):
        errors["scope"] = gettext("Choose on which devices.")
    elif (form["scope"] == Scope.EVERYWHERE) == bool(form["value"]):
        errors["value"] = gettext("Name which one, or leave it empty for every device.")
    elif form["scope"] == Scope.DEVICE and _parse_device_id(form["value"]) is None:
        errors["value"] = gettext("Give the id of one device, as its page shows it: d-…")
    return errors | find_form_errors(form, owners=people, today=today)


def _save_suppression(
    request: DistrictRequest, district: District, form: dict[str, str], *, product_id: str, cve: str
) -> dict[str, str]:
    """Store the suppression and return the errors by field."""
    visit, is_single_device = request.visit, form["scope"] == Scope.DEVICE
    try:
        create_suppression(
            district=district,
            store=get_evidence_store(district=district),
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            justification=form["justification"],
            reason=form["reason"],
            owner=form["owner"],
            expires_on=date.fromisoformat(form["expires_on"]),
            product_key=product_id,
            cve=cve,
            scope=form["scope"],
            value="" if is_single_device else form["value"],
            device=_parse_device_id(form["value"]) if is_single_device else None,
            private=form["private"] == "1",
        )
    except InvalidRiskException:
        return {"value": gettext("No device of that scope has it. Choose a name that the list offers.")}
    except QueryTimeout:
        return {"value": gettext("That took too long to look up. Try again in a moment.")}
    text = gettext("Let stand. The numbers count it from the next judgment; it comes back when the date has passed.")
    messages.success(request, text, extra_tags="good")
    return {}


def _parse_device_id(public: str) -> int | None:
    try:
        kind, number = parse_public_id(public)
    except ValueError:
        return None
    return number if kind == "device" else None


def _parse_days(form: dict[str, str]) -> dict[str, int]:
    if not all(text.isdigit() for text in form.values()):
        raise InvalidDeadlines("whole numbers would fit")
    return {name: int(text) for name, text in form.items()}


urlpatterns = [
    path("vulnerabilities/suppress", suppress_vulnerabilities_view, name="suppress"),
    path("vulnerabilities/suppressions/<int:number>/withdraw", withdraw_suppression_view, name="withdraw-suppression"),
    path("vulnerabilities/deadlines", set_deadlines_view, name="deadlines"),
]
