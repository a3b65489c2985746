"""One rule on one event: whether it fires, and which fields made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import (
    And,
    Condition,
    DetectionRule,
    FieldReference,
    FieldSearch,
    KeywordSearch,
    LogCondition,
    LogVariant,
    Or,
)
from homeroom.engines.protect.detect.conditions import Fields, FieldsPredicate, compile_condition, compile_keyword_test
from homeroom.engines.protect.detect.values import format_text, iterate_scalars, parse_number

type EventPredicate = Callable[[LogEvent], bool]
type FieldsTracer = Callable[[Fields], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledVariant:
    """A variant of a rule, ready to be asked."""

    variant: LogVariant
    is_of_log: EventPredicate
    matches: FieldsPredicate


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledRule:
    """A rule, ready to be asked."""

    rule: DetectionRule
    variants: tuple[CompiledVariant, ...]

    def match(self, event: LogEvent) -> CompiledVariant | None:
        """Return the variant that matches the event, or None."""
        for variant in self.variants:
            if variant.is_of_log(event) and variant.matches(event.fields):
                return variant
        return None


def compile_rule(rule: DetectionRule) -> CompiledRule:
    """Return the rule, ready to be asked."""
    return CompiledRule(
        rule=rule,
        variants=tuple(
            CompiledVariant(
                variant=variant,
                is_of_log=_compile_log(variant.log),
                matches=compile_condition(variant.condition),
            )
            for variant in rule.variants
        ),
    )


def _compile_log(log: LogCondition) -> EventPredicate:
    def is_of_log(event: LogEvent) -> bool:
        if log.product and event.source.product != log.product:
            return False
        if log.services and event.source.service not in log.services:
            return False
        if log.event_ids and parse_number(event.fields.get("EventID")) not in log.event_ids:
            return False
        return not log.channels or str(event.fields.get("Channel", "")).lower() in log.channels

    return is_of_log


def compile_tracer(condition: Condition) -> FieldsTracer:
    """Return a function that names the fields that made a condition true, with their values; a negation adds none."""
    matches = compile_condition(condition)
    match condition:
        case And() | Or():
            tracers = [compile_tracer(part) for part in condition.parts]
            return lambda fields: _merge(trace(fields) for trace in tracers) if matches(fields) else {}
        case FieldSearch():
            references = [test.name for test in condition.tests if isinstance(test, FieldReference)]
            names = (condition.name, *references)
            return lambda fields: {name: fields[name] for name in names if name in fields} if matches(fields) else {}
        case KeywordSearch():
            return lambda fields: _find_keyword_fields(condition, fields) if matches(fields) else {}
        case _:
            return lambda _fields: {}


def _find_keyword_fields(condition: KeywordSearch, fields: Fields) -> dict[str, Any]:
    predicates = [compile_keyword_test(test) for test in condition.tests]
    return {
        name: value
        for name, value in fields.items()
        if any(matches(format_text(scalar)) for scalar in iterate_scalars(value) for matches in predicates)
    }


def _merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part)
    return merged
