"""Programs fill a fund, refuse what they do not pay for with their rule, and prove themselves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from homeroom.domain.manage.refresh.programs import ProgramExample
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.manage.refresh.problem_reader import read_refresh_problem
from homeroom.library.manage.refresh.programs import find_unproven_programs, load_programs
from tests.unit.manage.refresh.refresh_files import PLAN, write_problem

TOTAL = "e-rate: {total: 2000, pays: 0.8, match: general, kinds: [switch]}"


def test_a_program_fills_the_total_and_the_kinds_of_a_fund(tmp_path: Path) -> None:
    fund = "e-rate: {program: e-rate-c2, students: 1500, pays: 0.8, match: general}"
    problem = read_refresh_problem(write_problem(tmp_path, plan=PLAN.replace(TOTAL, fund)))
    filled = next(item for item in problem.funds if item.name == "e-rate")
    assert (filled.total, filled.pays, filled.match) == (302_355, Fraction(4, 5), "general")
    assert filled.kinds == {"access_point", "firewall", "switch", "ups"}


@pytest.mark.parametrize(
    ("keys", "field", "reason"),
    [
        ("students: 1500, pays: 0.8, match: general, kinds: [chromebook]", "kinds", "not for devices that people use"),
        ("students: 1500, pays: 0.9, match: general", "pays", "is more than E-Rate Category Two pays"),
        ("students: many, pays: 0.8, match: general", "students", "is no number that fits"),
        ("pays: 0.8, match: general", "students", "is missing"),
        ("students: 1500, pays: 0.8", "match", "is missing"),
        ("students: 1500, total: 1, pays: 0.8, match: general", "total", "does not go with program"),
    ],
)
def test_a_fund_that_breaks_a_program_is_refused_with_the_rule(
    tmp_path: Path, keys: str, field: str, reason: str
) -> None:
    path = write_problem(tmp_path, plan=PLAN.replace(TOTAL, f"e-rate: {{program: e-rate-c2, {keys}}}"))
    with pytest.raises(FileRefused) as refusal:
        read_refresh_problem(path)
    problem = next(item for item in refusal.value.problems if item.field == f"funds.e-rate.{field}")
    assert reason in problem.reason
    assert (problem.file, problem.line) == ("plan.yaml", 13)


def test_a_program_that_nobody_knows_is_refused_with_those_that_are(tmp_path: Path) -> None:
    fund = "e-rate: {program: e-rate-c3, students: 1500, pays: 0.8, match: general}"
    with pytest.raises(FileRefused, match=r"is no program .e-rate-c3.\. Use: e-rate-c2"):
        read_refresh_problem(write_problem(tmp_path, plan=PLAN.replace(TOTAL, fund)))


def test_a_program_whose_examples_do_not_come_out_is_unproven() -> None:
    program = load_programs()[0]
    assert find_unproven_programs([program]) == []
    wrong = replace(program, examples=(*program.examples, ProgramExample(students=1500, total=Fraction(1))))
    assert [problem.message for problem in find_unproven_programs([wrong])] == ["1500 students get 302,355.00"]
    bare = replace(program, examples=program.examples[:1])
    assert [problem.field for problem in find_unproven_programs([bare])] == ["examples"]
