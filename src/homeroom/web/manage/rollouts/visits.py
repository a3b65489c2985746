"""Visits on a phone: those of a person on a day in order, one with its checklist, and the days that do not suit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.queries import VisitView, find_visit, list_visits
from homeroom.apps.manage.rollouts.records import NO_ENTRY, RolloutRefused
from homeroom.apps.manage.rollouts.specs.travel import build_travel_times
from homeroom.apps.manage.rollouts.visit_devices import load_visit_devices
from homeroom.apps.manage.rollouts.visits.teacher_texts import ENGLISH, Task, write_sentence
from homeroom.apps.manage.rollouts.visits.visit_records import CHECKS, allow_visit_day, lock_visit, refuse_day
from homeroom.apps.manage.rollouts.visits.visit_versions import VisitChanged
from homeroom.apps.platform.outbox.commands import OutboxRefused
from homeroom.domain.manage.rollouts.spec import TravelTimes
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.command_messages import run_and_confirm
from homeroom.web.manage.rollouts.labels import (
    CHECK_WORDS,
    OUTCOME_TAGS,
    OUTCOMES,
    SHORT_CHECK_WORDS,
    get_rollout_or_404,
)
from homeroom.web.manage.rollouts.visit_forms import ARRIVAL, fill_visit_form, read_visit_form
from homeroom.web.manage.rollouts.visit_outbox import record_form_once
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.offline_pages import keep_offline


@district_view(permission="rollouts.read", change="rollouts.change")
def show_day(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the visits of a person on a day, with the way between two schools; by default the visitor's own of today."""
    rollout = get_rollout_or_404(district, public)
    visits = list_visits(district=district, public=public)
    team = {str(person["id"]) for person in rollout.rules.get("team", ())}
    people = sorted(team | {person for item in visits for person in item.people})
    person = _choose_person(request, people)
    own = [item for item in visits if not person or person in item.people]
    days = sorted({item.day for item in own})
    day = _choose_day(request, days)
    travel = build_travel_times(rollout.rules) if person else TravelTimes()
    context = {
        "rollout": rollout,
        "people": people,
        "person": person,
        "day": day,
        "earlier": max((item for item in days if item < day), default=None),
        "later": min((item for item in days if item > day), default=None),
        "stops": _build_stops([item for item in own if item.day == day], travel),
        "checks": [SHORT_CHECK_WORDS[name] for name in CHECKS],
    }
    response = render(request, "rollouts/day.html", context)
    addresses = _list_addresses(request, person, day)
    return keep_offline(response, addresses=addresses, title=f"{rollout.title}, {day:%A, %B} {day.day}")


def _list_addresses(request: DistrictRequest, person: str, day: date) -> list[str]:
    """Return the addresses under which a phone without a network finds a person's day; none for everybody's."""
    if not person:
        return []
    path, own = request.path, f"day={day.isoformat()}"
    named = f"{path}?{urlencode({'person': person})}&{own}"
    return [path, f"{path}?{own}", named] if "person" not in request.GET else [f"{path}?{own}", named]


def _choose_person(request: DistrictRequest, people: Sequence[str]) -> str:
    """Return the person of the address, else the visitor if they are in the team; empty for all."""
    if "person" in request.GET:
        person = request.GET["person"]
        return person if person in people else ""
    visit = request.visit
    names = {visit.actor.casefold(), visit.person.casefold(), visit.person.partition(" ")[0].casefold()}
    own = [person for person in people if person.casefold() in names]
    return own[0] if len(own) == 1 else ""


