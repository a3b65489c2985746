"""The best ways to spend one day, person by person where their days do not touch.

Where each room needs one person, and nothing limits who is in a school at the same time, the best day of several people
is made of the best days of each: far fewer states than to search them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from homeroom.engines.manage.rollout.exact.days import DayRules, DaySearch, DayVisit, DayWay, SearchBudget

DayWays = dict[int, list[DayWay]]
"""The best ways of a day by set of rooms, as bits of room numbers."""


def search_day(rules: DayRules, budget: SearchBudget) -> DayWays:
    """Return the best ways of a day, searched person by person where that is exact."""
    if not _is_separable(rules):
        return DaySearch(rules, budget).list_ways()
    ways: DayWays = {0: [DayWay(0, 0, (0,) * len(rules.scarce), ())]}
    searched: dict[int, DayWays] = {}
    for person, alike in enumerate(rules.groups):
        if alike not in searched or person in rules.scarce:
            searched[person] = DaySearch(_restrict(rules, person), budget).list_ways()
        own = searched[person] if person in searched else searched[alike]
        ways = _combine(rules, ways, _assign(rules, own, person), budget)
    del ways[0]
    return ways


def _is_separable(rules: DayRules) -> bool:
    is_alone = all(len(option.people) == 1 for room in rules.rooms for option in room.options)
    return is_alone and not rules.at_once and not any(room.is_fixed for room in rules.rooms) and len(rules.groups) > 1


def _restrict(rules: DayRules, person: int) -> DayRules:
    """Return the rules for one person alone, who is number 0 in them."""
    rooms = []
    for room in rules.rooms:
        options = tuple(replace(option, people=(0,)) for option in room.options if option.people == (person,))
        if options:
            rooms.append(replace(room, options=options))
    scarce = {0: rules.scarce[person]} if person in rules.scarce else {}
    return replace(rules, rooms=tuple(rooms), groups=(0,), scarce=scarce)


def _assign(rules: DayRules, ways: Mapping[int, list[DayWay]], person: int) -> DayWays:
    """Return the ways of one person with the number and the place among the scarce that the person has."""
    return {
        mask: [
            DayWay(
                way.cost,
                way.travel,
                tuple(way.minutes[0] if number == person else 0 for number in rules.scarce),
                tuple(DayVisit(visit.room, visit.starts, visit.minutes, (person,)) for visit in way.visits),
            )
            for way in group
        ]
        for mask, group in ways.items()
    }


def _combine(rules: DayRules, first: DayWays, second: DayWays, budget: SearchBudget) -> DayWays:
    """Return the best ways that are a way of the first, a way of the second, or both side by side."""
    schools = {
        school: sum(1 << room.number for room in rules.rooms if room.school == school) for school in rules.visits
    }
    combined: DayWays = {mask: list(group) for mask, group in first.items()}
    for mask, group in first.items():
        for more, others in second.items():
            if mask & more or (mask | more).bit_count() > rules.visits_in_all:
                continue
            if any(((mask | more) & rooms).bit_count() > rules.visits[school] for school, rooms in schools.items()):
                continue
            budget.take(len(group) * len(others))
            combined.setdefault(mask | more, []).extend(
                _join(way, other) for way in group for other in others if way.cost + other.cost <= rules.most_cost
            )
    return {mask: _drop_worse(group) for mask, group in combined.items() if group}


def _join(way: DayWay, other: DayWay) -> DayWay:
    minutes = tuple(own + more for own, more in zip(way.minutes, other.minutes, strict=True))
    return DayWay(way.cost + other.cost, way.travel + other.travel, minutes, way.visits + other.visits)


def _drop_worse(ways: list[DayWay]) -> list[DayWay]:
    chosen: list[DayWay] = []
    for way in sorted(ways, key=lambda item: (item.cost, item.travel)):
        if not any(all(a <= b for a, b in zip(other.minutes, way.minutes, strict=True)) for other in chosen):
            chosen.append(way)
    return chosen
