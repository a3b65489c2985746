"""A rollout in the cast's district: two schools with bells, four rooms, two people; and a planner that only places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.manage.rollouts.commands import make_rollout, set_rooms, set_rules
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.rooms.room_lists import parse_room_list
from homeroom.apps.manage.rollouts.rule_forms import parse_rules, parse_team
from homeroom.apps.manage.rollouts.runs.plan_runs import request_plan, run_plan
from homeroom.apps.manage.rollouts.specs.plan_documents import read_plan_visits
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.plan import LeftOutReason, LeftOutRoom, PlanBound, PlannedVisit, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import parse_clock_time
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.verify import measure_objective
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load

TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)
SCHOOLS = {"cedar middle": "Cedar Middle", "maple high": "Maple High"}
ROOMS = """school,room,minutes,devices,ring
Cedar Middle,101,30,30,pilot
Cedar Middle,102,30,28,
Maple High,Library,45,12,
Maple High,B 7,20,,
"""
RULES = {
    "from": "2026-01-19", "until": "2026-02-13", "class_time": "never", "opens": "07:00", "closes": "17:00",
    "at_once": "2", "walk": "5", "travel": "20", "types": "*final*", "soak_days": "2", "quiet_days": "1",
}  # fmt: skip
TEAM = {"team": "Kim, mon-fri, 07:00-16:00\nLee, tue, 08:00-17:00, 6 h", "stock": "2026-01-19, 100"}


@dataclass(frozen=True)
class PlacedPlan:
    """A spec and its plan, as the planner returns them."""

    spec: RolloutSpec
    plan: RolloutPlan


def publish_bells(store: EvidenceStore) -> None:
    """Publish the usual weeks of both schools: class from 8:20 to 15:00, on Wednesdays until 13:30."""
    rows = [
        {"org_key": school, "weekday": weekday, "kind": "school", "first_bell": "08:20", "last_bell": last}
        for school in SCHOOLS.values()
        for weekday, last in zip(
            ("mon", "tue", "wed", "thu", "fri"), ("15:00", "15:00", "13:30", "15:00", "15:00"), strict=True
        )
    ]
    publish_load(store, "bell", "bell.calendar", "bell_weeks", rows, at=AT)


def make_ready_rollout(district: District, *, rooms: str = ROOMS) -> str:
    """Make a rollout with rooms, a team and rules, ready to be planned; return its id."""
    public = make_rollout(
        district=district,
        title="Swap every cart",
        kind="swap",
        noun="Chromebooks",
        noun_es="Chromebooks",
        actor="director",
        at=AT,
    )
    values: dict[str, Any] = {"district": district, "public": public, "actor": "director", "at": AT}
    listed = parse_room_list(rooms, name="rooms.csv", schools=SCHOOLS)
    assert not listed.rejects
    set_rooms(**values, rooms=listed.rooms, replace=False)
    for parsed in (parse_team(TEAM), parse_rules(RULES, today=TODAY, schools=SCHOOLS)):
        assert not parsed.errors
        set_rules(**values, values=parsed.values, dropped=())
    return public


def place_simply(
    path: Path,
    *,
    seconds: float,
    is_late: Callable[[], bool],
    report: Callable[[RolloutPlan], None],
    earlier_plan: Path | None = None,
    at: str | None = None,
) -> PlacedPlan:
    """Place each room at its first start on a day of its own, with the first of the team who is there.

    Visits of the earlier plan stay where their day still suits the room and its school.
    """
    spec = load_spec(path)
    problem = RolloutProblem(spec)
    before = read_plan_visits(earlier_plan, spec) if earlier_plan else ()
    visits = [visit for visit in before if visit.locked or not _is_refused(problem, visit)]
    busy = {visit.day for visit in visits}
    left_out = []
    for number, room in enumerate(spec.rooms):
        if room.id in {visit.room for visit in visits}:
            continue
        visit = _find_place(problem, number, busy)
        if visit is None:
            left_out.append(LeftOutRoom(room=room.id, why=LeftOutReason.NO_TIME, says="No day has time for it."))
        else:
            visits.append(visit)
            busy.add(visit.day)
    objective = measure_objective(visits, spec)
    bound = PlanBound(disrupted_minutes=0, finished_on=spec.first, travel_minutes=None)
    plan = RolloutPlan(visits=tuple(visits), left_out=tuple(left_out), objective=objective, bound=bound)
    report(plan)
    return PlacedPlan(spec=spec, plan=plan)


def _is_refused(problem: RolloutProblem, visit: PlannedVisit) -> bool:
    room = next(room for room in problem.rooms if room.id == visit.room)
    school = next(school for school in problem.schools if school.id == room.school)
    return visit.day in room.not_on or not school.is_visited(visit.day)


def _find_place(problem: RolloutProblem, number: int, busy: set[date]) -> PlannedVisit | None:
    room = problem.rooms[number]
    for index, day in enumerate(problem.days):
        starts = problem.list_starts(number, index)
        for start, minutes in zip(starts.starts.tolist(), starts.class_minutes.tolist(), strict=True):
            for person, member in enumerate(problem.people):
                is_there = any(a <= start and start + room.minutes <= b for a, b in problem.list_hours(person, index))
                if is_there and day not in busy:
                    return PlannedVisit(
                        room=room.id,
                        day=day,
                        starts=start,
                        ends=start + room.minutes,
                        people=(member.id,),
                        class_minutes=minutes,
                    )
    return None


def plan_at_once(
    district: District, public: str, *, keep: bool = False, at: datetime = AT, plan: Any = place_simply
) -> None:
    """Ask for a plan and run it, as a worker does."""
    number = request_plan(district=district, public=public, seconds=5, keep=keep, actor="director", at=at)
    run_plan(district=district, public=public, number=number, seconds=5, keep=keep, plan=plan, now=lambda: at)


def add_visits(
    district: District, public: str, visits: Sequence[tuple[str, date, str, str, Sequence[str]]], *, state: str = ""
) -> None:
    """Add rooms of Cedar Middle with planned visits: room, day, start, end and people; and set the state if given."""
    rollout = Rollout.objects.of(district).get(public=public)
    for name, day, starts, ends, people in visits:
        first, last = parse_clock_time(starts), parse_clock_time(ends)
        assert first is not None
        assert last is not None
        room = f"Cedar Middle: {name}"
        values = {"school": "Cedar Middle", "name": name, "minutes": last - first}
        TargetRoom.objects.of(district).get_or_create(
            rollout=rollout, room=room, defaults={**values, "district_id": district.pk, "rollout": rollout}
        )
        RolloutVisit.objects.create(
            district_id=district.pk, rollout=rollout, room=room, day=day, starts=first, ends=last, people=list(people)
        )
    if state:
        Rollout.objects.of(district).filter(public=public).update(state=state)
