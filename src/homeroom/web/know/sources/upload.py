"""Uploading exports in the browser, and following a load while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.know.sources.drops import drop_files
from homeroom.apps.know.sources.jobs import Upload
from homeroom.apps.know.sources.queries import LoadJobView, find_job
from homeroom.apps.protect.fixes.demo_exports import is_demo_export
from homeroom.domain.platform.district import District
from homeroom.ingest.detection.file_kinds import UNKNOWN
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.request_bodies import FORM_BYTES, accept_files, mark_file_view, read_content_length


@mark_file_view
@district_view(permission="sources.read", change="sources.load", methods=("GET", "POST"))
def drop_files_view(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Show the form; posted files are stored and a job is created for them."""
    if request.method != "POST":
        return _render_form(request)
    if read_content_length(request) > settings.DROP_MOST_BYTES + FORM_BYTES:
        return _render_form(request, wrong=explain_size_limit(), status=413)
    return _create_load_job(request, district=district)


def _render_form(request: DistrictRequest, *, wrong: str = "", status: int = 400) -> HttpResponse:
    context = {"wrong": wrong, "demo": settings.DEMO, "most_bytes": settings.DROP_MOST_BYTES}
    return render(request, "sources/drop.html", context, status=status if wrong else 200)


@accept_files
def _create_load_job(request: DistrictRequest, *, district: District) -> HttpResponse:
    uploads: list[Any] = request.FILES.getlist("files")
    wrong = check_uploads(uploads)
    if not wrong and settings.DEMO and not all(is_demo_export(upload.chunks()) for upload in uploads):
        wrong = explain_demo()
    if wrong:
        return _render_form(request, wrong=wrong)
    visit = request.visit
    source = request.POST.get("source", "").strip()[:80]
    number = drop_files(uploads, district=district, actor=visit.actor, at=visit.now, source=source)
    return redirect("job", number=number)


@district_view(permission="sources.read", change="sources.load")
def show_job(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show the progress of an upload, then its result; the page polls until it is over."""
    job_row = find_job(district=district, number=number)
    if job_row is None:
        raise Http404
    template = "sources/_job.html" if request.GET.get("part") else "sources/job.html"
    unknown = sum(refusal["reason"].startswith(UNKNOWN) for refusal in job_row.result.get("refused", ()))
    return render(request, template, {"job": job_row, "lines": _list_packages(job_row), "unknown": unknown})


def _list_packages(job_row: LoadJobView) -> list[dict[str, Any]]:
    """Return one line for each package that was loaded."""
    return [
        {**package, "name": ", ".join(package["files"][:3]), "others": max(0, len(package["files"]) - 3)}
        for package in job_row.result.get("packages", ())
    ]


def check_uploads(uploads: Sequence[Upload]) -> str:
    """Return why these files are refused, or empty text if they are accepted."""
    if not uploads:
        return gettext("Choose at least one file.")
    if len(uploads) > settings.DROP_MOST_FILES:
        max_files = settings.DROP_MOST_FILES
        return gettext("At most %(most)d files at once. Put them into one zip file.") % {"most": max_files}
    return explain_size_limit() if sum(int(upload.size or 0) for upload in uploads) > settings.DROP_MOST_BYTES else ""


def explain_demo() -> str:
    """Return why the demo refuses files that are not its own."""
    return gettext("This is the demo, which loads only its own exports. To upload your files, run “homeroom serve”.")


def explain_size_limit() -> str:
    """Return why files are refused that are too large together."""
    size_limit = filesizeformat(settings.DROP_MOST_BYTES)
    return gettext(
        "These files are too large to upload together (limit: %(most)s). Use the command line: homeroom load."
    ) % {"most": size_limit}


urlpatterns = [
    path("sources/drop", drop_files_view, name="drop"),
    path("sources/jobs/<int:number>", show_job, name="job"),
]
