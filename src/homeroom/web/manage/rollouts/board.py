"""The visits of a school in a week: a board of days and hours with its bells to drag on, and the same as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.queries import VisitView, list_visits
from homeroom.apps.manage.rollouts.records import NO_ENTRY, RolloutRefused
from homeroom.apps.manage.rollouts.visits.visit_moves import load_rules
from homeroom.apps.manage.rollouts.visits.visit_records import lock_visit
from homeroom.apps.manage.rollouts.waves import get_monday
from homeroom.domain.manage.rollouts.spec import RolloutSchool, RolloutSpec
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import list_class_stretches
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.manage.rollouts.command_messages import run_and_confirm
from homeroom.web.manage.rollouts.labels import OUTCOME_TAGS, OUTCOMES, get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view

WIDTH, LEFT, TOP = 1000, 54, 26
PIXELS = 1.1
"""Height of a minute on the board."""
LETTER = 8
"""Width of a letter on the board, at most."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A visit on the board, with its place."""

    visit: VisitView
    x: float
    y: float
    width: float
    height: float
    is_fixed: bool

    @property
    def characters(self) -> int:
        """Return how many characters of the room's name fit into it, beside the mark of a locked visit."""
        return max(3, int((self.width - 8) / LETTER) - (2 if self.visit.locked else 0))


@dataclass(frozen=True, kw_only=True)
class BoardDay:
    """A day of the board: where its column begins, whether visits may be there, and its stretches of class."""

    day: date
    x: float
    is_open: bool
    stretches: Sequence[tuple[str, float, float]]
    blocks: Sequence[Block]


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_board(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the visits of a school in a week; posting locks or unlocks one of them."""
    rollout = get_rollout_or_404(district, public)
    school, week = request.GET.get("school", ""), _parse_week(request.GET.get("week", ""))
    if request.method == "POST":
        _lock(request, district, public)
        query = urlencode({"school": school, "week": week.isoformat()})
        return redirect(f"{reverse('rollout-board', args=[public])}?{query}")
    visits = [item for item in list_visits(district=district, public=public) if item.outcome != NO_ENTRY]
    schools = sorted({item.school for item in visits})
    if school not in schools:
        raise Http404
    own = [item for item in visits if item.school == school]
    weeks = sorted({get_monday(item.day) for item in own})
    shown = [item for item in own if get_monday(item.day) == week]
    spec = _load_spec(district, public)
    context = {
        "rollout": rollout,
        "school": school,
        "week": week,
        "earlier": max((item for item in weeks if item < week), default=None),
        "later": min((item for item in weeks if item > week), default=None),
        "days": _list_days(shown),
        "class_minutes": sum(item.class_minutes for item in shown),
        "may_move": request.visit.may_change and not (rollout.is_planning or rollout.is_over),
        "visits": len(shown),
        **_build_board(shown, week, school, spec),
    }
    return render(request, "rollouts/board.html", context)


def _parse_week(text: str) -> date:
    try:
        return get_monday(date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise Http404 from None


def _lock(request: DistrictRequest, district: District, public: str) -> None:
    visit, text = request.visit, request.POST.get("number", "")
    locked = request.POST.get("locked") == "1"
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    run_and_confirm(
        request,
        lambda: lock_visit(
            district=district, public=public, number=int(text), locked=locked, actor=visit.actor, at=visit.now
        ),
        gettext("Locked: a new plan does not move it.") if locked else gettext("Unlocked."),
    )


def _load_spec(district: District, public: str) -> RolloutSpec | None:
    """Return the spec as the rules and bells are now; None if that cannot be planned from."""
    try:
        return load_rules(district=district, public=public).spec
    except (RolloutRefused, QueryTimeout):
        return None


def _list_days(visits: Sequence[VisitView]) -> list[tuple[date, list[dict[str, Any]]]]:
    """Return the visits by day, each with the word for its outcome."""
    days: dict[date, list[dict[str, Any]]] = {}
    for item in visits:
        word = {"word": OUTCOMES[item.outcome], "tag": OUTCOME_TAGS.get(item.outcome, "")}
        days.setdefault(item.day, []).append({"visit": item, **word})
    return list(days.items())


def _build_board(visits: Sequence[VisitView], week: date, name: str, spec: RolloutSpec | None) -> dict[str, Any]:
    """Return the board: its days, hours and size. Saturday and Sunday are there if they have visits."""
    school = next((item for item in spec.schools if item.id == name), None) if spec else None
    opens = min([item.starts for item in visits] + ([school.opens] if school else []), default=8 * 60) // 60 * 60
    closes = max([item.ends for item in visits] + ([school.closes] if school else []), default=16 * 60)
    count = max([5, *(item.day.weekday() + 1 for item in visits)])
    width = (WIDTH - LEFT) / count
    days = [
        _build_day(week + timedelta(days=number), LEFT + number * width, width, visits, opens, school, spec)
        for number in range(count)
    ]
    hours = [(hour * 60, TOP + (hour * 60 - opens) * PIXELS) for hour in range(opens // 60, -(-closes // 60) + 1)]
    height = TOP + (-(-closes // 60) * 60 - opens) * PIXELS + 6
    grid = spec.grid if spec else 5
    board = {"opens": opens, "pixels": PIXELS, "left": LEFT, "top": TOP, "column": round(width, 3), "grid": grid}
    return {"board": board, "board_days": days, "hours": hours, "width": WIDTH, "height": round(height)}


def _build_day(
    day: date,
    x: float,
    width: float,
    visits: Sequence[VisitView],
    opens: int,
    school: RolloutSchool | None,
    spec: RolloutSpec | None,
) -> BoardDay:
    own = [item for item in visits if item.day == day]
    lanes = assign_lanes([(item.starts, item.ends) for item in own])
    lane_width = (width - 8) / (max(lanes, default=0) + 1)
    blocks = [
        Block(
            visit=item,
            x=round(x + 4 + lane * lane_width, 2),
            y=round(TOP + (item.starts - opens) * PIXELS, 2),
            width=round(lane_width - 2, 2),
            height=round(max(item.ends - item.starts, 14) * PIXELS, 2),
            is_fixed=bool(item.outcome),
        )
        for item, lane in zip(own, lanes, strict=True)
    ]
    day_type = school.bells.get_day_type(day) if school and day not in school.closed else None
    stretches = list_class_stretches(day_type, between=spec.between) if day_type and spec else ()
    is_open = school is None or spec is None or school.is_visited(day, between=spec.between)
    return BoardDay(
        day=day,
        x=round(x, 2),
        is_open=is_open,
        stretches=[
            (item.name, round(TOP + (item.starts - opens) * PIXELS, 2), round((item.ends - item.starts) * PIXELS, 2))
            for item in stretches
        ],
        blocks=blocks,
    )


def assign_lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the lane of each span, so that no two of a lane overlap; spans are in the order of their starts."""
    lanes: list[int] = []
    ends: list[int] = []
    for starts, stops in spans:
        lane = next((number for number, end in enumerate(ends) if end <= starts), len(ends))
        ends[lane : lane + 1] = [stops]
        lanes.append(lane)
    return lanes


urlpatterns = [path("rollouts/<str:public>/board", show_board, name="rollout-board")]
