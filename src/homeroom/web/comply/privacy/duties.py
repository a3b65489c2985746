"""Duties of laws: the list with state, day and owner, and what people do about one."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.comply.duties.commands import (
    InvalidDutyChange,
    assign_duty,
    record_duty_done,
    start_attestation,
    withdraw_duty_record,
)
from homeroom.apps.comply.duties.duty_calendar import build_duty_calendar
from homeroom.apps.comply.duties.law_changes import list_law_changes, mark_laws_seen
from homeroom.apps.comply.duties.queries import DistrictDuty, list_duties
from homeroom.apps.comply.laws.answer_cases import NOTE
from homeroom.apps.protect.frameworks.attestations import list_respondents
from homeroom.domain.comply.laws.duties import DutyState
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.duty_groups import STATES, build_chips, get_state_name, group_duties
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=1, title=gettext_lazy("Duties"), name="duties")
MAX_VALIDITY = timedelta(days=365)


@district_view(permission="duties.read", change="duties.change")
def show_duties(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List what the laws ask of the district: what is late or due first, and the rest folded. A state can be chosen."""
    visit = request.visit
    listed = list_duties(district=district, today=visit.today, at=visit.now)
    law, state = request.GET.get("law", ""), _get_state(request)
    of_law = [entry for entry in listed.duties if not law or entry.status.law.id == law]
    applying = {entry.status.law.id for entry in listed.duties if entry.status.state is not DutyState.DOES_NOT_APPLY}
    shown = [entry for entry in of_law if _is_shown(entry, state=state, law=law)]
    context = {
        "groups": group_duties(shown, today=visit.today) if not state and not law else (),
        "duties": shown,
        "chips": build_chips(of_law, chosen=state, law=law),
        "state": state,
        "laws": sorted((item for item in listed.laws.values() if item.id in applying), key=lambda item: item.title),
        "law": listed.laws.get(law),
        "note": NOTE,
        "facts_known": bool(listed.facts),
        "changes": list_law_changes(district=district, today=visit.today),
        "people": list_respondents(district=district),
        "may": visit.may_change,
    }
    return render(request, "privacy/duties.html", context)


def _get_state(request: DistrictRequest) -> str:
    """Return the state that the address chooses; empty for all that apply."""
    state = request.GET.get("state", "")
    return state if state in STATES else ""


def _is_shown(entry: DistrictDuty, *, state: str, law: str) -> bool:
    if state:
        return get_state_name(entry) == state
    return bool(law) or entry.status.state is not DutyState.DOES_NOT_APPLY


@district_view(permission="duties.read")
def download_calendar(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Download the open days as a calendar file."""
    visit = request.visit
    listed = list_duties(district=district, today=visit.today, at=visit.now)
    title = gettext("Duties: %(name)s") % {"name": district.name}
    content = build_duty_calendar(listed.duties, district=district, title=title, at=visit.now)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    return name_download(response, "duties.ics")


@district_view(permission="duties.change", methods=("POST",))
def assign_duty_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Give a duty to a person."""
    visit, owner = request.visit, request.POST.get("owner", "")
    try:
        assign_duty(district=district, duty=request.POST.get("duty", ""), owner=owner, actor=visit.actor, at=visit.now)
    except LookupError:
        raise Http404 from None
    except InvalidDutyChange as error:
        messages.error(request, str(error), extra_tags="bad")
    else:
        messages.success(request, gettext("Recorded."), extra_tags="good")
    return redirect("duties")


@district_view(permission="duties.change", methods=("POST",))
def attest_duty_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Lead to the answer whether a duty is met; the visitor answers if no question is open."""
    visit = request.visit
    try:
        number = start_attestation(
            district=district, duty=request.POST.get("duty", ""), today=visit.today, actor=visit.actor, at=visit.now
        )
    except LookupError:
        raise Http404 from None
    except InvalidDutyChange as error:
        messages.error(request, str(error), extra_tags="bad")
        return redirect("duties")
    return redirect("answer", number=number)


@district_view(permission="duties.change", methods=("POST",))
def record_done_view(request: DistrictRequest, *, district: District, case: str) -> HttpResponse:
    """Record that a duty was done in a case."""
    visit = request.visit
    try:
        record_duty_done(
            district=district,
            duty=request.POST.get("duty", ""),
            case=case,
            done_on=_parse_day(request.POST.get("done_on", "")),
            note=request.POST.get("note", ""),
            actor=visit.actor,
            at=visit.now,
            today=visit.today,
        )
    except LookupError:
        raise Http404 from None
    except InvalidDutyChange as error:
        messages.error(request, str(error), extra_tags="bad")
    else:
        messages.success(request, gettext("Recorded."), extra_tags="good")
    return redirect("duty-case", case=case)


@district_view(permission="duties.change", methods=("POST",))
def withdraw_record_view(request: DistrictRequest, *, district: District, case: str, number: int) -> HttpResponse:
    """Withdraw the record that a duty was done."""
    try:
        withdraw_duty_record(district=district, number=number, actor=request.visit.actor, at=request.visit.now)
    except LookupError:
        raise Http404 from None
    messages.success(request, gettext("Withdrawn."), extra_tags="good")
    return redirect("duty-case", case=case)


@district_view(permission="duties.change", methods=("POST",))
def mark_seen_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Remember the laws as they are now, so that only later changes are shown."""
    visit = request.visit
    mark_laws_seen(district=district, today=visit.today, actor=visit.actor, at=visit.now)
    messages.success(request, gettext("Later changes are shown here."), extra_tags="good")
    return redirect("duties")


def _parse_day(text: str) -> date:
    try:
        return parse_date(text) or date.max
    except ValueError:
        return date.max


urlpatterns = [
    path("privacy/duties", show_duties, name="duties"),
    path("privacy/duties.ics", download_calendar, name="duties-calendar"),
    path("privacy/duties/owner", assign_duty_view, name="duty-owner"),
    path("privacy/duties/attest", attest_duty_view, name="duty-attest"),
    path("privacy/duties/seen", mark_seen_view, name="duties-seen"),
    path("privacy/duties/cases/<slug:case>/done", record_done_view, name="duty-done"),
    path("privacy/duties/cases/<slug:case>/records/<int:number>", withdraw_record_view, name="duty-record-withdraw"),
]
