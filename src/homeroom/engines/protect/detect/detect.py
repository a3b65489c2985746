"""Events in, detections out: every rule on each event, and then the correlations in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from homeroom.domain.protect.detections.detections import Detection
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import DetectionRule, RuleSet
from homeroom.engines.protect.detect.correlate import (
    MemoryWindow,
    RuleMatch,
    WindowFactory,
    find_correlated,
    list_correlated_fields,
)
from homeroom.engines.protect.detect.prefilter import VariantIndex
from homeroom.engines.protect.detect.rules import FieldsTracer, compile_rule, compile_tracer

BATCH_EVENTS = 20_000
"""Events whose values are searched for literals at a time."""
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(kw_only=True, slots=True)
class EventScan:
    """What rules matched in a sequence of events: detections, and for correlations the matches of each event."""

    detections: list[Detection] = field(default_factory=list)
    matches: list[list[RuleMatch]] = field(default_factory=list)

    def add(self, other: EventScan) -> None:
        """Append the scan of the events that follow."""
        self.detections += other.detections
        self.matches += other.matches


class EventScanner:
    """Rules, ready to be asked of any number of events.

    Without a `prefilter` the scanner evaluates each rule about an event's log, which is slower and gives the same.
    """

    def __init__(self, rules: RuleSet, *, prefilter: bool = True) -> None:
        compiled = [compile_rule(rule) for rule in rules.rules]
        self._variants = [(rule.rule, variant) for rule in compiled for variant in rule.variants]
        self._correlated_fields = list_correlated_fields(rule.correlation for rule in rules.correlations)
        self._tracers: dict[int, FieldsTracer] = {}
        self._index = VariantIndex([variant for _rule, variant in self._variants]) if prefilter else None

    def _get_tracer(self, number: int) -> FieldsTracer:
        """Return what names the fields that matched; most rules never fire, so it is compiled when one does."""
        if number not in self._tracers:
            self._tracers[number] = compile_tracer(self._variants[number][1].variant.condition)
        return self._tracers[number]

    def scan(self, events: Iterable[LogEvent]) -> EventScan:
        """Return what the rules match, in the order of the events."""
        scan = EventScan()
        for part in self.iter_scans(events):
            scan.add(part)
        return scan

    def iter_scans(self, events: Iterable[LogEvent]) -> Iterator[EventScan]:
        """Yield what the rules match in one batch of events after the other."""
        for batch in batched(events, BATCH_EVENTS):
            scan = EventScan()
            for event, candidates in zip(batch, self._list_candidates(batch), strict=True):
                self._scan_event(event, candidates, scan)
            yield scan

    def _list_candidates(self, events: Sequence[LogEvent]) -> Iterable[Iterable[int]]:
        if self._index is not None:
            return self._index.list_candidates(events)
        return [
            [number for number, (_rule, variant) in enumerate(self._variants) if variant.is_of_log(event)]
            for event in events
        ]

    def _scan_event(self, event: LogEvent, candidates: Iterable[int], scan: EventScan) -> None:
        matches: list[RuleMatch] = []
        matched_rule: DetectionRule | None = None
        for number in candidates:
            rule, variant = self._variants[number]
            if rule is matched_rule or not variant.matches(event.fields):
                continue
            matched_rule = rule
            if not rule.silent:
                matched = self._get_tracer(number)(event.fields)
                scan.detections.append(Detection(rule=rule.heading, event=event, matched=matched))
            names = self._correlated_fields.get(rule.heading.id)
            if names is not None and event.time is not None:
                fields = _select_fields(event, names, variant.variant.field_names)
                matches.append(RuleMatch(rule=rule.heading.id, event=event, fields=fields))
        if matches:
            scan.matches.append(matches)


def _select_fields(event: LogEvent, names: Sequence[str], field_names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of fields that a rule names, by the rule's names; the event's log may call them otherwise."""
    fields = event.fields
    values = {name: fields.get(field_names.get(name, name), fields.get(name)) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def find_correlated_detections(rules: RuleSet, matches: Iterable[list[RuleMatch]]) -> list[Detection]:
    """Return the detections of the correlations over all matches of a scan."""
    ordered = sorted(matches, key=lambda event_matches: get_event_order(event_matches[0].event))
    return list(iter_correlated_detections(rules, ordered))


def iter_correlated_detections(
    rules: RuleSet, matches: Iterable[Sequence[RuleMatch]], *, new_window: WindowFactory = MemoryWindow
) -> Iterator[Detection]:
    """Yield the detections of the correlations over matches that are in the order of `get_event_order`."""
    silent = {rule.heading.id for rule in rules.correlations if rule.silent}
    for detection in find_correlated(rules.correlations, matches, new_window=new_window):
        if detection.rule.id not in silent:
            yield detection


def detect_events(rules: RuleSet, events: Iterable[LogEvent]) -> list[Detection]:
    """Return the detections of the rules on the events, ordered by time, file, record and rule."""
    scan = EventScanner(rules).scan(events)
    correlated = find_correlated_detections(rules, scan.matches)
    return sorted([*scan.detections, *correlated], key=get_detection_order)


def get_event_order(event: LogEvent) -> tuple[datetime, str]:
    """Return the order of an event; those of one time and file stay as they were read."""
    return event.time or _BEFORE_ALL, event.file


def get_detection_order(detection: Detection) -> tuple[datetime, str, int, str]:
    """Return what detections are ordered by."""
    event = detection.event
    return event.time or _BEFORE_ALL, event.file, event.record, detection.rule.id
