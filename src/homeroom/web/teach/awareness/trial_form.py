"""The form of a trial's plan: a new one, and one that has not started yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.teach.trials.commands import change_trial_plan, plan_trial
from homeroom.apps.teach.trials.queries import TrialView, find_trial, list_choices
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import TrialForm, TrialRefused, TrialState
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.teach.awareness.trial_words import FIELDS, STRATA, UNITS

AREA_PAGE_OF = "trials"
TEXTS = ("question", "title", "unit", "strata", "percent", "drills", "ends_on")
USUAL_LENGTH = timedelta(days=120)


@district_view(permission="awareness.change", methods=("GET", "POST"))
def make_plan(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Show the form of a new trial; a posted form is written down."""
    visit = request.visit
    if request.method != "POST":
        ends_on = (visit.today + USUAL_LENGTH).isoformat()
        form = TrialForm(question="", courses=(), ends_on=ends_on)
        return _render(request, district, form)

    def store(form: TrialForm) -> str:
        return plan_trial(district=district, form=form, today=visit.today, actor=visit.actor, at=visit.now)

    return _store(request, district, store)


@district_view(permission="awareness.change", methods=("GET", "POST"))
def change_plan(request: DistrictRequest, *, district: District, trial: str) -> HttpResponseBase:
    """Show the plan of a trial that has not started; a posted form replaces it."""
    visit = request.visit
    view = find_trial(district=district, public=trial, today=visit.today)
    if view is None or view.line.state is not TrialState.PLANNED:
        raise Http404
    if request.method != "POST":
        return _render(request, district, _build_form(view), trial=trial)

    def store(form: TrialForm) -> str:
        change_trial_plan(
            district=district, public=trial, form=form, today=visit.today, actor=visit.actor, at=visit.now
        )
        return trial

    return _store(request, district, store, trial=trial)


def _store(
    request: DistrictRequest, district: District, store: Callable[[TrialForm], str], *, trial: str = ""
) -> HttpResponseBase:
    form = _read_form(request.POST)
    try:
        public = store(form)
    except TrialRefused as error:
        return _render(request, district, form, trial=trial, refused=error)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Plan saved. See what it could find before you start it."), extra_tags="good")
    return redirect("awareness-trial", trial=public)


def _read_form(sent: QueryDict) -> TrialForm:
    texts = {name: sent.get(name, "") for name in TEXTS}
    courses = (*sent.getlist("courses"), *sent.get("other_courses", "").splitlines())
    return TrialForm(courses=courses, schools=tuple(sent.getlist("schools")), **texts)


def _build_form(view: TrialView) -> TrialForm:
    plan = view.plan
    return TrialForm(
        question=plan.question,
        courses=plan.courses,
        schools=plan.schools,
        title=plan.title,
        unit=plan.unit,
        strata=plan.strata,
        percent=str(plan.percent),
        drills=str(plan.drills),
        ends_on=plan.ends_on.isoformat(),
    )


def _render(
    request: DistrictRequest,
    district: District,
    form: TrialForm,
    *,
    trial: str = "",
    refused: TrialRefused | None = None,
) -> HttpResponse:
    choices = list_choices(district=district)
    offered = {name for name, _title in choices.courses}
    context: dict[str, Any] = {
        "given": form,
        "other_courses": "\n".join(name for name in form.courses if name not in offered),
        "choices": choices,
        "units": [(str(value), title) for value, title in UNITS.items()],
        "strata": [(str(value), title) for value, title in STRATA.items()],
        "trial": trial,
        "wrong": {refused.field: str(refused)} if refused else {},
        "wrong_fields": [(refused.field, FIELDS[refused.field], str(refused))] if refused else [],
    }
    return render(request, "awareness/trial_plan.html", context, status=422 if refused else 200)


urlpatterns = [
    path("awareness/trials/new", make_plan, name="awareness-trial-new"),
    path("awareness/trials/<slug:trial>/change", change_plan, name="awareness-trial-change"),
]
