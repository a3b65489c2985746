"""Deadlines through the command equal a count on a wall calendar that shares nothing with the engine."""

from __future__ import annotations

import pytest

from bench.laws.clock_questions import invent_questions
from bench.laws.clocks import CASES, SEED, ask_door, find_wrong_answers


@pytest.mark.parametrize(("cases", "seed"), [
    (600, SEED), pytest.param(CASES, 1, marks=pytest.mark.thorough),
])  # fmt: skip
def test_every_answer_is_that_of_the_wall_calendar(cases: int, seed: int):
    questions = list(invent_questions(cases, seed=seed))
    _, document = ask_door(questions)
    assert find_wrong_answers(questions, document) == []
    assert len(document["answers"]) + len(document["refused"]) == cases


def test_a_deadline_that_is_a_day_late_is_noticed():
    questions = list(invent_questions(50, seed=3))
    answers = [{"id": question.case["id"], **question.answer} for question in questions if question.answer]
    refused = [{"line": line} for line, question in enumerate(questions, 1) if question.answer is None]
    assert find_wrong_answers(questions, {"answers": answers, "refused": refused}) == []
    late = next(answer for answer in answers if answer["due"])
    late["due"] = "2099-01-01"
    assert len(find_wrong_answers(questions, {"answers": answers, "refused": refused})) == 1
