"""All words of a set of recognizers: whether a heading or label means anything to any of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from homeroom.domain.protect.loose.recognizers import Recognizer, RecognizerForm
from homeroom.engines.comply.privacy.recognizing.passages import Passage, is_within_line
from homeroom.engines.comply.privacy.recognizing.pattern_needs import fits_any_digit
from homeroom.engines.comply.privacy.recognizing.word_starts import BEFORE, BEHIND, TextWords, WordList, list_words_of
from homeroom.engines.comply.privacy.recognizing.words import normalize_heading, split_camel

_MEMORY = 20_000  # texts whose answer is remembered
_SETS = 8  # sets of recognizers whose words are remembered


class HeadingWords:
    """The words that head or label a kind of data, and those that speak against it."""

    def __init__(self, recognizers: Sequence[Recognizer]) -> None:
        self.recognizers = tuple(recognizers)
        patterns = dict.fromkeys(
            pattern.pattern
            for item in recognizers
            for pattern in (item.headings or item.cues, item.against)
            if pattern is not None
        )
        lists = {pattern: list_words_of(pattern) for pattern in patterns}
        self._words = WordList(word for words in lists.values() for word in words or ())
        self._others = [re.compile(pattern) for pattern, words in lists.items() if words is None]
        cues = (item.cues for item in recognizers if item.form is RecognizerForm.WORD)
        self._cues = {pattern.pattern: pattern for pattern in cues if pattern is not None}
        self._answers: dict[str, bool] = {}

    def are_cues_in(self, passage: Passage) -> bool:
        """Check whether rows hold cues of recognizers of words."""
        return any(
            passage.may_have(pattern) if is_within_line(pattern) else pattern.search(passage.lower)
            for pattern in (self._cues.values() if passage.is_short else self._joined_cues)
        )

    @cached_property
    def _joined_cues(self) -> list[re.Pattern[str]]:
        """The cues as few patterns, for long tables."""
        return [
            *_join_patterns([pattern for pattern in self._cues if fits_any_digit(pattern)]),
            *_join_patterns([pattern for pattern in self._cues if not fits_any_digit(pattern)]),
        ]

    def are_in(self, text: str) -> bool:
        """Check whether a heading or label holds a word for or against any kind."""
        answer = self._answers.get(text)
        if answer is None:
            if len(self._answers) >= _MEMORY:
                self._answers.clear()
            answer = self._answers[text] = self._are_in(text.lower())
        return answer

    def count_in(self, texts: Sequence[str]) -> int:
        """Return how many headings or labels hold such a word; most lists of labels hold no word at all."""
        words = TextWords(split_camel("\n".join(texts)).lower())
        if not self._others and not self._words.may_begin_in(words):
            return 0
        return sum(self.are_in(normalize_heading(text)) for text in texts)

    def _are_in(self, lower: str) -> bool:
        return self._words.may_be_in(TextWords(lower)) or any(pattern.search(lower) for pattern in self._others)


def _join_patterns(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    """Return patterns that match where some of them does: lists of words as a single list, others as they are."""
    lists = {pattern: list_words_of(pattern) for pattern in patterns}
    others = [re.compile(pattern) for pattern, words in lists.items() if words is None]
    joined = "|".join(word for words in lists.values() for word in words or ())
    return [re.compile(f"{BEFORE}{joined}{BEHIND}"), *others] if joined else others


_KNOWN: dict[tuple[int, ...], HeadingWords] = {}


def get_heading_words(recognizers: Sequence[Recognizer]) -> HeadingWords:
    """Return the words of recognizers, made once; it holds them, so that their ids stay theirs."""
    key = tuple(map(id, recognizers))
    words = _KNOWN.get(key)
    if words is None:
        if len(_KNOWN) >= _SETS:
            _KNOWN.clear()
        words = _KNOWN[key] = HeadingWords(recognizers)
    return words
