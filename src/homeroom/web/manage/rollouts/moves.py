"""Move a visit: the form, what the move costs at once, the times that would fit, and why the visit is not earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from homeroom.apps.manage.rollouts.queries import RolloutView, VisitView
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.visits.visit_moves import format_cost, load_move_judge, move_visit
from homeroom.apps.manage.rollouts.waves import get_monday
from homeroom.domain.manage.rollouts.moves import FittingStart, MoveVerdict
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import format_clock_time
from homeroom.engines.manage.rollout.moves import MoveJudge
from homeroom.web.manage.rollouts.command_messages import run_command
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.manage.rollouts.move_words import OBSTACLES, describe_broken_rule
from homeroom.web.manage.rollouts.visits import get_visit_or_404
from homeroom.web.shared.access import DistrictRequest, district_view

MAX_DAYS = 4
MAX_PEOPLE = 20


@dataclass(frozen=True, kw_only=True)
class MoveForm:
    """The form of a move: texts as they were sent, and where they fit what they mean."""

    day: str
    starts: str
    people: tuple[str, ...]
    wanted_day: date | None = None
    wanted_starts: int | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TimeSpan:
    """Starts that fit, from the first to the last one."""

    first: FittingStart
    last: int

    def is_like(self, start: FittingStart) -> bool:
        """Return True if a start costs the same, by the same people."""
        return (self.first.people, self.first.class_minutes) == (start.people, start.class_minutes)

    @property
    def query(self) -> str:
        """The query of the address that asks for the first start."""
        pairs = [("day", self.first.day.isoformat()), ("starts", format_clock_time(self.first.starts))]
        return urlencode([*pairs, *(("person", name) for name in self.first.people)])


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_move(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Show where a visit could be; with a day and a time what that costs; posting moves it.

    `part=1` asks for the answer alone.
    """
    rollout, item = get_rollout_or_404(district, public), get_visit_or_404(district, public, number)
    is_asked = request.method == "POST" or "day" in request.GET
    form = _parse_form(request.POST if request.method == "POST" else request.GET, item, is_asked=is_asked)
    if request.method == "POST" and not form.errors:
        moved = _move(request, district, public, number, form)
        if moved is not None:
            return moved
    context = {
        "rollout": rollout,
        "item": item,
        "form": form,
        "people": _list_people(rollout, item),
        "may_move": request.visit.may_change and not (item.outcome or rollout.is_planning or rollout.is_over),
        "is_part": request.GET.get("part") == "1",
        "board": _build_board_address(public, item.school, item.day),
        **_judge(request, district, public, item, form, is_asked=is_asked),
    }
    template = "rollouts/_verdict.html" if context["is_part"] else "rollouts/move.html"
    status = 422 if request.method == "POST" or form.errors else 200
    return render(request, template, context, status=200 if context["is_part"] else status)


def _parse_form(data: Any, item: VisitView, *, is_asked: bool) -> MoveForm:
    """Parse day, time and people; a form that was not sent has those of the visit as it is."""
    if not is_asked:
        return MoveForm(
            day=item.day.isoformat(),
            starts=format_clock_time(item.starts),
            people=tuple(item.people),
            wanted_day=item.day,
            wanted_starts=item.starts,
        )
    errors, wanted_day, wanted_starts = {}, None, None
    day, starts = data.get("day", "").strip(), data.get("starts", "").strip()
    people = tuple(dict.fromkeys(data.getlist("person")))[:MAX_PEOPLE]
    try:
        wanted_day = date.fromisoformat(day)
    except ValueError:
        errors["day"] = gettext("A day would fit, such as %(day)s.") % {"day": item.day.isoformat()}
    try:
        wanted = time.fromisoformat(starts)
        wanted_starts = wanted.hour * 60 + wanted.minute
    except ValueError:
        if starts or "starts" in data:
            errors["starts"] = gettext("A time would fit, such as %(time)s.") % {"time": format_clock_time(item.starts)}
    return MoveForm(
        day=day,
        starts=starts,
        people=people or tuple(item.people),
        wanted_day=wanted_day,
        wanted_starts=wanted_starts,
        errors=errors,
    )


