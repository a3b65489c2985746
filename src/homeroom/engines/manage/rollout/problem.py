"""The planning problem of a rollout, ready to compute with: days, people's hours, and what each start costs.

Rooms, schools, people, rings and days are numbers (positions in the spec, days from its first day); times are minutes
after midnight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.domain.schooldays import Span, list_class_stretches

Minutes = NDArray[np.int64]
NEVER = date.max.toordinal()
UNLIMITED = 1 << 30


@dataclass(frozen=True, kw_only=True)
class RoomStarts:
    """The minutes at which a visit of a room may start on a day, in order, and the class minutes of each."""

    starts: Minutes
    class_minutes: Minutes


_NO_STARTS = RoomStarts(starts=np.zeros(0, np.int64), class_minutes=np.zeros(0, np.int64))


@dataclass(frozen=True, kw_only=True)
class PlanningWindow:
    """When a new visit may be: from a minute of the first day to the last day."""

    first: date = date.min
    minute: int = 0
    last: date = date.max


class RolloutProblem:
    """A spec, compiled. Everything is computed when first asked for and remembered.

    `window` narrows the days on which a visit may be planned to a moment (a day and its minute) and a last day.
    """

    def __init__(self, spec: RolloutSpec, *, window: PlanningWindow | None = None) -> None:
        """Assign a number to each part of the spec."""
        self.spec = spec
        self.window = window or PlanningWindow()
        self.days: Sequence[date] = spec.list_days()
        self.rooms, self.schools, self.people = spec.rooms, spec.schools, spec.team
        school_numbers = {school.id: number for number, school in enumerate(self.schools)}
        ring_numbers = {ring.id: number for number, ring in enumerate(spec.rings)}
        self.school_of = [school_numbers[room.school] for room in self.rooms]
        self.ring_of = [ring_numbers[room.ring] for room in self.rooms]
        self._starts: dict[tuple[object, ...], RoomStarts] = {}
        self._hours: dict[tuple[int, int], tuple[Span, ...]] = {}

    def change_spec(self, spec: RolloutSpec) -> RolloutProblem:
        """Return the problem of a changed spec from the same moment on; a later last day widens the window."""
        last = self.window.last if spec.last == self.spec.last else max(self.window.last, spec.last)
        return RolloutProblem(spec, window=replace(self.window, last=last))

    @cached_property
    def visited(self) -> NDArray[np.bool_]:
        """Whether a school may be visited on a day, as [school, day]."""
        between = self.spec.between
        return np.array(
            [
                [
                    self.window.first <= day <= self.window.last and school.is_visited(day, between=between)
                    for day in self.days
                ]
                for school in self.schools
            ],
            np.bool_,
        ).reshape(len(self.schools), len(self.days))

    @cached_property
    def gaps(self) -> Minutes:
        """The minutes between two visits of one person, as [school, school]: the walk within one, else the travel."""
        travel, walk = self.spec.travel, self.spec.walk
        ids = [school.id for school in self.schools]
        return np.array([[walk if a == b else travel.get_minutes(a, b) for b in ids] for a in ids], np.int64)

    @cached_property
    def travel(self) -> Minutes:
        """The minutes of travel between two schools, as [school, school]; 0 within one."""
        travel, ids = self.spec.travel, [school.id for school in self.schools]
        return np.array([[travel.get_minutes(a, b) for b in ids] for a in ids], np.int64)

    @cached_property
    def stock(self) -> Minutes | None:
        """How many devices have arrived by each day; None for no limit."""
        if self.spec.stock is None:
            return None
        return np.array(
            [sum(item.devices for item in self.spec.stock if item.on <= day) for day in self.days], np.int64
        )

    @cached_property
    def weeks(self) -> Minutes:
        """The week of each day, numbered from the Monday of the first one."""
        monday = self.days[0] - timedelta(days=self.days[0].weekday())
        return np.array([(day - monday).days // 7 for day in self.days], np.int64)

    @cached_property
    def clock_changes(self) -> Sequence[Span | None]:
        """The span of each day in which no visit is planned: around a change of the clock, and before the window."""
        return [self._find_closed_span(day) for day in self.days]

    def _find_closed_span(self, day: date) -> Span | None:
        span = self._find_clock_change(day)
        if day != self.window.first or not self.window.minute:
            return span
        return 0, max(self.window.minute, span[1] if span is not None else 0)

    def is_open(self, room: int, day: int) -> bool:
        """Return True if the room's own dates and its school allow a visit on a day; rings and stock do not count."""
        description, at = self.rooms[room], self.days[day]
        if not self.visited[self.school_of[room], day] or at in description.not_on:
            return False
        return description.after is None or at > description.after

    def list_starts(self, room: int, day: int) -> RoomStarts:
        """Return when a visit of the room may start on a day, without regard to people and other visits."""
        if not self.is_open(room, day):
            return _NO_STARTS
        description, school = self.rooms[room], self.schools[self.school_of[room]]
        type_name = school.bells.get_type_name(self.days[day])
        changes = self.clock_changes[day]
        key = (self.school_of[room], type_name, description.free, description.minutes, changes)
        if key not in self._starts:
            self._starts[key] = self._compute_starts(room, day, changes)
        return self._starts[key]

    def _compute_starts(self, room: int, day: int, change: Span | None) -> RoomStarts:
        spec, description = self.spec, self.rooms[room]
        school = self.schools[self.school_of[room]]
        first = -(-school.opens // spec.grid) * spec.grid
        starts = np.arange(first, school.closes - description.minutes + 1, spec.grid, dtype=np.int64)
        ends = starts + description.minutes
        if change is not None:
            is_clear = (ends <= change[0]) | (starts >= change[1])
            starts, ends = starts[is_clear], ends[is_clear]
        day_type = school.bells.get_day_type(self.days[day])
        assert day_type is not None, "a visited school has a known type of day"
        stretches = list_class_stretches(day_type, between=spec.between, free=description.free)
        disturbed = np.zeros(len(starts), np.int64)
        for stretch in stretches:
            disturbed += np.maximum(0, np.minimum(ends, stretch.ends) - np.maximum(starts, stretch.starts))
        if not spec.class_costs:
            starts, disturbed = starts[disturbed == 0], disturbed[disturbed == 0]
        return RoomStarts(starts=starts, class_minutes=disturbed)

    def _find_clock_change(self, day: date) -> Span | None:
        midnight = datetime.combine(day, datetime.min.time(), tzinfo=self.spec.zone)
        before, after = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
        if before == after:
            return None
        changed = [hour for hour in range(24) if (midnight + timedelta(hours=hour + 1)).utcoffset() != before]
        return (max(0, changed[0] - 1) * 60, (changed[0] + 2) * 60)

    def list_hours(self, person: int, day: int) -> tuple[Span, ...]:
        """Return the spans of a day in which a person is there and not busy."""
        key = person, day
        if key not in self._hours:
            self._hours[key] = self.people[person].list_hours(self.days[day])
        return self._hours[key]
