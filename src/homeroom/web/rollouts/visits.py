"""Visits on a phone: those of a person on a day in order, one with its checklist, and the days that do not suit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.rollouts.queries import VisitView, find_visit, list_visits
from homeroom.apps.rollouts.records import COMPLETED, LEFT_BEHIND, NO_ENTRY, RolloutRefused
from homeroom.apps.rollouts.visits.teacher_texts import ENGLISH, Task, write_sentence
from homeroom.apps.rollouts.visits.visit_records import CHECKS, MAX_NOTE, lock_visit, record_outcome, refuse_day
from homeroom.domain.district import District
from homeroom.web.rollouts.labels import CHECK_WORDS, OUTCOME_TAGS, OUTCOMES, get_rollout_or_404
from homeroom.web.shared.access import CHANGERS, DistrictRequest, Visit, district_view

MAX_LEFT_BEHIND = 100_000


@district_view()
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
    minutes = rollout.rules.get("travel", {}).get("default", 0)
    context = {
        "rollout": rollout,
        "people": people,
        "person": person,
        "day": day,
        "earlier": max((item for item in days if item < day), default=None),
        "later": min((item for item in days if item > day), default=None),
        "stops": _build_stops([item for item in own if item.day == day], minutes if person else 0),
    }
    return render(request, "rollouts/day.html", context)


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


def _build_stops(visits: Sequence[VisitView], travel: int) -> list[dict[str, Any]]:
    stops, school = [], None
    for item in visits:
        drive = travel if school not in (None, item.school) else 0
        outcome = {"word": OUTCOMES[item.outcome], "tag": OUTCOME_TAGS.get(item.outcome, "")}
        stops.append({"visit": item, "drive": drive, "moves": school not in (None, item.school), **outcome})
        school = item.school
    return stops


@district_view(methods=("GET", "POST"))
def show_visit(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Show one visit with its checklist; posting records what became of it."""
    rollout, item = get_rollout_or_404(district, public), get_visit_or_404(district, public, number)
    form = _read_form(request, item)
    if request.method == "POST":
        try:
            record_outcome(district=district, public=public, number=number, **_parse_outcome(request, form))
        except RolloutRefused as error:
            return _render_visit(request, rollout, item, form, wrong={error.field: str(error)})
        messages.success(request, gettext("Recorded."), extra_tags="good")
        return redirect("rollout-visit", public=public, number=number)
    return _render_visit(request, rollout, item, form)


def get_visit_or_404(district: District, public: str, number: int) -> VisitView:
    """Return a visit of the district's rollout; raise Http404 if there is none."""
    item = find_visit(district=district, public=public, number=number)
    if item is None:
        raise Http404
    return item


def _read_form(request: DistrictRequest, item: VisitView) -> dict[str, Any]:
    if request.method == "POST":
        form: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in ("left_behind", "note")}
        form |= {name: request.POST.get(name, "").strip() for name in ("began", "ended")}
        return form | {"checks": [name for name in CHECKS if request.POST.get(name) == "1"]}
    return {
        "left_behind": str(item.left_behind),
        "note": item.note,
        "began": _format_time(item.began_at),
        "ended": _format_time(item.ended_at),
        "checks": [name for name in CHECKS if item.checks.get(name)],
    }


def _format_time(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


def _parse_outcome(request: DistrictRequest, form: dict[str, Any]) -> dict[str, Any]:
    """Return what the form records; raise RolloutRefused for a field that does not fit."""
    visit, text = request.visit, form["left_behind"] or "0"
    if not text.isdecimal() or len(text) > 7 or int(text) > MAX_LEFT_BEHIND:
        raise RolloutRefused("left_behind", gettext("A whole number would fit, such as 2."))
    outcome = NO_ENTRY if request.POST.get("outcome") == NO_ENTRY else COMPLETED
    if outcome == COMPLETED and int(text):
        outcome = LEFT_BEHIND
    if len(form["note"]) > MAX_NOTE:
        raise RolloutRefused("note", gettext("It is too long."))
    return {
        "outcome": outcome,
        "checks": form["checks"],
        "left_behind": int(text),
        "note": form["note"],
        "began_at": _parse_time(visit, "began", form["began"]),
        "ended_at": _parse_time(visit, "ended", form["ended"]),
        "actor": visit.actor,
        "at": visit.now,
    }


def _parse_time(visit: Visit, name: str, text: str) -> datetime | None:
    """Return a time of today in the district's zone."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.combine(visit.today, time.fromisoformat(text)))
    except ValueError:
        raise RolloutRefused(name, gettext("A time would fit, such as 10:14.")) from None


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
    may_change = visit.role in CHANGERS and rollout.state != "stopped"
    context = {
        "rollout": rollout,
        "item": item,
        "given": form,
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


@district_view(methods=("POST",))
def lock_visit_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Lock a visit, or unlock it."""
    visit, locked = request.visit, request.POST.get("locked") == "1"
    done = gettext("Locked: a new plan does not move it.") if locked else gettext("Unlocked.")
    _run(
        request,
        lambda: lock_visit(
            district=district, public=public, number=number, locked=locked, actor=visit.actor, at=visit.now
        ),
        done,
    )
    return redirect("rollout-visit", public=public, number=number)


@district_view(methods=("POST",))
def refuse_day_view(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Note that the visit's day does not suit its room."""
    visit, item = request.visit, get_visit_or_404(district, public, number)
    done = gettext("Noted: not on that day. The next plan moves the visit; plan again to find it another time.")
    _run(
        request,
        lambda: refuse_day(
            district=district, public=public, number=number, day=item.day, actor=visit.actor, at=visit.now
        ),
        done,
    )
    return redirect("rollout-visit", public=public, number=number)


def _run(request: DistrictRequest, command: Callable[[], object], done: str) -> None:
    try:
        command()
    except RolloutRefused as error:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": error}, extra_tags="bad")
    except LookupError as error:
        raise Http404 from error
    else:
        messages.success(request, done, extra_tags="good")


urlpatterns = [
    path("rollouts/<str:public>/day", show_day, name="rollout-day"),
    path("rollouts/<str:public>/visits/<int:number>", show_visit, name="rollout-visit"),
    path("rollouts/<str:public>/visits/<int:number>/lock", lock_visit_view, name="rollout-visit-lock"),
    path("rollouts/<str:public>/visits/<int:number>/not-then", refuse_day_view, name="rollout-visit-not-then"),
]
