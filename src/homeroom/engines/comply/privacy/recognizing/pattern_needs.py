"""What a text must hold for a pattern to match in it, so that texts without it are not searched."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import accumulate, product
from typing import Any

from homeroom.domain.protect.loose.recognizers import Recognizer, ValueForm

_PARSER: Any = import_module("re._parser")
_DIGITS = frozenset(range(ord("0"), ord("9") + 1))
NO_DIGITS = bytes(sign for sign in range(256) if sign != 10 and sign not in _DIGITS)
"""All bytes but digits and line ends."""
ZEROS = {ord(digit): "0" for digit in "123456789"}
"""How digits are replaced in texts that are judged as one where they differ in their digits alone."""
_MEMORY = 32 << 20  # letters of texts whose matches are remembered
_EXPANDED = 8  # ways to write a piece of a word up to which it is one
_WORDS = 40  # words up to which it pays to look for each
_SHORTEST = 3  # letters of a word worth looking for
LOOKS_AT_END = re.compile(r"\$|\\[AZB]|\^|\(\?[=!](?!\[[\\\w.-]+\]|\\w\))")
"""Signs of patterns that may match only where a text begins, or ends with the line."""
_DIGIT_BEFORE = re.compile(r"\(\?<=\d\)")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


@lru_cache(maxsize=500)
def count_digits(pattern: str) -> int:
    """Return the fewest digits in what a pattern matches."""
    return _count_digits(_PARSER.parse(pattern))


def _count_digits(items: Iterable[Any]) -> int:
    count = 0
    for operation, value in items:
        name = str(operation)
        if name == "LITERAL":
            count += value in _DIGITS
        elif name == "IN":
            count += all(_is_digit_alone(item) for item in value)
        elif name == "BRANCH":
            count += min(map(_count_digits, value[1]))
        elif name in _REPEATS:
            count += value[0] * _count_digits(value[2])
        elif name == "SUBPATTERN":
            count += _count_digits(value[3])
    return count


def _is_digit_alone(item: tuple[Any, Any]) -> bool:
    name, value = str(item[0]), item[1]
    if name == "RANGE":
        return value[0] in _DIGITS and value[1] in _DIGITS
    return (name == "LITERAL" and value in _DIGITS) or str(value) == "CATEGORY_DIGIT"


@lru_cache(maxsize=500)
def fits_any_digit(pattern: str) -> bool:
    """Check whether a pattern that matches somewhere still does where each digit is another one."""
    return _fits_any_digit(_PARSER.parse(pattern), is_negated=False)


def _fits_any_digit(items: Iterable[Any], *, is_negated: bool) -> bool:
    for operation, value in items:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL"):
            fits = value not in _DIGITS
        elif name == "IN":
            fits = _holds_all_digits_or_none(value)
        elif name == "BRANCH":
            fits = all(_fits_any_digit(branch, is_negated=is_negated) for branch in value[1])
        elif name in _REPEATS:
            fits = _fits_any_digit(value[2], is_negated=is_negated)
        elif name == "SUBPATTERN":
            fits = _fits_any_digit(value[3], is_negated=is_negated)
        elif name in ("ASSERT", "ASSERT_NOT"):
            fits = _fits_any_digit(value[1], is_negated=is_negated or name == "ASSERT_NOT")
        else:
            fits = name in ("AT", "ANY") or (name == "GROUPREF" and not is_negated)
        if not fits:
            return False
    return True


@lru_cache(maxsize=500)
def widen_digits(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern for texts whose digits are all 0, which matches wherever the pattern would with other digits.

    None if it cannot be written.
    """
    wider = _DIGIT_BEFORE.sub(r"(?<=\\d)", pattern)
    return re.compile(wider) if fits_any_digit(wider) else None


def _holds_all_digits_or_none(members: Iterable[tuple[Any, Any]]) -> bool:
    digits: set[int] = set()
    for operation, value in members:
        name = str(operation)
        if name == "LITERAL":
            digits |= {value} & _DIGITS
        elif name == "RANGE":
            digits |= _DIGITS.intersection(range(value[0], value[1] + 1))
    return not digits or digits == _DIGITS


@lru_cache(maxsize=500)
def list_words(pattern: str) -> tuple[str, ...]:
    """Return words, in small letters, one of them in any plain text that a pattern matches; none if not clear."""
    words = _choose_words(_PARSER.parse(pattern)) or ()
    return tuple(sorted(item for item in words if not any(other in item for other in words if other != item)))


