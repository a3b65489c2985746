"""Today: what needs the team before first bell, and why first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.planning.queries import morning
from homeroom.web.access import district_view
from homeroom.web.areas import Place

PLACE = Place(order=1, title=gettext_lazy("Today"), name="today")


@district_view()
def today(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The morning's page: at most five items, then how many wait, then what changed since last time."""
    found = morning(district=district, today=request.visit.today)  # type: ignore[attr-defined]
    given = {
        "judgement": found.judgement,
        "first": [(one, found.results.get(one.control.id), found.minutes.get(one.control.id)) for one in found.first],
        "later": [(one, found.results.get(one.control.id)) for one in found.later],
        "since": found.since,
        "sources": found.sources,
        "week": found.week,
        "school_days": sum(day.school for day in found.week),
        "setup_url": _address("setup"),
    }
    return render(request, "today/today.html", given)


def _address(name: str) -> str:
    """The address of that name, or empty text where the site has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


urlpatterns = [path("", today, name="today")]
