"""The stages of an improvement: place all rooms, disturb less class, end earlier, then travel less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from homeroom.engines.manage.rollout.improve import LocalSearch
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

PlanMeasure = tuple[int, int, int, int]
"""What counts of a schedule, in order: rooms without a visit, class minutes, the last day, minutes of travel."""
PLACING_SHARE, CLASS_SHARE, RING_SHARE, LAST_RING_SHARE = 0.5, 0.75, 0.15, 0.92
"""Which share of the time that is left a stage may use at most; what the last ring leaves is for travel."""
LAST_DAYS_SHARE = 0.3
"""Which share of the days between a plan's end and its bound is taken away at once."""
LAST_DAYS_TIME_SHARE = 0.25
"""Which share of the time may be used for more than one day at once; if they are too many, one is tried."""
LEAST_PATIENCE, PATIENCE_A_ROOM = 2_000, 40
"""How many rebuilds without a gain end a stage."""


class RolloutImprovement:
    """Improves a schedule in stages, and remembers the best visits."""

    def __init__(
        self,
        schedule: RolloutSchedule,
        rooms: Sequence[int],
        *,
        is_over: Callable[[], bool],
        deadline: float,
        on_better: Callable[[], None],
        allows_class: bool = True,
    ) -> None:
        """Begin with the schedule as it is; `allows_class` is whether class may be disturbed."""
        self._schedule, self._rooms = schedule, list(rooms)
        self._is_over, self._deadline, self._on_better = is_over, deadline, on_better
        self._best = self.measure()
        self._best_visits: list[NumberedVisit | None] = list(schedule.visits)
        self._best_windows = list(schedule.windows)
        self._search = LocalSearch(schedule, rooms, allows_class=allows_class)
        self._patience = LEAST_PATIENCE + PATIENCE_A_ROOM * len(self._rooms)

    def measure(self) -> PlanMeasure:
        """Return what counts of the schedule."""
        schedule = self._schedule
        left = len(schedule.list_unplaced(self._rooms))
        return left, schedule.class_minutes, schedule.get_last_day(), schedule.measure_travel()

    def _remember(self) -> None:
        """Keep the schedule if it is better than the best one."""
        measured = self.measure()
        if measured < self._best:
            self._best, self._best_visits = measured, list(self._schedule.visits)
            self._best_windows = list(self._schedule.windows)
            self._on_better()

    def _go_back(self) -> None:
        self._schedule.restore(self._best_visits)
        self._schedule.windows = list(self._best_windows)

    def _search_for(self, share: float, is_reached: Callable[[], bool], *, is_warm: bool = False) -> bool:
        """Search for an aim within a share of the time that is left."""
        until = monotonic() + share * (self._deadline - monotonic())
        return self._search_until(until, is_reached, is_warm=is_warm)

    def _search_until(self, until: float, is_reached: Callable[[], bool], *, is_warm: bool) -> bool:
        """Search for an aim until a moment; a warm search goes through plans that are a little worse."""

        def _is_over() -> bool:
            return self._is_over() or monotonic() > until

        return self._search.run(_is_over, is_reached, patience=self._patience, is_warm=is_warm)

    def place_all(self) -> None:
        """Search for places for the rooms without a visit."""
        if self._best[0] == 0:
            return
        unplaced = self._schedule.list_unplaced

        def _is_more() -> bool:
            if len(unplaced(self._rooms)) < self._best[0]:
                self._remember()
            return self._best[0] == 0

        if not self._search_for(PLACING_SHARE, _is_more, is_warm=True):
            self._search.count_equally()
            self._search_for(PLACING_SHARE, _is_more)
            self._go_back()

    def reduce_class_time(self, bound: int) -> None:
        """Search for less class time; every gain of a percent is remembered."""
        if self._best[0]:
            return

        def _is_enough() -> bool:
            schedule = self._schedule
            gain = max(1, self._best[1] // 100)
            if schedule.class_minutes <= self._best[1] - gain and not schedule.list_unplaced(self._rooms):
                self._remember()
            return self._best[1] <= bound

        if self._best[1] > bound:
            self._search_for(CLASS_SHARE, _is_enough)
            self._remember()
            self._go_back()

    def advance_end(self, bound: int) -> None:
        """Shorten the windows day by day: those of the first rings first, since the others wait for them."""
        if self._best[0]:
            return
        self._search.allow_class(self._best[1] > 0 and self._schedule.problem.spec.class_costs)
        rings = range(len(self._schedule.windows))
        for ring in rings:
            share = LAST_RING_SHARE if ring == rings[-1] else RING_SHARE
            until = monotonic() + share * (self._deadline - monotonic())
            step_share = LAST_DAYS_SHARE if ring == rings[-1] else 0.0
            while not self._is_over() and monotonic() < until and self._best[2] > bound:
                count = max(1, int(step_share * (self._best[2] - bound)))
                time_share = 1.0 if count == 1 else LAST_DAYS_TIME_SHARE
                if self._take_last_days(ring, count, monotonic() + time_share * (until - monotonic())):
                    continue
                if count == 1:
                    break
                step_share = 0.0
                self._go_back()
            self._go_back()

    def _take_last_days(self, ring: int, count: int, until: float) -> bool:
        """Take a ring's last days away, and search for a plan without them; return True if there is one."""
        schedule, problem = self._schedule, self._schedule.problem
        days = [visit.day for visit in schedule.visits if visit is not None and problem.ring_of[visit.room] == ring]
        own_kept = [schedule.visits[room] for room in schedule.kept if problem.ring_of[room] == ring]
        kept_last = max((visit.day for visit in own_kept if visit is not None), default=-1)
        earliest = max(schedule.windows[ring][0], kept_last)
        if not days or max(days) <= earliest:
            return False
        self._search.reset_worths()
        last, soak = max(earliest, max(days) - count), problem.spec.rings[ring].soak_days
        schedule.windows[ring] = schedule.windows[ring][0], last
        if ring + 1 < len(schedule.windows):
            for later in range(ring + 1, len(schedule.windows)):
                first, end = schedule.windows[later]
                moved = min(first, last + soak) if later == ring + 1 else first
                schedule.windows[later] = moved, end
        for visit in list(schedule.visits):
            if visit is not None and visit.day > last and problem.ring_of[visit.room] == ring:
                schedule.remove(visit.room)
        limit = self._best[1]

        def _is_complete() -> bool:
            return schedule.class_minutes <= limit and not schedule.list_unplaced(self._rooms)

        reached = self._search_until(until, _is_complete, is_warm=True)
        if reached:
            measured = self.measure()
            if measured[:2] <= self._best[:2] and measured[2] <= self._best[2]:
                self._best, self._best_visits = measured, list(schedule.visits)
                self._best_windows = list(schedule.windows)
                self._on_better()
        return reached

    def reduce_travel(self) -> None:
        """Search on in the windows of the best plan for less travel."""
        self._go_back()
        if self._best[3] > 0:
            last = self._best[2]
            self._schedule.windows = [(first, min(end, last)) for first, end in self._best_windows]

            def _is_shorter() -> bool:
                self._remember()
                return self._best[3] == 0

            self._search_for(1.0, _is_shorter)
            self._go_back()
