"""What the person did in drills, who else sees it, and asking the coach for help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.teach.awareness.coach_commands import ask_for_help
from homeroom.apps.teach.awareness.coaching import find_coach, has_asked_for_help, has_drills, list_person_results
from homeroom.domain.platform.district import District
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.sections import MySection


def build_section(*, district: District, person: MyPerson, **_context: Any) -> Mapping[str, Any] | None:
    """Return what the person did in drills, newest first, and who the coach is.

    None in a district without drills, and for a person to whom none was sent while nobody is the coach.
    """
    results, coach = list_person_results(district=district, person=person.id), find_coach(district=district)
    if not results and (coach is None or not has_drills(district=district)):
        return None
    return {
        "results": results,
        "coach": coach,
        "asked": has_asked_for_help(district=district, person=person.id),
    }


@my_view(methods=("POST",))
def ask_coach_for_help(request: HttpRequest, *, district: District, person: MyPerson) -> HttpResponse:
    """Write down that the person asks the coach for help."""
    if find_coach(district=district) is not None:
        ask_for_help(district=district, person=person.id, at=cast("MyRequest", request).visit.now)
        messages.success(request, gettext("Your coach will come to you."), extra_tags="good")
    return redirect("my")


MY_SECTION = MySection(order=40, template="my/_drills.html", build=build_section)
urlpatterns = [path("my/drills/help", ask_coach_for_help, name="my-drill-help")]
