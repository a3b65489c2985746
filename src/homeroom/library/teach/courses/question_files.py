"""The questions of a course: questions.yaml, each with options, exactly one right."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from homeroom.domain.suggestions import suggest_names
from homeroom.domain.teach.courses.course import AnswerOption, CourseQuestion
from homeroom.library.teach.courses.faults import FaultList, read_yaml
from homeroom.library.yaml_loader import ContentField, ContentProblem

QUESTIONS_FILE = "questions.yaml"
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="small letters, digits and hyphens"),
    ContentField(name="lesson", type=str, fits="the id of a lesson"),
    ContentField(name="asks", type=dict, fits="the question as {en, es}"),
    ContentField(name="options", type=list, fits="a list of options, each with says and because"),
)
OPTION_FIELDS: tuple[ContentField, ...] = (
    ContentField(name="says", type=dict, fits="the answer as {en, es}"),
    ContentField(name="right", type=bool, fits="true or false", required=False),
    ContentField(name="because", type=dict, fits="why it is right or wrong, as {en, es}"),
)


def read_questions(
    path: Path, root: Path, *, lessons: Collection[str]
) -> tuple[tuple[CourseQuestion, ...], tuple[ContentProblem, ...]]:
    """Return the valid questions of a course and every problem of the file.

    The file is a list of questions, or a mapping with that list under `questions`.
    """
    raw, faults = read_yaml(path, root)
    if faults.problems:
        return (), tuple(faults.problems)
    under = "questions" if isinstance(raw, dict) else ""
    if isinstance(raw, dict):
        for name in raw.keys() - {"questions"}:
            faults.add(str(name), "no such field; there is questions")
        raw = raw.get("questions")
    if not isinstance(raw, list) or not raw:
        faults.add(under, "a list of questions, each with id, lesson, asks and options, would fit")
        return (), tuple(faults.problems)
    questions = [_read_question(entry, f"{under}[{position}].", lessons, faults) for position, entry in enumerate(raw)]
    faults.check_unique([entry["id"] for entry in raw if isinstance(entry, dict) and entry.get("id")], f"{under}id")
    return tuple(question for question in questions if question is not None), tuple(faults.problems)


def _read_question(raw: Any, under: str, lessons: Collection[str], faults: FaultList) -> CourseQuestion | None:
    before = len(faults.problems)
    fitting = faults.check_fields(raw, FIELDS, under=under)
    if "id" in fitting:
        faults.check_id(raw["id"], f"{under}id")
    if "lesson" in fitting and lessons and raw["lesson"] not in lessons:
        faults.add(
            f"{under}lesson", f"{raw['lesson']!r} is no lesson; {suggest_names(raw['lesson'], lessons)} would fit"
        )
    asks = faults.read_bilingual(raw["asks"], f"{under}asks") if "asks" in fitting else None
    options = _read_options(raw["options"], f"{under}options", faults) if "options" in fitting else ()
    if len(faults.problems) > before or asks is None:
        return None
    return CourseQuestion(id=raw["id"], lesson=raw["lesson"], asks=asks, options=options)


def _read_options(raw: list[Any], name: str, faults: FaultList) -> tuple[AnswerOption, ...]:
    options = [_read_option(entry, f"{name}[{position}].", faults) for position, entry in enumerate(raw)]
    if len(raw) < 2:
        faults.add(name, f"{len(raw)} option; at least 2 would fit")
    right = sum(isinstance(entry, dict) and entry.get("right") is True for entry in raw)
    if right != 1:
        faults.add(name, f"{right} options are right; exactly 1 with right: true would fit")
    return tuple(option for option in options if option is not None)


def _read_option(raw: Any, under: str, faults: FaultList) -> AnswerOption | None:
    fitting = faults.check_fields(raw, OPTION_FIELDS, under=under)
    says = faults.read_bilingual(raw["says"], f"{under}says") if "says" in fitting else None
    because = faults.read_bilingual(raw["because"], f"{under}because") if "because" in fitting else None
    if says is None or because is None:
        return None
    return AnswerOption(says=says, because=because, right=raw.get("right") is True)
