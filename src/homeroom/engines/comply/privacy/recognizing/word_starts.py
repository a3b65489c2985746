"""How the words of a list begin: a text in which no word begins so is not searched for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

BEFORE, BEHIND = "(?<![a-z])(?:", ")(?![a-z])"
"""What is before and behind the words of a list, which `|` parts."""
BEHIND_CUT = ")"
"""What is behind them in a text that may end within a word."""
BEHIND_LOOSELY = ")(?:(?![a-z])|(?<![a-z]))"
"""What is behind them where a word that ends with a sign may be followed by letters."""
_ALL = "|"
LONGEST = 4
"""Letters of a word that are compared."""
_LONG = 2_000  # letters of a text from which on a single search takes less than several
_RUN = re.compile(r"[a-z]+")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\\[()|]+", re.DOTALL)
_LOOK = re.compile(r"\(\?<?[=!](?:\\.|\[(?:\\.|[^\]\\])*\]|[^()\[\\])*\)")
_LETTERS = re.compile(r"[a-z]+")
_SIGN = re.compile(r"\\([#.&/-])|([0-9]+|#)")
_REPEATS = ("?", "*", "+", "{")
_PLAIN = re.compile(r"([a-z]+?)(?:([a-z])\?)?([a-z]*)")
"""A word of letters, of which a single letter may be left out."""
_GROUP = re.compile(r"\\[1-9]|\(\?[P(]")
"""Signs of groups that a pattern refers to: it cannot be parted."""


class WordStarts(NamedTuple):
    """The first letters of words, up to some of each, and the first sign of those that begin with no letter."""

    letters: frozenset[str]
    signs: frozenset[str]


def list_alternatives(words: str) -> list[str] | None:
    """Return the alternatives of a pattern; None where its brackets are not those of groups within it."""
    alternatives: list[str] = []
    depth, start, end = 0, 0, 0
    for match in _TOKEN.finditer(words):
        token, end = match.group(), match.end()
        depth += (token == "(") - (token == ")")
        if depth < 0:
            return None
        if token == "|" and not depth:
            alternatives.append(words[start : match.start()])
            start = end
    return [*alternatives, words[start:]] if end == len(words) and not depth else None


def find_starts(alternatives: Iterable[str]) -> WordStarts | None:
    """Return how what some alternatives match begins; None where that is not clear."""
    letters: set[str] = set()
    signs: set[str] = set()
    for alternative in alternatives:
        starts = [*_iter_starts(alternative)]
        if not all(starts):
            return None
        for start in starts:
            (letters if start[0].isalpha() else signs).add(start)
    return WordStarts(frozenset(letters), frozenset(signs))


class TextWords:
    """A text in small letters with its words, and how they begin: with these letters, up to so many as are compared."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> frozenset[str]:
        """The words, each once."""
        return frozenset(_RUN.findall(self.text))

    @cached_property
    def starts(self) -> frozenset[str]:
        """The first letters of all words."""
        return frozenset(word[:size] for size in range(1, LONGEST + 1) for word in self.words)


class WordList:
    """Words and phrases, any of them to be looked for in a text: those are searched that may begin in it.

    `behind` is what follows each of them. Most are plain words, which are not searched but looked up. In a long text
    they are searched all at once.
    """

    def __init__(self, alternatives: Iterable[str], *, behind: str = BEHIND) -> None:
        self._behind = behind
        self._plain: set[str] = set()
        self._words: dict[str, list[str]] = {}
        self._patterns: dict[str, re.Pattern[str] | None] = {}
        self._all = tuple(dict.fromkeys(alternatives))
        self._signs: set[str] = set()
        self._is_unclear = False
        unclear: list[str] = []
        for alternative in self._all:
            if behind != BEHIND_CUT and (match := _PLAIN.fullmatch(alternative)):
                self._plain.update((f"{match[1]}{match[2] or ''}{match[3]}", f"{match[1]}{match[3]}"))
                continue
            starts = find_starts([alternative])
            if starts is None or starts.signs:
                unclear.append(alternative)
                self._signs |= starts.signs if starts is not None else set()
                self._is_unclear |= starts is None
            else:
                for start in starts.letters:
                    self._words.setdefault(start, []).append(alternative)
        self._unclear = tuple(unclear)

    def may_be_in(self, text: TextWords) -> bool:
        """Check whether some of the words is in a text; true where they are no pattern."""
        if len(text.text) > _LONG:
            return self._may_match(_ALL, self._all, text.text)
        if not self._plain.isdisjoint(text.words):
            return True
        return self._may_match("", self._unclear, text.text) or any(
            self._may_match(start, self._words[start], text.text) for start in self._words.keys() & text.starts
        )

    def may_begin_in(self, text: TextWords) -> bool:
        """Check whether some of the words begins as a word of a text does."""
        return (
            self._is_unclear
            or not self._plain.isdisjoint(text.words)
            or not self._words.keys().isdisjoint(text.starts)
            or any(sign in text.text for sign in self._signs)
        )

    def _may_match(self, name: str, alternatives: Sequence[str], text: str) -> bool:
        """Search alternatives, which are compiled once under a name."""
        if not alternatives:
            return False
        if name not in self._patterns:
            try:
                self._patterns[name] = re.compile(f"{BEFORE}{'|'.join(alternatives)}{self._behind}")
            except re.error:
                self._patterns[name] = None
        pattern = self._patterns[name]
        return pattern is None or pattern.search(text) is not None


@lru_cache(maxsize=500)
def build_word_list(pattern: str) -> WordList | None:
    """Build the words of a pattern; None if it is no list of them."""
    words = list_words_of(pattern)
    return None if words is None else WordList(words)


def list_words_of(pattern: str) -> list[str] | None:
    """Return the alternatives of a list of words; None if a pattern is none, or its parts mean something together."""
    if not (pattern.startswith(BEFORE) and pattern.endswith(BEHIND)) or _GROUP.search(pattern):
        return None
    return list_alternatives(pattern.removeprefix(BEFORE).removesuffix(BEHIND))


def _iter_starts(alternative: str) -> Iterator[str]:
    """Yield the first letters of what an alternative matches, or its first sign; an empty text where not clear."""
    while look := _LOOK.match(alternative):
        alternative = alternative[look.end() :]
    if alternative.startswith("(?:"):
        yield from _iter_starts_of_group(alternative)
    elif match := _LETTERS.match(alternative):
        is_repeated = alternative[match.end() :].startswith(_REPEATS)
        yield match.group()[: -1 if is_repeated else None][:LONGEST]
    elif (match := _SIGN.match(alternative)) and not alternative[match.end() :].startswith(_REPEATS):
        yield match[1] or match[2]
    else:
        yield ""


def _iter_starts_of_group(alternative: str) -> Iterator[str]:
    depth = 0
    for match in _TOKEN.finditer(alternative):
        depth += (match.group() == "(") - (match.group() == ")")
        if not depth:
            rest = alternative[match.end() :]
            for inner in list_alternatives(alternative[3 : match.start()]) or [""]:
                yield from _iter_starts(inner)
            if rest.startswith("?"):
                yield from _iter_starts(rest[1:])
            elif rest.startswith(_REPEATS):
                break
            return
    yield ""