def _choose_day(request: DistrictRequest, days: Sequence[date]) -> date:
    """Return the day of the address, else the first one with visits from today on, else the last one."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        today = request.visit.today
        return next((day for day in days if day >= today), days[-1] if days else today)


def _build_stops(visits: Sequence[VisitView], travel: TravelTimes) -> list[dict[str, Any]]:
    stops: list[dict[str, Any]] = []
    school = None
    for item in visits:
        moves = school not in (None, item.school)
        drive = travel.get_minutes(str(school), item.school) if moves else 0
        outcome = {"word": OUTCOMES[item.outcome], "tag": OUTCOME_TAGS.get(item.outcome, "")}
        stops.append({"visit": item, "drive": drive, "moves": moves, **outcome})
        school = item.school
    return stops


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_visit(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Show one visit with its checklist; posting records what became of it."""
    rollout, item = get_rollout_or_404(district, public), get_visit_or_404(district, public, number)
    if request.method != "POST":
        return keep_offline(_render_visit(request, rollout, item, fill_visit_form(item)))
    form = read_visit_form(request.POST)
    try:
        record_form_once(form, visit=request.visit, public=public, number=number)
    except LookupError as error:
        raise Http404 from error
    except VisitChanged as error:
        form |= {"version": error.version, "unites": "1"}
        text = gettext("%(changed)s Send it again to add yours.") % {"changed": error}
        return _render_visit(request, rollout, item, form, wrong={"installed": text})
    except OutboxRefused as error:
        return _render_visit(request, rollout, item, form, wrong={"note": str(error)})
    except RolloutRefused as error:
        return _render_visit(request, rollout, item, form, wrong={error.field: str(error)})
    messages.success(request, gettext("Recorded."), extra_tags="good")
    return redirect("rollout-visit", public=public, number=number)


def get_visit_or_404(district: District, public: str, number: int) -> VisitView:
    """Return a visit of the district's rollout; raise Http404 if there is none."""
    item = find_visit(district=district, public=public, number=number)
    if item is None:
        raise Http404
    return item


def _render_visit(
    request: DistrictRequest,
    rollout: Any,
    item: VisitView,
    form: dict[str, Any],
    *,
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    task = Task(kind=rollout.kind, noun=rollout.noun, noun_es=rollout.noun_es)
    visit = request.visit
    may_change = visit.may_change and rollout.state != "stopped"
    context = {
        "rollout": rollout,
        "item": item,
        "given": form,
        "devices": load_visit_devices(item, district=visit.district),
        "arrival": ARRIVAL,
        "early": -(item.minutes_late or 0),
        "planned": item.ends - item.starts,
        "wrong": wrong or {},
        "sentence": write_sentence(item, task, language=ENGLISH),
        "checks": [(name, CHECK_WORDS[name], name in form["checks"]) for name in CHECKS],
        "word": OUTCOMES[item.outcome],
        "tag": OUTCOME_TAGS.get(item.outcome, ""),
        "may_record": may_change,
        "may_move": may_change and not item.outcome and not rollout.is_planning and not rollout.is_over,
        "no_entry": NO_ENTRY,
        "is_refused": item.day.isoformat() in item.not_on,
    }
    return render(request, "rollouts/visit.html", context, status=422 if wrong else 200)


@district_view(permission="rollouts.change", methods=("POST",))
def lock_visit_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Lock a visit, or unlock it."""
    visit, locked = request.visit, request.POST.get("locked") == "1"
    done = gettext("Locked: a new plan does not move it.") if locked else gettext("Unlocked.")
    run_and_confirm(
        request,
        lambda: lock_visit(
            district=district, public=public, number=number, locked=locked, actor=visit.actor, at=visit.now
        ),
        done,
    )
    return redirect("rollout-visit", public=public, number=number)


@district_view(permission="rollouts.change", methods=("POST",))
def refuse_day_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Note that the visit's day does not suit its room, or take that back."""
    visit, item = request.visit, get_visit_or_404(district, public, number)
    if request.POST.get("back") == "1":
        run_and_confirm(
            request,
            lambda: allow_visit_day(district=district, public=public, number=number, actor=visit.actor, at=visit.now),
            gettext("Taken back: visits may be on that day again."),
        )
        return redirect("rollout-visit", public=public, number=number)
    done = gettext("Noted: not on that day. The next plan moves the visit; plan again to find it another time.")
    run_and_confirm(
        request,
        lambda: refuse_day(
            district=district, public=public, number=number, day=item.day, actor=visit.actor, at=visit.now
        ),
        done,
    )
    return redirect("rollout-visit", public=public, number=number)


urlpatterns = [
    path("rollouts/<str:public>/day", show_day, name="rollout-day"),
    path("rollouts/<str:public>/visits/<int:number>", show_visit, name="rollout-visit"),
    path("rollouts/<str:public>/visits/<int:number>/lock", lock_visit_view, name="rollout-visit-lock"),
    path("rollouts/<str:public>/visits/<int:number>/not-then", refuse_day_view, name="rollout-visit-not-then"),
]
