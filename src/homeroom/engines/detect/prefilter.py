"""Choose the rules that can be true of an event: by its log, and by the literals in its values.

Most values repeat from event to event, so the distinct values of a batch are searched for all literals in one pass.
What is left is a superset of the rules that match, whose conditions are then evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from homeroom.domain.detections.events import LogEvent
from homeroom.engines.detect.literals import find_necessary_literals
from homeroom.engines.detect.rules import CompiledVariant
from homeroom.engines.detect.values import iterate_texts

MAX_KNOWN_VALUES = 100_000
"""Distinct values whose literals are remembered between batches."""
LogKey = tuple[str, str, str, str]


class VariantIndex:
    """The variants of all rules, by log and by literal. A set of variants is a number with a bit for each."""

    def __init__(self, variants: Sequence[CompiledVariant]) -> None:
        self._variants = variants
        self._by_literal: dict[str, int] = {}
        self._without_literals = 0
        for number, compiled in enumerate(variants):
            literals = find_necessary_literals(compiled.variant.condition)
            if literals is None:
                self._without_literals |= 1 << number
            for literal in literals or ():
                self._by_literal[literal] = self._by_literal.get(literal, 0) | 1 << number
        self._literals = list(self._by_literal)
        self._by_log: dict[LogKey, int] = {}
        self._by_value: dict[str, int] = {}

    def list_candidates(self, events: Sequence[LogEvent]) -> list[list[int]]:
        """Return for each event the numbers of the variants to ask, ascending."""
        texts = [list(iterate_texts(event.fields.values())) for event in events]
        self._search_values({text for event_texts in texts for text in event_texts})
        return [self._choose(event, event_texts) for event, event_texts in zip(events, texts, strict=True)]

    def _choose(self, event: LogEvent, texts: Sequence[str]) -> list[int]:
        hits = self._without_literals
        by_value = self._by_value
        for text in texts:
            hits |= by_value[text]
        return list(_iter_bits(hits & self._select_log(event)))

    def _select_log(self, event: LogEvent) -> int:
        fields = event.fields
        key = (event.source.product, event.source.service, str(fields.get("Channel")), str(fields.get("EventID")))
        if key not in self._by_log:
            self._by_log[key] = sum(
                1 << number for number, compiled in enumerate(self._variants) if compiled.is_of_log(event)
            )
        return self._by_log[key]

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


def _iter_bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
