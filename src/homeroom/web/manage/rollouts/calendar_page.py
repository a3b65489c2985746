"""A school's week as the bells have it, and testing windows, freezes and closings, added, ended and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.know.calendars.commands import CalendarEventRefused, EventDraft, add_event, end_event, withdraw_event
from homeroom.apps.know.calendars.quiet_periods import list_quiet_periods
from homeroom.apps.manage.rollouts.school_weeks import load_school_week
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name
from homeroom.web.shared.access import DistrictRequest, district_view

PERIOD_KINDS: Mapping[str, Any] = {
    "testing": gettext_lazy("Testing"),
    "freeze": gettext_lazy("Freeze"),
    "closed": gettext_lazy("Closed"),
}
MAX_OVER = 100
_FIELDS = ("kind", "title", "first", "last")


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_school_calendar(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a school's week with its bells, tests and visits; posting adds a testing window, a freeze or a closing."""
    if request.method != "POST":
        return _render_calendar(request, district, form={"kind": "testing"})
    visit = request.visit
    form = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    chosen = request.POST.getlist("schools")
    schools = _list_schools(district)
    try:
        draft = EventDraft(**form, schools=chosen)
        add_event(district=district, draft=draft, schools=schools, actor=visit.actor, at=visit.now)
    except CalendarEventRefused as error:
        return _render_calendar(request, district, form=form, chosen=chosen, errors=error.errors)
    messages.success(request, gettext("Added. A new plan has no visits on these days."), extra_tags="good")
    return _return_to_calendar(request)


@district_view(permission="rollouts.change", methods=("POST",))
def end_calendar_event(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """End a testing window or a freeze from today on, or take it back."""
    visit = request.visit
    values: dict[str, Any] = {"district": district, "number": number, "actor": visit.actor, "at": visit.now}
    try:
        if request.POST.get("act") == "withdraw":
            withdraw_event(**values)
            messages.success(request, gettext("Taken back. It does not count any more."), extra_tags="good")
        else:
            end_event(**values, today=visit.today)
            messages.success(request, gettext("Ended. From today on it does not count."), extra_tags="good")
    except LookupError as error:
        raise Http404 from error
    except CalendarEventRefused as error:
        messages.error(request, str(error), extra_tags="bad")
    return _return_to_calendar(request)


def _render_calendar(
    request: DistrictRequest,
    district: District,
    *,
    form: Mapping[str, str],
    chosen: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    names = list_school_keys(district=district).names
    schools = sorted(set(names.values()))
    values = request.POST if request.method == "POST" else request.GET
    school = names.get(fold_name(values.get("school", ""))) or next(iter(schools), "")
    monday = _parse_monday(values.get("week", ""), request.visit.today)
    today = request.visit.today
    periods = list_quiet_periods(district=district)
    context = {
        "schools": schools,
        "school": school,
        "week": load_school_week(district=district, school=school, monday=monday) if school else None,
        "monday": monday,
        "friday": monday + timedelta(days=4),
        "earlier": _build_url(school, monday - timedelta(days=7)),
        "later": _build_url(school, monday + timedelta(days=7)),
        "kinds": list(PERIOD_KINDS.items()),
        "periods": [(item, PERIOD_KINDS.get(item.kind, item.kind)) for item in periods if item.last >= today],
        "over": [(item, PERIOD_KINDS.get(item.kind, item.kind)) for item in periods if item.last < today][-MAX_OVER:],
        "given": form,
        "chosen": chosen,
        "wrong": dict(errors or {}),
    }
    return render(request, "rollouts/calendar.html", context, status=422 if errors else 200)


def _list_schools(district: District) -> list[str]:
    return sorted(set(list_school_keys(district=district).names.values()))


def _return_to_calendar(request: DistrictRequest) -> HttpResponse:
    monday = _parse_monday(request.POST.get("week", ""), request.visit.today)
    return redirect(_build_url(request.POST.get("school", ""), monday))


def _build_url(school: str, monday: date) -> str:
    return f"{reverse('school-calendar')}?{urlencode({'school': school, 'week': monday.isoformat()})}"


def _parse_monday(text: str, today: date) -> date:
    """Return the Monday of a day's week, of today's for a text that is no day or at the edge of all calendars."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    day = day if 1900 < day.year < 9000 else today
    return day - timedelta(days=day.weekday())


urlpatterns = [
    path("rollouts/calendar", show_school_calendar, name="school-calendar"),
    path("rollouts/calendar/<int:number>/end", end_calendar_event, name="school-calendar-end"),
]
