"""Attestations: request one, answer it with its proof, and withdraw it."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.protect.frameworks import attestations
from homeroom.apps.protect.frameworks.catalog import get_framework
from homeroom.apps.protect.frameworks.queries import AttestationView, list_attestations
from homeroom.domain.platform.district import District
from homeroom.engines.protect.frameworks.compliance import AttestationAnswer
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download, record_download
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

DEFAULT_DUE_IN, DEFAULT_VALIDITY = timedelta(days=30), timedelta(days=365)


@district_view(permission="posture.read", change="attestations.answer")
def show_attestations(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every question; overdue and expired ones come first."""
    visit = request.visit
    return render(
        request, "posture/attestations.html", {"found": list_attestations(district=district, today=visit.today)}
    )


@district_view(permission="attestations.answer", methods=("GET", "POST"))
def request_attestation_view(
    request: DistrictRequest, *, district: District, framework: str, goal: str
) -> HttpResponse:
    """Show the form that requests an attestation about a goal from a person."""
    visit = request.visit
    try:
        framework_definition = get_framework(framework, district=district)
        title = framework_definition.goals[goal]
    except (LookupError, KeyError):
        raise Http404 from None
    form = {name: request.POST.get(name, "").strip() for name in ("owner", "due_on", "question")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            attestations.request_attestation(
                district=district,
                framework=framework,
                goal=goal,
                owner=form["owner"],
                due_on=_parse_date(form["due_on"]) or date.min,
                question=form["question"],
                actor=visit.actor,
                at=visit.now,
            )
        except attestations.InvalidAttestation as error:
            errors[error.field] = str(error)
        else:
            messages.success(request, gettext("Asked."), extra_tags="good")
            return redirect("goal", framework=framework, goal=goal)
    defaults = {"due_on": (visit.today + DEFAULT_DUE_IN).isoformat(), "owner": visit.actor}
    context = {
        "framework": framework_definition,
        "goal": goal,
        "title": title,
        "people": attestations.list_respondents(district=district),
    }
    form_values = form if request.method == "POST" else defaults
    return render(
        request, "posture/ask.html", {**context, "given": form_values, "wrong": errors}, status=400 if errors else 200
    )


@mark_file_view
@district_view(permission="attestations.answer", methods=("GET", "POST"))
@accept_files
def answer_attestation_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show the form that answers a question: yes, partly, no or not applicable; its basis; and its expiry date."""
    visit = request.visit
    attestation = _get_attestation_or_404(district, number, today=visit.today)
    form = {name: request.POST.get(name, "").strip() for name in ("said", "note", "link", "expires_on")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            attestations.answer_attestation(
                district=district,
                number=number,
                choice=form["said"],
                note=form["note"],
                link=form["link"],
                expires_on=_parse_date(form["expires_on"]) or date.min,
                private=request.POST.get("private") == "1",
                proofs=[
                    (file.name or "", file.read(attestations.MAX_PROOF_BYTES + 1))
                    for file in request.FILES.getlist("proofs")
                ],
                actor=visit.actor,
                at=visit.now,
            )
        except attestations.InvalidAttestation as error:
            errors[error.field] = str(error)
        else:
            messages.success(request, gettext("Answered."), extra_tags="good")
            return redirect("attestations")
    defaults = {
        "said": attestation.answer,
        "note": attestation.note,
        "link": attestation.link,
        "expires_on": (visit.today + DEFAULT_VALIDITY).isoformat(),
        "private": attestation.private,
    }
    form_values = form if request.method == "POST" else defaults
    context = {"one": attestation, "answers": _list_answers(), "given": form_values, "wrong": errors}
    return render(request, "posture/answer.html", context, status=400 if errors else 200)


@district_view(permission="attestations.answer", methods=("POST",))
def withdraw_attestation_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Withdraw a question."""
    visit = request.visit
    try:
        attestations.withdraw_attestation(district=district, number=number, actor=visit.actor, at=visit.now)
    except LookupError:
        raise Http404 from None
    messages.success(request, gettext("Taken back."), extra_tags="good")
    return redirect("attestations")


@district_view(permission="attestations.answer")
def download_proof(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Download a file that proves an answer, as it was uploaded; browsers never display it."""
    try:
        name, content = attestations.read_proof(district=district, number=number)
    except LookupError:
        raise Http404 from None
    record_download(request, "download proof", subject_kind="proof", subject=number)
    return name_download(HttpResponse(content, content_type="application/octet-stream"), name)


def _get_attestation_or_404(district: District, number: int, *, today: date) -> AttestationView:
    attestation = next(
        (entry for entry in list_attestations(district=district, today=today) if entry.id == number), None
    )
    if attestation is None:
        raise Http404
    return attestation


def _list_answers() -> list[tuple[str, str]]:
    return [
        (AttestationAnswer.YES, gettext("Yes")),
        (AttestationAnswer.PARTLY, gettext("Partly")),
        (AttestationAnswer.NO, gettext("No")),
        (AttestationAnswer.OUT, gettext("It does not apply to us")),
    ]


def _parse_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


urlpatterns = [
    path("attestations", show_attestations, name="attestations"),
    path("attestations/<int:number>", answer_attestation_view, name="answer"),
    path("attestations/<int:number>/withdraw", withdraw_attestation_view, name="withdraw-attestation"),
    path("attestations/proofs/<int:number>", download_proof, name="proof"),
    path("frameworks/<str:framework>/goals/<str:goal>/ask", request_attestation_view, name="ask"),
]
