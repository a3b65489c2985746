"""Dropping exports in the browser, and following a load while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from homeroom.apps.audit.commands import record
from homeroom.apps.sources.jobs import Upload, keep_files, make_job
from homeroom.apps.sources.queries import Job, one_job
from homeroom.apps.sources.tasks import load_job
from homeroom.ingest.kinds import UNKNOWN
from homeroom.web.access import district_view

FORM_BYTES = 1024**2  # what a form of many files adds to them: boundaries, names, the token


@csrf_exempt  # `_dropped` checks the token: to find it the whole upload must be read, which one too long never is
@district_view(methods=("GET", "POST"))
def drop(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The form, and the files that it sends: they are kept aside and a job is made of them."""
    if request.method != "POST":
        return _form(request)
    if settings.DEMO:
        return _form(request, wrong=_demo())
    if _announced(request) > settings.DROP_MOST_BYTES + FORM_BYTES:
        return _form(request, wrong=_too_big(), status=413)
    return _dropped(request, district=district)


def _form(request: HttpRequest, *, wrong: str = "", status: int = 400) -> HttpResponse:
    given = {"wrong": wrong, "demo": settings.DEMO, "most_bytes": settings.DROP_MOST_BYTES}
    return render(request, "sources/drop.html", given, status=status if wrong else 200)


def _announced(request: HttpRequest) -> int:
    """How many bytes the upload is said to have; 0 where nothing is said."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isdecimal() else 0


@csrf_protect
def _dropped(request: HttpRequest, *, district: Any) -> HttpResponse:
    uploads: list[Any] = request.FILES.getlist("files")
    wrong = _wrong(uploads)
    if wrong:
        return _form(request, wrong=wrong)
    visit: Any = request.visit  # type: ignore[attr-defined]
    folder, files = keep_files(uploads)
    source = request.POST.get("source", "").strip()[:80]
    number = make_job(district=district, actor=visit.actor, at=visit.now, folder=folder, files=files, source=source)
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="drop files",
        subject_kind="job",
        subject=str(number),
        detail={"files": len(files), "bytes": sum(file["bytes"] for file in files)},
    )
    load_job.enqueue(district.slug, number)
    return redirect("job", number=number)


@district_view()
def job(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """A drop of files: how far it is, then what came of it. Asked again by the page itself until it is over."""
    found = one_job(district=district, number=number)
    if found is None:
        raise Http404
    template = "sources/_job.html" if request.GET.get("part") else "sources/job.html"
    unknown = sum(one["reason"].startswith(UNKNOWN) for one in found.result.get("refused", ()))
    return render(request, template, {"job": found, "lines": _files(found), "unknown": unknown})


def _files(found: Job) -> list[dict[str, Any]]:
    """Each package that was loaded and each file that was not, one line each."""
    return [
        {**package, "name": ", ".join(package["files"][:3]), "others": max(0, len(package["files"]) - 3)}
        for package in found.result.get("packages", ())
    ]


def _wrong(uploads: Sequence[Upload]) -> str:
    """Why these files are not taken; empty text where they are."""
    if not uploads:
        return gettext("Choose at least one file.")
    if len(uploads) > settings.DROP_MOST_FILES:
        most = settings.DROP_MOST_FILES
        return gettext("At most %(most)d files at once. Put them into one zip file.") % {"most": most}
    return _too_big() if sum(int(upload.size or 0) for upload in uploads) > settings.DROP_MOST_BYTES else ""


def _demo() -> str:
    return gettext("This is the demo: everything in it is invented, and real files never share its data folder.")


def _too_big() -> str:
    most = filesizeformat(settings.DROP_MOST_BYTES)
    return gettext(
        "Together these files are too big to send: at most %(most)s. Load them with the command line: homeroom load."
    ) % {"most": most}


urlpatterns = [
    path("sources/drop", drop, name="drop"),
    path("sources/jobs/<int:number>", job, name="job"),
]
