"""A questionnaire that an outsider asks a district: questions, and which controls answer each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. Without controls no data answers it and a person must."""

    id: str
    asks: str
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """The questions in their order, and when somebody last compared them with what is asked out there."""

    id: str
    title: str
    checked_on: date
    questions: tuple[Question, ...]
