"""What somebody says about one item of the Plan: done, deferred, handed over, noted, or back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.planning.commands import NoSuchItem, NotPlanned, defer, done, note, reassign, reopen
from homeroom.web.access import district_view
from homeroom.web.plan import page

Act = Callable[..., None]


@district_view(methods=("POST",))
def doing(request: HttpRequest, *, district: Any, item: str) -> HttpResponse:
    """Claims that the item is done, in so many minutes."""
    given = {"minutes": _whole(request, "minutes"), "subjects": _whole(request, "subjects")}
    said = gettext("Done, as far as you can tell. The next judgement of newer data proves it.")
    return _acted(request, district, done, said, item=item, **given)


@district_view(methods=("POST",))
def deferring(request: HttpRequest, *, district: Any, item: str) -> HttpResponse:
    """Takes the item out of the plan until a day."""
    try:
        until = parse_date(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None:
        return page(request, district, wrong=gettext("Choose the day until which it waits."))
    said = gettext("It waits until then, and its risk stays.")
    return _acted(request, district, defer, said, item=item, until=until, reason=request.POST.get("reason", ""))


@district_view(methods=("POST",))
def handing(request: HttpRequest, *, district: Any, item: str) -> HttpResponse:
    """Says who does the item."""
    return _acted(
        request, district, reassign, gettext("Handed over."), item=item, person=request.POST.get("person", "")
    )


@district_view(methods=("POST",))
def noting(request: HttpRequest, *, district: Any, item: str) -> HttpResponse:
    """Keeps a note about the item."""
    return _acted(request, district, note, gettext("Noted."), item=item, text=request.POST.get("text", ""))


@district_view(methods=("POST",))
def reopening(request: HttpRequest, *, district: Any, item: str) -> HttpResponse:
    """Takes back that the item is done or deferred."""
    return _acted(request, district, reopen, gettext("Back in the plan, where there is room."), item=item)


def _acted(request: HttpRequest, district: Any, act: Act, said: str, **given: Any) -> HttpResponse:
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        act(district=district, at=visit.now, today=visit.today, actor=visit.actor, **given)
    except NoSuchItem as missing:
        raise Http404 from missing
    except NotPlanned as why:
        return page(request, district, wrong=str(why))
    messages.success(request, said, extra_tags="good")
    return redirect("plan")


def _whole(request: HttpRequest, name: str) -> int | None:
    """A whole number that was sent; None for none, and 0, which nothing takes, for what is no number."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 9 else 0


urlpatterns = [
    path("plan/<slug:item>/done", doing, name="plan-done"),
    path("plan/<slug:item>/defer", deferring, name="plan-defer"),
    path("plan/<slug:item>/hand-over", handing, name="plan-hand-over"),
    path("plan/<slug:item>/note", noting, name="plan-note"),
    path("plan/<slug:item>/reopen", reopening, name="plan-reopen"),
]