def _choose_words(items: Iterable[Any]) -> frozenset[str] | None:
    """Return the words of one piece of a pattern: the longest ones, then the fewest."""
    choices: list[frozenset[str]] = []
    piece = frozenset([""])
    for operation, value in items:
        name = str(operation)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue
        ways = _list_ways(name, value)
        if ways is not None and len(ways) * len(piece) <= _EXPANDED:
            piece = frozenset(map("".join, product(piece, ways)))
            continue
        choices.append(piece)
        piece = frozenset([""])
        if inner := _choose_inner(name, value):
            choices.append(inner)
    choices.append(piece)
    best = max(choices, key=lambda words: (min(map(len, words)), -len(words)))
    return best if min(map(len, best)) >= _SHORTEST and len(best) <= _WORDS else None


def _choose_inner(name: str, value: Any) -> frozenset[str] | None:
    if name == "SUBPATTERN":
        return _choose_words(value[3])
    if name in _REPEATS and value[0]:
        return _choose_words(value[2])
    if name == "BRANCH":
        branches = [_choose_words(branch) for branch in value[1]]
        words = frozenset[str]().union(*(branch or () for branch in branches))
        return words if all(branches) and len(words) <= _WORDS else None
    return None


def _list_ways(name: str, value: Any) -> frozenset[str] | None:
    """Return all ways to write a piece of a pattern, or None where there are many."""
    if name == "LITERAL":
        return frozenset([chr(value).lower()])
    if name == "SUBPATTERN":
        return _list_ways_of_all(value[3])
    if name == "BRANCH":
        branches = [_list_ways_of_all(branch) for branch in value[1]]
        return None if None in branches else frozenset[str]().union(*(branch or () for branch in branches))
    if name == "MAX_REPEAT" and value[0] == 0 and value[1] == 1:
        ways = _list_ways_of_all(value[2])
        return None if ways is None else ways | {""}
    return None


def _list_ways_of_all(items: Iterable[Any]) -> frozenset[str] | None:
    ways = frozenset([""])
    for operation, value in items:
        following = _list_ways(str(operation), value)
        if following is None or len(following) * len(ways) > _EXPANDED:
            return None
        ways = frozenset(map("".join, product(ways, following)))
    return ways


def list_hints(recognizer: Recognizer, form: ValueForm) -> tuple[str, ...]:
    """Return words, one of them in whatever is a cue of a form; none where they are not clear."""
    if form.cues is None and recognizer.hints:
        return recognizer.hints
    cues = form.cues or recognizer.cues
    return (list_words(cues.pattern) if cues is not None else ()) or recognizer.hints


class MatchMemory:
    """Which texts a pattern may match in: each is searched once, with zeros for digits, as rows of a table repeat."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, bool], dict[str, bool]] = {}
        self._size = 0

    def list_positions(self, pattern: re.Pattern[str], texts: Sequence[str]) -> list[int] | None:
        """Return the positions of texts with zeros for digits in which a pattern may match; None if it is not known."""
        answers = self._search(pattern, set(texts), lower=False)
        return None if answers is None else [position for position, text in enumerate(texts) if answers[text]]

    def may_match(self, pattern: re.Pattern[str], texts: frozenset[str], *, lower: bool = False) -> bool | None:
        """Check whether a pattern may match in one of some texts with zeros for digits; None if it is not known.

        With `lower`, the pattern is searched in small letters.
        """
        answers = self._search(pattern, texts, lower=lower)
        return None if answers is None else any(map(answers.__getitem__, texts))

    def _search(
        self, pattern: re.Pattern[str], texts: set[str] | frozenset[str], *, lower: bool
    ) -> dict[str, bool] | None:
        wider = widen_digits(pattern.pattern)
        if wider is None:
            return None
        answers = self._answers.setdefault((pattern.pattern, lower), {})
        if unknown := texts - answers.keys():
            self._size += sum(map(len, unknown))
            if self._size > _MEMORY:
                self._answers.clear()
                answers, unknown = self._answers.setdefault((pattern.pattern, lower), {}), texts
                self._size = sum(map(len, unknown))
            answers.update(_search_texts(wider, [*unknown], lower=lower))
        return answers


def _search_texts(pattern: re.Pattern[str], texts: Sequence[str], *, lower: bool) -> dict[str, bool]:
    """Return whether each text may hold a match; all are searched at once where their ends mean nothing."""
    searched = [text.lower() for text in texts] if lower else texts
    if LOOKS_AT_END.search(pattern.pattern):
        return {text: pattern.search(item) is not None for text, item in zip(texts, searched, strict=True)}
    answers = dict.fromkeys(texts, False)
    starts = [0, *accumulate(len(text) + 1 for text in searched)]
    for match in pattern.finditer("\n".join(searched)):
        first = bisect_right(starts, match.start()) - 1
        for number in range(first, first + match.group().count("\n") + 1):
            answers[texts[number]] = True
    return answers


MATCHES = MatchMemory()
