"""Recognizers prove themselves, and are refused with file, field and what would fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from homeroom.library.protect.recognizers.recognizer_examples import find_example_problems
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers
from homeroom.library.validate_content import find_content_problems
from homeroom.library.yaml_loader import ContentRefused

KINDS = {
    *("ssn", "card", "bank-account", "password"),
    *("name", "student-number"),
    *("birth-date", "home-address", "phone", "email", "special-education", "discipline", "health", "meal-status"),
}


def test_every_kind_has_a_recognizer_whose_examples_hold():
    recognizers = load_recognizers()
    assert {recognizer.id for recognizer in recognizers} == KINDS
    assert find_example_problems(recognizers) == []
    for recognizer in recognizers:
        assert any(example.finds for example in recognizer.examples), recognizer.id
        assert any(not example.finds for example in recognizer.examples), recognizer.id


def _write(folder: Path, **values) -> Path:
    raw = {
        "id": "locker",
        "title": "Combinations of lockers",
        "form": "value",
        "beside_student": False,
        "cues": ["locker"],
        "forms": [{"pattern": r"(?<!\d)\d{2}-\d{2}-\d{2}(?!\d)", "needs": "cue", "check": "text"}],
        "examples": [{"finds": 1, "text": "Locker 12-34-56"}, {"finds": 0, "text": "Day 12-34-56"}],
        **values,
    }
    path = folder / "recognizers" / "locker.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def test_one_more_recognizer_is_one_file(tmp_path: Path):
    _write(tmp_path)
    assert find_content_problems(tmp_path) == ()
    assert [recognizer.id for recognizer in load_recognizers(tmp_path)] == ["locker"]


@pytest.mark.parametrize(
    ("values", "field", "fits"),
    [
        ({"form": "picture"}, "form", "value, word, student name, student number would fit"),
        ({"cues": ["@lockers"]}, "cues[0]", "there is no list @lockers"),
        ({"cues": ["("]}, "cues[0]", "a regular expression would fit"),
        ({"forms": []}, "forms", "a list of forms would fit"),
        ({"forms": [{"pattern": "a*", "needs": "cue", "check": "text"}]}, "forms[0].pattern", "matches an empty text"),
        ({"forms": [{"pattern": "a", "needs": "luck", "check": "text"}]}, "forms[0].needs", "nothing, cue"),
        ({"forms": [{"pattern": "a", "needs": "cue", "check": "sum"}]}, "forms[0].check", "card"),
        ({"examples": [{"finds": 1, "text": "Locker 12-34-56"}]}, "examples", "an example that must not fire"),
        ({"examples": [{"finds": 1}, {"finds": 0, "text": "x"}]}, "examples[0].text", "a text, or rows of cells"),
        ({"colour": 1}, "colour", "no such field"),
    ],
)
def test_a_wrong_recognizer_is_refused_with_field_and_what_would_fit(tmp_path: Path, values, field, fits):
    _write(tmp_path, **values)
    with pytest.raises(ContentRefused) as refused:
        load_recognizers(tmp_path)
    assert any(problem.field == field and fits in problem.message for problem in refused.value.problems), str(
        refused.value
    )


def test_an_example_that_does_not_hold_is_a_problem_of_the_content_check(tmp_path: Path):
    _write(tmp_path, examples=[{"finds": 2, "text": "Locker 12-34-56"}, {"finds": 0, "text": "x"}])
    (problem,) = find_content_problems(tmp_path)
    assert (problem.file, problem.field) == ("recognizers/locker.yaml", "examples[0]")
    assert problem.message == "finds 1 instead of 2"
