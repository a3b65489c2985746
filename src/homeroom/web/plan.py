"""The Plan: this week's items, what waits and what that costs, whose hours there are, and what was proved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.planning.commands import NotPlanned, plan_week, set_hours
from homeroom.apps.planning.deadlines import flaw_deadlines
from homeroom.apps.planning.weeks import PlannedItem, Waiting, Week, week_of
from homeroom.apps.posture.queries import judged_anybody
from homeroom.apps.posture.shelf import control_of
from homeroom.web.access import district_view
from homeroom.web.areas import Place
from homeroom.web.plan_words import proof_words, share_words, when, who, why_left
from homeroom.web.templatetags.homeroom import minutes

DUE_SHOWN = 10
PLACE = Place(order=2, title=gettext_lazy("Plan"), name="plan")


@district_view()
def show(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The week of today."""
    return page(request, district)


@district_view(methods=("POST",))
def saying_hours(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Keeps everybody's hours, and plans the week with them."""
    visit = _visit(request)
    given = {name[6:]: str(text).strip() for name, text in request.POST.items() if name.startswith("hours-")}
    try:
        hours = {person: _number(text) for person, text in given.items() if text}
        set_hours(district=district, at=visit.now, actor=visit.actor, hours=hours)
    except NotPlanned as why:
        return page(request, district, wrong=str(why))
    return _planned(request, district)


@district_view(methods=("POST",))
def planning(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Plans the week, or plans it again."""
    return _planned(request, district)


def page(request: HttpRequest, district: Any, *, wrong: str = "") -> HttpResponse:
    """The page of the week; with what was wrong about a form where something was."""
    week = week_of(district=district, today=_visit(request).today)
    due = flaw_deadlines(district=district, monday=week.monday)
    given = {
        "week": week,
        "flaws_due": due[:DUE_SHOWN] if due else (),
        "flaws_due_all": len(due or ()),
        "flaws_unknown": due is None,
        "ends": week.monday + timedelta(days=6),
        "items": [_line(one, week) for one in week.items],
        "left_out": [_left(one, week) for one in week.left_out],
        "proofs": [
            (one, control_of(one.told.item).title, proof_words(one), _names(week, one.told.person))
            for one in week.proofs
        ],
        "kept": any(one.planned for one in week.items),
        "taken": share_words(week.plan.taken / week.plan.risk_before) if week.plan and week.plan.risk_before else "",
        "stays": share_words(week.plan.risk_after / week.plan.risk_before)
        if week.plan and week.plan.risk_before
        else "",
        "gap": share_words(week.plan.gap) if week.plan and week.plan.gap else "",
        "judged_anybody": bool(
            week.items or week.left_out or (week.judgement and judged_anybody(district=district, of=week.judgement))
        ),
        "disturbs": any(one.item.job.quiet for one in week.items),
        "spent": any(one.told.week == week.monday for one in week.proofs),
        "wrong": wrong,
    }
    return render(request, "plan/plan.html", given, status=422 if wrong else 200)


def _planned(request: HttpRequest, district: Any) -> HttpResponse:
    visit = _visit(request)
    count = plan_week(district=district, at=visit.now, today=visit.today, actor=visit.actor)
    told = ngettext("%(count)d item stands in this week’s plan.", "%(count)d items stand in this week’s plan.", count)
    messages.success(request, told % {"count": count}, extra_tags="good")
    return redirect("plan")


def _line(one: PlannedItem, week: Week) -> dict[str, Any]:
    """An item with what its row says."""
    return {
        "planned": one,
        "item": one.item,
        "control": one.open.control,
        "finding": one.open.findings[0] if len(one.open.findings) == 1 else None,
        "findings": len(one.open.findings),
        "kind": one.open.findings[0].subject_kind,
        "people": who(one, week),
        "setup": one.item.setup_minutes if minutes(one.item.setup_minutes) != minutes(one.item.minutes) else 0,
        "when": when(one, week),
        "share": share_words(one.share),
        "notes": one.told.notes,
    }


def _left(one: Waiting, week: Week) -> dict[str, Any]:
    return {
        "left": one.left,
        "control": one.open.control,
        "minutes": one.left.job.minutes,
        "share": share_words(one.share),
        "why": why_left(one, week),
        "deferred": one.left.why == "deferred",
        "notes": one.told.notes,
        "reason": one.told.reason if one.told.state == "deferred" else "",
    }


def _names(week: Week, person: str) -> str:
    return week.names.get(person, person)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise NotPlanned(gettext("“%(text)s” is no number of hours") % {"text": text[:20]}) from None


def _visit(request: HttpRequest) -> Any:
    return request.visit  # type: ignore[attr-defined]


urlpatterns = [
    path("plan", show, name="plan"),
    path("plan/hours", saying_hours, name="plan-hours"),
    path("plan/again", planning, name="plan-again"),
]
