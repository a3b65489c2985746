"""Trials of training: the list, and one trial from its plan to its verdict. Nothing is shown before the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.teach.courses.trial_assignments import assign_training, list_missing_courses
from homeroom.apps.teach.trials.arm_files import list_arm_lines
from homeroom.apps.teach.trials.commands import cancel_trial, end_trial, start_trial
from homeroom.apps.teach.trials.queries import TrialLine, TrialView, find_trial, list_trials
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import TrialRefused, TrialState
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.interval_chart import build_interval_chart
from homeroom.web.shared.navigation import NavItem
from homeroom.web.teach.awareness.trial_words import (
    FIELDS,
    STATE_TAGS,
    STATES,
    STRATA,
    UNITS,
    describe_basis,
    describe_outlook,
    describe_result,
    format_signed_points,
    get_verdict_title,
)

AREA_PAGE = NavItem(order=2, title=gettext_lazy("Trials"), name="awareness-trials")


@district_view(permission="awareness.read", change="awareness.change")
def show_trials(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the trials."""
    lines = [_build_cells(line, request) for line in list_trials(district=district)]
    return render(request, "awareness/trials.html", {"lines": lines})


@district_view(permission="awareness.read", change="awareness.change")
def show_trial(request: DistrictRequest, *, district: District, trial: str) -> HttpResponse:
    """Show a trial: what it could see, and after its end the verdict."""
    return _render(request, district, trial)


@district_view(permission="awareness.change", methods=("POST",))
def start(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Draw the lot, and freeze the plan."""
    visit = request.visit
    try:
        start_trial(district=district, public=trial, today=visit.today, actor=visit.actor, at=visit.now)
    except TrialRefused as error:
        return _render(request, district, trial, refused=error)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Started: the lot is drawn. Now assign the training."), extra_tags="good")
    return redirect("awareness-trial", trial=trial)


@district_view(permission="awareness.change", methods=("POST",))
def assign(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Assign the courses of a running trial to those trained."""
    visit = request.visit
    try:
        assign_training(district=district, public=trial, today=visit.today, actor=visit.actor, at=visit.now)
    except TrialRefused as error:
        return _render(request, district, trial, refused=error)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Assigned to those trained."), extra_tags="good")
    return redirect("awareness-trial", trial=trial)


@district_view(permission="awareness.change", methods=("POST",))
def end(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Compute and store the verdict of a trial whose last day has passed."""
    visit = request.visit
    try:
        end_trial(district=district, public=trial, today=visit.today, actor=visit.actor, at=visit.now)
    except TrialRefused as error:
        return _render(request, district, trial, refused=error)
    except LookupError as error:
        raise Http404 from error
    return redirect("awareness-trial", trial=trial)


@district_view(permission="awareness.change", methods=("POST",))
def cancel(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Cancel a trial that has not ended."""
    visit = request.visit
    reason = request.POST.get("reason", "")
    try:
        cancel_trial(district=district, public=trial, reason=reason, today=visit.today, actor=visit.actor, at=visit.now)
    except TrialRefused as error:
        return _render(request, district, trial, refused=error)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Canceled. It never gets a result."), extra_tags="good")
    return redirect("awareness-trial", trial=trial)


@district_view(permission="awareness.read_people")
def download_arms(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Download who is trained and who is held out, to assign the training; it has no outcomes."""
    visit = request.visit
    try:
        lines = list_arm_lines(district=district, public=trial, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    return FileResponse(
        write_csv_file(lines), as_attachment=True, filename=f"{trial}-arms.csv", content_type="text/csv"
    )


def _render(
    request: DistrictRequest, district: District, trial: str, *, refused: TrialRefused | None = None
) -> HttpResponse:
    view = find_trial(district=district, public=trial, today=request.visit.today)
    if view is None:
        raise Http404
    running = view.line.state is TrialState.STARTED
    missing = (
        list_missing_courses(district=district, public=trial, courses=view.plan.courses, today=request.visit.today)
        if running and request.visit.may_change
        else ()
    )
    context = {
        **_build_cells(view.line, request),
        "may_assign": bool(missing),
        "view": view,
        "plan": view.plan,
        "unit": UNITS[view.plan.unit],
        "strata": STRATA[view.plan.strata],
        "outlook": describe_outlook(view.outlook, drills=view.plan.drills) if view.outlook else "",
        "basis": describe_basis(view.outlook) if view.outlook else "",
        "arms": view.arms if view.line.started_on else {},
        "may_see_arms": request.visit.holds("awareness.read_people"),
        "may_start": view.line.state is TrialState.PLANNED and not view.refusal,
        "may_cancel": view.line.state in (TrialState.PLANNED, TrialState.STARTED),
        "wrong_fields": [(refused.field, FIELDS[refused.field], str(refused))] if refused else [],
        "wrong": {refused.field: str(refused)} if refused else {},
        **_build_result(view),
    }
    return render(request, "awareness/trial.html", context, status=422 if refused else 200)


def _build_cells(line: TrialLine, request: DistrictRequest) -> dict[str, Any]:
    return {
        "line": line,
        "state": STATES[line.state],
        "tag": STATE_TAGS.get(line.state, ""),
        "due": line.is_due(request.visit.today),
        "verdict": get_verdict_title(line.result) if line.result else "",
    }


def _build_result(view: TrialView) -> Mapping[str, Any]:
    result = view.line.result
    if result is None:
        return {}
    context: dict[str, Any] = {"result": result, "sentence": describe_result(result)}
    if not result["suppressed"]:
        names = ("low", "estimate", "high")
        context["chart"] = build_interval_chart(*(result[name] for name in names))
        context |= {name: format_signed_points(result[name]) for name in names}
        least = result["smallest_detectable"]
        context["least"] = "" if least is None else f"{100 * least:.1f}"
    return context


urlpatterns = [
    path("awareness/trials", show_trials, name="awareness-trials"),
    path("awareness/trials/<slug:trial>", show_trial, name="awareness-trial"),
    path("awareness/trials/<slug:trial>/start", start, name="awareness-trial-start"),
    path("awareness/trials/<slug:trial>/assign", assign, name="awareness-trial-assign"),
    path("awareness/trials/<slug:trial>/end", end, name="awareness-trial-end"),
    path("awareness/trials/<slug:trial>/cancel", cancel, name="awareness-trial-cancel"),
    path("awareness/trials/<slug:trial>/arms.csv", download_arms, name="awareness-trial-arms"),
]
