"""The best plan of a tiny rollout by trying everything, minute by minute; shares no code with what it tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatch
from itertools import combinations, pairwise

from homeroom.domain.manage.rollouts.spec import RolloutRoom, RolloutSchool, RolloutSpec

BETWEEN = ("passing", "lunch")


@dataclass(frozen=True)
class NaiveVisit:
    room: str
    day: date
    starts: int
    ends: int
    people: tuple[str, ...]
    class_minutes: int
    moved: int = 0


Figures = tuple[int, int, int, int, int]
"""Rooms left out, visits moved, class minutes, last day (as a number), travel: the less the better."""


def search_naively(
    spec: RolloutSpec,
    *,
    fixed: tuple[NaiveVisit, ...] = (),
    wanted: Mapping[str, NaiveVisit] | None = None,
    day: date = date.min,
    minute: int = 0,
) -> Figures:
    """Return the figures of the best plan."""
    search = _NaiveSearch(spec, fixed, wanted or {}, day, minute)
    search.search_rooms(0, list(fixed), 0)
    assert search.best is not None
    return search.best


def list_class(spec: RolloutSpec, school: RolloutSchool, room: RolloutRoom, day: date) -> set[int]:
    """Return the minutes in which a room has class."""
    name = school.bells.special.get(day, school.bells.week[day.weekday()])
    if day in school.closed or name not in school.bells.types:
        return set()
    free = {item.lower() for item in room.free}
    return {
        minute
        for stretch in school.bells.types[name].stretches
        if not stretch.name.lower().startswith(BETWEEN) and stretch.name.lower() not in free
        for minute in range(stretch.starts, stretch.ends)
    }


def list_options(spec: RolloutSpec, room: RolloutRoom) -> Iterator[NaiveVisit]:
    """Yield each visit that room, school and people allow, whatever others do."""
    school = next(item for item in spec.schools if item.id == room.school)
    day = spec.first - timedelta(days=1)
    while day < spec.last:
        day += timedelta(days=1)
        name = school.bells.special.get(day, school.bells.week[day.weekday()])
        stretches = school.bells.types[name].stretches if name in school.bells.types else ()
        has_class = any(not item.name.lower().startswith(BETWEEN) for item in stretches)
        if day in school.closed or day in school.no_visit_days or name not in school.bells.types:
            continue
        if any(fnmatch(name, pattern.lower()) for pattern in school.no_visit_types):
            continue
        if not has_class and day not in school.open_days:
            continue
        if day in room.not_on or (room.after and day <= room.after):
            continue
        lessons = list_class(spec, school, room, day)
        for start in range(0, 24 * 60, spec.grid):
            minutes = set(range(start, start + room.minutes))
            if start < school.opens or start + room.minutes > school.closes:
                continue
            disturbed = len(minutes & lessons)
            if disturbed and not spec.class_costs:
                continue
            people_at_work = []
            for person in spec.team:
                works = {m for a, b in person.works.get(day.weekday(), ()) for m in range(a, b)}
                works -= {m for a, b in person.busy.get(day, ()) for m in range(a, b)}
                if day not in person.away and minutes <= works:
                    people_at_work.append(person.id)
            for people in combinations(people_at_work, room.hands):
                yield NaiveVisit(room.id, day, start, start + room.minutes, people, disturbed)


class _NaiveSearch:
    def __init__(
        self,
        spec: RolloutSpec,
        fixed: tuple[NaiveVisit, ...],
        wanted: Mapping[str, NaiveVisit],
        day: date,
        minute: int,
    ) -> None:
        self.spec = spec
        self.fixed = fixed
        self.best: Figures | None = None
        self.rooms = {room.id: room for room in spec.rooms}
        done = {visit.room for visit in fixed}
        self.options = []
        for room in spec.rooms:
            if room.id in done:
                continue
            options = []
            for visit in list_options(spec, room):
                if (visit.day, visit.starts) < (day, minute):
                    continue
                old = wanted.get(room.id)
                same = old and (old.day, old.starts, old.ends) == (visit.day, visit.starts, visit.ends)
                moved = 0 if old is None or (same and set(old.people) == set(visit.people)) else 1
                options.append(
                    NaiveVisit(
                        visit.room, visit.day, visit.starts, visit.ends, visit.people, visit.class_minutes, moved
                    )
                )
            self.options.append(sorted(options, key=lambda item: (item.moved, item.class_minutes, item.day)))

    def search_rooms(self, number: int, visits: list[NaiveVisit], left_out: int) -> None:
        moved = sum(visit.moved for visit in visits)
        lessons = sum(visit.class_minutes for visit in visits if visit not in self.fixed)
        if self.best is not None and (left_out, moved, lessons) > self.best[:3]:
            return
        if number == len(self.options):
            if self.best is None or self.allows_all(visits):
                travel = self.measure_travel(visits)
                last = max((visit.day.toordinal() for visit in visits), default=0)
                figures = left_out, moved, lessons, last, travel
                if self.allows_all(visits) and (self.best is None or figures < self.best):
                    self.best = figures
            return
        for option in self.options[number]:
            if all(self.allows_pair(option, other) for other in visits):
                self.search_rooms(number + 1, [*visits, option], left_out)
        self.search_rooms(number + 1, visits, left_out + 1)

    def allows_pair(self, visit: NaiveVisit, other: NaiveVisit) -> bool:
        rings = [ring.id for ring in self.spec.rings]
        own_ring, other_ring = (rings.index(self.rooms[item.room].ring) for item in (visit, other))
        if own_ring < other_ring and (other.day - visit.day).days < self.spec.rings[own_ring].soak_days:
            return False
        if own_ring > other_ring and (visit.day - other.day).days < self.spec.rings[other_ring].soak_days:
            return False
        if visit.day != other.day or not set(visit.people) & set(other.people):
            return True
        return visit.ends <= other.starts or other.ends <= visit.starts

    def allows_all(self, visits: list[NaiveVisit]) -> bool:
        """Return True if no rule about several visits is broken; what fixed visits alone break is nobody's fault."""
        return set(self.list_breaches(visits)) <= set(self.list_breaches(list(self.fixed)))

    def list_breaches(self, visits: list[NaiveVisit]) -> Iterator[tuple[object, ...]]:
        spec = self.spec
        schools = {room.id: room.school for room in spec.rooms}
        for person in spec.team:
            weeks: dict[date, int] = defaultdict(int)
            days = sorted({visit.day for visit in visits if person.id in visit.people})
            for day in days:
                own = sorted((v for v in visits if v.day == day and person.id in v.people), key=lambda v: v.starts)
                weeks[day - timedelta(days=day.weekday())] += max(v.ends for v in own) - own[0].starts
                for before, after in pairwise(own):
                    gap = self.get_gap(schools[before.room], schools[after.room])
                    if before.ends + gap > after.starts:
                        yield "gap", before, after
            for week, minutes in weeks.items():
                if person.minutes_a_week is not None and minutes > person.minutes_a_week:
                    yield "week", person.id, week, minutes
        if spec.stock is not None:
            # A visit without devices takes none away, even where what is fixed already uses too many.
            for visit in (visit for visit in visits if self.rooms[visit.room].devices):
                used = sum(self.rooms[v.room].devices for v in visits if v.day <= visit.day)
                if used > sum(item.devices for item in spec.stock if item.on <= visit.day):
                    yield "stock", visit.day, used
        for school in spec.schools:
            own = [visit for visit in visits if schools[visit.room] == school.id]
            for visit in own:
                same_day = [v for v in own if v.day == visit.day]
                limit = spec.limits.visits_a_day_in_a_school
                if limit is not None and len(same_day) > limit:
                    yield "day", school.id, visit.day, len(same_day)
                if school.at_once is None:
                    continue
                for minute in range(visit.starts, visit.ends):
                    running = sum(v.starts <= minute < v.ends for v in same_day)
                    if running > school.at_once:
                        yield "at once", school.id, visit.day, minute, running
        if spec.limits.visits_a_week is not None:
            for visit in visits:
                week = visit.day - timedelta(days=visit.day.weekday())
                count = sum(week <= v.day < week + timedelta(days=7) for v in visits)
                if count > spec.limits.visits_a_week:
                    yield "visits", week, count

    def get_gap(self, start: str, end: str) -> int:
        if start == end:
            return self.spec.walk
        return self.spec.travel.pairs.get(frozenset((start, end)), self.spec.travel.default)

    def measure_travel(self, visits: list[NaiveVisit]) -> int:
        total = 0
        for person in {name for visit in visits for name in visit.people}:
            for day in {visit.day for visit in visits}:
                own = sorted((v for v in visits if v.day == day and person in v.people), key=lambda v: v.starts)
                places = [self.rooms[visit.room].school for visit in own]
                total += sum(self.get_gap(a, b) for a, b in pairwise(places) if a != b)
        return total
