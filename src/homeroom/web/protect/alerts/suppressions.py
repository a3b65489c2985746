"""Suppressing what a rule detects, from an alert: previewed on the last 90 days, with reason, owner and expiry."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.detection.alert_pages import AlertStory
from homeroom.apps.protect.detection.queries import list_suppressions
from homeroom.apps.protect.detection.suppress_alerts import (
    preview_alert_suppression,
    suppress_alerts,
    withdraw_alert_suppression,
)
from homeroom.apps.protect.exceptions.rules import InvalidRiskException
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES, Entity
from homeroom.web.protect.alerts.story import get_story_or_404
from homeroom.web.protect.posture.findings import find_form_errors, may_accept_severity
from homeroom.web.shared.access import DistrictRequest, district_view

FIELDS = ("reason", "owner", "expires_on")


@district_view(permission="alerts.handle", methods=("GET", "POST"))
def suppress_alert_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the form with the preview of a rule, alone or for one entity; posting it suppresses."""
    story = get_story_or_404(district, public)
    if not may_accept_severity(request.visit, Severity(story.alert.severity)):
        raise PermissionDenied(gettext("Your role may suppress alerts of medium and low severity; ask your director."))
    if story.alert.state not in OPEN_STATES:
        raise Http404
    values = request.POST if request.method == "POST" else request.GET
    rule, entity = _select_rule(story, values.get("rule", "")), _select_entity(story, values.get("entity", "0"))
    people = list_members(district=district)
    form, errors = {name: request.POST.get(name, "").strip() for name in FIELDS}, {}
    if request.method == "POST":
        errors = find_form_errors(form, owners=[name for name, _, _ in people], today=request.visit.today)
        errors = errors or _save_suppression(request, district, form, rule=rule, entity=entity)
        if not errors:
            return redirect(f"{reverse('alerts')}?state=suppressed")
    scope: dict[str, str] = {"kind": str(entity.kind), "name": entity.name} if entity else {}
    context = {
        "story": story,
        "alert": story.alert,
        "rule": rule,
        "chosen": "" if entity is None else str(story.entities.index(entity)),
        "preview": preview_alert_suppression(district=district, rule=rule, at=request.visit.now, **scope),
        "given": form,
        "wrong": errors,
        "people": people,
    }
    return render(request, "alerts/suppress.html", context, status=422 if errors else 200)


@district_view(permission="alerts.handle", methods=("POST",))
def withdraw_suppression_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Withdraw a suppression; what it covered alerts again."""
    existing = next((entry for entry in list_suppressions(district=district) if entry.id == number), None)
    if existing is None:
        raise Http404
    visit = request.visit
    if not visit.holds("alerts.withdraw_any") and existing.made_by != visit.actor:
        raise PermissionDenied(gettext("Only a director, or who suppressed it, may withdraw this."))
    withdraw_alert_suppression(
        district=district,
        store=get_evidence_store(district=district),
        at=visit.now,
        actor=visit.actor,
        number=number,
        rule=existing.rule,
    )
    messages.success(request, gettext("Withdrawn. What it covered alerts again."), extra_tags="good")
    return redirect("alerts")


def _select_rule(story: AlertStory, name: str) -> str:
    """Return the rule with that id if it fired in the alert, else the first that did."""
    rules = [fired.rule for fired in story.rules]
    if not rules:
        raise Http404
    return name if name in rules else rules[0]


def _select_entity(story: AlertStory, number: str) -> Entity | None:
    """Return an entity of the alert by its number, so that no address has a student's name; None for all of them."""
    chosen = int(number) if number.isdecimal() and len(number) < 4 else -1
    return story.entities[chosen] if 0 <= chosen < len(story.entities) else None


def _save_suppression(
    request: DistrictRequest, district: District, form: dict[str, str], *, rule: str, entity: Entity | None
) -> dict[str, str]:
    """Suppress, or return what is wrong by field."""
    visit = request.visit
    scope: dict[str, Any] = {"kind": str(entity.kind), "name": entity.name} if entity else {}
    try:
        suppress_alerts(
            district=district,
            store=get_evidence_store(district=district),
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            rule=rule,
            reason=form["reason"],
            owner=form["owner"],
            expires_on=date.fromisoformat(form["expires_on"]),
            **scope,
        )
    except InvalidRiskException:
        return {"rule": gettext("Nothing of the last 90 days is covered by that; choose another rule or entity.")}
    messages.success(
        request, gettext("Suppressed. It alerts nobody until that day, and is shown here."), extra_tags="good"
    )
    return {}


urlpatterns = [
    path("alerts/<alert:public>/suppress", suppress_alert_view, name="alert-suppress"),
    path("alerts/suppressions/<int:number>/withdraw", withdraw_suppression_view, name="alert-suppression-withdraw"),
]
