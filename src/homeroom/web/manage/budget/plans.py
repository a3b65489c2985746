"""The list of refresh plans, and saving one: from uploaded files, or from the loaded devices."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.budget.commands import save_evidence_plan, save_uploaded_plan
from homeroom.apps.manage.budget.evidence_problem import NothingLoaded
from homeroom.apps.manage.budget.queries import list_budget_plans
from homeroom.apps.manage.budget.records import BudgetRefused
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.web.manage.budget.labels import ORIGINS, RUN_STATES, RUN_TAGS, format_number
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.shared.request_bodies import FORM_BYTES, accept_files, mark_file_view, read_content_length

AREA_PAGE = NavItem(order=1, title=gettext_lazy("Refresh"), name="budget")
MAX_UPLOAD_BYTES = 8 << 20
MAX_FILES = 8
MAX_PROBLEMS = 50


@district_view(permission="budget.read", change="budget.change")
def list_plans_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the saved plans, the newest first."""
    return _render_plans(request, district)


@mark_file_view
@district_view(permission="budget.change", methods=("POST",))
def upload_plan_view(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Save the problem of posted files."""
    if read_content_length(request) > MAX_UPLOAD_BYTES + FORM_BYTES:
        return _render_plans(request, district, wrong=gettext("The files are too large; 8 MB together would fit."))
    return _accept_plan(request, district=district)


@accept_files
def _accept_plan(request: DistrictRequest, *, district: District) -> HttpResponse:
    visit, uploads = request.visit, request.FILES.getlist("files")
    if not uploads or len(uploads) > MAX_FILES:
        wrong = gettext("Choose the plan in YAML and the lists that it names; 8 files at most.")
        return _render_plans(request, district, wrong=wrong)
    files = {file.name or "": file.read() for file in uploads}
    title = request.POST.get("title", "").strip() or next(iter(sorted(files, key=lambda name: ".y" not in name)))
    try:
        public = save_uploaded_plan(district=district, title=title, files=files, actor=visit.actor, at=visit.now)
    except FileRefused as error:
        return _render_plans(request, district, problems=error.problems)
    except BudgetRefused as error:
        return _render_plans(request, district, wrong=str(error))
    return redirect("budget-plan", public=public)


@district_view(permission="budget.change", methods=("POST",))
def save_evidence_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Save the problem of the loaded devices."""
    visit = request.visit
    title = gettext("Fleet of %(day)s") % {"day": visit.today.isoformat()}
    try:
        public = save_evidence_plan(district=district, title=title, today=visit.today, actor=visit.actor, at=visit.now)
    except NothingLoaded:
        wrong = gettext("No devices are loaded yet. Upload the lists of your devices under Sources first.")
        return _render_plans(request, district, wrong=wrong)
    return redirect("budget-plan", public=public)


def _render_plans(
    request: DistrictRequest, district: District, *, wrong: str = "", problems: Sequence[Problem] = ()
) -> HttpResponse:
    lines = [
        (
            item,
            ORIGINS[item.origin],
            RUN_STATES[item.run_state],
            RUN_TAGS.get(item.run_state, ""),
            format_number(item.weighted),
        )
        for item in list_budget_plans(district=district)
    ]
    context = {
        "lines": lines,
        "wrong": wrong,
        "problems": problems[:MAX_PROBLEMS],
        "more_problems": max(0, len(problems) - MAX_PROBLEMS),
    }
    return render(request, "budget/plans.html", context, status=422 if wrong or problems else 200)


urlpatterns = [
    path("budget", list_plans_view, name="budget"),
    path("budget/upload", upload_plan_view, name="budget-upload"),
    path("budget/from-evidence", save_evidence_view, name="budget-from-evidence"),
]
