"""Work on a finding and its rows: assign, note, start, done, snooze, reopen, accept; each shows first what it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.commands import create_exceptions
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.finding_work.commands import (
    ACTS,
    ASSIGN,
    FINISH,
    SNOOZE,
    InvalidWork,
    WorkChange,
    WorkScope,
    build_work_scope,
    change_work,
)
from homeroom.apps.protect.finding_work.queries import get_finding_state, list_workers, load_row_states
from homeroom.apps.protect.finding_work.states import WorkState
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding
from homeroom.apps.protect.posture.rows.evidence_rows import get_chosen_page, list_selected_subjects
from homeroom.apps.protect.posture.rows.page import EvidencePage
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.protect.posture.findings import (
    find_form_errors,
    get_finding_or_404,
    may_accept,
    parse_work_filter,
    select_rows,
)
from homeroom.web.protect.posture.masking import mask_page
from homeroom.web.protect.posture.overview import record_students
from homeroom.web.protect.posture.work_labels import (
    ACCEPT,
    ACT_BUTTONS,
    RESULTS,
    describe_current,
    describe_effect,
    describe_rows,
)
from homeroom.web.shared.access import DistrictRequest, district_view

FIELDS = ("person", "until", "note", "minutes", "reason", "owner", "expires_on", "private")
MAX_SHOWN = 25


@district_view(permission="findings.work", methods=("GET", "POST"))
def change_finding_work_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show what an act will do to the chosen rows, or to the finding without any; posting it does it."""
    assessment, finding = get_finding_or_404(district=district, public=public)
    data = request.POST if request.method == "POST" else request.GET
    act, subjects = data.get("act", ""), _parse_subjects([*data.getlist("row"), *data.get("rows", "").split(",")])
    if act not in (*ACTS, ACCEPT):
        raise Http404
    if act == ACCEPT and not may_accept(request.visit, finding):
        raise PermissionDenied(gettext("Your role may accept findings of medium and low severity; ask your director."))
    if subjects and is_confined(finding.control.id):
        raise Http404
    form = {name: data.get(name, "").strip() for name in FIELDS}
    try:
        if data.get("all") == "1":
            subjects = _list_filtered(request, district, assessment, finding, data.get("work", ""))
        scope = build_work_scope(district=district, assessment=assessment, finding=finding, subjects=subjects)
        errors = _apply_act(request, district, scope, act, form) if request.method == "POST" else {}
    except InvalidWork as error:
        messages.error(request, str(error), extra_tags="bad")
        return redirect("finding", public=public)
    if request.method == "POST" and not errors:
        messages.success(request, str(RESULTS[act]), extra_tags="good")
        return redirect("finding", public=public)
    return _render_preview(request, district, assessment, finding, scope, act=act, form=form, errors=errors)


def _list_filtered(
    request: DistrictRequest, district: District, assessment: AssessmentRef, finding: OpenFinding, work: str
) -> list[int]:
    """Return all rows that fit the filter of the page; none for the finding as such. Raise InvalidWork if none fits."""
    selection = select_rows(request, district, assessment, finding, parse_work_filter(work))
    if selection is None:
        return []
    subjects = list_selected_subjects(district=district, assessment=assessment, finding=finding, selection=selection)
    if not subjects:
        raise InvalidWork(gettext("No row fits this filter any more."))
    return list(subjects)


def _apply_act(
    request: DistrictRequest, district: District, scope: WorkScope, act: str, form: dict[str, str]
) -> dict[str, str]:
    """Apply the act; return the errors of the form by field, in which case nothing changed."""
    if act == ACCEPT:
        return _accept(request, district, scope, form)
    visit = request.visit
    try:
        change_work(
            district=district,
            at=visit.now,
            today=visit.today,
            actor=visit.actor,
            scope=scope,
            change=WorkChange(
                act=act,
                person=form["person"],
                until=_parse_day(form["until"]),
                note=form["note"],
                minutes=_parse_minutes(form["minutes"]),
            ),
        )
    except InvalidWork as error:
        field = "minutes" if act == FINISH and form["minutes"] else "note"
        return {{ASSIGN: "person", SNOOZE: "until"}.get(act, field): str(error)}
    return {}


def _accept(request: DistrictRequest, district: District, scope: WorkScope, form: dict[str, str]) -> dict[str, str]:
    visit = request.visit
    owners = [name for name, _, _ in list_members(district=district)]
    if errors := find_form_errors(form, owners=owners, today=visit.today):
        return errors
    create_exceptions(
        district=district,
        at=visit.now,
        today=visit.today,
        actor=visit.actor,
        scopes=[
            FindingScope(control=scope.control, group=scope.group, subject=subject)
            for subject in scope.subjects or (None,)
        ],
        reason=form["reason"],
        owner=form["owner"],
        expires_on=date.fromisoformat(form["expires_on"]),
        private=form["private"] == "1",
    )
    return {}


def _render_preview(
    request: DistrictRequest,
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    scope: WorkScope,
    *,
    act: str,
    form: dict[str, str],
    errors: dict[str, str],
) -> HttpResponse:
    visit = request.visit
    workers = list_workers(district=district)
    rows_label = describe_rows(scope.open_count, is_entire=not scope.subjects)
    states = _load_states(district, assessment, finding, scope, visit.today)
    context: dict[str, Any] = {
        "judgment": assessment,
        "finding": finding,
        "scope": scope,
        "row_list": ",".join(map(str, scope.subjects)),
        "act": act,
        "act_title": ACT_BUTTONS[act],
        "rows_label": rows_label,
        "effects": describe_effect(act, rows=rows_label),
        "current": describe_current(states, dict(workers), actor=visit.actor),
        "workers": workers,
        "estimate": _estimate_minutes(finding, scope) if act == FINISH else 0,
        "people": list_members(district=district) if act == ACCEPT else (),
        "given": form | {"person": form["person"] or visit.actor},
        "wrong": errors,
        "rows": _load_chosen_rows(request, district, assessment, finding, scope.subjects),
        "shown": MAX_SHOWN,
    }
    return render(request, "posture/work.html", context, status=422 if errors else 200)


def _estimate_minutes(finding: OpenFinding, scope: WorkScope) -> int:
    effort = finding.control.effort
    return round(effort.minutes_once + effort.minutes_per_subject * scope.open_count)


def _load_states(
    district: District, assessment: AssessmentRef, finding: OpenFinding, scope: WorkScope, today: date
) -> Sequence[WorkState]:
    if not scope.subjects:
        return (get_finding_state(district=district, assessment=assessment, finding=finding, today=today),)
    states = load_row_states(
        district=district, assessment=assessment, finding=finding, subjects=scope.subjects, today=today
    )
    return tuple(states.values())


def _load_chosen_rows(
    request: DistrictRequest,
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    subjects: Sequence[int],
) -> EvidencePage | None:
    """Return the first of the chosen rows as evidence; None without any, or if evidence is busy."""
    if not subjects:
        return None
    try:
        rows = get_chosen_page(district=district, assessment=assessment, finding=finding, subjects=subjects[:MAX_SHOWN])
    except QueryTimeout:
        return None
    record_students(request, rows, action="list subjects", subject=finding.control.id)
    return mask_page(rows, hide_students=not request.visit.may_read_private)


def _parse_subjects(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 20]


def _parse_minutes(text: str) -> int | None:
    """Return posted minutes; None if empty, and 0, which nothing accepts, if they are no number."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _parse_day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


urlpatterns = [path("findings/<str:public>/work", change_finding_work_view, name="finding-work")]
