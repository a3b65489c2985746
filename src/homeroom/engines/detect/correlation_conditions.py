"""The conditions of correlations, asked of the events of one group within the time span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Protocol

from homeroom.domain.detections.correlations import Correlation, CorrelationKind, Limit, Presence
from homeroom.engines.detect.conditions import COMPARE
from homeroom.engines.detect.values import format_text, iterate_scalars, parse_number


class MatchedEvent(Protocol):
    """An event of a group: the references that matched it, by their place, and each one's fields."""

    @property
    def matches(self) -> tuple[tuple[int, Mapping[str, Any]], ...]:
        """The places of the rules in the correlation's list, and the fields."""


def is_condition_true(correlation: Correlation, events: Sequence[MatchedEvent]) -> bool:
    """Return True if the correlation's condition holds of the events, which are in the order of time."""
    match correlation.kind:
        case CorrelationKind.TEMPORAL:
            return _is_presence_true(correlation, events)
        case CorrelationKind.TEMPORAL_ORDERED:
            length = _measure_longest_sequence(events, len(correlation.rules))
            return _fits(correlation.limits, length)
        case CorrelationKind.EVENT_COUNT:
            return _fits(correlation.limits, len(events))
        case CorrelationKind.VALUE_COUNT:
            return _fits(correlation.limits, len(set(_iterate_values(correlation, events))))
        case CorrelationKind.VALUE_SUM | CorrelationKind.VALUE_AVERAGE:
            return _is_amount_true(correlation, events)


def _fits(limits: Sequence[Limit], number: float) -> bool:
    return all(COMPARE[limit.operator](number, limit.value) for limit in limits)


def _is_presence_true(correlation: Correlation, events: Sequence[MatchedEvent]) -> bool:
    places = {place for event in events for place, _ in event.matches}
    if correlation.presence is not None:
        return _evaluate_presence(correlation.presence, {correlation.rules[place] for place in places})
    return _fits(correlation.limits, len(places))


def _evaluate_presence(presence: Presence, rules: set[str]) -> bool:
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


def _measure_longest_sequence(events: Sequence[MatchedEvent], references: int) -> int:
    """Return how many of the rules matched in their order, each at an event later than the one before."""
    longest = [0] * references
    for event in events:
        places = {place for place, _ in event.matches}
        reached = {place: 1 + max(longest[:place], default=0) for place in places}
        for place, length in reached.items():
            longest[place] = max(longest[place], length)
    return max(longest, default=0)


def _is_amount_true(correlation: Correlation, events: Sequence[MatchedEvent]) -> bool:
    """Return True if the sum or the average of the numbers fits; False if there is no number."""
    values = (value for values in _iterate_values(correlation, events, fold=False) for value in values)
    numbers = [number for number in map(parse_number, values) if number is not None]
    if not numbers:
        return False
    total = sum(numbers)
    return _fits(correlation.limits, total if correlation.kind is CorrelationKind.VALUE_SUM else total / len(numbers))


def _iterate_values(
    correlation: Correlation, events: Sequence[MatchedEvent], *, fold: bool = True
) -> Iterator[tuple[Any, ...]]:
    """Return the values of the correlation's fields at each event, as texts without case if `fold` is true."""
    for event in events:
        for values in _list_event_values(correlation, event):
            yield tuple(format_text(value).lower() for value in values) if fold else values


def _list_event_values(correlation: Correlation, event: MatchedEvent) -> Iterator[tuple[Any, ...]]:
    """Return the values that one event adds: those of the first reference that matched it and has some."""
    for place, fields in event.matches:
        rule = correlation.rules[place]
        names = [correlation.aliases.get(name, {}).get(rule, name) for name in correlation.value_fields]
        values = list(product(*(list(iterate_scalars(fields.get(name))) for name in names)))
        if values:
            return iter(values)
    return iter(())
