"""Choose the rules that can be true of an event: by its log, and by the literals in its values.

Most values repeat from event to event, so the distinct values of a batch are searched for all literals in one pass.
What is left is a superset of the rules that match, whose conditions are then evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl

from homeroom.domain.detections.events import LogEvent
from homeroom.domain.detections.rules import LogCondition
from homeroom.engines.detect.literals import find_necessary_literals
from homeroom.engines.detect.rules import CompiledVariant
from homeroom.engines.detect.values import iterate_texts

MAX_KNOWN_VALUES = 100_000
"""Distinct values whose literals are remembered between batches."""
LogKey = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPart:
    """What the index knows of the events of one log with one event ID.

    `variants` are about them, `unfiltered` those of them that have no literals. `names` are the fields whose values
    have the literals of the others; None for all.
    """

    variants: int
    unfiltered: int
    names: frozenset[str] | None


class VariantIndex:
    """The variants of all rules, by log and by literal. A set of variants is a number with a bit for each."""

    def __init__(self, variants: Sequence[CompiledVariant]) -> None:
        self._by_condition: dict[LogCondition, tuple[CompiledVariant, list[int]]] = {}
        self._by_literal: dict[str, int] = {}
        self._names: list[frozenset[str] | None] = []
        self._unfiltered = 0
        for number, compiled in enumerate(variants):
            self._by_condition.setdefault(compiled.variant.log, (compiled, []))[1].append(number)
            literals = find_necessary_literals(compiled.variant.condition)
            self._names.append(frozenset() if literals is None else literals.names)
            if literals is None:
                self._unfiltered |= 1 << number
                continue
            for literal in literals.texts:
                self._by_literal[literal] = self._by_literal.get(literal, 0) | 1 << number
        self._literals = list(self._by_literal)
        self._parts: dict[LogKey, LogPart] = {}
        self._by_value: dict[str, int] = {}

    def list_candidates(self, events: Sequence[LogEvent]) -> list[list[int]]:
        """Return for each event the numbers of the variants to evaluate, ascending."""
        parts = [self._get_part(event) for event in events]
        texts = [_list_texts(event.fields, part.names) for event, part in zip(events, parts, strict=True)]
        self._search_values(set(chain.from_iterable(texts)))
        by_value = self._by_value
        candidates = []
        for part, event_texts in zip(parts, texts, strict=True):
            hits = 0
            for text in event_texts:
                hits |= by_value[text]
            candidates.append(list(_iter_bits(hits & part.variants | part.unfiltered)))
        return candidates

    def _get_part(self, event: LogEvent) -> LogPart:
        fields = event.fields
        key = (event.source.product, event.source.service, str(fields.get("Channel")), str(fields.get("EventID")))
        if key not in self._parts:
            self._parts[key] = self._build_part(event)
        return self._parts[key]

    def _build_part(self, event: LogEvent) -> LogPart:
        numbers = [
            number
            for compiled, members in self._by_condition.values()
            if compiled.is_of_log(event)
            for number in members
        ]
        names = [self._names[number] for number in numbers]
        known_names = [item for item in names if item is not None]
        variants = sum(1 << number for number in numbers)
        return LogPart(
            variants=variants,
            unfiltered=variants & self._unfiltered,
            names=None if len(known_names) < len(names) else frozenset(chain.from_iterable(known_names)),
        )

    def _search_values(self, texts: set[str]) -> None:
        """Find the literals in values that are not known yet, in one pass over all of them."""
        by_value = self._by_value
        new_texts = [text for text in texts if text not in by_value]
        if len(by_value) + len(new_texts) > MAX_KNOWN_VALUES:
            by_value.clear()
            new_texts = list(texts)
        by_value.update(dict.fromkeys(new_texts, 0))
        if not new_texts or not self._literals:
            return
        lowered = pl.Series([text.lower() for text in new_texts], dtype=pl.String)
        matches = lowered.str.extract_many(self._literals, overlapping=True)
        has_match = matches.list.len() > 0
        for number, literals in zip(has_match.arg_true().to_list(), matches.filter(has_match).to_list(), strict=True):
            hits = 0
            for literal in literals:
                hits |= self._by_literal[literal]
            by_value[new_texts[number]] = hits


def _list_texts(fields: Mapping[str, Any], names: frozenset[str] | None) -> list[str]:
    """Return the texts of the values of those fields."""
    values = fields.values() if names is None else [fields[name] for name in names & fields.keys()]
    texts = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif value is not None:
            texts.extend(iterate_texts((value,)))
    return texts


def _iter_bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
