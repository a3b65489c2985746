"""Questionnaires that an outsider sends to a district: questions, and the controls and measures for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

LATE_MEASURE, TIME_TO_FIX_MEASURE = "late", "time-to-fix"
MEASURES = (LATE_MEASURE, TIME_TO_FIX_MEASURE)
"""Measures that can answer a question: exploited vulnerabilities past their day, and the mean days to a fix."""


@dataclass(frozen=True, kw_only=True)
class QuestionnaireItem:
    """One question. `measures` are some of MEASURES. Without any of both a person must answer.

    `board` is its short name in the report to the district's board; empty if the board does not read the answer.
    """

    id: str
    asks: str
    controls: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    board: str = ""


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """The questions in order, and when somebody last compared them with the published ones.

    `exports` is by control or measure what has to be loaded so that it can answer.
    """

    id: str
    title: str
    checked_on: date
    questions: tuple[QuestionnaireItem, ...]
    exports: Mapping[str, str] = field(default_factory=dict)
