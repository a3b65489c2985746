"""Events in, detections out: every rule on each event, and then the correlations in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched

from homeroom.domain.detections.detections import Detection
from homeroom.domain.detections.events import LogEvent
from homeroom.domain.detections.rules import DetectionRule, RuleSet
from homeroom.engines.detect.correlate import RuleMatch, find_correlated
from homeroom.engines.detect.prefilter import VariantIndex
from homeroom.engines.detect.rules import FieldsTracer, compile_rule, compile_tracer

BATCH_EVENTS = 5_000
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
        self._referenced = {rule for correlation in rules.correlations for rule in correlation.correlation.rules}
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
            if rule.heading.id in self._referenced and event.time is not None:
                matches.append(RuleMatch(rule=rule.heading.id, event=event, fields=event.fields))
        if matches:
            scan.matches.append(matches)


def find_correlated_detections(rules: RuleSet, matches: Iterable[list[RuleMatch]]) -> list[Detection]:
    """Return the detections of the correlations over all matches of a scan."""
    silent = {rule.heading.id for rule in rules.correlations if rule.silent}
    ordered = sorted(matches, key=lambda event_matches: _order_event(event_matches[0].event))
    correlated = find_correlated(rules.correlations, ordered)
    return [detection for detection in correlated if detection.rule.id not in silent]


def detect_events(rules: RuleSet, events: Iterable[LogEvent]) -> list[Detection]:
    """Return the detections of the rules on the events, ordered by time, file, record and rule."""
    scan = EventScanner(rules).scan(events)
    correlated = find_correlated_detections(rules, scan.matches)
    return sorted([*scan.detections, *correlated], key=get_detection_order)


def _order_event(event: LogEvent) -> tuple[datetime, str]:
    """Return the order of an event; those of one time and file stay as they were read."""
    return event.time or _BEFORE_ALL, event.file


def get_detection_order(detection: Detection) -> tuple[datetime, str, int, str]:
    """Return what detections are ordered by."""
    event = detection.event
    return event.time or _BEFORE_ALL, event.file, event.record, detection.rule.id
