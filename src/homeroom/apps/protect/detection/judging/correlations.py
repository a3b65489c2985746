"""Correlations over what is stored: judged again from the first new match on, so that late events count as in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from homeroom.apps.protect.detection.detection_rows import write_detections
from homeroom.apps.protect.detection.judging.alert_rules import AlertRules, list_base_rules, sum_seconds
from homeroom.apps.protect.detection.judging.describe_detections import MAX_EVENTS, describe_correlation
from homeroom.apps.protect.detection.judging.stored_matches import (
    WARM_UP,
    StoredMatch,
    build_event,
    find_first_stored_day,
    iter_matches,
)
from homeroom.apps.protect.detection.models import StoredDetection
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import FoldedDetection
from homeroom.engines.protect.detect import iter_correlated_detections
from homeroom.engines.protect.detect.correlate import RuleMatch
from homeroom.engines.protect.enrich.event_enricher import EventEnricher


@dataclass(frozen=True, kw_only=True)
class CorrelationOutcome:
    """What fires, and the times of what fired before and does not any more."""

    fired: tuple[FoldedDetection, ...] = ()
    gone: tuple[datetime, ...] = ()


def judge_correlations(
    *,
    district: District,
    rules: AlertRules,
    enricher: EventEnricher,
    first_times: Mapping[str, datetime],
    newest: datetime | None,
) -> CorrelationOutcome:
    """Judge the correlations whose base rules have new matches, by the first time of these.

    `newest` is the newest event of earlier runs, by which matches were deleted; what fired before those that are stored
    is final.
    """
    fired: list[FoldedDetection] = []
    gone: list[datetime] = []
    for number, rule in rules.correlations.items():
        closure = rules.list_closure(number)
        times = [first_times[base] for base in list_base_rules(closure) if base in first_times]
        if times and not rule.silent:
            of_rule = _judge_correlation(number, since=min(times), district=district, rules=rules, enricher=enricher)
            fired += of_rule
            open_since = _find_open_since(newest, seconds=sum_seconds(closure), since=min(times))
            gone += _replace_stored(district, number, since=open_since, fired=of_rule)
    return CorrelationOutcome(fired=tuple(fired), gone=tuple(gone))


def _find_open_since(newest: datetime | None, *, seconds: int, since: datetime) -> datetime:
    """Return since when all matches are stored that the outcome depends on; not earlier than `since`."""
    if newest is None:
        return since
    first = datetime.combine(find_first_stored_day(newest, seconds=seconds), time(), tzinfo=UTC)
    return max(since, first + timedelta(seconds=WARM_UP * seconds))


def _judge_correlation(
    correlation: str, *, since: datetime, district: District, rules: AlertRules, enricher: EventEnricher
) -> list[FoldedDetection]:
    closure = rules.list_closure(correlation)
    reading = _MatchReading()
    start = since - timedelta(seconds=WARM_UP * sum_seconds(closure))
    matches = reading.read(iter_matches(district, list_base_rules(closure), since=start))
    fired = []
    for detection in iter_correlated_detections(closure, matches):
        fired_at = detection.event.time
        if detection.rule.id != correlation or fired_at is None or fired_at < since:
            continue
        chosen = [reading.matches[place.record] for place in detection.events[-MAX_EVENTS:]]
        events = [build_event(match, record=number) for number, match in enumerate(chosen)]
        firing = build_event(reading.matches[detection.event.record], record=0, extra=detection.matched)
        fired.append(
            describe_correlation(
                replace(detection, event=firing),
                events=events,
                events_total=len(detection.events),
                rules=rules,
                enricher=enricher,
            )
        )
    return fired


class _MatchReading:
    """Matches on their way through the correlations; the record of an event is its place here."""

    def __init__(self) -> None:
        self.matches: list[StoredMatch] = []

    def read(self, events: Iterator[list[tuple[str, StoredMatch]]]) -> Iterator[list[RuleMatch]]:
        """Yield the matches of each event."""
        for of_event in events:
            event = build_event(of_event[0][1], record=len(self.matches))
            self.matches.append(of_event[0][1])
            yield [RuleMatch(rule=rule, event=event, fields=match.fields) for rule, match in of_event]


def _replace_stored(
    district: District, correlation: str, *, since: datetime, fired: list[FoldedDetection]
) -> list[datetime]:
    """Store what fires, delete what fired before and does not with what came since, and return when that was."""
    stored = StoredDetection.objects.of(district).filter(rule=correlation, at__gte=since)
    keys = {item.event.key for item in fired}
    rows = [row for row in stored.values_list("pk", "event_key", "at") if row[1] not in keys]
    gone = [number for number, _key, _at in rows]
    for start in range(0, len(gone), 500):
        StoredDetection.objects.filter_by_keys(district, gone[start : start + 500]).delete()
    write_detections(district=district, detections=fired, correlated=True)
    return [moment for _number, _key, moment in rows]
