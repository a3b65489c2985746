"""A teacher's link: the visit of one room without an account, and *not then* in one tap; and its switch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.teachers.teacher_links import (
    COMING,
    COMPLETED,
    NO_VISIT,
    PAST,
    REFUSED,
    TOO_OFTEN,
    allow_day,
    find_linked_room,
    refuse_linked_day,
    replace_teacher_links,
    set_teacher_links,
)
from homeroom.apps.manage.rollouts.visits.teacher_texts import ENGLISH, LANGUAGES, SPANISH, name_place, write_sentence
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.command_messages import run_and_confirm
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.secret_addresses import open_by_secret

TITLES: Mapping[str, str] = {ENGLISH: "Visit to {room}", SPANISH: "Visita en {room}"}
BUTTONS: Mapping[str, str] = {ENGLISH: "Not then", SPANISH: "Ese día no"}
STATES: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        COMING: "Is this a bad day? Tap the button once, and the technology team plans another day.",
        REFUSED: "Noted: not on this day. What happens next: the technology team plans another day. "
        "You do not have to do anything more. Open this link again later to see the new time. "
        "Tapped by mistake? Call the technology team.",
        TOO_OFTEN: "This link has already moved the visit several times. Please call the technology team.",
        PAST: "This day is over. You do not have to do anything.",
        COMPLETED: "The visit is done. You do not have to do anything.",
        NO_VISIT: "No visit is planned for this room right now. Open this link again later.",
    },
    SPANISH: {
        COMING: "¿No le conviene este día? Toque el botón una vez, y el equipo de tecnología busca otro día.",
        REFUSED: "Anotado: ese día no. Qué sigue: el equipo de tecnología busca otro día. "
        "No tiene que hacer nada más. Abra este enlace más tarde para ver la nueva hora. "
        "¿Tocó por error? Llame al equipo de tecnología.",
        TOO_OFTEN: "Este enlace ya movió la visita varias veces. Por favor llame al equipo de tecnología.",
        PAST: "Ese día ya pasó. No tiene que hacer nada.",
        COMPLETED: "La visita ya se hizo. No tiene que hacer nada.",
        NO_VISIT: "Por ahora no hay una visita planeada para este salón. Abra este enlace más tarde.",
    },
}


def build_teacher_link(request: HttpRequest, *, district: District, token: str) -> str:
    """Return the whole address of a teacher's link; empty without a token."""
    return request.build_absolute_uri(f"/d/{district.slug}/not-then/{token}") if token else ""


@open_by_secret(permission="rollouts.open_link", methods=("GET", "POST"))
def show_teacher_link(
    request: HttpRequest, *, district: District, today: date, now: datetime, token: str
) -> HttpResponse:
    """Show the visit of a link's room; posting notes that its day does not suit."""
    if request.method == "POST":
        day = _parse_day(request.POST.get("day", ""))
        try:
            refuse_linked_day(district=district, token=token, day=day, today=today, at=now)
        except LookupError as error:
            raise Http404 from error
        return redirect("teacher-link", token=token)
    linked = find_linked_room(district=district, token=token, today=today)
    if linked is None:
        raise Http404
    visit = linked.visit
    texts = [
        {
            "language": language,
            "title": TITLES[language].format(room=name_place(linked.name, language)),
            "sentence": write_sentence(visit, linked.task, language=language) if visit else "",
            "next": STATES[language][linked.state],
            "button": BUTTONS[language] if linked.state == COMING else "",
        }
        for language in LANGUAGES
    ]
    context = {"district": district, "texts": texts, "state": linked.state, "day": visit.day if visit else None}
    return render(request, "rollouts/link.html", context)


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@district_view(permission="rollouts.change", methods=("POST",))
def set_teacher_links_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Turn the links of a rollout on or off, or replace all of them."""
    get_rollout_or_404(district, public)
    visit, choice = request.visit, request.POST.get("links", "")
    if choice == "replace":
        run_and_confirm(
            request,
            lambda: replace_teacher_links(district=district, public=public, actor=visit.actor, at=visit.now),
            gettext("Each room has a new link. The old ones do not work anymore: send or print the new ones."),
        )
    elif choice in ("on", "off"):
        is_on = choice == "on"
        done = gettext("Links for teachers are on.") if is_on else gettext("Links for teachers are off.")
        run_and_confirm(
            request,
            lambda: set_teacher_links(district=district, public=public, enabled=is_on, actor=visit.actor, at=visit.now),
            done,
        )
    return redirect("rollout-teachers", public=public)


@district_view(permission="rollouts.change", methods=("POST",))
def allow_day_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Take back a day that was refused by a room's link."""
    get_rollout_or_404(district, public)
    visit, day = request.visit, _parse_day(request.POST.get("day", ""))
    if day is None:
        raise Http404
    run_and_confirm(
        request,
        lambda: allow_day(district=district, public=public, number=number, day=day, actor=visit.actor, at=visit.now),
        gettext("Taken back: visits may be on that day again."),
    )
    return redirect("rollout-teachers", public=public)


urlpatterns = [
    path("not-then/<str:token>", show_teacher_link, name="teacher-link"),
    path("rollouts/<str:public>/teachers/links", set_teacher_links_view, name="rollout-teacher-links"),
    path("rollouts/<str:public>/teachers/rooms/<int:number>/allow", allow_day_view, name="rollout-allow-day"),
]