def _list_people(rollout: RolloutView, item: VisitView) -> list[str]:
    return list(dict.fromkeys([*(str(person["id"]) for person in rollout.rules.get("team", ())), *item.people]))


def _build_board_address(public: str, school: str, day: date) -> str:
    query = {"school": school, "week": get_monday(day).isoformat()}
    return f"{reverse('rollout-board', args=[public])}?{urlencode(query)}"


def _judge(
    request: DistrictRequest, district: District, public: str, item: VisitView, form: MoveForm, *, is_asked: bool
) -> dict[str, Any]:
    """Return what a page shows about the form: the verdict, times that fit, and why the visit is not earlier."""
    try:
        judge = load_move_judge(district=district, public=public, number=item.number, at=request.visit.now)
    except RolloutRefused as error:
        return {"refused": str(error)}
    except LookupError:
        return {"refused": gettext("Its room, or its visit, is not part of the plan anymore")}
    day = form.wanted_day or item.day
    verdict = None
    if is_asked and not form.errors and form.wanted_starts is not None:
        verdict = judge.judge(day=day, starts=form.wanted_starts, people=form.people)
    shown: dict[str, Any] = {"day": day, **_describe_verdict(verdict)}
    if verdict is None or not verdict.fits:
        shown |= _list_times(judge, day)
    if not is_asked:
        counts = judge.count_earlier_days()
        shown["earlier"] = [(OBSTACLES.get(rule, rule), counts[rule]) for rule in OBSTACLES if counts[rule]]
        shown["earlier_days"] = counts.total()
    return shown


def _describe_verdict(verdict: MoveVerdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"verdict": None}
    before, after = verdict.before, verdict.after
    return {
        "verdict": verdict,
        "broken": [describe_broken_rule(broken) for broken in verdict.broken],
        "cost": format_cost(after),
        "class_change": after.disrupted_minutes - before.disrupted_minutes,
        "travel_change": after.travel_minutes - before.travel_minutes,
    }


def _list_times(judge: MoveJudge, day: date) -> dict[str, Any]:
    """Return the times of a day that fit, and the next days that have any."""
    return {
        "fitting": _group_starts(judge.list_fitting(day), grid=judge.grid),
        "next_days": [TimeSpan(first=start, last=start.starts) for start in judge.find_days(day, limit=MAX_DAYS)],
    }


def _group_starts(starts: Sequence[FittingStart], *, grid: int) -> list[TimeSpan]:
    """Return starts that follow each other and cost the same by the same people as one span each."""
    spans: list[TimeSpan] = []
    for start in starts:
        before = spans[-1] if spans else None
        if before and before.last + grid == start.starts and before.is_like(start):
            spans[-1] = replace(before, last=start.starts)
        else:
            spans.append(TimeSpan(first=start, last=start.starts))
    return spans


def _move(
    request: DistrictRequest, district: District, public: str, number: int, form: MoveForm
) -> HttpResponse | None:
    """Move the visit as it was shown; return where to go, or None with a message if that is refused."""
    visit = request.visit
    if form.wanted_day is None or form.wanted_starts is None:
        return None
    wanted_day, wanted_starts = form.wanted_day, form.wanted_starts
    moved = run_command(
        request,
        lambda: move_visit(
            district=district,
            public=public,
            number=number,
            day=wanted_day,
            starts=wanted_starts,
            people=form.people,
            cost=request.POST.get("cost", ""),
            actor=visit.actor,
            at=visit.now,
        ),
    )
    if moved is None:
        return None
    text = gettext("Moved, and locked: a new plan does not move it.")
    if moved.voided:
        void = ngettext(
            "%(many)d wave has to be approved again.", "%(many)d waves have to be approved again.", moved.voided
        )
        text = f"{text} {void % {'many': moved.voided}}"
    messages.success(request, text, extra_tags="good")
    school = get_visit_or_404(district, public, number).school
    return redirect(_build_board_address(public, school, form.wanted_day))


urlpatterns = [path("rollouts/<str:public>/visits/<int:number>/move", show_move, name="rollout-visit-move")]
