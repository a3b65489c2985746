"""Attestations: what is asked of whom, answering it with what proves it, and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.frameworks import attesting
from homeroom.apps.frameworks.known import framework_named
from homeroom.apps.frameworks.queries import Attested, attestations
from homeroom.engines.frameworks.standing import Said
from homeroom.web.access import CHANGERS, district_view

USUALLY_DUE, USUALLY_HOLDS = timedelta(days=30), timedelta(days=365)


@district_view()
def attested(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every question: what is overdue and expired first."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    return render(request, "posture/attestations.html", {"found": attestations(district=district, today=visit.today)})


@district_view(roles=CHANGERS, methods=("GET", "POST"))
def asking(request: HttpRequest, *, district: Any, framework: str, goal: str) -> HttpResponse:
    """The form that asks somebody about a goal."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        known = framework_named(framework, district=district)
        title = known.goals[goal]
    except (LookupError, KeyError):
        raise Http404 from None
    given = {name: request.POST.get(name, "").strip() for name in ("owner", "due_on", "question")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            attesting.ask(
                district=district,
                framework=framework,
                goal=goal,
                owner=given["owner"],
                due_on=_day(given["due_on"]) or date.min,
                question=given["question"],
                actor=visit.actor,
                at=visit.now,
            )
        except attesting.NotAttested as why:
            wrong[why.field] = str(why)
        else:
            messages.success(request, gettext("Asked."), extra_tags="good")
            return redirect("goal", framework=framework, goal=goal)
    usual = {"due_on": (visit.today + USUALLY_DUE).isoformat(), "owner": visit.actor}
    about = {"framework": known, "goal": goal, "title": title, "people": attesting.who_answers(district=district)}
    shown = given if request.method == "POST" else usual
    return render(request, "posture/ask.html", {**about, "given": shown, "wrong": wrong}, status=400 if wrong else 200)


@district_view(roles=CHANGERS, methods=("GET", "POST"))
def answering(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """The form that answers a question: yes, partly, no or that it does not apply; what that rests on; until when it holds."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    one = _one(district, number, today=visit.today)
    given = {name: request.POST.get(name, "").strip() for name in ("said", "note", "link", "expires_on")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            attesting.answer(
                district=district,
                number=number,
                said=given["said"],
                note=given["note"],
                link=given["link"],
                expires_on=_day(given["expires_on"]) or date.min,
                private=request.POST.get("private") == "1",
                proofs=[
                    (file.name or "", file.read(attesting.MOST_BYTES + 1)) for file in request.FILES.getlist("proofs")
                ],
                actor=visit.actor,
                at=visit.now,
            )
        except attesting.NotAttested as why:
            wrong[why.field] = str(why)
        else:
            messages.success(request, gettext("Answered."), extra_tags="good")
            return redirect("attestations")
    usual = {
        "said": one.answer,
        "note": one.note,
        "link": one.link,
        "expires_on": (visit.today + USUALLY_HOLDS).isoformat(),
        "private": one.private,
    }
    shown = given if request.method == "POST" else usual
    about = {"one": one, "answers": _answers(), "given": shown, "wrong": wrong}
    return render(request, "posture/answer.html", about, status=400 if wrong else 200)


@district_view(methods=("POST",))
def withdrawing(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """Takes a question back."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        attesting.withdraw(district=district, number=number, actor=visit.actor, at=visit.now)
    except LookupError:
        raise Http404 from None
    messages.success(request, gettext("Taken back."), extra_tags="good")
    return redirect("attestations")


@district_view(roles=CHANGERS)
def proof(_request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """A file that proves an answer, as it was handed in, never shown by the browser itself."""
    try:
        name, content = attesting.proof(district=district, number=number)
    except LookupError:
        raise Http404 from None
    answer = HttpResponse(content, content_type="application/octet-stream")
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)
    answer["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    return answer


def _one(district: Any, number: int, *, today: date) -> Attested:
    found = next((one for one in attestations(district=district, today=today) if one.id == number), None)
    if found is None:
        raise Http404
    return found


def _answers() -> list[tuple[str, str]]:
    return [
        (Said.YES, gettext("Yes")),
        (Said.PARTLY, gettext("Partly")),
        (Said.NO, gettext("No")),
        (Said.OUT, gettext("It does not apply to us")),
    ]


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


urlpatterns = [
    path("attestations", attested, name="attestations"),
    path("attestations/<int:number>", answering, name="answer"),
    path("attestations/<int:number>/withdraw", withdrawing, name="withdraw-attestation"),
    path("attestations/proofs/<int:number>", proof, name="proof"),
    path("frameworks/<str:framework>/goals/<str:goal>/ask", asking, name="ask"),
]
