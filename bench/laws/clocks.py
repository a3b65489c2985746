"""Ten thousand deadlines through `homeroom clocks`, each held against a count on a wall calendar written apart.

Every unit (hours, days, business days, school days, months), 23 time zones with both changes of their clocks, leap
days, ends of years and holidays that move; readings, extensions, periods and versions among them, and local times that
no clock shows, which must be refused.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.laws.clock_duties import write_laws
from bench.laws.clock_questions import ClockQuestion, invent_questions
from bench.support.goals import Goal, require_exactly
from bench.support.program import require_exit_code, run_homeroom

CASES = 10_000
SEED = 20261128
GOALS = {
    "cpu_seconds": Goal(at_most=5),
    "cases": Goal(at_least=CASES),
    "equal_percent": require_exactly(100),
    "wrong": require_exactly(0),
}


def measure(*, runs: int = 3, cases: int = CASES, seed: int = SEED) -> dict[str, float | None]:
    """Return the median CPU-seconds of the verb with its start, and how many answers equal the count."""
    questions = list(invent_questions(cases, seed=seed))
    results = [ask_door(questions) for _ in range(runs)]
    wrong = find_wrong_answers(questions, results[-1][1])
    return {
        "cpu_seconds": median(cpu for cpu, _ in results),
        "cases": len(questions),
        "refused": sum(question.answer is None for question in questions),
        "equal_percent": 100 * (len(questions) - len(wrong)) / len(questions),
        "wrong": len(wrong),
    }


def ask_door(questions: list[ClockQuestion]) -> tuple[float, dict[str, Any]]:
    """Ask the questions as a person does; return CPU-seconds of the process and its document."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        write_laws(folder / "content")
        path = folder / "cases.jsonl"
        path.write_text("".join(json.dumps(question.case) + "\n" for question in questions), encoding="utf-8")
        arguments = ("clocks", str(path), "--content", str(folder / "content"), "--json")
        cost = require_exit_code(run_homeroom(*arguments, data=folder / "data"), codes=(0, 1))
    return cost.cpu, json.loads(cost.out)


def find_wrong_answers(questions: list[ClockQuestion], document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the questions whose answer differs from the count, with both."""
    answers = {answer["id"]: answer for answer in document["answers"]}
    refused = {item["line"] for item in document["refused"]}
    wrong = []
    for line, question in enumerate(questions, 1):
        answer = answers.get(question.case["id"])
        if question.answer is None:
            is_right = line in refused and answer is None
        else:
            is_right = answer is not None and all(answer[name] == value for name, value in question.answer.items())
        if not is_right:
            wrong.append({"case": question.case, "answer": answer, "counted": question.answer})
    return wrong
