"""Which rules can see anything: rules and kinds of logs in, with the events that came lately."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from homeroom.domain.protect.detections.correlations import CorrelationKind
from homeroom.domain.protect.detections.coverage import Coverage, LogGain, LogSourceKind, RuleCoverage, SeenEvents
from homeroom.domain.protect.detections.rules import (
    And,
    Condition,
    CorrelationRule,
    FieldSearch,
    LogVariant,
    Negation,
    Number,
    Or,
    RuleHeading,
    RuleSet,
)
from homeroom.engines.protect.detect.prefilter import ABSENT, is_possible

ALL_TOGETHER = frozenset({CorrelationKind.TEMPORAL, CorrelationKind.TEMPORAL_ORDERED})
"""Correlations that need events of all of their rules; the others need those of one."""
_OTHER_ID = -1
"""Stands for an event ID that no kind has."""


def measure_coverage(
    rules: RuleSet, *, headings: Collection[str], kinds: Sequence[LogSourceKind], seen: Iterable[SeenEvents]
) -> Coverage:
    """Return the coverage of the rules with the ids `headings`; the others only serve correlations."""
    seen, kinds = list(seen), [kind for kind in kinds if kind.is_log]
    counts = {kind.id: count for kind in kinds if (count := sum(entry.count for entry in seen if _has(kind, entry)))}
    other_channels = {entry.channel.lower() for entry in seen} - {name for kind in kinds for name in kind.channels}
    coverage = _CoverageRun(rules, kinds=kinds, counts=counts, other_channels=other_channels)
    measured = [coverage.measure(heading) for heading in coverage.headings if heading.id in headings]
    return Coverage(
        rules=tuple(sorted(measured, key=lambda rule: (rule.can_see, rule.heading.id))),
        seen=counts,
        newest={kind.id: day for kind in kinds if (day := _find_newest(kind, seen)) is not None},
        gains=_rank_gains(measured, kinds=kinds, seen=counts),
    )


def _find_newest(kind: LogSourceKind, seen: Iterable[SeenEvents]) -> date | None:
    return max((entry.newest for entry in seen if entry.newest and _has(kind, entry)), default=None)


def _has(kind: LogSourceKind, events: SeenEvents) -> bool:
    """Return True if the events are of the kind."""
    if kind.product != events.product or (kind.field and kind.field not in events.fields):
        return False
    if kind.services and events.service not in kind.services:
        return False
    if kind.channels and events.channel.lower() not in kind.channels:
        return False
    return not kind.event_ids or events.event_id in kind.event_ids


class _CoverageRun:
    """Rules with the kinds that each of them could see with."""

    def __init__(
        self, rules: RuleSet, *, kinds: Sequence[LogSourceKind], counts: Mapping[str, int], other_channels: set[str]
    ) -> None:
        self._kinds, self._counts, self._other_channels = kinds, counts, other_channels
        self._variants = {rule.heading.id: rule.variants for rule in rules.rules}
        self._correlations = {rule.heading.id: rule for rule in rules.correlations}
        self._measured: dict[str, RuleCoverage] = {}
        self.headings = [rule.heading for rule in rules.rules] + [rule.heading for rule in rules.correlations]

    def measure(self, heading: RuleHeading) -> RuleCoverage:
        """Return whether a rule can see anything, and the kinds that it could see with."""
        if heading.id not in self._measured:
            correlation = self._correlations.get(heading.id)
            measured = self._measure_correlation(heading, correlation) if correlation else self._measure_rule(heading)
            self._measured[heading.id] = measured
        return self._measured[heading.id]

    def _measure_rule(self, heading: RuleHeading) -> RuleCoverage:
        variants = self._variants[heading.id]
        kinds = [kind.id for kind in self._kinds if _is_source(kind, variants, kinds=self._kinds)]
        has_channel = any(variant.log.channels & self._other_channels for variant in variants)
        can_see = has_channel or any(kind in self._counts for kind in kinds)
        return RuleCoverage(heading=heading, can_see=can_see, kinds=tuple(kinds))

    def _measure_correlation(self, heading: RuleHeading, rule: CorrelationRule) -> RuleCoverage:
        by_id = {entry.id: entry for entry in self.headings}
        parts = [self.measure(by_id[reference]) for reference in rule.correlation.rules]
        sees = [part.can_see for part in parts]
        blind_kinds = dict.fromkeys(kind for part in parts if not part.can_see for kind in part.kinds)
        all_kinds = dict.fromkeys(kind for part in parts for kind in part.kinds)
        can_see = all(sees) if rule.correlation.kind in ALL_TOGETHER else any(sees)
        return RuleCoverage(heading=heading, can_see=can_see, kinds=tuple(all_kinds if can_see else blind_kinds))


def _is_source(kind: LogSourceKind, variants: Iterable[LogVariant], *, kinds: Sequence[LogSourceKind]) -> bool:
    """Return True if events of the kind can make one of the variants true."""
    return any(_is_variant_source(kind, variant, kinds=kinds) for variant in variants)


def _is_variant_source(kind: LogSourceKind, variant: LogVariant, *, kinds: Sequence[LogSourceKind]) -> bool:
    log = variant.log
    if log.product and kind.product != log.product:
        return False
    if kind.services and log.services and not kind.services & log.services:
        return False
    if kind.channels and log.channels and not kind.channels & log.channels:
        return False
    fixed = {} if kind.field else dict.fromkeys(_list_optional_fields(kind, kinds), ABSENT)
    return any(
        is_possible(variant.condition, {**fixed, "EventID": event_id})
        for event_id in _list_event_ids(kind, variant, kinds=kinds)
    )


def _list_optional_fields(kind: LogSourceKind, kinds: Sequence[LogSourceKind]) -> list[str]:
    """Return the fields that the events of a kind lack, since a further kind has them."""
    return [other.field for other in kinds if other.field and other.after == kind.id]


def _list_event_ids(kind: LogSourceKind, variant: LogVariant, *, kinds: Sequence[LogSourceKind]) -> list[int]:
    """Return the event IDs to try: those that the variant names and the kind has, or else another one."""
    named = variant.log.event_ids or frozenset(_iter_event_ids(variant.condition))
    if kind.event_ids:
        return sorted(kind.event_ids & variant.log.event_ids if variant.log.event_ids else kind.event_ids)
    elsewhere = {
        event_id for other in kinds if other.channels & kind.channels for event_id in other.event_ids if other != kind
    }
    others = sorted(named - elsewhere)
    return others if variant.log.event_ids else [*others, _OTHER_ID]


def _iter_event_ids(condition: Condition) -> Iterable[int]:
    match condition:
        case FieldSearch(name="EventID"):
            yield from (int(test.value) for test in condition.tests if isinstance(test, Number))
        case And() | Or():
            for part in condition.parts:
                yield from _iter_event_ids(part)
        case Negation():
            yield from _iter_event_ids(condition.part)


def _rank_gains(
    measured: Sequence[RuleCoverage], *, kinds: Sequence[LogSourceKind], seen: Mapping[str, int]
) -> tuple[LogGain, ...]:
    """Return what each kind that did not come would open, by rules for each minute of work."""
    by_id = {kind.id: kind for kind in kinds}
    gains = []
    for kind in kinds:
        if kind.id in seen:
            continue
        first = _list_missing_before(kind, by_id, seen)
        opened = sum(not rule.can_see and kind.id in rule.kinds for rule in measured)
        opened_before = {entry.id for entry in first}
        opened += sum(
            not rule.can_see and kind.id not in rule.kinds and bool(opened_before & set(rule.kinds))
            for rule in measured
        )
        if opened:
            minutes = kind.minutes + sum(entry.minutes for entry in first)
            gains.append(LogGain(kind=kind, first=first, rules=opened, minutes=minutes))
    return tuple(sorted(gains, key=lambda gain: (-gain.rules / max(gain.minutes, 1), gain.kind.id)))


def _list_missing_before(
    kind: LogSourceKind, by_id: Mapping[str, LogSourceKind], seen: Mapping[str, int]
) -> tuple[LogSourceKind, ...]:
    before = by_id.get(kind.after)
    if before is None or before.id in seen:
        return ()
    return (*_list_missing_before(before, by_id, seen), before)
