"""What the words around a value say: for it, against it, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from homeroom.domain.loose.recognizers import Recognizer, ValueForm

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


@lru_cache(maxsize=50_000)
def judge_words(text: str, *, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    """Judge a heading or label: words against a value win in it."""
    text = text.lower()
    if against is not None and against.search(text):
        return CueVerdict.AGAINST
    return CueVerdict.FOR if cues is not None and cues.search(text) else CueVerdict.NOTHING


def judge_line(context: LineContext, *, cues: re.Pattern[str] | None, against: re.Pattern[str] | None) -> CueVerdict:
    """Judge a value in a line: by the nearest word before it, behind it, in a label above, in the headings."""
    left = context.line[max(0, context.start - _LEFT) : context.start].lower()
    right = context.line[context.end : context.end + _RIGHT].lower()
    has_label = len(context.before) <= _LABEL and not any(map(str.isalpha, left))
    return _judge_around(left, right, context.before.lower() if has_label else "", context.headings, cues, against)


@lru_cache(maxsize=20_000)
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
