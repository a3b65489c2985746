"""Where a room fits between the visits of a plan: all gaps of all person-days, compared at once in numpy.

A gap lies before, between or after the visits of a person on a day. It knows when the visits before it can be over at
the earliest, and when the visits after it can begin at the latest, if all of them move as far as their rooms allow.
Visits of crews, visits that are kept and visits that disturb class stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from homeroom.domain.schooldays import Span
from homeroom.engines.manage.rollout.places.free_starts import FreeStarts
from homeroom.engines.manage.rollout.problem import UNLIMITED
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule

Numbers = NDArray[np.int32]
NEVER_READY = 1 << 20
"""A minute after all others."""
NOBODY = -1
"""What stands for a room where no visit is."""


class Gaps(NamedTuple):
    """Gaps as rows (a person-day) and columns (the number of visits before)."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


class PlaceTable:
    """The gaps of a schedule's person-days from its first day to a last one; `refresh` follows what has changed."""

    def __init__(self, schedule: RolloutSchedule, *, last: int) -> None:
        """Compile the starts without class of each room, and read the schedule."""
        problem = schedule.problem
        self._schedule, self._grid, self._last = schedule, problem.spec.grid, last
        self._slot_count = schedule.table.slot_count
        self.minutes = np.array([room.minutes for room in problem.rooms], np.int32)
        self.schools = np.array(problem.school_of, np.int32)
        self.nowhere = len(problem.schools)
        self._gaps = self._pad(problem.gaps)
        self.travel = self._pad(problem.travel)
        self._gap_lists: list[list[int]] = self._gaps.tolist()
        self._school_list = problem.school_of
        free_starts = FreeStarts(problem, schedule.table, last=last)
        self._kinds, self._nexts, self._lasts = free_starts.kinds, free_starts.nexts, free_starts.lasts
        days = [day for day in range(last + 1) if bool(problem.visited[:, day].any())]
        self.person_days = [
            (person, day) for day in days for person in range(len(problem.people)) if problem.list_hours(person, day)
        ]
        self.row_of = {person_day: row for row, person_day in enumerate(self.person_days)}
        self._days = np.array([day for _, day in self.person_days], np.int64)
        self._limited = [person.minutes_a_week is not None for person in problem.people]
        self._week_rows: dict[tuple[int, int], list[int]] = {}
        for row, (person, day) in enumerate(self.person_days):
            self._week_rows.setdefault((person, int(problem.weeks[day])), []).append(row)
        self._allocate(max([len(schedule.get_agenda(*person_day)) for person_day in self.person_days], default=0) + 4)

    def _pad(self, minutes: NDArray[np.int64]) -> Numbers:
        """Return minutes between schools with a last row and column of zeros, for the ends of a day."""
        return np.pad(minutes, (0, 1)).astype(np.int32)

    def _allocate(self, width: int) -> None:
        shape = len(self.person_days), width
        self._ends, self._starts = np.empty(shape, np.int32), np.empty(shape, np.int32)
        self.schools_before, self.schools_after = np.empty(shape, np.int32), np.empty(shape, np.int32)
        self.rooms = np.empty(shape, np.int32)
        for row in range(len(self.person_days)):
            self._read(row)
        self._schedule.changed.clear()

    def refresh(self) -> None:
        """Read the person-days again that have changed, and those in the same week where minutes a week count."""
        changed, problem = self._schedule.changed, self._schedule.problem
        if not changed:
            return
        rows: set[int] = set()
        for person, day in changed:
            if self._limited[person]:
                rows.update(self._week_rows.get((person, int(problem.weeks[day])), ()))
            elif (person, day) in self.row_of:
                rows.add(self.row_of[person, day])
        changed.clear()
        longest = max(len(self._schedule.get_agenda(*self.person_days[row])) for row in rows) if rows else 0
        if longest + 2 > self.rooms.shape[1]:
            self._allocate(longest + 4)
            return
        for row in rows:
            self._read(row)

    def _read(self, row: int) -> None:
        """Compute the gaps of a person-day: forward as early as possible, and backward as late as possible."""
        person, day = self.person_days[row]
        agenda = self._schedule.get_agenda(person, day)
        self._close(row)
        spans = self._list_spans(person, day, agenda)
        rooms = [(visit.room, visit) for visit in agenda]
        earliest, latest = self.start_early(day, rooms, spans), self.start_late(day, rooms, spans)
        if not spans or earliest is None or latest is None:
            return
        count = len(agenda)
        self.rooms[row, :count] = [NOBODY if self.is_fixed(visit) else visit.room for visit in agenda]
        self._ends[row, 0], self._starts[row, count] = spans[0][0], spans[-1][1]
        for number, visit in enumerate(agenda):
            self._ends[row, number + 1] = earliest[number] + visit.ends - visit.starts
            self._starts[row, number] = latest[number]
            self.schools_before[row, number + 1] = self.schools_after[row, number] = visit.school

    def _close(self, row: int) -> None:
        self._ends[row], self._starts[row] = NEVER_READY, -NEVER_READY
        self.schools_before[row] = self.schools_after[row] = self.nowhere
        self.rooms[row] = NOBODY

    def _list_spans(self, person: int, day: int, agenda: Sequence[NumberedVisit]) -> list[Span]:
        """Return a person's hours on a day, without what the minutes of the week no longer reach."""
        spans = list(self._schedule.problem.list_hours(person, day))
        left = self._schedule.get_minutes_left(person, day)
        if left == UNLIMITED:
            return spans
        if left <= 0:
            return []
        if not agenda:
            return spans
        spare = left - (agenda[-1].ends - agenda[0].starts)
        first, last = agenda[0].starts - spare, agenda[-1].ends + spare
        return [(max(begins, first), min(ends, last)) for begins, ends in spans if begins < last and ends > first]

    def is_fixed(self, visit: NumberedVisit | None) -> bool:
        """Return True if a visit stays where it is."""
        if visit is None:
            return False
        return len(visit.people) > 1 or visit.class_minutes > 0 or visit.room in self._schedule.kept

    def start_early(
        self, day: int, rooms: Sequence[tuple[int, NumberedVisit | None]], spans: Sequence[Span]
    ) -> list[int] | None:
        """Return the starts of rooms in order, each as early as possible; None if they do not fit."""
        starts, ready, before = list[int](), 0, self.nowhere
        for room, visit in rooms:
            school, minutes = self._school_list[room], int(self.minutes[room])
            ready += self._gap_lists[before][school]
            if visit is not None and self.is_fixed(visit):
                minutes = visit.ends - visit.starts  # that of a visit that is kept may not be the room's
                start = visit.starts if visit.starts >= ready else -1
            else:
                start = self._find_start(self._kinds.item(room, day), ready, minutes, spans)
            if start < 0:
                return None
            starts.append(start)
            ready, before = start + minutes, school
        return starts

    def _find_start(self, kind: int, ready: int, minutes: int, spans: Sequence[Span]) -> int:
        for begins, ends in spans:
            if ready + minutes > ends:
                continue
            start = self._nexts.item(kind, -(-max(begins, ready) // self._grid)) * self._grid
            if start + minutes <= ends:
                return start
        return -1

    def start_late(
        self, day: int, rooms: Sequence[tuple[int, NumberedVisit | None]], spans: Sequence[Span]
    ) -> list[int] | None:
        """Return the starts of rooms in order, each as late as possible; None if they do not fit."""
        starts, limit, after = list[int](), NEVER_READY, self.nowhere
        for room, visit in reversed(rooms):
            school, minutes = self._school_list[room], int(self.minutes[room])
            limit -= self._gap_lists[school][after]
            if visit is not None and self.is_fixed(visit):
                start = visit.starts if visit.ends <= limit else -1
            else:
                start = self._find_last_start(self._kinds.item(room, day), limit, minutes, spans)
            if start < 0:
                return None
            starts.append(start)
            limit, after = start, school
        return starts[::-1]

    def _find_last_start(self, kind: int, limit: int, minutes: int, spans: Sequence[Span]) -> int:
        for begins, ends in reversed(spans):
            latest = min(ends, limit) - minutes
            if latest < begins:
                continue
            start = self._lasts.item(kind, latest // self._grid) * self._grid
            if start >= begins:
                return start
        return -1

    def find_gaps(self, room: int, count: int) -> Gaps:
        """Return where a room fits if as many visits after the gap leave."""
        width = self.rooms.shape[1] - count
        before, after = self.schools_before[:, :width], self.schools_after[:, count:]
        own = int(self.schools[room])
        ready = -(-(self._ends[:, :width] + self._gaps[own][before]) // self._grid)
        np.minimum(ready, self._slot_count, out=ready)
        first, last = self._schedule.windows[self._schedule.problem.ring_of[room]]
        kinds = np.where((self._days >= first) & (self._days <= last), self._kinds[room][self._days], 0)
        over = self._nexts[kinds[:, None], ready] * self._grid + self.minutes[room]
        fits = over + self._gaps[own][after] <= self._starts[:, count:]
        for number in range(count):
            fits &= self.rooms[:, number : number + width] != NOBODY
        return Gaps(*np.nonzero(fits))

    def list_starts(self, room: int, row: int, column: int) -> list[int]:
        """Return at which slots a room may be begun in a gap."""
        person, day = self.person_days[row]
        kind, own, minutes = self._kinds.item(room, day), self._school_list[room], int(self.minutes[room])
        ready = self._ends.item(row, column) + self._gap_lists[self.schools_before.item(row, column)][own]
        limit = self._starts.item(row, column) - self._gap_lists[own][self.schools_after.item(row, column)]
        slots: list[int] = []
        for begins, ends in self._schedule.problem.list_hours(person, day):
            first = -(-max(begins, ready) // self._grid)
            nexts = self._nexts[kind, first : max(first, (min(ends, limit) - minutes) // self._grid + 1)]
            slots += (np.flatnonzero(nexts == np.arange(first, first + len(nexts))) + first).tolist()
        return slots

    def fit_rooms(self, row: int, column: int, rooms: Numbers) -> NDArray[np.bool_]:
        """Return which rooms fit in the place of the one visit after a gap."""
        schools, day = self.schools[rooms], self.person_days[row][1]
        ready = self._ends[row, column] + self._gaps[self.schools_before[row, column]][schools]
        slots = np.minimum(-(-ready // self._grid), self._slot_count)
        over = self._nexts[self._kinds[rooms, day], slots] * self._grid + self.minutes[rooms]
        fits: NDArray[np.bool_] = (
            over + self._gaps[self.schools_after[row, column + 1]][schools] <= self._starts[row, column + 1]
        )
        return fits

    def measure_detours(self, room_schools: int | Numbers, gaps: Gaps, count: int) -> Numbers:
        """Return the travel to schools and on from gaps after which as many visits leave."""
        before = self.schools_before[gaps.rows, gaps.columns]
        after = self.schools_after[gaps.rows, gaps.columns + count]
        detours: Numbers = self.travel[before, room_schools] + self.travel[room_schools, after]
        return detours
