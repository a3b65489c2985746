"""Exceptions: everything that somebody accepted for a while, with the reason, the owner and the day when it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.districts.queries import members
from homeroom.apps.posture.accepted import Accepted, accepted_before, accepted_now
from homeroom.apps.posture.shelf import SETTINGS, control_of
from homeroom.apps.vulnerabilities.excepted import suppressed_before, suppressed_now
from homeroom.domain.excepting import Suppression
from homeroom.web.access import district_view
from homeroom.web.posture_lives import line_of

LISTS = ("held", "ended", "lets", "lets_ended")
SHOWN_EXPIRED = timedelta(days=90)
SOON = timedelta(days=30)


@district_view()
def exceptions(request: HttpRequest, *, district: Any) -> HttpResponse:
    """What is accepted today, those that end first on top; then what ended within the last ninety days. Each list has its pages."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    people = {name: full for name, full, _role in members(district=district)}
    today, since = visit.today, visit.today - SHOWN_EXPIRED
    after = {name: request.GET.get(name, "") for name in LISTS}
    held = accepted_now(district=district, today=today, after=after["held"])
    ended = accepted_before(district=district, since=since, today=today, after=after["ended"])
    lets = suppressed_now(district=district, today=today, after=after["lets"])
    lets_ended = suppressed_before(district=district, since=since, today=today, after=after["lets_ended"])
    given = {
        "held": [_line(one, people, soon=one.expires_on <= today + SOON) for one in held.rows],
        "ended": [_line(one, people, soon=False) for one in ended.rows],
        "lets": [_let(one, people, soon=one.expires_on <= today + SOON) for one in lets.rows],
        "lets_ended": [_let(one, people, soon=False) for one in lets_ended.rows],
        "turn": {
            name: _turning(request, name, some.after)
            for name, some in zip(LISTS, (held, ended, lets, lets_ended), strict=True)
        },
    }
    return render(request, "posture/exceptions.html", given)


def _turning(request: HttpRequest, name: str, after: str) -> dict[str, str]:
    """The addresses of the first page of a list and of its next one, where there are such; the others stay where they are."""
    asked = request.GET.dict()
    return {
        "first": _at(request, {**asked, name: ""}, part=name) if asked.get(name) else "",
        "next": _at(request, {**asked, name: after}, part=name) if after else "",
    }


def _at(request: HttpRequest, asked: dict[str, str], *, part: str) -> str:
    """This page at one of its lists."""
    kept = {name: asked[name] for name in LISTS if asked.get(name)}
    return f"{request.path}{f'?{urlencode(kept)}' if kept else ''}#{part}"


def _let(one: Suppression, people: dict[str, str], *, soon: bool) -> dict[str, Any]:
    """What is let stand of flaws, with what it is about in words."""
    return {**line_of(one), "owner": people.get(one.owner, one.owner), "soon": soon}


def _line(one: Accepted, people: dict[str, str], *, soon: bool) -> dict[str, Any]:
    """An exception with what it is about in words, and where that stands."""
    known = control_of(one.control)
    address = reverse("setting-of-tenants" if known.area == SETTINGS else "control", args=[one.control])
    return {"one": one, "title": known.title, "url": address, "owner": people.get(one.owner, one.owner), "soon": soon}


urlpatterns = [path("exceptions", exceptions, name="exceptions")]
