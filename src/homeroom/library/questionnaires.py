"""The questionnaires of a content folder: questionnaires/<id>.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.controls import Control
from homeroom.domain.questionnaires import MEASURES, Question, Questionnaire
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read, shown

FIELDS: tuple[Field, ...] = (
    Field(name="id", type=str, fits="the file's own name without .yaml"),
    Field(name="title", type=str, fits="what the answers are called"),
    Field(name="checked_on", type=date, fits="the day when somebody last compared it with what is asked"),
    Field(name="questions", type=list, fits="a list of questions"),
)
QUESTION: tuple[Field, ...] = (
    Field(name="id", type=str, fits="a short name"),
    Field(name="asks", type=str, fits="the question in our own words"),
    Field(name="controls", type=list, fits="ids of controls; left out where a person must answer", required=False),
    Field(name="measures", type=list, fits="late (exploited flaws past their day) or time-to-fix", required=False),
)


@cache
def questionnaires(directory: Path = SHIPPED) -> tuple[Questionnaire, ...]:
    """Every questionnaire by id. Raises ContentRefused with all that does not fit."""
    found: list[Questionnaire] = []
    problems: list[Problem] = []
    for path in sorted((directory / "questionnaires").glob("*.yaml")):
        given, file = read(path, root=directory), shown(path, directory)
        wrong = misfits(given, FIELDS, file=file)
        for place, item in enumerate(given.get("questions") or () if not wrong else ()):
            fits = isinstance(item, dict)
            under = f"questions[{place}]."
            wrong += misfits(item if fits else {}, QUESTION, file=file, under=under)
            strange = [name for name in (item.get("measures") or () if fits else ()) if name not in MEASURES]
            told = f"{', '.join(map(repr, strange))}; {', '.join(MEASURES)} would fit"
            wrong += [Problem(file=file, field=f"{under}measures", told=told)] if strange else []
        if not wrong and given["id"] != path.stem:
            wrong = [Problem(file=file, field="id", told=f"{given['id']!r}; {path.stem} would fit")]
        problems += wrong
        if not wrong:
            found.append(_built(given))
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


def unknown_controls(found: Iterable[Questionnaire], *, controls: Iterable[Control]) -> tuple[Problem, ...]:
    """A problem for each control that a question names and nobody ships."""
    known = {control.id for control in controls}
    return tuple(
        Problem(
            file=f"questionnaires/{one.id}.yaml",
            field=f"questions.{question.id}.controls",
            told=f"there is no control {name!r}",
        )
        for one in found
        for question in one.questions
        for name in question.controls
        if name not in known
    )


def _built(given: dict[str, Any]) -> Questionnaire:
    questions = tuple(
        Question(
            id=item["id"],
            asks=item["asks"],
            controls=tuple(map(str, item.get("controls", ()))),
            measures=tuple(map(str, item.get("measures", ()))),
        )
        for item in given["questions"]
    )
    return Questionnaire(id=given["id"], title=given["title"], checked_on=given["checked_on"], questions=questions)
