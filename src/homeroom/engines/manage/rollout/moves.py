"""Judgment of one visit that a person moves within a plan, without planning anything else.

A judge knows the visits of all other rooms by day, school, person and ring, so that each candidate costs microseconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from homeroom.domain.manage.rollouts.moves import BrokenRule, FittingStart, MoveRule, MoveVerdict
from homeroom.domain.manage.rollouts.plan import PlannedVisit, PlanObjective
from homeroom.domain.manage.rollouts.spec import ClassTimes
from homeroom.engines.manage.rollout.plan_facts import measure_objective
from homeroom.engines.manage.rollout.problem import RolloutProblem

Moment = tuple[date, int]
"""A day and its minute."""


class MoveJudge:
    """Judges where the visit of one room may be, beside the visits of all others.

    `not_before` is the moment from which on a visit may begin. Raise LookupError for a room without a visit, or that
    is no room of the spec.
    """

    def __init__(
        self, problem: RolloutProblem, visits: Sequence[PlannedVisit], room: str, *, not_before: Moment | None = None
    ) -> None:
        """Index the visits of all other rooms."""
        spec = problem.spec
        rooms = {item.id: number for number, item in enumerate(spec.rooms)}
        planned = [visit for visit in visits if visit.room in rooms]
        self.visit = next((visit for visit in planned if visit.room == room), None)
        if room not in rooms or self.visit is None:
            raise LookupError(f"{room} has no visit")
        self._problem, self._spec, self._not_before = problem, spec, not_before
        self._number = rooms[room]
        self._room = spec.rooms[self._number]
        self._school = spec.schools[problem.school_of[self._number]]
        self._team = {person.id: number for number, person in enumerate(spec.team)}
        self._all = planned
        self._school_of = {item.id: item.school for item in spec.rooms}
        self._times = ClassTimes(spec)
        self._index([visit for visit in planned if visit.room != room])

    def _index(self, others: Iterable[PlannedVisit]) -> None:
        devices = {item.id: item.devices for item in self._spec.rooms}
        rings = {item.id: item.ring for item in self._spec.rooms}
        self._in_school: dict[date, list[PlannedVisit]] = defaultdict(list)
        self._agendas: dict[tuple[str, date], list[PlannedVisit]] = defaultdict(list)
        self._week_counts: Counter[date] = Counter()
        self._used: Counter[date] = Counter()
        self._ring_days: dict[str, tuple[date, date]] = {}
        for visit in others:
            if self._school_of[visit.room] == self._school.id:
                self._in_school[visit.day].append(visit)
            for person in visit.people:
                self._agendas[person, visit.day].append(visit)
            self._week_counts[_get_monday(visit.day)] += 1
            self._used[visit.day] += devices[visit.room]
            first, last = self._ring_days.get(rings[visit.room], (visit.day, visit.day))
            self._ring_days[rings[visit.room]] = min(first, visit.day), max(last, visit.day)
        self._last_other = max((last for _, last in self._ring_days.values()), default=None)

    @property
    def grid(self) -> int:
        """The minutes between two possible starts."""
        return self._spec.grid

    @cached_property
    def before(self) -> PlanObjective:
        """What the plan costs before the move."""
        return measure_objective(self._spec, self._all)

    def judge(self, *, day: date, starts: int, people: Sequence[str]) -> MoveVerdict:
        """Return which rules the visit breaks on a day at a minute with people, and what the plan then costs."""
        assert self.visit is not None, "a judge has a visit"
        moved = replace(
            self.visit,
            day=day,
            starts=starts,
            ends=starts + self._room.minutes,
            people=tuple(people),
            class_minutes=self._count_class(day, starts),
        )
        broken = (*self.list_day_rules(day), *self._list_time_rules(moved), *self._list_people_rules(moved))
        return MoveVerdict(visit=moved, broken=broken, before=self.before, after=self._measure(moved))

    def list_day_rules(self, day: date) -> tuple[BrokenRule, ...]:
        """Return the rules that a visit on a day breaks at whatever time and with whomever."""
        return tuple(self._iter_day_rules(day))

    def _iter_day_rules(self, day: date) -> Iterator[BrokenRule]:
        spec, room, school = self._spec, self._room, self._school
        if not spec.first <= day <= spec.last:
            yield BrokenRule(rule=MoveRule.DATES, values={"first": spec.first, "last": spec.last})
        if self._not_before and day < self._not_before[0]:
            yield BrokenRule(rule=MoveRule.PAST, values={"day": self._not_before[0]})
        if not school.is_visited(day, between=spec.between):
            name = school.bells.get_type_name(day) or ""
            yield BrokenRule(rule=MoveRule.SCHOOL_DAY, values={"school": school.id, "type": name})
        if day in room.not_on or (room.after is not None and day <= room.after):
            yield BrokenRule(rule=MoveRule.ROOM_DAY, values={"room": room.id, "after": room.after})
        yield from self._iter_ring_rules(day)
        if (missing := self._count_missing_devices(day)) > 0:
            yield BrokenRule(rule=MoveRule.STOCK, values={"devices": room.devices, "missing": missing})
        limits, monday = spec.limits, _get_monday(day)
        if limits.visits_a_day_in_a_school is not None:
            count = len(self._in_school.get(day, ())) + 1
            if count > limits.visits_a_day_in_a_school:
                values = {"school": school.id, "limit": limits.visits_a_day_in_a_school}
                yield BrokenRule(rule=MoveRule.DAY_LIMIT, values=values)
        if limits.visits_a_week is not None and self._week_counts[monday] + 1 > limits.visits_a_week:
            yield BrokenRule(rule=MoveRule.WEEK_LIMIT, values={"week": monday, "limit": limits.visits_a_week})

    def _iter_ring_rules(self, day: date) -> Iterator[BrokenRule]:
        """Yield the rings whose order the day breaks: each begins at the earliest so long after the one before ends."""
        rings = self._spec.rings
        own = next(number for number, ring in enumerate(rings) if ring.id == self._room.ring)
        for number, ring in enumerate(rings):
            if number == own or ring.id not in self._ring_days:
                continue
            first, last = self._ring_days[ring.id]
            if number < own and day < (earliest := last + timedelta(days=ring.soak_days)):
                yield self._build_ring_rule(ring.id, earliest, is_early=True)
            if number > own and first < day + timedelta(days=rings[own].soak_days):
                latest = first - timedelta(days=rings[own].soak_days)
                yield self._build_ring_rule(ring.id, latest, is_early=False)

    def _build_ring_rule(self, other: str, day: date, *, is_early: bool) -> BrokenRule:
        values = {"ring": self._room.ring, "other": other, "day": day, "is_early": is_early}
        return BrokenRule(rule=MoveRule.RING, values=values)

    def _count_missing_devices(self, day: date) -> int:
        """Return how many devices are missing on the worst day from the visit's on; nothing used before counts."""
        if self._spec.stock is None or not self._room.devices:
            return 0
        worst, used, arrived = 0, 0, 0
        events = {*self._used, day, *(item.on for item in self._spec.stock)}
        deliveries: Counter[date] = Counter()
        for item in self._spec.stock:
            deliveries[item.on] += item.devices
        for at in sorted(events):
            arrived += deliveries[at]
            used += self._used.get(at, 0) + (self._room.devices if at == day else 0)
            if at >= day and (at == day or self._used.get(at)):
                worst = max(worst, used - arrived)
        return worst

    def _list_time_rules(self, visit: PlannedVisit) -> Iterator[BrokenRule]:
        spec, school = self._spec, self._school
        if self._not_before and visit.day == self._not_before[0] and visit.starts < self._not_before[1]:
            yield BrokenRule(rule=MoveRule.PAST, values={"day": visit.day, "minute": self._not_before[1]})
        if visit.starts % spec.grid:
            nearest = visit.starts // spec.grid * spec.grid
            values: dict[str, object] = {"grid": spec.grid, "before": nearest, "after": nearest + spec.grid}
            yield BrokenRule(rule=MoveRule.GRID, values=values)
        if visit.starts < school.opens or visit.ends > school.closes:
            values = {"school": school.id, "opens": school.opens, "closes": school.closes}
            yield BrokenRule(rule=MoveRule.SCHOOL_HOURS, values=values)
        if visit.class_minutes and not spec.class_costs:
            yield BrokenRule(rule=MoveRule.CLASS_TIME, values={"minutes": visit.class_minutes})
        if self._is_crowded(visit):
            yield BrokenRule(rule=MoveRule.AT_ONCE, values={"school": school.id, "limit": school.at_once})

    def _is_crowded(self, visit: PlannedVisit) -> bool:
        limit = self._school.at_once
        if limit is None:
            return False
        overlapping = [item for item in self._in_school.get(visit.day, ()) if _overlap(item, visit)]
        moments = [visit.starts, *(item.starts for item in overlapping if item.starts > visit.starts)]
        return any(sum(item.starts <= at < item.ends for item in overlapping) + 1 > limit for at in moments)

    def _list_people_rules(self, visit: PlannedVisit) -> Iterator[BrokenRule]:
        if strangers := [name for name in visit.people if name not in self._team]:
            yield BrokenRule(rule=MoveRule.TEAM, values={"people": strangers})
        if len(visit.people) != self._room.hands or len(set(visit.people)) != self._room.hands:
            yield BrokenRule(rule=MoveRule.HANDS, values={"hands": self._room.hands})
        for name in dict.fromkeys(visit.people):
            if name in self._team:
                yield from self._list_person_rules(visit, name)
        yield from self._list_opened_gaps(visit)

    def _list_person_rules(self, visit: PlannedVisit, name: str) -> Iterator[BrokenRule]:
        """Yield the rules of one person that a visit breaks: hours, the way from and to other visits, the week."""
        person = self._spec.team[self._team[name]]
        hours = person.list_hours(visit.day)
        if not any(begins <= visit.starts and visit.ends <= ends for begins, ends in hours):
            yield BrokenRule(rule=MoveRule.PERSON_HOURS, values={"person": name, "hours": hours})
        yield from self._list_clashes([*self._agendas.get((name, visit.day), ()), visit], name, concerned=(visit,))
        if person.minutes_a_week is not None:
            minutes = self._count_week_minutes(visit, name)
            if minutes > person.minutes_a_week:
                values = {"person": name, "minutes": minutes, "limit": person.minutes_a_week}
                yield BrokenRule(rule=MoveRule.PERSON_WEEK, values=values)

    def _list_clashes(
        self, agenda: Iterable[PlannedVisit], name: str, *, concerned: Sequence[PlannedVisit]
    ) -> Iterator[BrokenRule]:
        """Yield the pairs of a day that follow each other too closely, if any of `concerned` is in the pair."""
        for before, after in pairwise(sorted(agenda, key=lambda item: item.starts)):
            start, end = self._school_of[before.room], self._school_of[after.room]
            needed = self._spec.walk if start == end else self._spec.travel.get_minutes(start, end)
            if (before in concerned or after in concerned) and after.starts - before.ends < needed:
                other = after if before.room == self._room.id else before
                values = {"person": name, "room": other.room, "starts": other.starts, "ends": other.ends}
                yield BrokenRule(rule=MoveRule.AGENDA, values=values | {"needed": needed})

    def _list_opened_gaps(self, visit: PlannedVisit) -> Iterator[BrokenRule]:
        """Yield the visits that follow each other too closely once the moved one is not between them."""
        assert self.visit is not None, "a judge has a visit"
        for name in self.visit.people:
            others = self._agendas.get((name, self.visit.day), [])
            earlier = [item for item in others if item.starts <= self.visit.starts]
            later = [item for item in others if item.starts > self.visit.starts]
            if not earlier or not later:
                continue
            before, after = max(earlier, key=_get_start), min(later, key=_get_start)
            is_beside = name in visit.people and visit.day == self.visit.day
            if not is_beside or not before.starts <= visit.starts < after.starts:
                yield from self._list_clashes((before, after), name, concerned=(before,))

    def _count_week_minutes(self, visit: PlannedVisit, name: str) -> int:
        monday, total = _get_monday(visit.day), 0
        for number in range(7):
            day = monday + timedelta(days=number)
            own = [*self._agendas.get((name, day), ()), *([visit] if day == visit.day else ())]
            total += max(item.ends for item in own) - min(item.starts for item in own) if own else 0
        return total

    def _count_class(self, day: date, starts: int) -> int:
        stretches, ends = self._times.list_class(self._room, day) or (), starts + self._room.minutes
        return sum(max(0, min(ends, item.ends) - max(starts, item.starts)) for item in stretches)

    def _measure(self, moved: PlannedVisit) -> PlanObjective:
        """Return what the plan costs after the move; only the days of the people concerned are measured again."""
        assert self.visit is not None, "a judge has a visit"
        keys = {(name, visit.day) for visit in (self.visit, moved) for name in visit.people}
        travel = sum(self._measure_travel(key, moved) - self._measure_travel(key, self.visit) for key in keys)
        return PlanObjective(
            disrupted_minutes=self.before.disrupted_minutes + moved.class_minutes - self.visit.class_minutes,
            finished_on=max(filter(None, (self._last_other, moved.day))),
            travel_minutes=self.before.travel_minutes + travel,
        )

    def _measure_travel(self, key: tuple[str, date], visit: PlannedVisit) -> int:
        own = [visit] if key[0] in visit.people and key[1] == visit.day else []
        stops = sorted([*self._agendas.get(key, ()), *own], key=lambda item: (item.starts, self._school_of[item.room]))
        return sum(
            self._spec.travel.get_minutes(self._school_of[before.room], self._school_of[after.room])
            for before, after in pairwise(stops)
        )

    def list_fitting(self, day: date) -> list[FittingStart]:
        """Return the starts of a day at which the visit keeps every rule, each with the people who can be there.

        The visit's own people come first, then those with the least travel.
        """
        return list(self._iter_fitting(day))

    def find_days(self, day: date, *, limit: int) -> list[FittingStart]:
        """Return the first fitting start of the next days after a day that have any."""
        starts = []
        for number in range(1, (self._spec.last - day).days + 1):
            if fitting := self._find_cheapest(day + timedelta(days=number)):
                starts.append(fitting)
            if len(starts) == limit:
                break
        return starts

    def _find_cheapest(self, day: date) -> FittingStart | None:
        return min(self._iter_fitting(day), key=lambda item: (item.class_minutes, item.starts), default=None)

    def _iter_fitting(self, day: date) -> Iterator[FittingStart]:
        number = (day - self._problem.days[0]).days
        if not 0 <= number < len(self._problem.days) or self.list_day_rules(day):
            return
        assert self.visit is not None, "a judge has a visit"
        starts = self._problem.list_starts(self._number, number)
        for start, minutes in zip(starts.starts.tolist(), starts.class_minutes.tolist(), strict=True):
            candidate = replace(
                self.visit, day=day, starts=start, ends=start + self._room.minutes, class_minutes=minutes
            )
            if any(self._list_time_rules(candidate)):
                continue
            people = self._choose_people(candidate)
            if people is not None and not any(self._list_opened_gaps(replace(candidate, people=people))):
                yield FittingStart(day=day, starts=start, ends=candidate.ends, people=people, class_minutes=minutes)

    def _choose_people(self, candidate: PlannedVisit) -> tuple[str, ...] | None:
        """Return the people who can be there: as many of the visit's own as can, then those with least travel."""
        able = [name for name in self._team if not any(self._list_person_rules(candidate, name))]
        if len(able) < self._room.hands:
            return None
        own = candidate.people
        if len(own) == self._room.hands and set(own) <= set(able):
            return own
        ranked = sorted(able, key=lambda name: (name not in own, self._add_travel(candidate, name)))
        return tuple(ranked[: self._room.hands])

    def _add_travel(self, candidate: PlannedVisit, name: str) -> int:
        visit, key = replace(candidate, people=(name,)), (name, candidate.day)
        return self._measure_travel(key, visit) - self._measure_travel(key, replace(visit, people=()))

    def count_earlier_days(self) -> Counter[MoveRule | None]:
        """Return what keeps the visit from each earlier day, as numbers of days; None for a day that would fit.

        AGENDA means that the team has no time left on that day.
        """
        assert self.visit is not None, "a judge has a visit"
        first = max(self._spec.first, self._not_before[0]) if self._not_before else self._spec.first
        days = (first + timedelta(days=number) for number in range((self.visit.day - first).days))
        return Counter(self._find_obstacle(day) for day in days)

    def _find_obstacle(self, day: date) -> MoveRule | None:
        if broken := self.list_day_rules(day):
            return broken[0].rule
        if not self._problem.list_starts(self._number, (day - self._problem.days[0]).days).starts.size:
            return MoveRule.CLASS_TIME
        return None if any(True for _ in self._iter_fitting(day)) else MoveRule.AGENDA


def _get_monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _get_start(visit: PlannedVisit) -> int:
    return visit.starts


def _overlap(visit: PlannedVisit, other: PlannedVisit) -> bool:
    return visit.starts < other.ends and other.starts < visit.ends
