"""The best day of one person, or of people who go together: which rooms, in which order and when.

A dynamic program over the slots of the grid: the best way to be ready in a school at a slot is extended by each room
that may be visited from then on. Each way knows its rooms, so none is visited twice; only one way is kept per school
and slot, which makes it fast, and not always the very best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from homeroom.domain.schooldays import Span
from homeroom.engines.manage.rollout.problem import UNLIMITED
from homeroom.engines.manage.rollout.room_choices import RoomChoices, RoomSizes
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

NOTHING = float("-inf")
WINDOW_STEP = 30
"""Minutes between the spans that are tried for a day that has to be short."""


@dataclass(frozen=True, slots=True)
class RoutePrices:
    """What a route is worth besides its rooms: prices of a class minute, of a minute at work, and of one in a car."""

    class_minute: float = 1.0
    minute: float = 0.0
    waiting: float = 0.01
    travel: float = 0.02


@dataclass(frozen=True, slots=True)
class Route:
    """Rooms in order, with their starts and class minutes, and what they are worth together."""

    value: float
    stops: tuple[tuple[int, int, int], ...]


EMPTY_ROUTE = Route(0.0, ())
# A way: (its rooms as bits, their number in this school, their number, their devices, the way before, room, start,
# class minutes). None is the way that has not begun.
_Way = tuple[int, int, int, int, "_Way | None", int, int, int]


class RouteSearch:
    """Searches routes within what a schedule still allows."""

    def __init__(self, schedule: RolloutSchedule) -> None:
        """Read what every search needs."""
        self._schedule = schedule
        self._grid = schedule.problem.spec.grid
        self._gaps: list[list[int]] = schedule.problem.gaps.tolist()
        self._travel: list[list[int]] = schedule.problem.travel.tolist()
        rooms = schedule.problem.rooms
        self._sizes = RoomSizes([room.minutes for room in rooms], [room.devices for room in rooms])

    def find_route(
        self,
        crew: Sequence[int],
        day: int,
        schools: Sequence[int],
        prizes: Mapping[int, float],
        prices: RoutePrices,
        *,
        earliest: int = 0,
    ) -> Route:
        """Return the best route of people who go together, around what is in their agendas already.

        No visit starts before the minute `earliest`.
        `prizes` are the rooms that may be visited, with their worth; they need as many hands as the crew has, and have
        no visit in the schedule. Schools with visits in the agendas belong to `schools`.
        """
        spans = [(max(begins, earliest), ends) for begins, ends in self._list_spans(crew, day) if ends > earliest]
        anchors = sorted(
            {visit for person in crew for visit in self._schedule.get_agenda(person, day)},
            key=lambda visit: visit.starts,
        )
        if not spans or not prizes:
            return EMPTY_ROUTE
        best = EMPTY_ROUTE
        choices = [self._choose_rooms(school, day, prizes, prices) for school in schools]
        for window in self._list_windows(crew, day, spans, anchors):
            clipped = [
                (max(begins, window[0]), min(ends, window[1]))
                for begins, ends in spans
                if begins < window[1] and ends > window[0]
            ]
            if not clipped:  # the window lies between two spans
                continue
            route = self._find_in_spans(day, schools, choices, prices, clipped, anchors)
            if route.value > best.value:
                best = route
        return best

    def add_route(self, crew: Sequence[int], day: int, route: Route) -> None:
        """Add the visits of a route to the schedule, but for those that a limit no longer allows."""
        schedule = self._schedule
        problem = schedule.problem
        for room, start, disturbed in route.stops:
            school = problem.school_of[room]
            if schedule.count_left_in_school(school, day) > 0:
                end = start + problem.rooms[room].minutes
                schedule.add(NumberedVisit(room, school, day, start, end, tuple(crew), disturbed))

    def _list_spans(self, crew: Sequence[int], day: int) -> list[Span]:
        """Return the spans in which all of the crew are there."""
        problem = self._schedule.problem
        spans = list(problem.list_hours(crew[0], day))
        for person in crew[1:]:
            others = problem.list_hours(person, day)
            spans = [(max(a, c), min(b, d)) for a, b in spans for c, d in others if max(a, c) < min(b, d)]
        return spans

    def _list_windows(
        self, crew: Sequence[int], day: int, spans: Sequence[Span], anchors: Sequence[NumberedVisit]
    ) -> list[Span]:
        """Return the spans in which the day may lie, from its first start to its last end."""
        # Visits that are there already may lie before or after the time that the crew has together, and count as well.
        first = min([spans[0][0], *(visit.starts for visit in anchors)])
        last = max([spans[-1][1], *(visit.ends for visit in anchors)])
        allowed = min(self._schedule.get_minutes_left(person, day) for person in crew)
        if allowed >= last - first:
            return [(first, last)]
        latest, earliest = last - allowed, first
        if anchors:
            latest = min(latest, anchors[0].starts)
            earliest = max(earliest, max(visit.ends for visit in anchors) - allowed)
        if allowed <= 0 or earliest > latest:
            return []
        begins = sorted({*range(earliest, latest, WINDOW_STEP), latest})
        return [(begin, begin + allowed) for begin in begins]

    def _find_in_spans(
        self,
        day: int,
        schools: Sequence[int],
        choices: Sequence[RoomChoices],
        prices: RoutePrices,
        spans: Sequence[Span],
        anchors: Sequence[NumberedVisit],
    ) -> Route:
        """Return the best route whose visits lie in the spans, by the best way to each school and slot."""
        schedule, grid = self._schedule, self._grid
        first_slot, last_slot = -(-spans[0][0] // grid), spans[-1][1] // grid
        size = last_slot + 2
        limits = [self._list_limits(school, spans, anchors, size) for school in schools]
        full = [schedule.list_full_spans(school, day) for school in schools]
        counts = [schedule.count_left_in_school(school, day) for school in schools]
        week_count, device_count = schedule.count_left_in_week(day), schedule.count_devices_left(day)
        is_unlimited = device_count == UNLIMITED
        numbers = range(len(schools))
        values = [[NOTHING] * size for _ in numbers]
        ways: list[list[_Way | None]] = [[None] * size for _ in numbers]
        for number in numbers:
            values[number][first_slot] = 0.0
        moves = [self._list_moves(number, schools, prices) for number in numbers]
        minute_price = prices.minute
        wait_price = (prices.waiting + minute_price) * grid
        # Visits that are kept may lie outside of somebody's hours; the limits hold them apart.
        pending = [visit for visit in anchors if first_slot <= visit.starts // grid <= last_slot]
        best_value, best_way = (0.0, None) if not pending else (NOTHING, None)
        for slot in range(first_slot, last_slot + 1):
            if pending and slot == pending[0].starts // grid:
                best_value, best_way = self._pass_anchor(schools, pending, slot, values, ways)
            minute = slot * grid
            for number in numbers:
                value = values[number][slot]
                if value == NOTHING:
                    continue
                way = ways[number][slot]
                waited = value - wait_price if way is not None else value
                if waited > values[number][slot + 1]:
                    values[number][slot + 1], ways[number][slot + 1] = waited, way
                own = choices[number]
                pattern = own.numbers[slot]
                groups = own.choices[pattern]
                if groups is None:
                    groups = own.sort_rooms(pattern)
                if not groups:
                    continue
                rooms, at_school, total, devices = way[:4] if way is not None else (0, 0, 0, 0)
                if at_school >= counts[number] or total >= week_count:
                    continue
                limit, crowded, own_moves = limits[number][slot], full[number], moves[number]
                for minutes, group in groups:
                    end = minute + minutes
                    if end > limit:
                        break
                    if crowded and _is_crowded(crowded, minute, end):
                        continue
                    for loss, room, bit, disturbed, used in group:
                        if rooms & bit:
                            continue
                        used += devices
                        if used > device_count:
                            continue
                        gained = value - loss
                        if gained > best_value and not pending:
                            best_value = gained
                            best_way = (rooms | bit, at_school + 1, total + 1, used, way, room, minute, disturbed)
                        for other, distance, price in own_moves:
                            ready = -(-(end + distance) // grid)
                            after = gained - minute_price * (ready * grid - end) - price
                            if ready < size and after > values[other][ready]:
                                count = at_school + 1 if other == number else 0
                                values[other][ready] = after
                                ways[other][ready] = (
                                    rooms | bit, count, total + 1, used, way, room, minute, disturbed,
                                )  # fmt: skip
                        if is_unlimited:
                            break  # of visits with the same end the first one is worth most
        return Route(best_value, _list_stops(best_way)) if best_way is not None else EMPTY_ROUTE

    def _list_moves(self, number: int, schools: Sequence[int], prices: RoutePrices) -> list[tuple[int, int, float]]:
        """Return where one may be after a visit: the number of the school, the minutes to it, and their price."""
        school = schools[number]
        return [
            (other, self._gaps[school][target], prices.travel * self._travel[school][target])
            for other, target in enumerate(schools)
        ]

    def _choose_rooms(self, school: int, day: int, prizes: Mapping[int, float], prices: RoutePrices) -> RoomChoices:
        return RoomChoices(
            self._schedule.table,
            school,
            day,
            prizes=prizes,
            sizes=self._sizes,
            class_price=prices.class_minute,
            minute_price=prices.minute,
        )

    def _list_limits(
        self, school: int, spans: Sequence[Span], anchors: Sequence[NumberedVisit], size: int
    ) -> list[int]:
        """Return for each slot the minute at which a visit in a school that starts then has to end."""
        grid = self._grid
        limits = [0] * size
        for begins, ends in spans:
            for slot in range(-(-begins // grid), min(size, ends // grid + 1)):
                limits[slot] = ends
        for anchor in reversed(anchors):
            latest = anchor.starts - self._gaps[school][anchor.school]
            for slot in range(min(size, -(-anchor.starts // grid))):
                limits[slot] = min(limits[slot], latest)
            earliest = anchor.ends + self._gaps[anchor.school][school]
            for slot in range(anchor.starts // grid, min(size, -(-earliest // grid))):
                limits[slot] = 0
        return limits

    def _pass_anchor(
        self,
        schools: Sequence[int],
        pending: list[NumberedVisit],
        slot: int,
        values: list[list[float]],
        ways: list[list[_Way | None]],
    ) -> tuple[float, _Way | None]:
        """Lead the best way through the visit that begins at this slot; ways that ran past it end."""
        anchor = pending.pop(0)
        leading = max(range(len(schools)), key=lambda number: values[number][slot])
        value, way = values[leading][slot], ways[leading][slot]
        for number, school in enumerate(schools):
            size = len(values[number])
            for later in range(slot, size):
                values[number][later], ways[number][later] = NOTHING, None
            ready = -(-(anchor.ends + self._gaps[anchor.school][school]) // self._grid)
            if ready < size:
                # A way of its own, so that waiting after the anchor has its price.
                values[number][ready], ways[number][ready] = value, way
        return value, way


def _is_crowded(spans: Sequence[Span], starts: int, ends: int) -> bool:
    return any(starts < stops and ends > begins for begins, stops in spans)


def _list_stops(way: _Way | None) -> tuple[tuple[int, int, int], ...]:
    stops = []
    while way is not None:
        stops.append((way[5], way[6], way[7]))
        way = way[4]
    return tuple(reversed(stops))
