"""The questionnaires of a content folder: questionnaires/<id>.yaml."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.comply.questionnaires import MEASURES, Questionnaire, QuestionnaireItem
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the answers are called"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with what is asked"),
    ContentField(name="questions", type=list, fits="a list of questions"),
    ContentField(
        name="exports", type=dict, fits="by control or measure: what to load so that it can answer", required=False
    ),
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
    ContentField(name="board", type=str, fits="its short name, if the board reads the answer too", required=False),
)


@cache
def load_questionnaires(directory: Path = BUILTIN_CONTENT) -> tuple[Questionnaire, ...]:
    """Load every questionnaire, by id; raise ContentRefused with all problems."""
    files = sorted((directory / "questionnaires").glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_questionnaire(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def find_unknown_controls(
    questionnaire_list: Iterable[Questionnaire], *, control_ids: Collection[str]
) -> tuple[ContentProblem, ...]:
    """Return a problem for each control that a question names and that does not exist."""
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


def _load_questionnaire(path: Path, root: Path) -> Questionnaire:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    for position, item in enumerate(raw["questions"] if not problems else ()):
        problems += _validate_question(item if isinstance(item, dict) else {}, file, f"questions[{position}].")
    if not problems and raw["id"] != path.stem:
        problems = [ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {path.stem} would fit")]
    problems = problems or _validate_exports(raw, file)
    if problems:
        raise ContentRefused(problems)
    return _build_questionnaire(raw)


def _validate_question(item: dict[str, Any], file: str, under: str) -> list[ContentProblem]:
    problems = validate_fields(item, QUESTION, file=file, under=under)
    unknown = [name for name in item.get("measures") or () if name not in MEASURES]
    if unknown:
        message = f"{', '.join(map(repr, unknown))}; {', '.join(MEASURES)} would fit"
        problems.append(ContentProblem(file=file, field=f"{under}measures", message=message))
    return problems


def _validate_exports(raw: dict[str, Any], file: str) -> list[ContentProblem]:
    """Return a problem for each export that no question needs, and for each that is empty."""
    needed = {
        str(name) for item in raw["questions"] for key in ("controls", "measures") for name in item.get(key) or ()
    }
    problems = []
    for name, text in raw.get("exports", {}).items():
        if name not in needed:
            message = "no question names it; a control or measure of a question would fit"
            problems.append(ContentProblem(file=file, field=f"exports.{name}", message=message))
        elif not isinstance(text, str) or not text.strip():
            message = f"{text!r}; what to load, such as the staff list, would fit"
            problems.append(ContentProblem(file=file, field=f"exports.{name}", message=message))
    return problems


def _build_questionnaire(raw: dict[str, Any]) -> Questionnaire:
    questions = tuple(
        QuestionnaireItem(
            id=item["id"],
            asks=item["asks"],
            controls=tuple(map(str, item.get("controls", ()))),
            measures=tuple(map(str, item.get("measures", ()))),
            board=item.get("board", ""),
        )
        for item in raw["questions"]
    )
    return Questionnaire(
        id=raw["id"],
        title=raw["title"],
        checked_on=raw["checked_on"],
        questions=questions,
        exports=raw.get("exports", {}),
    )
