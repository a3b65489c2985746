"""What no plan can be better than: rooms have a worth, and a person-day earns no more than it can.

If all rooms together are worth more than all person-days up to a day can earn, no plan ends by that day; where class
may be disturbed, what is missing has to be class time. Worths are whole numbers, so a bound is never a matter of
rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from homeroom.engines.manage.rollout.person_days import Numbers, PersonDays
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.start_table import StartTable

SCALE = 840
"""What a minute is in whole numbers: divided by all numbers of hands up to 8."""
PRICES = (0, 420, 588, 672, 756, 840)
"""Prices of a minute at work that are tried for those whose minutes a week are limited."""
CLASS_FACTORS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""How many class minutes a minute of a room may be worth; the best of them counts."""


class RolloutBounds:
    """Bounds of plans that place all of the rooms by a last day."""

    def __init__(
        self, problem: RolloutProblem, table: StartTable, rooms: Sequence[int], *, last: int, class_minutes: int
    ) -> None:
        """Find the first day of each ring in plans with so many class minutes or fewer."""
        self._class_minutes = class_minutes
        self._problem, self._table, self._rooms, self._last = problem, table, list(rooms), last
        self._hands = np.array([room.hands for room in problem.rooms], np.int64)
        walk = problem.spec.walk
        self._worths = np.array([(room.minutes + walk) * SCALE for room in problem.rooms], np.int64)
        opens = [0] * len(problem.spec.rings)
        for ring in range(1, len(opens)):
            before = [room for room in rooms if problem.ring_of[room] == ring - 1]
            opens[ring] = opens[ring - 1]
            if before:
                last_before = max([self._find_last(before, opens), *self._list_latest_firsts(before)])
                opens[ring] = max(opens[ring], last_before + problem.spec.rings[ring - 1].soak_days)
        self._opens = opens

    def find_last_day(self) -> int:
        """Return a day that no plan with so few class minutes can end before."""
        # Later rings have fewer days, and rooms of earlier ones could hide that.
        rings = range(len(self._opens))
        parts = [[room for room in self._rooms if self._problem.ring_of[room] >= ring] for ring in rings]
        own = max(self._find_last(part, self._opens) for part in parts)
        return max([own, self._find_week_limit(), *self._list_latest_firsts(self._rooms)])

    def find_class_minutes(self) -> int:
        """Return how many class minutes any plan disturbs at least."""
        if not self._problem.spec.class_costs or not self._rooms:
            return 0
        days = self._compile(self._rooms, self._opens)
        best = 0
        for factor in CLASS_FACTORS:
            worths = (self._worths * factor).astype(np.int64)
            earned = self._sum_earnings(days, days.compute(worths), 0)
            missing = self._sum_worths(self._rooms, worths) - (earned[-1][1] if earned else 0)
            best = max(best, -(-missing // SCALE))
        return best

    def _compile(self, rooms: Sequence[int], opens: Sequence[int]) -> PersonDays:
        return PersonDays(self._problem, self._table, rooms, last=self._last, opens=opens, scale=SCALE, prices=PRICES)

    def _sum_worths(self, rooms: Sequence[int], worths: Numbers) -> int:
        numbers = list(rooms)
        return int((worths[numbers] * self._hands[numbers]).sum())

    def _find_last(self, rooms: Sequence[int], opens: Sequence[int]) -> int:
        """Return the first day by which the rooms' worth can be earned, with the devices that have arrived."""
        if not rooms:
            return 0
        days = self._compile(rooms, opens)
        values = days.compute(self._worths)
        target = self._sum_worths(rooms, self._worths) - self._class_minutes * SCALE
        earned = self._sum_earnings(days, values, 0)
        last = self._find_day(earned, target)
        for first, devices in self._list_deliveries():
            before = min(
                next((total for day, total in reversed(earned) if day < first), 0), self._fill_stock(rooms, devices)
            )
            last = max(last, self._find_day(self._sum_earnings(days, values, first), target - before))
        return last

    def _find_day(self, earned: Sequence[tuple[int, int]], target: int) -> int:
        if target <= 0:
            return 0
        return next((day for day, total in earned if total >= target), self._last)

    def _sum_earnings(self, days: PersonDays, values: Numbers, first: int) -> list[tuple[int, int]]:
        """Return for each day what all person-days from the first day up to it can earn."""
        problem = self._problem
        weeks: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * len(PRICES))
        totals: dict[tuple[int, int], int] = {}
        total, rows = 0, []
        for day in days.days:
            for person, member in enumerate(problem.people) if day >= first else ():
                limit = member.minutes_a_week
                if (person, day, 0) not in days.kind_of:
                    continue
                key = person, int(problem.weeks[day])
                sums = weeks[key]
                for number, price in enumerate(PRICES if limit is not None else PRICES[:1]):
                    sums[number] += int(values[days.kind_of[person, day, price]])
                worth = sums[0]
                if limit is not None:
                    worth = min(earned + price * limit for earned, price in zip(sums, PRICES, strict=True))
                total += worth - totals.get(key, 0)
                totals[key] = worth
            rows.append((day, total))
        return rows

    def _list_deliveries(self) -> Iterable[tuple[int, int]]:
        """Return the days on which devices arrive, with those that had arrived before."""
        stock = self._problem.stock
        if stock is None:
            return []
        return [(day, int(stock[day - 1])) for day in range(1, self._last + 1) if stock[day] > stock[day - 1]]

    def _fill_stock(self, rooms: Sequence[int], devices: int) -> int:
        """Return the most that rooms are worth together which need no more devices than that."""
        descriptions = self._problem.rooms
        total = self._sum_worths([room for room in rooms if not descriptions[room].devices], self._worths)
        order = sorted((room for room in rooms if descriptions[room].devices), key=self._compare_by_devices)
        for room in order:
            worth, needed = int(self._worths[room] * self._hands[room]), descriptions[room].devices
            if needed > devices:
                return total - (-worth * devices // needed)
            total, devices = total + worth, devices - needed
        return total

    def _compare_by_devices(self, room: int) -> Fraction:
        worth = int(self._worths[room] * self._hands[room])
        return Fraction(-worth, self._problem.rooms[room].devices)

    def _find_week_limit(self) -> int:
        """Return the first day of the week in which the last visits are, by the visits that a week may have."""
        limit = self._problem.spec.limits.visits_a_week
        if not limit or not self._rooms:
            return 0
        needed = -(-len(self._rooms) // limit) - 1
        weeks = self._problem.weeks.tolist()
        first = next((day for day in range(len(weeks)) if self._problem.visited[:, day].any()), 0)
        return next((day for day, week in enumerate(weeks) if week >= weeks[first] + needed), 0)

    def _list_latest_firsts(self, rooms: Iterable[int]) -> list[int]:
        """Return the first day on which each room with dates of its own may be visited."""
        problem = self._problem
        dated = [room for room in rooms if problem.rooms[room].after or problem.rooms[room].not_on]
        return [next((day for day in range(len(problem.days)) if problem.is_open(room, day)), 0) for room in dated]
