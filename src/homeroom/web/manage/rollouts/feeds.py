"""Calendar feeds: made and revoked on a page, and read by calendars at a secret address."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.feeds.feed_calendars import load_feed_calendar
from homeroom.apps.manage.rollouts.feeds.visit_feeds import list_feed_choices, list_feeds, make_feed, revoke_feed
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import build_calendar_response
from homeroom.web.shared.secret_addresses import open_by_secret


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_feeds(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the feeds of a rollout; posting makes one and shows its address once."""
    rollout = get_rollout_or_404(district, public)
    visit, address, wrong = request.visit, "", ""
    if request.method == "POST":
        kind, _, name = request.POST.get("whose", "").partition(":")
        of_all = request.POST.get("of_all") == "1"
        try:
            token = make_feed(
                district=district, public=public, kind=kind, name=name, of_all=of_all, actor=visit.actor, at=visit.now
            )
            address = request.build_absolute_uri(f"/d/{district.slug}/calendars/{token}.ics")
        except RolloutRefused as error:
            wrong = str(error)
    context = {
        "rollout": rollout,
        "feeds": list_feeds(district=district, public=public),
        "choices": list_feed_choices(district=district, public=public),
        "address": address,
        "wrong": wrong,
    }
    return render(request, "rollouts/feeds.html", context, status=422 if wrong else 200)


@district_view(permission="rollouts.change", methods=("POST",))
def revoke_feed_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Revoke a feed."""
    visit = request.visit
    try:
        revoke_feed(district=district, public=public, number=number, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Revoked: calendars that read it get nothing anymore."), extra_tags="good")
    return redirect("rollout-feeds", public=public)


@open_by_secret(permission="rollouts.open_link")
def send_feed(request: HttpRequest, *, district: District, today: date, now: datetime, token: str) -> HttpResponse:  # noqa: ARG001  all such views get both
    """Return the calendar of a feed; 304 to a calendar that has it already."""
    calendar = load_feed_calendar(district=district, token=token, at=now)
    if calendar is None:
        raise Http404
    return build_calendar_response(request, calendar.content, digest=calendar.digest, changed_at=calendar.changed_at)


urlpatterns = [
    path("rollouts/<str:public>/feeds", show_feeds, name="rollout-feeds"),
    path("rollouts/<str:public>/feeds/<int:number>/revoke", revoke_feed_view, name="rollout-feed-revoke"),
    path("calendars/<str:token>.ics", send_feed, name="visit-feed"),
]
