"""The coach: who it is, for everybody in the office; and the people whom the coach may help, for the coach alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.teach.awareness.coach_commands import CoachRefused, name_coach, record_talk
from homeroom.apps.teach.awareness.coaching import (
    find_coach,
    is_coach,
    list_coached_people,
    list_person_results,
    list_possible_coaches,
)
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=6, title=gettext_lazy("Coach"), name="coach")


@district_view(permission="awareness.read", change="awareness.name_coaches", methods=("GET", "POST"))
def show_coach(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show who the coach is; a director names somebody. The coach finds the people who wait for help."""
    visit, wrong = request.visit, ""
    if request.method == "POST":
        try:
            name_coach(district=district, username=request.POST.get("coach", ""), actor=visit.actor, at=visit.now)
        except CoachRefused as error:
            wrong = str(error)
        else:
            messages.success(request, gettext("Saved. Everybody sees the change on their own page."), extra_tags="good")
            return redirect("coach")
    coach = find_coach(district=district)
    is_own = coach is not None and coach.username == visit.actor
    context = {
        "coach": coach,
        "own": is_own,
        "may_name": visit.holds("awareness.name_coaches"),
        "team": list_possible_coaches(district=district),
        "wrong": wrong,
        **(_summarize_people(district) if is_own else {}),
    }
    return render(request, "awareness/coach.html", context, status=422 if wrong else 200)


@district_view(permission="awareness.read_people", change="awareness.change")
def show_coached_person(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show one person to the coach; to everybody else there is no such page."""
    return _render_person(request, district, public)


@district_view(permission="awareness.change", methods=("POST",))
def record_talk_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Record that the coach talked with the person."""
    _require_coach(request, district)
    visit = request.visit
    try:
        day = parse_date(request.POST.get("talked_on", ""))
    except ValueError:
        day = None
    if day is None:
        return _render_person(request, district, public, wrong=gettext("Choose the day of the talk."))
    try:
        record_talk(district=district, public=public, talked_on=day, today=visit.today, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    except CoachRefused as error:
        return _render_person(request, district, public, wrong=str(error))
    messages.success(request, gettext("Recorded."), extra_tags="good")
    return redirect("coached-person", public=public)


def _summarize_people(district: District) -> dict[str, Any]:
    people = list_coached_people(district=district)
    waiting = [person for person in people if person.waits]
    return {"people": len(people), "waiting": len(waiting), "first": people[0].public if people else ""}


def _render_person(request: DistrictRequest, district: District, public: str, *, wrong: str = "") -> HttpResponse:
    _require_coach(request, district)
    people = list_coached_people(district=district)
    position = next((n for n, person in enumerate(people) if person.public == public), None)
    if position is None:
        raise Http404
    context = {
        "person": people[position],
        "position": position + 1,
        "people": len(people),
        "previous": people[position - 1].public if position else "",
        "next": people[position + 1].public if position + 1 < len(people) else "",
        "results": list_person_results(district=district, person=people[position].number),
        "wrong": wrong,
    }
    response = render(request, "awareness/coached_person.html", context, status=422 if wrong else 200)
    response["Cache-Control"] = "no-store"
    return response


def _require_coach(request: DistrictRequest, district: District) -> None:
    """Raise Http404 unless the visitor is the coach."""
    if not is_coach(district=district, username=request.visit.actor):
        raise Http404


urlpatterns = [
    path("awareness/coach", show_coach, name="coach"),
    path("awareness/coach/<str:public>", show_coached_person, name="coached-person"),
    path("awareness/coach/<str:public>/talk", record_talk_view, name="coach-talk"),
]
