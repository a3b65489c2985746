"""Test that questionnaires name only controls that exist, and that an invalid file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.library.comply.questionnaires import find_unknown_controls, load_questionnaires
from homeroom.library.protect.controls import load_controls
from homeroom.library.yaml_loader import ContentRefused

GOOD = "id: short\ntitle: Short\nchecked_on: 2026-01-01\nquestions:\n  - {id: a, asks: Is it so, controls: [no-such]}\n"


def write_questionnaire(folder: Path, text: str) -> Path:
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "short.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_shipped_questions_are_answered_by_controls_that_there_are() -> None:
    loaded = load_questionnaires()
    assert [questionnaire.id for questionnaire in loaded] == ["cyber-insurance"]
    assert not find_unknown_controls(loaded, control_ids={control.id for control in load_controls()})


def test_only_what_no_list_can_tell_is_left_to_a_person() -> None:
    (insurance,) = load_questionnaires()
    assert [question.id for question in insurance.questions if not question.controls and not question.measures] == [
        "incident-plan"
    ]


def test_a_question_that_names_no_control_there_is_is_told(tmp_path: Path) -> None:
    loaded = load_questionnaires(write_questionnaire(tmp_path, GOOD))
    problems = find_unknown_controls(loaded, control_ids={control.id for control in load_controls()})
    assert [str(problem) for problem in problems] == [
        "questionnaires/short.yaml: questions.a.controls: there is no control 'no-such'"
    ]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (GOOD.replace("id: short", "id: other"), "id"),
        (GOOD.replace("asks: Is it so, ", ""), "questions[0].asks"),
        (GOOD.replace("controls: [no-such]", "measures: [guesses]"), "questions[0].measures"),
        (GOOD.replace("checked_on: 2026-01-01\n", ""), "checked_on"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_field(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        load_questionnaires(write_questionnaire(tmp_path, text))
    assert [problem.field for problem in refused.value.problems] == [field]
