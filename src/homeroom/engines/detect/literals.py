"""Necessary literals: an event has at least one of them if a rule's condition is true of it.

They let the engine leave out most rules of an event without evaluating their conditions. A literal is in lower case and
occurs somewhere in the lower-case text of some value of the event.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from homeroom.domain.detections.rules import (
    Alternatives,
    And,
    Condition,
    Expression,
    FieldSearch,
    KeywordSearch,
    Number,
    Or,
    Text,
    ValueTest,
)

MIN_LITERAL_LENGTH = 3
"""Shorter texts occur in most values."""
_QUANTIFIERS_WITH_ZERO = frozenset("*?{")


@dataclass(frozen=True, kw_only=True, slots=True)
class NecessaryLiterals:
    """Literals, and the names of the fields that have one of them; None if it may be in any field."""

    texts: frozenset[str]
    names: frozenset[str] | None


def find_necessary_literals(condition: Condition) -> NecessaryLiterals | None:
    """Return the literals of a condition that leave out the most events; None if it has no necessary ones."""
    match condition:
        case FieldSearch() | KeywordSearch():
            names = frozenset({condition.name}) if isinstance(condition, FieldSearch) else None
            sets = [_find_literals_of_test(test, names) for test in condition.tests]
            return _choose_rarest(sets) if condition.require_all else _unite(sets)
        case And():
            return _choose_rarest(find_necessary_literals(part) for part in condition.parts)
        case Or():
            return _unite([find_necessary_literals(part) for part in condition.parts])
        case _:
            return None


def _find_literals_of_test(test: ValueTest, names: frozenset[str] | None) -> NecessaryLiterals | None:
    match test:
        case Text():
            return _choose_longest((part for part in test.parts if isinstance(part, str)), names)
        case Number():  # a text that is this number has its digits, whatever zeros are around them
            return _choose_longest([str(abs(test.value))] if isinstance(test.value, int) else [], names)
        case Expression():
            return _choose_longest(_iter_regex_literals(test.pattern), names)
        case Alternatives():
            return _unite([_find_literals_of_test(alternative, names) for alternative in test.tests])
        case _:
            return None


def _choose_longest(texts: Iterable[str], names: frozenset[str] | None) -> NecessaryLiterals | None:
    """Return the longest run of ASCII characters: other letters may have several spellings without case."""
    runs = [run for text in texts for run in _split_ascii(text)]
    longest = max(runs, key=len, default="")
    if len(longest) < MIN_LITERAL_LENGTH:
        return None
    return NecessaryLiterals(texts=frozenset({longest.lower()}), names=names)


def _split_ascii(text: str) -> list[str]:
    return "".join(character if character.isascii() else "\n" for character in text).split("\n")


def _unite(sets: Iterable[NecessaryLiterals | None]) -> NecessaryLiterals | None:
    texts: frozenset[str] = frozenset()
    names: frozenset[str] | None = frozenset()
    for literals in sets:
        if literals is None:
            return None
        texts |= literals.texts
        names = None if names is None or literals.names is None else names | literals.names
    return NecessaryLiterals(texts=texts, names=names) if texts else None


def _choose_rarest(sets: Iterable[NecessaryLiterals | None]) -> NecessaryLiterals | None:
    return max((literals for literals in sets if literals), key=_estimate_rarity, default=None)


def _estimate_rarity(literals: NecessaryLiterals) -> float:
    """Return how rare it is that one of the literals occurs: by the shortest, less the number of them.

    A search of all fields counts as less rare, since all of their values have to be read for it.
    """
    rarity = min(map(len, literals.texts)) - 2 * math.log2(len(literals.texts))
    return rarity if literals.names is not None else rarity - 100


def _iter_regex_literals(pattern: str) -> Iterable[str]:
    """Return the texts outside of groups that every match of a regular expression has; none if it has alternatives."""
    runs, run, depth, position = [], "", 0, 0
    while position < len(pattern):
        character = pattern[position]
        literal, position = _read_regex_item(pattern, position)
        if depth == 0 and character == "|":
            return []
        depth += (character == "(") - (character == ")")
        follower = pattern[position : position + 1]
        is_kept = literal and depth == 0 and follower not in _QUANTIFIERS_WITH_ZERO
        run = run + literal if is_kept else run
        if not is_kept or follower == "+":
            runs.append(run)
            run = ""
    return [*runs, run]


def _read_regex_item(pattern: str, position: int) -> tuple[str, int]:
    """Return the literal that begins at a position, "" for anything else, and the position after it."""
    character = pattern[position]
    if character == "\\":
        escaped = pattern[position + 1 : position + 2]
        return ("" if escaped.isalnum() else escaped), position + 2
    if character == "[":
        return "", _skip_class(pattern, position)
    if character == "{":
        end = pattern.find("}", position)
        return "", (end if end >= 0 else position) + 1
    return ("" if character in ".^$*+?()|" else character), position + 1


def _skip_class(pattern: str, position: int) -> int:
    """Return the position after a class of characters; a bracket at its beginning belongs to it."""
    position += 1
    if pattern[position : position + 1] == "^":
        position += 1
    position += 1
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return position + 1
