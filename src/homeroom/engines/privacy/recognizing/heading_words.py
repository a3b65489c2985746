"""All words of a set of recognizers as one pattern: whether a heading or label means anything to any of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from homeroom.domain.loose.recognizers import Recognizer, RecognizerForm
from homeroom.engines.privacy.recognizing.passages import Passage, is_within_line
from homeroom.engines.privacy.recognizing.pattern_needs import fits_any_digit

_MEMORY = 20_000  # texts whose answer is remembered
_SETS = 8  # sets of recognizers whose words are remembered
_BEFORE, _BEHIND = "(?<![a-z])(?:", ")(?![a-z])"
_GROUP = re.compile(r"\\[1-9]|\(\?P")  # a group has another number in a longer pattern


class HeadingWords:
    """The words that head or label a kind of data, and those that speak against one."""

    def __init__(self, recognizers: Sequence[Recognizer]) -> None:
        self.recognizers = tuple(recognizers)
        patterns = dict.fromkeys(
            pattern.pattern
            for item in recognizers
            for pattern in (item.headings or item.cues, item.against)
            if pattern is not None
        )
        self._patterns = _join_patterns(patterns)
        cues = (item.cues for item in recognizers if item.form is RecognizerForm.WORD)
        patterns = dict.fromkeys(pattern.pattern for pattern in cues if pattern is not None)
        self._cues = [
            *_join_patterns([pattern for pattern in patterns if fits_any_digit(pattern)]),
            *_join_patterns([pattern for pattern in patterns if not fits_any_digit(pattern)]),
        ]
        self._answers: dict[str, bool] = {}

    def are_cues_in(self, passage: Passage) -> bool:
        """Check whether rows hold cues of recognizers of words."""
        return any(
            passage.may_have(pattern) if is_within_line(pattern) else pattern.search(passage.lower)
            for pattern in self._cues
        )

    def are_in(self, text: str) -> bool:
        """Check whether a heading or label holds a word for or against any kind."""
        answer = self._answers.get(text)
        if answer is None:
            if len(self._answers) >= _MEMORY:
                self._answers.clear()
            lower = text.lower()
            answer = self._answers[text] = any(pattern.search(lower) for pattern in self._patterns)
        return answer


def _join_patterns(patterns: Sequence[str] | dict[str, None]) -> list[re.Pattern[str]]:
    """Return patterns that match where some of them does: lists of words as one list, others as they are."""
    lists = [
        item for item in patterns if item.startswith(_BEFORE) and item.endswith(_BEHIND) and not _GROUP.search(item)
    ]
    others = [re.compile(item) for item in patterns if item not in lists]
    words = "|".join(item.removeprefix(_BEFORE).removesuffix(_BEHIND) for item in lists)
    return [re.compile(f"{_BEFORE}{words}{_BEHIND}"), *others] if lists else others


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
