"""Today: what needs the team before first bell, and why first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.frameworks.queries import HOLDS, attestations
from homeroom.apps.planning.queries import morning
from homeroom.web.access import district_view
from homeroom.web.areas import Place

PLACE = Place(order=1, title=gettext_lazy("Today"), name="today")
FEW = 6
"""Fresh sources are named where they are so few, and counted where there are more; old ones are always named."""


@district_view()
def today(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The morning's page: at most five items, then how many wait, what the reader is asked, and what changed since last time."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    found = morning(district=district, today=visit.today)
    fresh = [one for one in found.sources if not one.old]
    asked = attestations(district=district, today=visit.today, owner=visit.actor) if visit.may_change else ()
    given = {
        "judgement": found.judgement,
        "judged_anybody": any(one.numbers.population for one in found.results.values()),
        "first": [(one, found.results.get(one.control.id), found.minutes.get(one.control.id)) for one in found.first],
        "later": [(one, found.results.get(one.control.id)) for one in found.later],
        "asked": [one for one in asked if one.state != HOLDS],
        "since": found.since,
        "old": [one for one in found.sources if one.old],
        "fresh": fresh,
        "folded": len(fresh) > FEW,
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
