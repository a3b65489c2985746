"""The entry of the planner: a first plan fast, better ones while time lasts, and the bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic, process_time

from homeroom.domain.manage.rollouts.plan import PlanBound, PlannedVisit, PlanObjective, RolloutPlan
from homeroom.engines.manage.rollout.bounds import RolloutBounds
from homeroom.engines.manage.rollout.greedy import GreedyPlanner
from homeroom.engines.manage.rollout.improve import NO_CLASS
from homeroom.engines.manage.rollout.left_out import explain_left_out, find_hopeless_rooms
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.stages import RolloutImprovement
from homeroom.engines.manage.rollout.start_table import StartTable

CLASS_PRICES = (3.0, 1.2, 0.6, 0.1)
"""How much a first plan minds a minute of class: less and less, until every room has its place."""
AVOIDING_SHARE = 0.4
"""Which share of the time may be used to find places for all rooms that disturb no class."""


def ignore(_plan: RolloutPlan) -> None:
    """Do nothing with a plan that is reported."""


def plan_rollout(
    problem: RolloutProblem,
    *,
    seconds: float,
    is_late: Callable[[], bool] = lambda: False,
    report: Callable[[RolloutPlan], None] = ignore,
    fixed: Sequence[PlannedVisit] = (),
    rooms: Sequence[int] | None = None,
) -> RolloutPlan:
    """Return the best plan that was found in so many seconds, or until `is_late`; `report` gets each better one.

    `fixed` visits stay as they are. `rooms` are those to place besides, by number; all without a fixed visit if None.
    """
    return _Planning(problem, fixed=fixed, rooms=rooms, report=report).run(seconds=seconds, is_late=is_late)


class _Planning:
    """One run of the planner."""

    def __init__(
        self,
        problem: RolloutProblem,
        *,
        fixed: Sequence[PlannedVisit],
        rooms: Sequence[int] | None,
        report: Callable[[RolloutPlan], None],
    ) -> None:
        self._cpu_started = process_time()
        self._problem, self._report = problem, report
        self._table = StartTable(problem)
        self._fixed = {visit.room: visit for visit in fixed}
        numbers = {room.id: number for number, room in enumerate(problem.rooms)}
        people = {person.id: number for number, person in enumerate(problem.people)}
        self._kept = [_build_kept(problem, visit, numbers, people) for visit in fixed if visit.room in numbers]
        taken = {visit.room for visit in self._kept}
        wanted = range(len(problem.rooms)) if rooms is None else rooms
        self._rooms = [room for room in wanted if room not in taken]
        self._hopeless = find_hopeless_rooms(problem, self._rooms)
        self._placeable = [room for room in self._rooms if room not in self._hopeless]
        self._first_seconds = 0.0
        self._class_bound, self._last_bound = sum(visit.class_minutes for visit in self._kept), -1
        self._bounded: tuple[int, int] | None = None

    def run(self, *, seconds: float, is_late: Callable[[], bool]) -> RolloutPlan:
        """Return the best plan."""
        deadline = monotonic() + seconds

        def _is_over() -> bool:
            return monotonic() > deadline or is_late()

        schedule = self._make_first(_is_over)
        self._first_seconds = process_time() - self._cpu_started
        self._report(self._build_plan(schedule))
        if schedule.class_minutes and not _is_over():
            schedule = self._plan_around_class(schedule, _is_over, deadline)
        if self._placeable and not _is_over():
            self._improve(schedule, _is_over, deadline)
        return self._build_plan(schedule)

    def _plan_around_class(
        self, first: RolloutSchedule, is_over: Callable[[], bool], deadline: float
    ) -> RolloutSchedule:
        """Return a schedule that disturbs class only for rooms without another place, if that is better."""
        schedule = self._start_schedule()
        GreedyPlanner(schedule, class_price=NO_CLASS).fill(self._placeable)
        until = monotonic() + AVOIDING_SHARE * (deadline - monotonic())
        improvement = RolloutImprovement(
            schedule,
            self._placeable,
            is_over=lambda: is_over() or monotonic() > until,
            deadline=until,
            on_better=lambda: None,
            allows_class=False,
        )
        improvement.place_all()
        for price in CLASS_PRICES:
            if left := schedule.list_unplaced(self._placeable):
                GreedyPlanner(schedule, class_price=price).fill(left)
        left_before, left_now = (len(item.list_unplaced(self._placeable)) for item in (first, schedule))
        is_better = (left_now, schedule.class_minutes) < (left_before, first.class_minutes)
        if is_better:
            self._report(self._build_plan(schedule))
        return schedule if is_better else first

    def _improve(self, schedule: RolloutSchedule, is_over: Callable[[], bool], deadline: float) -> None:
        """Improve the schedule, before and after which the bounds are computed."""
        improvement = RolloutImprovement(
            schedule,
            self._placeable,
            is_over=is_over,
            deadline=deadline,
            on_better=lambda: self._report(self._build_plan(schedule)),
        )
        improvement.place_all()
        self._compute_bounds(schedule)
        improvement.reduce_class_time(self._class_bound)
        self._compute_bounds(schedule)
        improvement.advance_end(self._last_bound)
        improvement.reduce_travel()

    def _compute_bounds(self, schedule: RolloutSchedule) -> None:
        """Compute the bounds of plans that are as good as the schedule; there are none while rooms are left."""
        if schedule.list_unplaced(self._placeable):
            return
        own = [visit for room in self._placeable if (visit := schedule.visits[room]) is not None]
        class_minutes, last = sum(visit.class_minutes for visit in own), max(visit.day for visit in own)
        if (class_minutes, last) == self._bounded:
            return
        self._bounded = class_minutes, last
        bounds = RolloutBounds(self._problem, self._table, self._placeable, last=last, class_minutes=class_minutes)
        kept_class = sum(visit.class_minutes for visit in self._kept)
        self._class_bound = max(self._class_bound, kept_class + bounds.find_class_minutes())
        self._last_bound = max([bounds.find_last_day(), *(visit.day for visit in self._kept)])

    def _make_first(self, is_over: Callable[[], bool]) -> RolloutSchedule:
        best: RolloutSchedule | None = None
        for price in CLASS_PRICES if self._problem.spec.class_costs else CLASS_PRICES[:1]:
            schedule = self._start_schedule()
            GreedyPlanner(schedule, class_price=price).fill(self._placeable)
            if best is None or len(schedule.list_unplaced(self._rooms)) < len(best.list_unplaced(self._rooms)):
                best = schedule
            if not schedule.list_unplaced(self._placeable) or is_over():
                break
        assert best is not None, "there is a price"
        return best

    def _start_schedule(self) -> RolloutSchedule:
        """Return a schedule with the visits that stay, and windows that keep the rings in order around them."""
        problem = self._problem
        schedule = RolloutSchedule(problem, self._table)
        for visit in self._kept:
            schedule.add(visit)
            schedule.kept.add(visit.room)
        for ring, (first, last) in enumerate(schedule.windows):
            soak = problem.spec.rings[ring].soak_days
            later = [visit.day for visit in self._kept if problem.ring_of[visit.room] > ring]
            schedule.windows[ring] = first, min([last, *(day - soak for day in later)])
        return schedule

    def _build_plan(self, schedule: RolloutSchedule) -> RolloutPlan:
        locked = {visit.room for visit in self._fixed.values() if visit.locked}
        visits = [self._fixed.get(visit.room, visit) for visit in schedule.list_planned(locked)]
        shown = {visit.room for visit in visits}
        visits += [visit for visit in self._fixed.values() if visit.room not in shown]
        return RolloutPlan(
            visits=tuple(sorted(visits, key=lambda visit: (visit.day, visit.starts, visit.people))),
            left_out=explain_left_out(self._problem, visits, hopeless=self._hopeless),
            objective=PlanObjective(
                disrupted_minutes=sum(visit.class_minutes for visit in visits),
                finished_on=max((visit.day for visit in visits), default=None),
                travel_minutes=schedule.measure_travel(),
            ),
            bound=self._build_bound(schedule),
            first_seconds=self._first_seconds,
            all_seconds=process_time() - self._cpu_started,
        )

    def _build_bound(self, schedule: RolloutSchedule) -> PlanBound:
        days, last = self._problem.days, self._last_bound
        if schedule.list_unplaced(self._placeable) or last < 0:
            return PlanBound(disrupted_minutes=0, finished_on=None, travel_minutes=None)
        return PlanBound(disrupted_minutes=self._class_bound, finished_on=days[last], travel_minutes=0)


def _build_kept(
    problem: RolloutProblem, visit: PlannedVisit, numbers: dict[str, int], people: dict[str, int]
) -> NumberedVisit:
    """Return a fixed visit by numbers; people who are no longer in the team have no agenda."""
    room = numbers[visit.room]
    return NumberedVisit(
        room,
        problem.school_of[room],
        (visit.day - problem.days[0]).days,
        visit.starts,
        visit.ends,
        tuple(people[name] for name in visit.people if name in people),
        visit.class_minutes,
    )
