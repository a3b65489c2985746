"""Correlations over the events that rules matched, in the order of time.

At each event that a referenced rule matches, the condition judges the group's matches in the window (t - span, t].
The correlation fires where it holds and did not hold at the group's event before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any

from homeroom.domain.detections.correlations import Correlation
from homeroom.domain.detections.detections import Detection, EventPlace
from homeroom.domain.detections.events import LogEvent
from homeroom.domain.detections.rules import CorrelationRule
from homeroom.engines.detect.correlation_conditions import is_condition_true
from homeroom.engines.detect.values import format_text, iterate_scalars

type GroupKey = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleMatch:
    """A rule that matched an event, or a correlation that fired on it, and the fields to correlate by."""

    rule: str
    event: LogEvent
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupEvent:
    """One event of a group: the references that matched it, by their place, and each one's fields."""

    event: LogEvent
    matches: tuple[tuple[int, Mapping[str, Any]], ...]


@dataclass(slots=True)
class GroupState:
    """The events of a group in the window, and whether the condition held at its last one."""

    window: deque[GroupEvent] = field(default_factory=deque)
    held: bool = False


def find_correlated(rules: Sequence[CorrelationRule], matches: Iterable[Sequence[RuleMatch]]) -> Iterator[Detection]:
    """Return the detections of correlations, silent ones too; `matches` are those of one event each, in time order.

    A correlation that another one refers to comes before it in `rules`.
    """
    trackers = [CorrelationTracker(rule) for rule in rules]
    for of_event in matches:
        current = list(of_event)
        for tracker in trackers:
            for detection, match in tracker.advance(current):
                current.append(match)
                yield detection


class CorrelationTracker:
    """State of one correlation while events pass."""

    def __init__(self, rule: CorrelationRule) -> None:
        self.rule = rule
        self.span = timedelta(seconds=rule.correlation.seconds)
        self.groups: dict[GroupKey, GroupState] = {}

    def advance(self, matches: Sequence[RuleMatch]) -> list[tuple[Detection, RuleMatch]]:
        """Take the matches of one event, and return what fires on it."""
        fired = []
        for key, (shown, event) in sorted(self._group_matches(matches).items()):
            state = self.groups.setdefault(key, GroupState())
            state.window.append(event)
            self._drop_expired(state, event)
            holds = is_condition_true(self.rule.correlation, state.window)
            if holds and not state.held:
                fired.append(self._build_detection(shown, event, state))
            state.held = holds
        return fired

    def _group_matches(self, matches: Sequence[RuleMatch]) -> dict[GroupKey, tuple[dict[str, Any], GroupEvent]]:
        groups: dict[GroupKey, tuple[dict[str, Any], GroupEvent]] = {}
        correlation = self.rule.correlation
        for match in matches:
            places = [place for place, rule in enumerate(correlation.rules) if rule == match.rule]
            for values in _list_group_values(correlation, match) if places else ():
                key = tuple(format_text(value).lower() for value in values)
                shown, event = groups.get(key) or (
                    dict(zip(correlation.group_by, values, strict=True)),
                    GroupEvent(event=match.event, matches=()),
                )
                added = (*event.matches, *((place, match.fields) for place in places))
                groups[key] = (shown, GroupEvent(event=match.event, matches=added))
        return groups

    def _drop_expired(self, state: GroupState, event: GroupEvent) -> None:
        time = event.event.time
        assert time is not None
        while state.window[0].event.time is not None and state.window[0].event.time <= time - self.span:
            state.window.popleft()

    def _build_detection(
        self, shown: Mapping[str, Any], event: GroupEvent, state: GroupState
    ) -> tuple[Detection, RuleMatch]:
        places = tuple(EventPlace(file=entry.event.file, record=entry.event.record) for entry in state.window)
        detection = Detection(rule=self.rule.heading, event=event.event, matched=shown, events=places)
        return detection, RuleMatch(rule=self.rule.heading.id, event=event.event, fields=shown)


def get_field_name(correlation: Correlation, *, name: str, rule: str) -> str:
    """Return the field that a rule's events have for a name of the correlation."""
    return correlation.aliases.get(name, {}).get(rule, name)


def _list_group_values(correlation: Correlation, match: RuleMatch) -> Iterator[tuple[Any, ...]]:
    """Return the groups that a match is in: none if it lacks a field, several if a field has several values."""
    names = (get_field_name(correlation, name=name, rule=match.rule) for name in correlation.group_by)
    return product(*(list(iterate_scalars(match.fields.get(name))) for name in names))
