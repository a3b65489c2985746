"""The exports of one system on one screen: steps to tick off, the files, what became of them, and a page to hand on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse

from homeroom.apps.manage.setup.queries import MAIN_STEPS, load_setup
from homeroom.apps.manage.setup.system_exports import (
    SystemExports,
    UnknownSystem,
    find_guide,
    load_system_exports,
    tick_steps,
    upload_exports,
)
from homeroom.apps.protect.fixes.demo_exports import is_demo_export
from homeroom.domain.guides import ExportGuide
from homeroom.domain.platform.district import District
from homeroom.ingest.detection.file_kinds import UNKNOWN
from homeroom.web.know.sources.upload import check_uploads, explain_demo, explain_size_limit
from homeroom.web.manage.setup.steps import build_steps
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.request_bodies import FORM_BYTES, accept_files, mark_file_view, read_content_length

STEP = "exports"


@mark_file_view
@district_view(permission="setup.read", change="sources.load", methods=("GET", "POST"))
def show_system_exports(request: DistrictRequest, *, district: District, system: str) -> HttpResponseBase:
    """Show how to export one system and what was received; posted files are stored and a job is created for them."""
    _get_guide(system)
    if request.method != "POST":
        return _render_system(request, district, system)
    if read_content_length(request) > settings.DROP_MOST_BYTES + FORM_BYTES:
        return _render_system(request, district, system, wrong=explain_size_limit(), status=413)
    return _receive_files(request, district=district, system=system)


@district_view(permission="setup.change", methods=("POST",))
def tick_steps_view(request: DistrictRequest, *, district: District, system: str) -> HttpResponse:
    """Store the ticked steps of one system."""
    _get_guide(system)
    visit = request.visit
    done = request.POST.getlist("done")
    if not settings.DEMO:
        tick_steps(district=district, system=system, step_ids=done, actor=visit.actor, at=visit.now)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    return redirect("setup-system", system=system)


@district_view(permission="setup.read")
def show_sheet(request: DistrictRequest, *, system: str) -> HttpResponse:
    """Show the steps of one system as a page to print and hand to a colleague."""
    guide = _get_guide(system)
    address = request.build_absolute_uri(reverse("setup-system", kwargs={"system": system}))
    return render(request, "setup/sheet.html", {"guide": guide, "address": address})


@accept_files
def _receive_files(request: DistrictRequest, *, district: District, system: str) -> HttpResponse:
    uploads: list[Any] = request.FILES.getlist("files")
    wrong = check_uploads(uploads)
    if not wrong and settings.DEMO and not all(is_demo_export(upload.chunks()) for upload in uploads):
        wrong = explain_demo()
    if wrong:
        return _render_system(request, district, system, wrong=wrong)
    visit = request.visit
    upload_exports(uploads, district=district, system=system, actor=visit.actor, at=visit.now)
    return redirect(f"{reverse('setup-system', kwargs={'system': system})}#files")


def _get_guide(system: str) -> ExportGuide:
    try:
        return find_guide(system)
    except UnknownSystem as error:
        raise Http404 from error


def _render_system(
    request: DistrictRequest, district: District, system: str, *, wrong: str = "", status: int = 400
) -> HttpResponse:
    exports = load_system_exports(district=district, system=system)
    context = {
        "exports": exports,
        "guide": exports.guide,
        "job": exports.job,
        "lines": _list_lines(exports),
        "unknown": _has_unrecognized_files(exports),
        "wrong_file": wrong,
        "title": exports.guide.title,
        "number": MAIN_STEPS.index(STEP) + 1,
        "steps": build_steps(load_setup(district=district), MAIN_STEPS, current=STEP),
        "before": _build_address(exports.before, "systems"),
        "after": _build_address(exports.after, "people"),
    }
    template = "setup/_answer.html" if request.GET.get("part") else "setup/system.html"
    return render(request, template, context, status=status if wrong else 200)


def _build_address(system: str, step: str) -> str:
    """Return the address of a system's screen, or of a step if there is no such system."""
    if system:
        return reverse("setup-system", kwargs={"system": system})
    return reverse("setup-step", kwargs={"step": step})


def _list_lines(exports: SystemExports) -> list[dict[str, Any]]:
    """Return one line for each package of the newest upload; `elsewhere` is true if another system made it."""
    if exports.job is None:
        return []
    readers = {*exports.guide.connectors, *exports.guide.mappings}
    return [
        {**package, "name": ", ".join(package["files"][:3]), "elsewhere": package["connector"] not in readers}
        for package in exports.job.result.get("packages", ())
    ]


def _has_unrecognized_files(exports: SystemExports) -> bool:
    refused = exports.job.result.get("refused", ()) if exports.job else ()
    return any(refusal["reason"].startswith(UNKNOWN) for refusal in refused)


urlpatterns = [
    path("setup/exports/<slug:system>", show_system_exports, name="setup-system"),
    path("setup/exports/<slug:system>/ticks", tick_steps_view, name="setup-ticks"),
    path("setup/exports/<slug:system>/sheet", show_sheet, name="setup-sheet"),
]
