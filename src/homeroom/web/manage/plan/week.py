"""The Plan: this week's items, what waits and what that costs, available hours, and what was proved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.manage.planning.commands import plan_week, set_hours
from homeroom.apps.manage.planning.deadlines import list_vulnerability_deadlines
from homeroom.apps.manage.planning.tasks import InvalidPlanChange
from homeroom.apps.manage.planning.verification import WorkVerification
from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan, plan_for_week
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.published.queries import has_assessed_subjects
from homeroom.domain.platform.district import District
from homeroom.web.manage.plan.days import build_week_days
from homeroom.web.manage.plan.hours import list_person_weeks
from homeroom.web.manage.plan.labels import (
    describe_deferral,
    describe_missing_part,
    describe_place,
    describe_proof,
    describe_time,
    describe_urgent_unfinished,
    describe_visits,
    format_share,
    list_people,
)
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.templatetags.homeroom import minutes

AREA_PAGE = NavItem(order=1, title=gettext_lazy("This week"), name="plan")
MAX_DUE = 10


@district_view(permission="plan.read", change="plan.change")
def show_plan(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the current week."""
    return render_week(request, district)


@district_view(permission="plan.change", methods=("POST",))
def set_hours_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Store the hours of all people, and plan the week with them."""
    visit = request.visit
    texts = {name[6:]: str(text).strip() for name, text in request.POST.items() if name.startswith("hours-")}
    try:
        hours = {person: _parse_hours(text) for person, text in texts.items() if text}
        set_hours(district=district, at=visit.now, actor=visit.actor, hours=hours)
    except InvalidPlanChange as error:
        return render_week(request, district, wrong=str(error))
    return _plan_and_redirect(request, district)


@district_view(permission="plan.change", methods=("POST",))
def plan_week_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Plan the week, or plan it again."""
    return _plan_and_redirect(request, district)


def render_week(request: DistrictRequest, district: District, *, wrong: str = "") -> HttpResponse:
    """Render the week; `wrong` is the error message of a form."""
    today = request.visit.today
    week = plan_for_week(district=district, today=today)
    due = list_vulnerability_deadlines(district=district, monday=week.monday)
    context = {
        "week": week,
        "vulnerabilities_due": due[:MAX_DUE] if due else (),
        "vulnerabilities_due_all": len(due or ()),
        "vulnerabilities_unknown": due is None,
        "ends": week.monday + timedelta(days=6),
        "items": [_build_item_row(entry, week, today) for entry in week.items],
        "left_out": [_build_left_out_row(entry, week, today) for entry in week.left_out],
        "urgent_unfinished": [
            {
                "control": entry.open.control,
                "task": entry.open.task,
                "problem": entry.problem,
                "minutes": entry.job.minutes,
                "missing": describe_missing_part(entry, week),
                "place": describe_place(entry, week, today=today),
            }
            for entry in week.urgent_unfinished
        ],
        "urgent_notice": describe_urgent_unfinished(week),
        "proofs": [
            (
                entry,
                _describe_done(entry, week),
                describe_proof(entry),
                _get_person_name(week, entry.status.person),
                week.tasks.get(entry.status.item),
            )
            for entry in week.proofs
        ],
        "kept": any(entry.planned for entry in week.items),
        "taken": format_share(week.plan.risk_removed / week.plan.risk_before)
        if week.plan and week.plan.risk_before
        else "",
        "gap": format_share(week.plan.gap) if week.plan and week.plan.gap else "",
        "judged_anybody": bool(
            week.items
            or week.left_out
            or (week.judgment and has_assessed_subjects(district=district, assessment=week.judgment))
        ),
        "disturbs": any(entry.item.job.quiet for entry in week.items),
        "spent": bool(week.visits.counted) or any(entry.status.week == week.monday for entry in week.proofs),
        "visits": describe_visits(week),
        "people_weeks": list_person_weeks(week),
        "week_days": build_week_days(week, today=today),
        "wrong": wrong,
    }
    return render(request, "plan/plan.html", context, status=422 if wrong else 200)


def _plan_and_redirect(request: DistrictRequest, district: District) -> HttpResponse:
    visit = request.visit
    count = plan_week(district=district, at=visit.now, today=visit.today, actor=visit.actor)
    message = ngettext("This week’s plan has %(count)d item.", "This week’s plan has %(count)d items.", count)
    messages.success(request, message % {"count": count}, extra_tags="good")
    return redirect("plan")


def _build_item_row(planned_item: PlannedItem, week: WeekPlan, today: date) -> dict[str, Any]:
    """Return an item with the values of its row."""
    return {
        "planned": planned_item,
        "item": planned_item.item,
        "control": planned_item.open.control,
        "task": planned_item.open.task,
        "problem": planned_item.problem,
        "finding": planned_item.open.findings[0] if len(planned_item.open.findings) == 1 else None,
        "findings": len(planned_item.open.findings),
        "people_count": planned_item.open.people if planned_item.open.people < planned_item.open.members else 0,
        "kind": planned_item.open.subject_kind,
        "people": list_people(planned_item, week),
        "setup": planned_item.item.setup_minutes
        if minutes(planned_item.item.setup_minutes) != minutes(planned_item.item.minutes)
        else 0,
        "when": describe_time(planned_item, week),
        "place": describe_place(planned_item, week, today=today),
        "share": format_share(planned_item.share),
        "notes": planned_item.status.notes,
    }


def _build_left_out_row(deferred_item: DeferredItem, week: WeekPlan, today: date) -> dict[str, Any]:
    return {
        "left": deferred_item.left_out,
        "control": deferred_item.open.control,
        "task": deferred_item.open.task,
        "problem": deferred_item.problem,
        "minutes": deferred_item.left_out.job.minutes,
        "share": format_share(deferred_item.share),
        "why": describe_deferral(deferred_item, week),
        "place": describe_place(deferred_item, week, today=today),
        "deferred": deferred_item.left_out.reason == "deferred",
        "pinned": deferred_item.pinned,
        "notes": deferred_item.status.notes,
        "reason": deferred_item.status.reason if deferred_item.status.state == "deferred" else "",
    }


def _describe_done(entry: WorkVerification, week: WeekPlan) -> str:
    if task := week.tasks.get(entry.status.item):
        return task.title
    return describe_problem(get_control(entry.status.item), count=max(entry.status.open_then, entry.status.subjects))


def _get_person_name(week: WeekPlan, person: str) -> str:
    return week.names.get(person, person)


def _parse_hours(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InvalidPlanChange(gettext("“%(text)s” is no number of hours") % {"text": text[:20]}) from None


urlpatterns = [
    path("plan", show_plan, name="plan"),
    path("plan/hours", set_hours_view, name="plan-hours"),
    path("plan/again", plan_week_view, name="plan-again"),
]
