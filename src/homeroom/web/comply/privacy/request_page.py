"""One request: its steps and the next one, its files, the days it is due, and what is held of the student as a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.comply.erasing.request_erasures import find_request_erasure
from homeroom.apps.comply.privacy.requests.commands import match_request, take_step
from homeroom.apps.comply.privacy.requests.queries import RequestEntryView, RequestView, find_request, read_request_file
from homeroom.apps.comply.reports.report import ENGLISH, SPANISH
from homeroom.apps.comply.reports.student_records import FamilyFile, NoSuchStudent, write_records_file
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.comply.privacy.requests import RequestStep, StepForm, StepRefused, needs_text
from homeroom.domain.platform.district import District
from homeroom.web.comply.privacy.labels import (
    KINDS,
    OUTCOMES,
    PROOFS,
    RELATIONS,
    STEP_TITLES,
    STEPS,
    get_word,
    hide,
    join_opt_outs,
    list_choices,
)
from homeroom.web.comply.privacy.requests import get_named_file
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download, record_download
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

AREA_PAGE_OF = "requests"
CONTENT_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "zip": "application/zip"}
_DESTRUCTION = "destruction"
FIELDS = ("step", "text", "day", "proof", "student", "outcome")


@mark_file_view
@district_view(permission="privacy.read", change="privacy.change", methods=("GET", "POST"))
@accept_files
def show_request(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Show a request; a posted form takes its next step, or matches it to a student."""
    if request.method != "POST":
        return _render(request, district, public)
    visit = request.visit
    form = {name: request.POST.get(name, "").strip() for name in FIELDS}
    common: dict[str, Any] = {"district": district, "public": public, "actor": visit.actor, "at": visit.now}
    try:
        if request.POST.get("act") == "match":
            match_request(**common, student=form["student"])
        else:
            take_step(**common, form=StepForm(**form), file=get_named_file(request, "file"), today=visit.today)
    except StepRefused as error:
        return _render(request, district, public, form=form, errors={error.field: str(error)})
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Written down."), extra_tags="good")
    return redirect("privacy-request", public=public)


@district_view(permission="privacy.change")
def download_request_file(
    request: DistrictRequest, *, district: District, public: str, number: int
) -> HttpResponseBase:
    """Download a file of a request as it came; browsers never display it."""
    try:
        name, file = read_request_file(district=district, public=public, number=number)
    except LookupError:
        raise Http404 from None
    record_download(request, "download file of request", subject_kind="request", subject=public)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


@district_view(permission="privacy.change")
def download_records(request: DistrictRequest, *, district: District, public: str, form: str) -> HttpResponse:
    """Download what is held of the student of a request, with other people masked."""
    visit = request.visit
    view = find_request(district=district, public=public, today=visit.today)
    if view is None or form not in CONTENT_TYPES:
        raise Http404
    try:
        file = write_records_file(
            district=district,
            student=view.line.student,
            form=form,
            today=visit.today,
            actor=visit.actor,
            at=visit.now,
            language=read_family_language(request),
        )
    except NoSuchStudent:
        raise Http404 from None
    return build_file_response(file, form)


def read_family_language(request: DistrictRequest) -> str:
    """Return the language of a file for a family: English unless the address asks for Spanish."""
    return SPANISH if request.GET.get("language") == SPANISH else ENGLISH


def build_file_response(file: FamilyFile, form: str) -> HttpResponse:
    """Return a file for a family as a download."""
    response = HttpResponse(file.content, content_type=CONTENT_TYPES[form])
    return name_download(response, file.name)


def _render(
    request: DistrictRequest,
    district: District,
    public: str,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    view = find_request(district=district, public=public, today=request.visit.today)
    if view is None:
        raise Http404
    visit = request.visit
    next_step = view.next_steps[0] if view.next_steps else None
    context = {
        "view": view,
        "line": view.line,
        "erasure": find_request_erasure(district=district, request=public) if view.line.kind == _DESTRUCTION else None,
        "late": view.line.is_late(visit.today),
        **_build_words(view, shown=visit.may_read_private),
        "entries": [_build_entry(entry, shown=visit.may_read_private) for entry in view.entries],
        "next": next_step,
        "next_title": get_word(STEP_TITLES, next_step or ""),
        "needs_text": bool(next_step) and needs_text(RequestStep(next_step or "")),
        "may": visit.may_change_privacy and next_step is not None,
        "proofs": list_choices(PROOFS),
        "outcomes": list_choices(OUTCOMES),
        "given": form or {"day": visit.today.isoformat()},
        "wrong": errors or {},
    }
    return render(request, "privacy/request.html", context, status=422 if errors else 200)


def _build_words(view: RequestView, *, shown: bool) -> dict[str, Any]:
    return {
        "kind": get_word(KINDS, view.line.kind),
        "state": get_word(STEPS, view.line.step),
        "outcome": get_word(OUTCOMES, view.line.outcome),
        "relation": get_word(RELATIONS, view.relation),
        "name": hide(view.line.name or view.line.student, shown=shown),
        "requester": hide(view.line.requester, shown=shown),
        "contact": hide(view.contact, shown=shown),
        "text": hide(view.text, shown=shown),
        "choices": join_opt_outs(view.choices),
    }


def _build_entry(entry: RequestEntryView, *, shown: bool) -> dict[str, Any]:
    detail = entry.detail
    return {
        "entry": entry,
        "step": gettext("Matched to a student") if detail.get("matched") else get_word(STEPS, entry.step),
        "text": hide(entry.text, shown=shown) if entry.step != RequestStep.RECEIVED else "",
        "day": _parse_day(detail.get("day") or detail.get("received_on")),
        "proof": get_word(PROOFS, detail.get("proof", "")),
        "outcome": get_word(OUTCOMES, detail.get("outcome", "")),
        "held": [_build_held(item) for item in detail.get("held") or ()],
        "rows": detail.get("rows"),
    }


def _build_held(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "system": product_word(item["system"]), "table": str(item["table"]).replace("_", " ")}


def _parse_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


urlpatterns = [
    path("privacy/requests/<slug:public>", show_request, name="privacy-request"),
    path("privacy/requests/<slug:public>/files/<int:number>", download_request_file, name="privacy-request-file"),
    path("privacy/requests/<slug:public>/records.<slug:form>", download_records, name="privacy-request-records"),
]
