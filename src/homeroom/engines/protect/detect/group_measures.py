"""What correlations measure of a group, updated as events enter and leave the time span.

Each measure takes what an event added, so that an event costs the same however many others are in the time span. What
an event added has to be small: it waits in the window until it leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import product
from typing import Any, Protocol

from homeroom.domain.protect.detections.correlations import Correlation, CorrelationKind, Limit, Presence
from homeroom.engines.protect.detect.conditions import COMPARE
from homeroom.engines.protect.detect.values import format_text, iterate_scalars, parse_number

type ReferenceMatches = Sequence[tuple[int, Mapping[str, Any]]]
"""The references that matched an event, by their place in the correlation's list, and the fields of each."""
type Change = tuple[Any, ...]
"""What one event added to a measure."""


class GroupMeasure(Protocol):
    """A measure of the events of one group in the time span."""

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        """Take an event that enters, and return what it added."""

    def remove(self, change: Change) -> None:
        """Remove what an event added that left."""

    def is_condition_true(self, since: datetime) -> bool:
        """Return True if the condition holds of the events after `since`, which are those in the time span."""


def build_measure(correlation: Correlation) -> GroupMeasure:
    """Return the measure of a correlation for a new group."""
    match correlation.kind:
        case CorrelationKind.TEMPORAL:
            return RulePresence(correlation)
        case CorrelationKind.TEMPORAL_ORDERED:
            return RuleOrder(correlation)
        case CorrelationKind.EVENT_COUNT:
            return EventCount(correlation)
        case CorrelationKind.VALUE_COUNT:
            return ValueCount(correlation)
        case CorrelationKind.VALUE_SUM | CorrelationKind.VALUE_AVERAGE:
            return NumberTotal(correlation)


class EventCount:
    """How many events there are."""

    def __init__(self, correlation: Correlation) -> None:
        self._limits, self._count = correlation.limits, 0

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        self._count += 1
        return ()

    def remove(self, change: Change) -> None:
        self._count -= 1

    def is_condition_true(self, since: datetime) -> bool:
        return _fits(self._limits, self._count)


class ValueCount:
    """How many distinct values the events have, without case."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._counts: Counter[Change] = Counter()

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        values = _list_event_values(self._correlation, matches)
        folded = tuple({tuple(format_text(value).lower() for value in entry) for entry in values})
        self._counts.update(folded)
        return folded

    def remove(self, change: Change) -> None:
        for value in change:
            self._counts[value] -= 1
            if not self._counts[value]:
                del self._counts[value]

    def is_condition_true(self, since: datetime) -> bool:
        return _fits(self._correlation.limits, len(self._counts))


class NumberTotal:
    """The sum or the average of the numbers of the events, exactly, so that removing restores what was before."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._total: Fraction = Fraction(0)
        self._count = 0

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        values = (value for entry in _list_event_values(self._correlation, matches) for value in entry)
        numbers = tuple(number for number in map(parse_number, values) if number is not None)
        self._total += sum(map(Fraction, numbers))
        self._count += len(numbers)
        return numbers

    def remove(self, change: Change) -> None:
        self._total -= sum(map(Fraction, change))
        self._count -= len(change)

    def is_condition_true(self, since: datetime) -> bool:
        if not self._count:
            return False
        is_sum = self._correlation.kind is CorrelationKind.VALUE_SUM
        return _fits(self._correlation.limits, self._total if is_sum else self._total / self._count)


class RulePresence:
    """Which of the rules matched."""

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._counts: Counter[int] = Counter()

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        places = _list_places(matches)
        self._counts.update(places)
        return places

    def remove(self, change: Change) -> None:
        self._counts.subtract(change)

    def is_condition_true(self, since: datetime) -> bool:
        places = [place for place, count in self._counts.items() if count]
        if self._correlation.presence is None:
            return _fits(self._correlation.limits, len(places))
        return _evaluate_presence(self._correlation.presence, {self._correlation.rules[place] for place in places})


class RuleOrder:
    """How many of the rules matched in their order, each at an event later than the one before.

    Of the sequences of a length that end with a rule only the one that began last matters: it is the last to leave.
    """

    def __init__(self, correlation: Correlation) -> None:
        self._correlation = correlation
        self._begins: dict[tuple[int, int], datetime] = {}
        """When the sequence began, by the place of its last rule and its length."""

    def add(self, time: datetime, matches: ReferenceMatches) -> Change:
        extended = {
            (place, length): begin for place in _list_places(matches) for length, begin in self._extend(place, time)
        }
        for end, begin in extended.items():
            self._begins[end] = max(begin, self._begins.get(end, begin))
        return ()

    def _extend(self, place: int, time: datetime) -> Iterator[tuple[int, datetime]]:
        """Yield the length and begin of each sequence that a match of the rule at this place ends."""
        yield 1, time
        for length in range(1, place + 1):
            begins = [begin for before in range(place) if (begin := self._begins.get((before, length))) is not None]
            if begins:
                yield length + 1, max(begins)

    def remove(self, change: Change) -> None:
        """Keep all: a sequence leaves with its first event, which `is_condition_true` looks at."""

    def is_condition_true(self, since: datetime) -> bool:
        lengths = (length for (_place, length), begin in self._begins.items() if begin > since)
        return _fits(self._correlation.limits, max(lengths, default=0))


def _fits(limits: Sequence[Limit], number: float | Fraction) -> bool:
    return all(COMPARE[limit.operator](number, limit.value) for limit in limits)


def _list_places(matches: ReferenceMatches) -> tuple[int, ...]:
    return tuple(dict.fromkeys(place for place, _fields in matches))


def _evaluate_presence(presence: Presence, rules: Iterable[str]) -> bool:
    parts = (_evaluate_presence(part, rules) for part in presence.parts)
    match presence.operator:
        case "and":
            return all(parts)
        case "or":
            return any(parts)
        case "not":
            return not any(parts)
        case _:
            return presence.rule in rules


def _list_event_values(correlation: Correlation, matches: ReferenceMatches) -> list[tuple[Any, ...]]:
    """Return the values that one event adds: those of the first reference that matched it and has some."""
    for place, fields in matches:
        rule = correlation.rules[place]
        names = [correlation.aliases.get(name, {}).get(rule, name) for name in correlation.value_fields]
        values = list(product(*(list(iterate_scalars(fields.get(name))) for name in names)))
        if values:
            return values
    return []
