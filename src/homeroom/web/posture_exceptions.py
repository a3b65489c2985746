"""Exceptions: everything that somebody accepted for a while, with the reason, the owner and the day when it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.districts.queries import members
from homeroom.apps.posture.accepted import Accepted, every_acceptance
from homeroom.apps.posture.shelf import SETTINGS, control_of
from homeroom.apps.vulnerabilities.excepted import every_suppression
from homeroom.web.access import district_view
from homeroom.web.posture_lives import line_of

SHOWN_EXPIRED = timedelta(days=90)
SOON = timedelta(days=30)


@district_view()
def exceptions(request: HttpRequest, *, district: Any) -> HttpResponse:
    """What is accepted today, those that end first on top; then what ended within the last ninety days."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    people = {name: full for name, full, _role in members(district=district)}
    every = [
        _line(one, people, soon=one.expires_on <= visit.today + SOON)
        for one in every_acceptance(district=district, since=visit.today - SHOWN_EXPIRED)
    ]
    lets = [
        {**line_of(one), "owner": people.get(one.owner, one.owner), "soon": one.expires_on <= visit.today + SOON}
        for one in every_suppression(district=district, since=visit.today - SHOWN_EXPIRED)
    ]
    given = {
        "lets": [line for line in lets if line["let"].expires_on >= visit.today],
        "lets_ended": [line for line in lets if line["let"].expires_on < visit.today][::-1],
        "held": [line for line in every if line["one"].expires_on >= visit.today],
        "ended": [line for line in every if line["one"].expires_on < visit.today][::-1],
    }
    return render(request, "posture/exceptions.html", given)


def _line(one: Accepted, people: dict[str, str], *, soon: bool) -> dict[str, Any]:
    """An exception with what it is about in words, and where that stands."""
    known = control_of(one.control)
    address = reverse("setting-of-tenants" if known.area == SETTINGS else "control", args=[one.control])
    return {"one": one, "title": known.title, "url": address, "owner": people.get(one.owner, one.owner), "soon": soon}


urlpatterns = [path("exceptions", exceptions, name="exceptions")]
