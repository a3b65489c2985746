"""The clocks of one incident or request, and the facts of the district."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.comply.duties.queries import list_case_duties
from homeroom.apps.comply.laws.answer_cases import NOTE
from homeroom.apps.comply.laws.case_sources import find_law_case
from homeroom.apps.comply.laws.facts import InvalidFact, enter_facts, list_district_fields, load_known_facts
from homeroom.apps.comply.vendors.vendor_choices import build_party_title, list_vendor_choices
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.incidents.legal_facts import list_incident_fields, record_legal_facts
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.comply.laws.duties import INCIDENT_MOMENTS, DutyState, LawCase
from homeroom.domain.comply.laws.facts import INCIDENT, format_fact
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "duties"
_QUIET = (DutyState.DOES_NOT_APPLY,)
DAY_LENGTH = len("2026-03-06")


@district_view(permission="duties.read", change="duties.change", methods=("GET", "POST"))
def show_case(request: DistrictRequest, *, district: District, case: str) -> HttpResponse:
    """Show every clock of a case; posting records moments of an incident, and whose data is affected."""
    visit = request.visit
    law_case = find_law_case(district=district, case=case)
    if law_case is None:
        raise Http404
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            record_legal_facts(district=district, public=case, **_read_form(request), actor=visit.actor, at=visit.now)
        except LookupError:
            raise Http404 from None
        except IncidentRefused as error:
            wrong[error.field.replace(".", "-")] = str(error)
        else:
            messages.success(request, gettext("Recorded."), extra_tags="good")
            return redirect("duty-case", case=case)
    duties = list_case_duties(district=district, case=case, today=visit.today, at=visit.now)
    context = {
        "case": law_case,
        "is_incident": law_case.kind == INCIDENT,
        "clocks": [entry for entry in duties if entry.status.state not in _QUIET],
        "others": [entry for entry in duties if entry.status.state in _QUIET],
        "moments": [(name, *_parse_moment(text)) for name, text in law_case.moments.items()],
        "moment_fields": [(name, _get_value(request, name, _fill_in(law_case, name))) for name in INCIDENT_MOMENTS],
        "fact_fields": [
            (field, field.name.replace(".", "-"), _get_value(request, field.name, _format(law_case, field.name)))
            for field in list_incident_fields()
        ],
        "party": build_party_title(law_case.vendor, law_case.product),
        "parties": _list_parties(district, law_case) if law_case.kind == INCIDENT else (),
        "wrong": wrong,
        "note": NOTE,
        "may": visit.may_change,
    }
    return render(request, "privacy/duty_case.html", context, status=422 if wrong else 200)


def _list_parties(district: District, case: LawCase) -> list[str]:
    """Return the vendors and products to choose from; where evidence does not answer in time, what is recorded."""
    recorded = build_party_title(case.vendor, case.product)
    try:
        titles = [party.title for party in list_vendor_choices(store=get_evidence_store(district=district))]
    except QueryTimeout:
        titles = []
    return [recorded, *titles] if recorded and recorded not in titles else titles


def _read_form(request: DistrictRequest) -> dict[str, Any]:
    moments = {name: request.POST.get(name, "") for name in INCIDENT_MOMENTS if name in request.POST}
    names = [field.name for field in list_incident_fields()]
    facts = {name: ", ".join(request.POST.getlist(name)) for name in names if name in request.POST}
    return {"moments": moments, "facts": facts, "vendor": request.POST.get("vendor")}


def _get_value(request: DistrictRequest, name: str, stored: str) -> str:
    return request.POST.get(name, stored) if request.method == "POST" else stored


def _fill_in(case: LawCase, name: str) -> str:
    """Return a moment as a person would write it: the day, or the local time."""
    text = case.moments.get(name, "")
    if len(text) <= DAY_LENGTH:
        return text
    return timezone.localtime(datetime.fromisoformat(text)).strftime("%Y-%m-%d %H:%M")


def _format(case: LawCase, name: str) -> str:
    return format_fact(case.facts.get(name))


def _parse_moment(text: str) -> tuple[datetime, bool]:
    """Return a recorded moment, and whether it has a time of day."""
    return datetime.fromisoformat(text), len(text) > DAY_LENGTH


@district_view(permission="duties.read", change="duties.change", methods=("GET", "POST"))
def show_facts(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show what the district is, as laws ask for it; posting enters facts."""
    visit = request.visit
    wrong: dict[str, str] = {}
    texts = {field.name: request.POST[field.name] for field in list_district_fields() if field.name in request.POST}
    if request.method == "POST":
        try:
            enter_facts(district=district, texts=texts, actor=visit.actor, at=visit.now)
        except InvalidFact as error:
            wrong[error.field] = str(error)
        else:
            messages.success(request, gettext("Recorded."), extra_tags="good")
            return redirect("duty-facts")
    facts: list[tuple[Any, str]] = [
        (fact, texts.get(fact.field.name, format_fact(fact.value) if fact.origin == "entered" else ""))
        for fact in load_known_facts(district=district)
    ]
    context = {"facts": facts, "wrong": wrong, "may": visit.may_change}
    return render(request, "privacy/duty_facts.html", context, status=422 if wrong else 200)


urlpatterns = [
    path("privacy/duties/facts", show_facts, name="duty-facts"),
    path("privacy/duties/cases/<slug:case>", show_case, name="duty-case"),
]
