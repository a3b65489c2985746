"""Actions on one item of the Plan: done, deferred, handed over, noted, or reopened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.manage.planning.commands import (
    UnknownPlanItem,
    add_note,
    defer_item,
    drop_item,
    mark_done,
    pin_item,
    reassign_item,
    reopen_item,
    unpin_item,
)
from homeroom.apps.manage.planning.tasks import InvalidPlanChange
from homeroom.domain.platform.district import District
from homeroom.web.manage.plan.week import render_week
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "week"
ItemAction = Callable[..., None]


@district_view(permission="plan.change", methods=("POST",))
def complete_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Claim that the item is done, with the minutes it took."""
    message = gettext("Marked done. We’ll confirm with the next data load.")
    minutes, subjects = (_parse_whole_number(request, name) for name in ("minutes", "subjects"))
    return _apply_action(request, district, mark_done, message, item=item, minutes=minutes, subjects=subjects)


@district_view(permission="plan.change", methods=("POST",))
def defer_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Take the item out of the plan until a date."""
    try:
        until = parse_date(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None:
        return render_week(request, district, wrong=gettext("Choose a snooze date."))
    message = gettext("Snoozed.")
    return _apply_action(
        request, district, defer_item, message, item=item, until=until, reason=request.POST.get("reason", "")
    )


@district_view(permission="plan.change", methods=("POST",))
def drop_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Take the item out of this week, with a reason."""
    message = gettext("Skipped this week. It comes back next Monday.")
    return _apply_action(request, district, drop_item, message, item=item, reason=request.POST.get("reason", ""))


@district_view(permission="plan.change", methods=("POST",))
def pin_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Pin the item to this week."""
    return _apply_action(request, district, pin_item, gettext("Pinned to this week."), item=item)


@district_view(permission="plan.change", methods=("POST",))
def unpin_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Take the pin off the item."""
    return _apply_action(request, district, unpin_item, gettext("Unpinned."), item=item)


@district_view(permission="plan.change", methods=("POST",))
def reassign_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Assign the item to a person."""
    return _apply_action(
        request, district, reassign_item, gettext("Reassigned."), item=item, person=request.POST.get("person", "")
    )


@district_view(permission="plan.change", methods=("POST",))
def add_note_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Store a note about the item."""
    return _apply_action(
        request, district, add_note, gettext("Note added."), item=item, text=request.POST.get("text", "")
    )


@district_view(permission="plan.change", methods=("POST",))
def reopen_item_view(request: DistrictRequest, *, district: District, item: str) -> HttpResponse:
    """Withdraw the claim that the item is done, or its deferral."""
    return _apply_action(request, district, reopen_item, gettext("Back in the plan."), item=item)


def _apply_action(
    request: DistrictRequest, district: District, action: ItemAction, message: str, **arguments: Any
) -> HttpResponse:
    visit = request.visit
    try:
        action(district=district, at=visit.now, today=visit.today, actor=visit.actor, **arguments)
    except UnknownPlanItem as missing:
        raise Http404 from missing
    except InvalidPlanChange as error:
        return render_week(request, district, wrong=str(error))
    messages.success(request, message, extra_tags="good")
    return redirect("plan")


def _parse_whole_number(request: DistrictRequest, name: str) -> int | None:
    """Return a posted whole number; None if empty, and 0, which nothing accepts, if it is not a number."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 9 else 0


urlpatterns = [
    path("plan/<slug:item>/done", complete_item_view, name="plan-done"),
    path("plan/<slug:item>/defer", defer_item_view, name="plan-defer"),
    path("plan/<slug:item>/not-this-week", drop_item_view, name="plan-drop"),
    path("plan/<slug:item>/pin", pin_item_view, name="plan-pin"),
    path("plan/<slug:item>/unpin", unpin_item_view, name="plan-unpin"),
    path("plan/<slug:item>/hand-over", reassign_item_view, name="plan-hand-over"),
    path("plan/<slug:item>/note", add_note_view, name="plan-note"),
    path("plan/<slug:item>/reopen", reopen_item_view, name="plan-reopen"),
]
