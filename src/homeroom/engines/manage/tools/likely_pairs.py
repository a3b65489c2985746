"""Likely pairs of tools: names that differ by a slip of the pen or by words at the end; a person decides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from homeroom.domain.manage.tools.bare_names import strip_name
from homeroom.domain.manage.tools.names import list_name_forms
from homeroom.domain.manage.tools.products import ToolProduct

MIN_LETTERS = 5
"""A shorter name is never a likely slip of another."""
LONG = 9
"""From so many letters on, two letters may differ; below, one."""
MIN_WORDS = 2
"""Words that two names begin with, where one has more."""
MAX_ADDED = 2
"""Words that the longer name may have beside them."""
MAX_PAIRS = 200
SLIP, LONGER = "all but a letter or two are the same", "the words of one begin the other"


@dataclass(frozen=True, kw_only=True)
class NamedTool:
    """A tool by name. `is_known` is false where nothing but its name is known; `year_minor` is a year's cost."""

    name: str
    is_known: bool
    year_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class LikelyPair:
    """Two names that may be one tool. `id` depends on the names alone; `year_minor` is what both cost together."""

    id: str
    first: str
    second: str
    why: str
    year_minor: int


@dataclass(frozen=True)
class _Name:
    """A name as it is compared: its words, and its letters without spaces. Spellings of one tool share the key."""

    key: str
    shown: str
    words: tuple[str, ...]
    letters: str
    year_minor: int


def find_likely_pairs(tools: Sequence[NamedTool], *, products: Iterable[ToolProduct] = ()) -> tuple[LikelyPair, ...]:
    """Find the likely pairs: of two tools known by name alone, or of such a tool and a product.

    Those that cost most come first; at most MAX_PAIRS.
    """
    unknown = [_build_name(tool.name, tool.year_minor) for tool in tools if not tool.is_known]
    costs = {tool.name: tool.year_minor for tool in tools if tool.is_known}
    others = [*unknown, *_iter_product_names(products, costs)]
    pairs: dict[str, LikelyPair] = {}
    for name, other, reason in (*_iter_slips(unknown, others), *_iter_longer(unknown, others)):
        if name.key != other.key:
            pair = _build_pair(name, other, reason)
            pairs.setdefault(pair.id, pair)
    ordered = sorted(pairs.values(), key=lambda pair: (-pair.year_minor, pair.first, pair.second))
    return tuple(ordered[:MAX_PAIRS])


def _build_name(shown: str, year_minor: int) -> _Name:
    words = tuple(strip_name(shown).split())
    return _Name(" ".join(words), shown, words, "".join(words), year_minor)


def _iter_product_names(products: Iterable[ToolProduct], costs: Mapping[str, int]) -> Iterator[_Name]:
    for product in products:
        for name in (*product.all_names, *product.short_names):
            words = list_name_forms(name)
            if words:
                yield _Name(product.id, product.name, words[0], "".join(words[0]), costs.get(product.name, 0))


def _iter_slips(unknown: Sequence[_Name], others: Sequence[_Name]) -> Iterator[tuple[_Name, _Name, str]]:
    """Yield names whose letters differ little and whose digits are the same."""
    names = [name for name in unknown if len(name.letters) >= MIN_LETTERS]
    if not names:
        return
    distances = cdist(
        [name.letters for name in names],
        [name.letters for name in others],
        scorer=OSA.distance,
        score_cutoff=2,
        dtype=np.uint8,
    )
    for row, column in zip(*np.nonzero(distances <= 2), strict=True):
        name, other = names[row], others[column]
        shorter = min(len(name.letters), len(other.letters))
        is_near = shorter >= MIN_LETTERS and distances[row, column] <= (2 if shorter >= LONG else 1)
        if is_near and _select_digits(name.letters) == _select_digits(other.letters):
            yield name, other, SLIP


def _iter_longer(unknown: Sequence[_Name], others: Sequence[_Name]) -> Iterator[tuple[_Name, _Name, str]]:
    """Yield names where one begins with all words of the other."""
    unknown_words = {name.words: name for name in unknown}
    for name in (*unknown, *others):
        for length in range(max(MIN_WORDS, len(name.words) - MAX_ADDED), len(name.words)):
            start = name.words[:length]
            if start in unknown_words:
                yield unknown_words[start], name, LONGER


def _select_digits(letters: str) -> str:
    return "".join(letter for letter in letters if letter.isdigit())


def _build_pair(name: _Name, other: _Name, reason: str) -> LikelyPair:
    first, second = sorted((name, other), key=lambda side: side.shown)
    keys = "\n".join(sorted((name.key, other.key)))
    return LikelyPair(
        id=hashlib.sha256(keys.encode()).hexdigest()[:12],
        first=first.shown,
        second=second.shown,
        why=reason,
        year_minor=name.year_minor + other.year_minor,
    )
