"""Correlations over the events that rules matched, in the order of time.

At each event that a referenced rule matches, the condition judges the group's matches in the window (t - span, t].
The correlation fires where it holds and did not hold at the group's event before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, Protocol

from homeroom.domain.protect.detections.correlations import Correlation
from homeroom.domain.protect.detections.detections import Detection, EventPlace
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import CorrelationRule
from homeroom.engines.protect.detect.group_measures import Change, GroupMeasure, ReferenceMatches, build_measure
from homeroom.engines.protect.detect.values import format_text, iterate_scalars

type GroupKey = tuple[str, ...]
type WindowEntry = tuple[datetime, EventPlace, Change]
"""An event in the window: its time, its place, and what it added to the measure of its group."""
MAX_IDLE_GROUPS = 20_000
"""So many groups are new before those that are as if they had never been are dropped."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleMatch:
    """A rule that matched an event, or a correlation that fired on it, and the fields to correlate by."""

    rule: str
    event: LogEvent
    fields: Mapping[str, Any]


class Window(Protocol):
    """The events of a group in the order of time; in memory, or somewhere else."""

    def append(self, entry: WindowEntry, /) -> None:
        """Add the newest event."""

    def remove_oldest(self) -> WindowEntry:
        """Remove the oldest event and return it."""

    def get_oldest(self) -> WindowEntry:
        """Return the oldest event."""

    def __iter__(self) -> Iterator[WindowEntry]:
        """Iterate over the events."""

    def __len__(self) -> int:
        """Return how many events there are."""


type WindowFactory = Callable[[], Window]


class MemoryWindow(deque[WindowEntry]):
    """A window in memory."""

    def remove_oldest(self) -> WindowEntry:
        """Remove the oldest event and return it."""
        return self.popleft()

    def get_oldest(self) -> WindowEntry:
        """Return the oldest event."""
        return self[0]


@dataclass(slots=True)
class GroupState:
    """The events of a group in the window, what they amount to, and whether the condition held at the last one."""

    window: Window
    measure: GroupMeasure
    held: bool = False


def find_correlated(
    rules: Sequence[CorrelationRule],
    matches: Iterable[Sequence[RuleMatch]],
    *,
    new_window: WindowFactory = MemoryWindow,
) -> Iterator[Detection]:
    """Yield the detections of correlations, silent ones too; `matches` are those of one event each, in time order.

    A correlation that another one refers to comes before it in `rules`.
    """
    trackers = [CorrelationTracker(rule, new_window=new_window) for rule in rules]
    for event_matches in matches:
        current = list(event_matches)
        for tracker in trackers:
            for detection, match in tracker.advance(current):
                current.append(match)
                yield detection


class CorrelationTracker:
    """State of one correlation while events pass."""

    def __init__(self, rule: CorrelationRule, *, new_window: WindowFactory = MemoryWindow) -> None:
        self.rule = rule
        self.groups: dict[GroupKey, GroupState] = {}
        self._span = timedelta(seconds=rule.correlation.seconds)
        self._new_window = new_window
        self._places: dict[str, list[int]] = {}
        for place, reference in enumerate(rule.correlation.rules):
            self._places.setdefault(reference, []).append(place)
        self._sweep_at = MAX_IDLE_GROUPS

    def advance(self, matches: Sequence[RuleMatch]) -> list[tuple[Detection, RuleMatch]]:
        """Take the matches of one event, and return what fires on it."""
        groups = self._group_matches(matches)
        return [fired for key in sorted(groups) if (fired := self._advance_group(key, *groups[key])) is not None]

    def _group_matches(self, matches: Sequence[RuleMatch]) -> dict[GroupKey, tuple[dict[str, Any], list[RuleMatch]]]:
        """Return the groups that the event is in: the values to show, and its matches that are about the group."""
        groups: dict[GroupKey, tuple[dict[str, Any], list[RuleMatch]]] = {}
        correlation = self.rule.correlation
        for match in matches:
            if match.rule not in self._places:
                continue
            for values in _list_group_values(correlation, match):
                key = tuple(format_text(value).lower() for value in values)
                shown = dict(zip(correlation.group_by, values, strict=True))
                groups.setdefault(key, (shown, []))[1].append(match)
        return groups

    def _advance_group(
        self, key: GroupKey, shown: Mapping[str, Any], matches: Sequence[RuleMatch]
    ) -> tuple[Detection, RuleMatch] | None:
        event = matches[0].event
        assert event.time is not None
        since = _subtract(event.time, self._span)
        state = self._get_state(key, since)
        change = state.measure.add(event.time, self._list_references(matches))
        state.window.append((event.time, EventPlace(file=event.file, record=event.record), change))
        _drop_expired(state, since)
        had_held, state.held = state.held, state.measure.is_condition_true(since)
        return self._build_detection(event, shown, state) if state.held and not had_held else None

    def _list_references(self, matches: Sequence[RuleMatch]) -> ReferenceMatches:
        return [(place, match.fields) for match in matches for place in self._places[match.rule]]

    def _get_state(self, key: GroupKey, since: datetime) -> GroupState:
        state = self.groups.get(key)
        if state is None:
            if len(self.groups) >= self._sweep_at:
                self._sweep(since)
            state = GroupState(self._new_window(), build_measure(self.rule.correlation))
            self.groups[key] = state
        return state

    def _sweep(self, since: datetime) -> None:
        """Drop groups that have no event in the window and whose condition did not hold: they are like new ones."""
        for key, state in list(self.groups.items()):
            _drop_expired(state, since)
            if not len(state.window) and not state.held:
                del self.groups[key]
        self._sweep_at = len(self.groups) * 2 + MAX_IDLE_GROUPS

    def _build_detection(
        self, event: LogEvent, shown: Mapping[str, Any], state: GroupState
    ) -> tuple[Detection, RuleMatch]:
        places = tuple(place for _time, place, _change in state.window)
        detection = Detection(rule=self.rule.heading, event=event, matched=shown, events=places)
        return detection, RuleMatch(rule=self.rule.heading.id, event=event, fields=shown)


def _subtract(time: datetime, span: timedelta) -> datetime:
    try:
        return time - span
    except OverflowError:
        return datetime.min.replace(tzinfo=time.tzinfo)


def _drop_expired(state: GroupState, since: datetime) -> None:
    while len(state.window) and state.window.get_oldest()[0] <= since:
        state.measure.remove(state.window.remove_oldest()[2])


def list_correlated_fields(correlations: Iterable[Correlation]) -> dict[str, tuple[str, ...]]:
    """Return for each rule that correlations refer to the fields of its events that they use."""
    fields: dict[str, dict[str, None]] = {}
    for correlation in correlations:
        for rule in correlation.rules:
            names = (*correlation.group_by, *correlation.value_fields)
            used = (get_field_name(correlation, name=name, rule=rule) for name in names)
            fields.setdefault(rule, {}).update(dict.fromkeys(used))
    return {rule: tuple(names) for rule, names in fields.items()}


def get_field_name(correlation: Correlation, *, name: str, rule: str) -> str:
    """Return the field that a rule's events have for a name of the correlation."""
    return correlation.aliases.get(name, {}).get(rule, name)


def _list_group_values(correlation: Correlation, match: RuleMatch) -> Iterator[tuple[Any, ...]]:
    """Return the groups that a match is in: none if it lacks a field, several if a field has several values."""
    names = (get_field_name(correlation, name=name, rule=match.rule) for name in correlation.group_by)
    return product(*(list(iterate_scalars(match.fields.get(name))) for name in names))
