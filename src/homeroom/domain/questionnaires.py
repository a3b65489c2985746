"""Questionnaires that an outsider sends to a district: questions, and the controls and measures for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LATE_MEASURE, TIME_TO_FIX_MEASURE = "late", "time-to-fix"
MEASURES = (LATE_MEASURE, TIME_TO_FIX_MEASURE)
"""Measures that can answer a question: exploited vulnerabilities past their day, and the mean days to a fix."""


@dataclass(frozen=True, kw_only=True)
class QuestionnaireItem:
    """One question. `measures` are some of MEASURES. Without any of both a person must answer."""

    id: str
    asks: str
    controls: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """The questions in order, and when somebody last compared them with the published ones."""

    id: str
    title: str
    checked_on: date
    questions: tuple[QuestionnaireItem, ...]
