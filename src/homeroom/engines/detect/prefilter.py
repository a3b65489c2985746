"""Choose the rules that can be true of an event: by its log, and by the clues in its values.

Most values of a field repeat from event to event, so the clues of a value are looked up. The new values of a batch are
searched for all texts in one pass. What is left is a superset of the rules that match, whose conditions are then
evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import polars as pl

from homeroom.domain.detections.events import LogEvent
from homeroom.domain.detections.rules import And, Condition, FieldReference, FieldSearch, LogCondition, Negation, Or
from homeroom.engines.detect.conditions import compile_condition
from homeroom.engines.detect.literals import Clue, find_necessary_clues
from homeroom.engines.detect.rules import CompiledVariant
from homeroom.engines.detect.values import format_text, iterate_scalars, iterate_texts

MAX_CACHED_VALUES = 200_000
"""Values of fields whose variants are remembered between batches."""
MAX_PATTERN_LITERALS = 500
LOG_FIELDS = ("Channel", "EventID")
"""Fields by which the events of a log are divided, besides its product and service."""
ABSENT = object()
"""Stands for the value of a field that an event does not have."""
type LogKey = tuple[str, ...]
type Variants = tuple[int, ...]
"""Numbers of variants."""


@dataclass(slots=True)
class ClueIndex:
    """The variants that have a clue in one field, or in any field, of the events of one part of a log."""

    by_whole: dict[str, list[int]] = field(default_factory=dict)
    by_literal: dict[str, list[int]] = field(default_factory=dict)
    by_value: dict[str, Variants] = field(default_factory=dict)
    """The variants of values that occurred."""

    def add(self, clue: Clue, variant: int) -> None:
        """Add a clue of a variant."""
        (self.by_whole if clue.is_whole else self.by_literal).setdefault(clue.text, []).append(variant)

    def list_variants(self, text: str, literals: Iterable[str]) -> Variants:
        """Return the variants of a text in lower case in which these literals occur."""
        lists = [self.by_whole.get(text, []), *(self.by_literal.get(literal, []) for literal in literals)]
        return tuple(set(chain.from_iterable(lists)))


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPart:
    """What the index has for the events of one log with one event ID: the variants about them, by their clues."""

    without_clues: Variants
    by_name: tuple[tuple[str, ClueIndex], ...]
    keywords: ClueIndex | None
    """The clues that any value may have."""


class LiteralSearch:
    """A search of texts for many literals at once.

    A regular expression of a few hundred literals leaves out texts without any, faster than all of them are extracted.
    """

    def __init__(self, literals: Iterable[str]) -> None:
        self._literals = list(literals)
        is_small = len(self._literals) <= MAX_PATTERN_LITERALS
        self._pattern = "|".join(map(pl.escape_regex, self._literals)) if is_small else ""

    def search(self, texts: Sequence[str]) -> list[tuple[int, list[str]]]:
        """Return the numbers of the texts that have literals, with those; texts are in lower case."""
        if not texts or not self._literals:
            return []
        column = pl.Series(texts, dtype=pl.String)
        numbers = pl.int_range(len(column), eager=True)
        if self._pattern:
            numbers = column.str.contains(self._pattern).arg_true()
            column = column.gather(numbers)
        matches = column.str.extract_many(self._literals, overlapping=True)
        has_match = matches.list.len() > 0
        return list(zip(numbers.filter(has_match).to_list(), matches.filter(has_match).to_list(), strict=True))


class VariantIndex:
    """The variants of all rules, by log and by clue."""

    def __init__(self, variants: Sequence[CompiledVariant]) -> None:
        self._variants = variants
        self._by_condition: dict[LogCondition, tuple[CompiledVariant, list[int]]] = {}
        self._clues = [find_necessary_clues(compiled.variant.condition) for compiled in variants]
        for number, compiled in enumerate(variants):
            self._by_condition.setdefault(compiled.variant.log, (compiled, []))[1].append(number)
        contained = [clue for clues in self._clues for clue in clues or () if not clue.is_whole]
        self._field_search = LiteralSearch(dict.fromkeys(clue.text for clue in contained if clue.name is not None))
        self._keyword_search = LiteralSearch(dict.fromkeys(clue.text for clue in contained if clue.name is None))
        self._parts: dict[LogKey, LogPart] = {}
        self._cached_values = 0

    def list_candidates(self, events: Sequence[LogEvent]) -> list[list[int]]:
        """Return for each event the numbers of the variants to evaluate, ascending."""
        parts = [self._get_part(event) for event in events]
        self._search_new_values(events, parts)
        keywords = self._search_keywords(events, parts)
        candidates = []
        for number, (event, part) in enumerate(zip(events, parts, strict=True)):
            chosen = [*part.without_clues, *keywords.get(number, ())]
            fields = event.fields
            for name, index in part.by_name:
                value = fields.get(name)
                if value.__class__ is str:
                    chosen += index.by_value[value]
                elif value is not None:
                    for text in _list_texts(value):
                        chosen += index.by_value[text]
            candidates.append(sorted(set(chosen)) if len(chosen) > 1 else chosen)
        return candidates

    def _get_part(self, event: LogEvent) -> LogPart:
        fields = event.fields
        key = (event.source.product, event.source.service, *(str(fields.get(name, ABSENT)) for name in LOG_FIELDS))
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = self._build_part(event)
        return part

    def _build_part(self, event: LogEvent) -> LogPart:
        fixed = {name: event.fields.get(name, ABSENT) for name in LOG_FIELDS}
        numbers = [
            number
            for compiled, members in self._by_condition.values()
            if compiled.is_of_log(event)
            for number in members
            if is_possible(self._variants[number].variant.condition, fixed)
        ]
        by_name: dict[str | None, ClueIndex] = {}
        for number in numbers:
            for clue in self._clues[number] or ():
                by_name.setdefault(clue.name, ClueIndex()).add(clue, number)
        keywords = by_name.pop(None, None)
        return LogPart(
            without_clues=tuple(number for number in numbers if self._clues[number] is None),
            by_name=tuple((str(name), index) for name, index in by_name.items()),
            keywords=keywords,
        )

    def _search_new_values(self, events: Sequence[LogEvent], parts: Sequence[LogPart]) -> None:
        """Find the variants of the values of fields that did not occur before, in one pass over all of them."""
        if self._cached_values > MAX_CACHED_VALUES:
            self._clear_values()
        new_values: dict[str, list[ClueIndex]] = {}
        for event, part in zip(events, parts, strict=True):
            fields = event.fields
            for name, index in part.by_name:
                value = fields.get(name)
                if value.__class__ is str:
                    if value not in index.by_value:
                        index.by_value[value] = ()
                        new_values.setdefault(value, []).append(index)
                elif value is not None:
                    for text in _list_texts(value):
                        if text not in index.by_value:
                            index.by_value[text] = ()
                            new_values.setdefault(text, []).append(index)
        self._cached_values += sum(map(len, new_values.values()))
        self._fill_values(new_values)

    def _fill_values(self, new_values: Mapping[str, Sequence[ClueIndex]]) -> None:
        texts = list(new_values)
        lowered = [text.lower() for text in texts]
        matches = dict(self._field_search.search(lowered))
        for number, text in enumerate(texts):
            literals = matches.get(number, ())
            for index in new_values[text]:
                if literals or index.by_whole:
                    index.by_value[text] = index.list_variants(lowered[number], literals)

    def _clear_values(self) -> None:
        for part in self._parts.values():
            for _name, index in part.by_name:
                index.by_value.clear()
        self._cached_values = 0

    def _search_keywords(self, events: Sequence[LogEvent], parts: Sequence[LogPart]) -> dict[int, Variants]:
        """Return the variants with a keyword in some value, by the number of the event."""
        numbers, texts, indexes = [], [], []
        for number, (event, part) in enumerate(zip(events, parts, strict=True)):
            if part.keywords is not None:
                numbers.append(number)
                texts.append(_join_texts(event.fields))
                indexes.append(part.keywords)
        matches = self._keyword_search.search(texts)
        return {numbers[place]: indexes[place].list_variants("", literals) for place, literals in matches}


def _list_texts(value: Any) -> list[str]:
    """Return a value that is no text, or the elements of a list, as texts."""
    return [format_text(scalar) for scalar in iterate_scalars(value)]


def _join_texts(fields: Mapping[str, Any]) -> str:
    """Return all values of an event as one text in lower case, each on a line of its own."""
    texts = [value for value in fields.values() if value.__class__ is str]
    if len(texts) < len(fields):
        texts += iterate_texts(value for value in fields.values() if value.__class__ is not str)
    return "\n".join(texts).lower()


def is_possible(condition: Condition, fixed: Mapping[str, Any]) -> bool:
    """Return False if a condition is false of all events that have these values, and no others of these fields."""
    match condition:
        case FieldSearch() if _is_about(condition, fixed):
            return _evaluate(condition, fixed)
        case And():
            return all(is_possible(part, fixed) for part in condition.parts)
        case Or():
            return any(is_possible(part, fixed) for part in condition.parts)
        case Negation(part=FieldSearch() as search) if _is_about(search, fixed):
            return not _evaluate(search, fixed)
        case _:
            return True


def _evaluate(search: FieldSearch, fixed: Mapping[str, Any]) -> bool:
    return compile_condition(search)({name: value for name, value in fixed.items() if value is not ABSENT})


def _is_about(search: FieldSearch, fixed: Mapping[str, Any]) -> bool:
    references = (test for test in search.tests if isinstance(test, FieldReference))
    return search.name in fixed and next(references, None) is None
