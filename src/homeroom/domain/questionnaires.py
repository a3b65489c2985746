"""A questionnaire that an outsider asks a district: questions, and which controls and measures answer each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LATE, TIME_TO_FIX = "late", "time-to-fix"
MEASURES = (LATE, TIME_TO_FIX)
"""What a question may be answered by beside controls: exploited flaws past their day, and the mean days to a fix."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. `measures` are some of MEASURES. Without any of both a person must answer."""

    id: str
    asks: str
    controls: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """The questions in their order, and when somebody last compared them with what is asked out there."""

    id: str
    title: str
    checked_on: date
    questions: tuple[Question, ...]
