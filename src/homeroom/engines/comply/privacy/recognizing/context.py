"""What the words around a value say: for it, against it, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from homeroom.domain.protect.loose.recognizers import Recognizer, ValueForm

_END = re.compile(r"[,;|]|[.!?] ")
_LEFT, _RIGHT, _LABEL = 80, 40, 80
"""Characters before and after a value in which words count, and the length of a line that may be a label or heading."""


class CueVerdict(Enum):
    """What words say of a value."""

    FOR = "for"
    AGAINST = "against"
    NOTHING = "nothing"


class LineContext(NamedTuple):
    """A value in its line, from `start` up to `end`, with the line before it and the headings above it."""

    line: str
    start: int
    end: int
    before: str = ""
    headings: str = ""


def get_cues(recognizer: Recognizer, form: ValueForm) -> re.Pattern[str] | None:
    """Return the cues of a form: its own, else those of its recognizer."""
    return form.cues or recognizer.cues


class _VerdictMemory[Key]:
    """Verdicts by text and patterns; these by their ids, as the hash of a long pattern takes longer than a search."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._verdicts: dict[tuple[Key, int, int], CueVerdict] = {}
        self._patterns: dict[int, re.Pattern[str] | None] = {}

    def get(self, key: tuple[Key, int, int]) -> CueVerdict | None:
        """Return the verdict of a text, and of the ids of the words for and against it."""
        return self._verdicts.get(key)

    def put(
        self,
        key: tuple[Key, int, int],
        verdict: CueVerdict,
        *patterns: re.Pattern[str] | None,
    ) -> CueVerdict:
        """Remember a verdict with its patterns, whose ids are theirs for as long as they are remembered."""
        if len(self._verdicts) >= self._size:
            self._verdicts.clear()
            self._patterns.clear()
        self._patterns.update((id(pattern), pattern) for pattern in patterns)
        self._verdicts[key] = verdict
        return verdict


_WORDS: _VerdictMemory[str] = _VerdictMemory(50_000)
_AROUND: _VerdictMemory[tuple[str, str, str, str]] = _VerdictMemory(20_000)


def judge_words(text: str, *, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    """Judge a heading or label: words against a value win in it."""
    key = (text, id(cues), id(against))
    verdict = _WORDS.get(key)
    if verdict is None:
        text = text.lower()
        if against is not None and against.search(text):
            verdict = CueVerdict.AGAINST
        else:
            verdict = CueVerdict.FOR if cues is not None and cues.search(text) else CueVerdict.NOTHING
        _WORDS.put(key, verdict, cues, against)
    return verdict


def judge_line(context: LineContext, *, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    """Judge a value in a line: by the nearest word before it, behind it, in a label above, in the headings."""
    left = context.line[max(0, context.start - _LEFT) : context.start].lower()
    right = context.line[context.end : context.end + _RIGHT].lower()
    has_label = len(context.before) <= _LABEL and not any(map(str.isalpha, left))
    before = context.before.lower() if has_label else ""
    key = ((left, right, before, context.headings), id(cues), id(against))
    verdict = _AROUND.get(key)
    if verdict is None:
        verdict = _AROUND.put(key, _judge_around(left, right, before, context.headings, cues, against), cues, against)
    return verdict


def may_hold_cue(context: LineContext, hints: Sequence[str]) -> bool:
    """Check whether any hint is where `judge_line` looks for cues; without hints there may always be a cue."""
    if not hints:
        return True
    line, start, end = context.line, context.start, context.end
    around = f"{line[max(0, start - _LEFT) : start]}\n{line[end : end + _RIGHT]}\n{context.before}\n{context.headings}"
    around = around.lower()
    return any(hint in around for hint in hints)


def _judge_around(
    left: str, right: str, before: str, headings: str, cues: re.Pattern[str] | None, against: re.Pattern[str] | None
) -> CueVerdict:
    """Judge by what is around a value, in small letters; in tables the same is around many."""
    verdict = _judge_left(left, cues, against)
    if verdict is CueVerdict.NOTHING:
        verdict = _judge_right(right, cues, against)
    if verdict is CueVerdict.NOTHING and before:
        verdict = _judge_left(before, cues, against)
    if verdict is CueVerdict.NOTHING and headings:
        verdict = _judge_headings(headings.lower(), cues, against)
    return verdict


def _judge_left(left: str, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    cue, opposite = _find_last(cues, left), _find_last(against, left)
    if cue < 0 and opposite < 0:
        return CueVerdict.NOTHING
    return CueVerdict.FOR if cue > opposite else CueVerdict.AGAINST


def _judge_right(right: str, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    right = _END.split(right, maxsplit=1)[0]
    cue, opposite = _find_first(cues, right), _find_first(against, right)
    if cue == opposite:
        return CueVerdict.NOTHING
    return CueVerdict.FOR if cue < opposite else CueVerdict.AGAINST


def _judge_headings(headings: str, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    """Judge a line of headings whose columns are not apart: both kinds of words together mean nothing."""
    has_cue = cues is not None and cues.search(headings) is not None
    has_opposite = against is not None and against.search(headings) is not None
    if has_cue == has_opposite:
        return CueVerdict.NOTHING
    return CueVerdict.FOR if has_cue else CueVerdict.AGAINST


def _find_last(pattern: re.Pattern[str] | None, text: str) -> int:
    last = -1
    for match in pattern.finditer(text) if pattern is not None else ():
        last = match.end()
    return last


def _find_first(pattern: re.Pattern[str] | None, text: str) -> int:
    match = pattern.search(text) if pattern is not None else None
    return match.start() if match else len(text) + 1


def is_spoiled(recognizer: Recognizer, texts: Sequence[str]) -> bool:
    """Check whether words around a value say that it is nobody's: a sample, an example."""
    return recognizer.spoilers is not None and any(recognizer.spoilers.search(text.lower()) for text in texts)
