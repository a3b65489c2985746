"""The asks of a person: the sentence, why, the steps, and the answers "I did it" and "I cannot do this"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.teach.asks.commands import report_ask_done, request_exemption
from homeroom.apps.teach.asks.own_asks import list_own_asks
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.ask_states import LEAST_REASON, MOST_REASON, AskRefused, AskState
from homeroom.web.shared.access import get_current_time
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.sections import MySection


def build_section(*, district: District, person: MyPerson, today: date, language: str) -> Mapping[str, Any] | None:
    """Return the asks of a person: those to do, and those that wait for a list or for the team."""
    asks = list_own_asks(district=district, person=person.id, language=language, today=today, now=get_current_time())
    if not asks:
        return None
    settled = (AskState.WAITING, AskState.REQUESTED)
    return {
        "open": [ask for ask in asks if ask.state not in settled],
        "settled": [ask for ask in asks if ask.state in settled],
        "least": LEAST_REASON,
        "most": MOST_REASON,
    }


@my_view(methods=("POST",))
def report_done(request: HttpRequest, *, district: District, person: MyPerson, control: str) -> HttpResponse:
    """Write down that the person did it."""
    visit = cast("MyRequest", request).visit
    try:
        report_ask_done(
            district=district, person=person.id, control=control, today=visit.today, actor=visit.actor, at=visit.now
        )
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Thank you! It goes away when our next list shows it."), extra_tags="good")
    return redirect("my")


@my_view(methods=("POST",))
def ask_for_exemption(request: HttpRequest, *, district: District, person: MyPerson, control: str) -> HttpResponse:
    """Write down why the person cannot do it, for the team to decide."""
    visit = cast("MyRequest", request).visit
    try:
        request_exemption(
            district=district,
            person=person.id,
            control=control,
            reason=request.POST.get("reason", ""),
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
        )
    except LookupError as error:
        raise Http404 from error
    except AskRefused:
        messages.error(request, gettext("Please tell us in a sentence why you cannot do it."), extra_tags="bad")
        return redirect("my")
    messages.success(request, gettext("Thank you for telling us. The technology team answers here."), extra_tags="good")
    return redirect("my")


MY_SECTION = MySection(order=10, template="my/_asks.html", build=build_section)
urlpatterns = [
    path("my/asks/<slug:control>/done", report_done, name="my-ask-done"),
    path("my/asks/<slug:control>/exemption", ask_for_exemption, name="my-ask-exemption"),
]
