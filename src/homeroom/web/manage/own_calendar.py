"""A user's calendar feed: made and revoked on a page, and read by their calendar at a secret address."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext

from homeroom.apps.manage.agendas.agenda_calendars import load_agenda_calendar
from homeroom.apps.manage.agendas.personal_feeds import get_personal_feed, make_personal_feed, revoke_personal_feed
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import build_calendar_response
from homeroom.web.shared.secret_addresses import open_by_secret

IN_VISITOR_LANGUAGE = True


@district_view(permission="calendar.subscribe", change="calendar.subscribe", methods=("GET", "POST"))
def show_own_calendar(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show whether the visitor has a feed; posting makes one, and shows its address once."""
    visit, address = request.visit, ""
    if request.method == "POST":
        token = make_personal_feed(
            district=district, person=visit.actor, with_deadlines=request.POST.get("deadlines") == "1", at=visit.now
        )
        address = request.build_absolute_uri(f"/d/{district.slug}/agendas/{token}.ics")
    context = {"feed": get_personal_feed(district=district, person=visit.actor), "address": address}
    return render(request, "account/calendar.html", context)


@district_view(permission="calendar.subscribe", methods=("POST",))
def revoke_own_calendar(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Revoke the visitor's feed."""
    try:
        revoke_personal_feed(district=district, person=request.visit.actor, at=request.visit.now)
    except LookupError as error:
        raise Http404 from error
    messages.success(
        request, gettext("Revoked. Calendars that use the address get no more updates."), extra_tags="good"
    )
    return redirect("own-calendar")


@open_by_secret(permission="rollouts.open_link")
def send_agenda(request: HttpRequest, *, district: District, today: date, now: datetime, token: str) -> HttpResponse:
    """Return the calendar of a user's feed, in English; 304 to a calendar that has it already."""
    with translation.override(settings.LANGUAGE_CODE):
        calendar = load_agenda_calendar(district=district, token=token, today=today, at=now)
    if calendar is None:
        raise Http404
    return build_calendar_response(request, calendar.content, digest=calendar.digest, changed_at=calendar.changed_at)


urlpatterns = [
    path("calendar", show_own_calendar, name="own-calendar"),
    path("calendar/revoke", revoke_own_calendar, name="own-calendar-revoke"),
    path("agendas/<str:token>.ics", send_agenda, name="agenda-feed"),
]
