"""Choose the rules that can be true of an event: by its log, and by the clues in its values.

Most values of a field repeat from event to event, so the clues of a value are looked up. The new values of a batch are
searched for all texts in one pass. What is left is a superset of the rules that match, whose conditions are then
evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import polars as pl

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.domain.protect.detections.rules import (
    And,
    Condition,
    FieldReference,
    FieldSearch,
    LogCondition,
    Negation,
    Or,
)
from homeroom.engines.protect.detect.conditions import compile_condition
from homeroom.engines.protect.detect.literals import Clue, find_necessary_clues
from homeroom.engines.protect.detect.rules import CompiledVariant
from homeroom.engines.protect.detect.values import format_text, iterate_scalars, iterate_texts

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


@dataclass(slots=True, eq=False)
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
    keyword_search: LiteralSearch | None
    """The search for these: one for a few of them is faster than one for those of all logs."""


@dataclass(slots=True)
class NewValues:
    """Values that did not occur before: the indexes that miss each, and where it is."""

    indexes: dict[str, list[ClueIndex]] = field(default_factory=dict)
    places: list[tuple[int, ClueIndex, str]] = field(default_factory=list)
    """The number of the event, an index, and the value."""

    def add(self, text: str, index: ClueIndex, number: int) -> None:
        """Add a value of an event."""
        self.places.append((number, index, text))
        indexes = self.indexes.setdefault(text, [])
        if index not in indexes:
            indexes.append(index)


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
        self._keyword_searches: dict[tuple[str, ...], LiteralSearch] = {}
        self._parts: dict[LogKey, LogPart] = {}
        self._cached_values = 0

    def list_candidates(self, events: Sequence[LogEvent]) -> list[list[int]]:
        """Return for each event the numbers of the variants to evaluate, ascending."""
        if self._cached_values > MAX_CACHED_VALUES:
            self._clear_values()
        parts = [self._get_part(event) for event in events]
        new_values = NewValues()
        candidates = [
            _list_known(event.fields, part, number, new_values)
            for number, (event, part) in enumerate(zip(events, parts, strict=True))
        ]
        self._fill_values(new_values.indexes)
        self._cached_values += sum(map(len, new_values.indexes.values()))
        for number, index, text in new_values.places:
            candidates[number] += index.by_value[text]
        for number, variants in self._iter_keywords(events, parts):
            candidates[number] += variants
        return [sorted(set(chosen)) if len(chosen) > 1 else chosen for chosen in candidates]

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
            keyword_search=self._get_keyword_search(keywords) if keywords is not None else None,
        )

    def _get_keyword_search(self, keywords: ClueIndex) -> LiteralSearch:
        literals = tuple(sorted(keywords.by_literal))
        if literals not in self._keyword_searches:
            self._keyword_searches[literals] = LiteralSearch(literals)
        return self._keyword_searches[literals]

    def _fill_values(self, new_values: Mapping[str, Sequence[ClueIndex]]) -> None:
        """Find the variants of the values of fields that did not occur before, in one pass over all of them."""
        texts = list(new_values)
        lowered = [text.lower() for text in texts]
        matches = dict(self._field_search.search(lowered))
        for number, text in enumerate(texts):
            literals = matches.get(number, ())
            for index in new_values[text]:
                has_variants = literals or index.by_whole
                index.by_value[text] = index.list_variants(lowered[number], literals) if has_variants else ()

    def _clear_values(self) -> None:
        for part in self._parts.values():
            for _name, index in part.by_name:
                index.by_value.clear()
        self._cached_values = 0

    def _iter_keywords(self, events: Sequence[LogEvent], parts: Sequence[LogPart]) -> Iterator[tuple[int, Variants]]:
        """Yield the variants with a keyword in some value, with the number of the event."""
        numbers: dict[LiteralSearch, list[int]] = {}
        for number, part in enumerate(parts):
            if part.keyword_search is not None:
                numbers.setdefault(part.keyword_search, []).append(number)
        for search, members in numbers.items():
            texts = [_join_texts(events[number].fields) for number in members]
            for place, present in search.search(texts):
                keywords = parts[members[place]].keywords
                if keywords is not None:
                    yield members[place], keywords.list_variants("", present)


def _list_known(fields: Mapping[str, Any], part: LogPart, number: int, new_values: NewValues) -> list[int]:
    """Return the variants of the values that occurred before, and add the others to the new ones."""
    chosen = [*part.without_clues]
    for name, index in part.by_name:
        value = fields.get(name)
        if value.__class__ is str:
            variants = index.by_value.get(value)
            if variants is None:
                new_values.add(value, index, number)
            elif variants:
                chosen += variants
        elif value is not None:
            for text in _list_texts(value):
                variants = index.by_value.get(text)
                if variants is None:
                    new_values.add(text, index, number)
                else:
                    chosen += variants
    return chosen


def _list_texts(value: Any) -> list[str]:
    """Return a value that is no text, or the elements of a list, as texts."""
    return [format_text(scalar) for scalar in iterate_scalars(value)]


def _join_texts(fields: Mapping[str, Any]) -> str:
    """Return all values of an event as one text in lower case, each on a line of its own."""
    texts: list[str] = []
    for value in fields.values():
        kind = value.__class__
        if kind is str:
            texts.append(value)
        elif kind is int:
            texts.append(str(value))
        elif value is not None:
            texts += iterate_texts((value,))
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
