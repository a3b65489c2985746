"""The questionnaires of a content folder: questionnaires/<id>.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.controls import Control
from homeroom.domain.questionnaires import MEASURES, Questionnaire, QuestionnaireItem
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_yaml,
    validate_fields,
)

FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the answers are called"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with what is asked"),
    ContentField(name="questions", type=list, fits="a list of questions"),
)
QUESTION: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="a short name"),
    ContentField(name="asks", type=str, fits="the question in our own words"),
    ContentField(
        name="controls", type=list, fits="ids of controls; left out where a person must answer", required=False
    ),
    ContentField(
        name="measures", type=list, fits="late (exploited flaws past their day) or time-to-fix", required=False
    ),
)


@cache
def load_questionnaires(directory: Path = BUILTIN_CONTENT) -> tuple[Questionnaire, ...]:
    """Load every questionnaire, by id; raise ContentRefused with all problems."""
    loaded: list[Questionnaire] = []
    problems: list[ContentProblem] = []
    for path in sorted((directory / "questionnaires").glob("*.yaml")):
        raw, file = load_yaml(path, root=directory), get_relative_name(path, directory)
        errors = validate_fields(raw, FIELDS, file=file)
        for position, item in enumerate(raw.get("questions") or () if not errors else ()):
            is_mapping = isinstance(item, dict)
            under = f"questions[{position}]."
            errors += validate_fields(item if is_mapping else {}, QUESTION, file=file, under=under)
            unknown = [name for name in (item.get("measures") or () if is_mapping else ()) if name not in MEASURES]
            message = f"{', '.join(map(repr, unknown))}; {', '.join(MEASURES)} would fit"
            errors += [ContentProblem(file=file, field=f"{under}measures", message=message)] if unknown else []
        if not errors and raw["id"] != path.stem:
            errors = [ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {path.stem} would fit")]
        problems += errors
        if not errors:
            loaded.append(_build_questionnaire(raw))
    if problems:
        raise ContentRefused(problems)
    return tuple(loaded)


def find_unknown_controls(
    questionnaire_list: Iterable[Questionnaire], *, controls: Iterable[Control]
) -> tuple[ContentProblem, ...]:
    """Return a problem for each control that a question names and that does not exist."""
    control_ids = {control.id for control in controls}
    return tuple(
        ContentProblem(
            file=f"questionnaires/{questionnaire.id}.yaml",
            field=f"questions.{question.id}.controls",
            message=f"there is no control {name!r}",
        )
        for questionnaire in questionnaire_list
        for question in questionnaire.questions
        for name in question.controls
        if name not in control_ids
    )


def _build_questionnaire(raw: dict[str, Any]) -> Questionnaire:
    questions = tuple(
        QuestionnaireItem(
            id=item["id"],
            asks=item["asks"],
            controls=tuple(map(str, item.get("controls", ()))),
            measures=tuple(map(str, item.get("measures", ()))),
        )
        for item in raw["questions"]
    )
    return Questionnaire(id=raw["id"], title=raw["title"], checked_on=raw["checked_on"], questions=questions)
