"""Letting flaws stand for a while, taking that back, and by when flaws are to be closed in this district."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.districts.queries import DIRECTOR, members
from homeroom.apps.districts.stores import store_of
from homeroom.apps.vulnerabilities.aiming import Aim, aim, places
from homeroom.apps.vulnerabilities.excepted import suppression
from homeroom.apps.vulnerabilities.queries import NothingDerived
from homeroom.apps.vulnerabilities.suppressing import NotSuppressed, suppress, withdraw
from homeroom.apps.vulnerabilities.terms import SEVERITIES, NotTerms, days_of, own_days, set_days
from homeroom.domain.excepting import Justification, Scope
from homeroom.domain.ids import subject_of
from homeroom.domain.states import Severity
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import district_view
from homeroom.web.posture_findings import may_accept_severity, wrong_in
from homeroom.web.posture_lives import page_of, title_of

FIELDS = ("justification", "scope", "value", "reason", "owner", "expires_on", "private")


@district_view(methods=("GET", "POST"))
def suppressing(request: HttpRequest, *, district: Any, role: str) -> HttpResponse:
    """The form: why, on which devices, who answers for it, and until when."""
    thing, cve = (request.GET.get(name, "").strip() for name in ("thing", "cve"))
    try:
        found = aim(store=store_of(district=district), thing=thing, cve=cve) if thing or cve else None
        known = places(store=store_of(district=district)) if found and found.flaws else {}
    except NothingDerived:
        raise Http404 from None
    if found is None or not found.flaws:
        raise Http404
    _allow(role, found)
    people = members(district=district)
    given, wrong = _given(request), {}
    if request.method == "POST":
        wrong = _wrong(given, people=[name for name, _, _ in people], today=_visit(request).today)
        wrong = wrong or _done(request, district, given, thing=thing, cve=cve)
        if not wrong:
            return redirect(page_of(thing, cve))
    shown = {
        "given": given,
        "wrong": wrong,
        "people": people,
        "named": cve or title_of(thing),
        "beside": title_of(thing) if cve and thing else "",
        "flaws": found.flaws,
        "devices": found.devices,
        "justifications": list(Justification),
        "scopes": list(Scope),
        "places": [(scope, name) for scope, names in known.items() for name in names],
        "back": page_of(thing, cve),
    }
    return render(request, "posture/suppress.html", shown, status=422 if wrong else 200)


@district_view(methods=("POST",))
def withdrawing(request: HttpRequest, *, district: Any, role: str, number: int) -> HttpResponse:
    """Takes a suppression back."""
    one = suppression(district=district, number=number)
    if one is None:
        raise Http404
    visit = _visit(request)
    if role != DIRECTOR and one.made_by != visit.actor:
        raise PermissionDenied(gettext("Only a director, or who accepted it, may withdraw this."))
    withdraw(district=district, at=visit.now, actor=visit.actor, number=number)
    messages.success(request, gettext("Withdrawn. The next judgement counts it again."), extra_tags="good")
    return redirect(page_of(one.thing, one.cve))


@district_view(methods=("GET", "POST"))
def deadlines(request: HttpRequest, *, district: Any, role: str) -> HttpResponse:
    """By when flaws are to be closed here; a director changes it."""
    visit, wrong = _visit(request), ""
    given: dict[str, Any] = dict(days_of(district=district))
    if request.method == "POST":
        if role != DIRECTOR:
            raise PermissionDenied(gettext("Only a director says by when flaws are to be closed."))
        shipped = "shipped" in request.POST
        given = {name: request.POST.get(name, "").strip() for name in SEVERITIES}
        try:
            set_days(district=district, at=visit.now, actor=visit.actor, days=None if shipped else _whole(given))
        except NotTerms:
            wrong = gettext(
                "Give each severity 1 to 730 days, and what is less severe no fewer than what is more severe."
            )
        else:
            messages.success(request, gettext("Kept. The next judgement counts by these days."), extra_tags="good")
            return redirect("deadlines")
    lines = [(name, given[name]) for name in SEVERITIES]
    shown = {"lines": lines, "own": own_days(district=district), "wrong": wrong, "may_set": role == DIRECTOR}
    return render(request, "posture/deadlines.html", shown, status=422 if wrong else 200)


def may_suppress(role: str, *, worst: str | None, exploited: bool) -> bool:
    """A director lets anything stand; a technician what is of medium or low severity and not known to be exploited."""
    return role == DIRECTOR or (not exploited and may_accept_severity(role, Severity(worst or Severity.MEDIUM)))


def _allow(role: str, found: Aim) -> None:
    if not may_suppress(role, worst=found.worst, exploited=found.exploited):
        raise PermissionDenied(
            gettext(
                "Your role may let flaws of medium and low severity stand that nobody is known to exploit; ask your director."
            )
        )


def _given(request: HttpRequest) -> dict[str, str]:
    """What the form says; a link may name the scope beforehand."""
    asked = request.POST if request.method == "POST" else request.GET
    given = {name: asked.get(name, "").strip() for name in FIELDS}
    return {**given, "scope": given["scope"] or str(Scope.EVERYWHERE)}


def _wrong(given: dict[str, str], *, people: list[str], today: date) -> dict[str, str]:
    wrong = {}
    if given["justification"] not in set(Justification):
        wrong["justification"] = gettext("Choose why these flaws may stand.")
    if given["scope"] not in set(Scope):
        wrong["scope"] = gettext("Choose on which devices.")
    elif (given["scope"] == Scope.EVERYWHERE) == bool(given["value"]):
        wrong["value"] = gettext("Name which one, or leave it empty for every device.")
    elif given["scope"] == Scope.DEVICE and _device(given["value"]) is None:
        wrong["value"] = gettext("Give the id of one device, as its page shows it: d-…")
    return wrong | wrong_in(given, owners=people, today=today)


def _done(request: HttpRequest, district: Any, given: dict[str, str], *, thing: str, cve: str) -> dict[str, str]:
    """Writes it; what does not fit, by field."""
    visit, one_device = _visit(request), given["scope"] == Scope.DEVICE
    try:
        suppress(
            district=district,
            store=store_of(district=district),
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            justification=given["justification"],
            reason=given["reason"],
            owner=given["owner"],
            expires_on=date.fromisoformat(given["expires_on"]),
            thing=thing,
            cve=cve,
            scope=given["scope"],
            value="" if one_device else given["value"],
            device=_device(given["value"]) if one_device else None,
            private=given["private"] == "1",
        )
    except NotSuppressed:
        return {"value": gettext("No device of that scope has it. Choose a name that the list offers.")}
    except TooSlow:
        return {"value": gettext("That took too long to look up. Try again in a moment.")}
    text = gettext("Let stand. The numbers count it from the next judgement; it comes back when the date has passed.")
    messages.success(request, text, extra_tags="good")
    return {}


def _device(public: str) -> int | None:
    try:
        kind, number = subject_of(public)
    except ValueError:
        return None
    return number if kind == "device" else None


def _whole(given: dict[str, str]) -> dict[str, int]:
    if not all(text.isdigit() for text in given.values()):
        raise NotTerms("whole numbers would fit")
    return {name: int(text) for name, text in given.items()}


def _visit(request: HttpRequest) -> Any:
    return request.visit  # type: ignore[attr-defined]


urlpatterns = [
    path("vulnerabilities/suppress", suppressing, name="suppress"),
    path("vulnerabilities/suppressions/<int:number>/withdraw", withdrawing, name="withdraw-suppression"),
    path("vulnerabilities/deadlines", deadlines, name="deadlines"),
]
